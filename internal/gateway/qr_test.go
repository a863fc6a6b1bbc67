package gateway_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"testing"

	"rsc.io/qr"

	"github.com/kivuko/kivuko/daraja/codes"
)

const qrPath = "/mpesa/qrcode/v1/generate"

// qrFields is the sample of wire.md §14.1.
var qrFields = fields{"MerchantName": "TEST SUPERMARKET", "RefNo": "Invoice Test", "Amount": 1, "TrxCode": "BG", "CPI": "373132", "Size": "300"}

func TestQR(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]struct {
		changes fields
		side    int
		text    string // its last four digits are the CRC that another implementation made
	}{
		"buy goods": {nil, 300, "00020101021226260006kivuko0102BG020637313252040000530340454041.005802KE5916TEST SUPERMARKET6007Nairobi62160512Invoice Test63042230"},
		"send money": {fields{"MerchantName": "Mama Njeri’s", "RefNo": "R1", "Amount": "250", "TrxCode": "SM", "CPI": "254708374149", "Size": 57}, 57,
			"00020101021226320006kivuko0102SM02122547083741495204000053034045406250.005802KE5914Mama Njeri’s6007Nairobi62060502R16304A2B9"},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.postFields(t, qrPath, qrFields, test.changes)
			if a.Status != 200 {
				t.Fatalf("HTTP %d %s", a.Status, a.Body)
			}
			answered(t, a, `{"ResponseCode":"00","ResponseDescription":"The service request is processed successfully.","QRCode":"`+a.Text("QRCode")+`"}`)
			data, err := base64.StdEncoding.DecodeString(a.Text("QRCode"))
			if err != nil {
				t.Fatal(err)
			}
			picture, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if got := picture.Bounds().Max; got != image.Pt(test.side, test.side) {
				t.Errorf("the picture's size is %v", got)
			}
			want, err := qr.Encode(test.text, qr.M)
			if err != nil {
				t.Fatal(err)
			}
			scale := test.side / (want.Size + 8)
			margin := (test.side - scale*want.Size) / 2
			for y := range want.Size {
				for x := range want.Size {
					red, _, _, _ := picture.At(margin+x*scale+scale/2, margin+y*scale+scale/2).RGBA()
					if black := red == 0; black != want.Black(x, y) {
						t.Fatalf("the module at %d, %d is black: %v", x, y, black)
					}
				}
			}
			if red, _, _, _ := picture.At(margin-1, margin-1).RGBA(); red == 0 {
				t.Error("the margin is black")
			}
		})
	}
}

func TestQRRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.refusesEach(t, qrPath, qrFields, []malformed{
		{"MerchantName", []any{strings.Repeat("n", 96)}},
		{"RefNo", []any{strings.Repeat("n", 96)}},
		{"Amount", []any{"0", "-1", "1.50", "1e3", "one", 1_000_000_000}},
		{"TrxCode", []any{"bg", "XX", "B", 1}},
		{"CPI", []any{"12", "12345678", "abc", "254708374149"}},
		{"Size", []any{"0", "-300", "1001", "300px", "300.5", "48"}},
	}, b.refusedField)
	b.refused(t, b.postFields(t, qrPath, qrFields, fields{"TrxCode": "SM"}), codes.InvalidField("CPI"), "254") // a phone number, not a shortcode
	b.refused(t, b.postFields(t, qrPath, qrFields, fields{"TrxCode": "SB"}), codes.InvalidField("CPI"), "254")
}
