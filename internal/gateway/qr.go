package gateway

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"

	"rsc.io/qr"

	"github.com/kivuko/kivuko/internal/money"
)

// What a QR code can ask for: its TrxCode, and whether CPI is then a phone number and not a shortcode (wire.md §14.1).
var qrTypes = map[string]struct{ phone bool }{
	"BG": {},            // buy goods: a till
	"WA": {},            // withdraw cash: an agent's till
	"PB": {},            // pay bill
	"SM": {phone: true}, // send money
	"SB": {phone: true}, // send to a business: its phone number
}

// Bounds of a QR code. The portal names none but that the picture is square: these keep every code legible and every answer small.
const (
	maxQRSide = 1000 // pixels
	maxQRText = 95   // bytes of a name or a reference: two digits tell its length, and that of what holds it
	quiet     = 4    // modules of white around the code (ISO/IEC 18004)
)

// generateQR draws a QR code that a customer's app pays by: POST /mpesa/qrcode/v1/generate (wire.md §14.1).
func (g *Gateway) generateQR(c *call) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	merchant := f.qrText("MerchantName")
	reference := f.qrText("RefNo")
	amount := f.amount("Amount")
	kind := f.qrType("TrxCode")
	recipient := f.qrRecipient("CPI", kind)
	side := f.number("Size", 1, maxQRSide)
	if f.err != nil {
		return nil, c.withHint(f.err)
	}
	code, err := qr.Encode(qrPayload(kind, recipient, merchant, reference, amount), qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	if least := code.Size + 2*quiet; side < least {
		f.wrong("Size", "Size is %d; this code needs %d pixels at least", side, least)
		return nil, f.err
	}
	picture, err := drawQR(code, side)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"ResponseCode":"00","ResponseDescription":"The service request is processed successfully.","QRCode":"%s"}`,
		base64.StdEncoding.EncodeToString(picture)), nil
}

// qrText reads a text that goes into the code.
func (f *fields) qrText(name string) string {
	what := fmt.Sprintf("text of at most %d bytes", maxQRText)
	text := f.text(name, what)
	if len(text) > maxQRText {
		f.wrong(name, "%s has %d bytes; expected %s", name, len(text), what)
	}
	return text
}

func (f *fields) qrType(name string) string {
	const what = "BG, WA, PB, SM or SB"
	text := f.text(name, what)
	if _, ok := qrTypes[text]; !ok {
		f.wrong(name, "%s is %q; expected %s", name, text, what)
	}
	return text
}

// qrRecipient reads who is paid. Whether there is such a party shows when the code is used.
func (f *fields) qrRecipient(name, kind string) string {
	if qrTypes[kind].phone {
		return f.phone(name).String()
	}
	return f.shortcode(name).String()
}

// number reads a whole number from least to most.
func (f *fields) number(name string, least, most int) int {
	what := fmt.Sprintf("a whole number from %d to %d", least, most)
	text := f.text(name, what)
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.wrong(name, "%s is %q; expected %s", name, text, what)
	}
	return n
}

// qrPayload is the text in the code. What M-PESA's own codes contain is not public. This is EMVCo's merchant-presented format, in
// which Kenya's banks agreed to write theirs: each element is an identifier and a length of two digits, and then its value.
// 26 is the account to be paid (what sort of payment, and to whom), 54 the amount, 59 the name and 62 the reference.
func qrPayload(kind, recipient, merchant, reference string, amount money.Amount) string {
	account := element("00", "kivuko") + element("01", kind) + element("02", recipient)
	text := element("00", "01") + element("01", "12") + element("26", account) +
		element("52", "0000") + element("53", "404") + element("54", amount.String()) + element("58", "KE") +
		element("59", merchant) + element("60", "Nairobi") + element("62", element("05", reference)) + "6304"
	return text + fmt.Sprintf("%04X", checksum(text))
}

func element(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

// checksum is CRC-16/CCITT-FALSE, as EMVCo's format ends.
func checksum(text string) uint16 {
	crc := uint16(0xffff)
	for _, b := range []byte(text) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// drawQR makes a PNG whose side is that many pixels. Modules are as large as fit, and the code stands in the middle.
func drawQR(code *qr.Code, side int) ([]byte, error) {
	scale := side / (code.Size + 2*quiet)
	margin := (side - scale*code.Size) / 2
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range scale * code.Size {
		for x := range scale * code.Size {
			if code.Black(x/scale, y/scale) {
				picture.SetColorIndex(margin+x, margin+y, 1)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), err
}
