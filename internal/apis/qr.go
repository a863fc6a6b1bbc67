package apis

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"rsc.io/qr"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/money"
)

// Dynamic QR: a code that a customer's app pays by (wire.md §14.1).

// QR is the API of QR codes.
const QR = "qr"

// Bounds of a QR code. The portal names none but that the picture is square: these keep every code legible and every answer small.
const (
	qrSideMost  = 1000 // pixels
	qrBytesMost = 95   // of a name or a reference: two digits tell its length, and that of what holds it
)

// LiveQR is what production apps need.
const LiveQR = "Dynamic QR Production"

// qrCode has a TrxCode that is what the code can ask for: buy goods, withdraw cash (CPI is an agent's till), pay bill, send money, and
// send to a business, of which the last two have a phone number (wire.md §14.1).
func qrCode() *API {
	qrText := func(name string, example Mark) Field {
		return noted(Field{Name: name, Rule: Rule{Form: Text, Bytes: qrBytesMost}}, "at most 95 bytes").example(example)
	}
	recipient := noted(plain(Shortcode, "CPI"), "for SM and SB a phone number").example(MarkTill)
	recipient.Cases = []Case{{"TrxCode", []string{"SM", "SB"}, Rule{Form: Phone}}}
	size := noted(plain(Number, "Size"), "pixels: at most 1000, and enough for the code").example("300")
	size.Least, size.Most = 1, qrSideMost
	return &API{
		Name: QR, Title: "Dynamic QR", Product: ProductMpesa,
		Live:   golive.Product{Name: LiveQR, About: "QR codes that customers pay by"},
		Family: codes.C2B, Source: "wire.md §14.1",
		Paths: []Path{{Path: "/mpesa/qrcode/v1/generate", Serve: generateQR, Fields: []Field{
			qrText("MerchantName", exampleName), qrText("RefNo", exampleBill), plain(Shillings, "Amount"), choice("TrxCode", "BG", "WA", "PB", "SM", "SB"), recipient, size,
		}}},
		Tests: []Test{
			{Name: "qr-made", Title: "A QR code is made", How: "Ask for one"},
			malformed("qr-invalid"),
		},
	}
}

// quiet is how many modules of white are around a code (ISO/IEC 18004).
const quiet = 4

// generateQR draws a QR code that a customer's app pays by: POST /mpesa/qrcode/v1/generate (wire.md §14.1).
func generateQR(c *Call) (any, error) {
	kind, recipient, side := c.text("TrxCode"), c.text("CPI"), c.number("Size")
	code, err := qr.Encode(qrPayload(kind, recipient, c.text("MerchantName"), c.text("RefNo"), c.amount("Amount")), qr.M)
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
	return daraja.QRResponse{ResponseCode: "00", ResponseDescription: "The service request is processed successfully.",
		QRCode: base64.StdEncoding.EncodeToString(picture)}, nil
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
