package gateway

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"rsc.io/qr"

	"github.com/kivuko/kivuko/internal/money"
)

// quiet is how many modules of white are around a code (ISO/IEC 18004).
const quiet = 4

// generateQR draws a QR code that a customer's app pays by: POST /mpesa/qrcode/v1/generate (wire.md §14.1).
func (g *Gateway) generateQR(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	kind, recipient, side := v.text("TrxCode"), v.text("CPI"), v.number("Size")
	code, err := qr.Encode(qrPayload(kind, recipient, v.text("MerchantName"), v.text("RefNo"), v.amount("Amount")), qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	if least := code.Size + 2*quiet; side < least {
		return nil, wrong("Size", "is %d; this code needs %d pixels at least", side, least)
	}
	picture, err := drawQR(code, side)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"ResponseCode":"00","ResponseDescription":"The service request is processed successfully.","QRCode":"%s"}`,
		base64.StdEncoding.EncodeToString(picture)), nil
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
