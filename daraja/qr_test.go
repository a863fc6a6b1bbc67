package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// sampleQR is the sample of wire.md §14.1.
var sampleQR = daraja.QRRequest{
	MerchantName: "TEST SUPERMARKET", RefNo: "Invoice Test", Amount: "1", TrxCode: daraja.QRBuyGoods, CPI: "373132", Size: "300",
}

func TestGenerateQR(t *testing.T) {
	for name, body := range map[string]string{
		"as observed": `{"ResponseCode":"00","ResponseDescription":"The service request is processed successfully.","QRCode":"iVBORw=="}`,
		"as documented": `{"ResponseCode":"AG_20191219_000043fdf61864fe9ff5","RequestID":"16738-27456357-1",` +
			`"ResponseDescription":"QR Code Successfully Generated.","QRCode":"iVBORw=="}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, body}
			resp, err := g.client().GenerateQR(t.Context(), sampleQR)
			if err != nil {
				t.Fatal(err)
			}
			want := call{"/mpesa/qrcode/v1/generate", "application/json", `{"MerchantName":"TEST SUPERMARKET","RefNo":"Invoice Test",` +
				`"Amount":1,"TrxCode":"BG","CPI":"373132","Size":"300"}`}
			if got := g.last(t); got != want {
				t.Errorf("sent %+v\nwant %+v", got, want)
			}
			if got := written(t, resp); got != body {
				t.Errorf("got %s\nwant %s", got, body)
			}
			if png, err := resp.PNG(); string(png) != "\x89PNG" || err != nil {
				t.Errorf("the picture is %q, %v", png, err)
			}
		})
	}
}

func TestAnAnswerWithoutAQRCodeIsAnError(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, `{"ResponseCode":"01","ResponseDescription":"No such till"}`}
	_, err := g.client().GenerateQR(t.Context(), sampleQR)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "01" || e.Message != "No such till" {
		t.Errorf("got %v", err)
	}
	if _, err := (&daraja.QRResponse{QRCode: "*"}).PNG(); err == nil {
		t.Error("a code that is not base64 is no error")
	}
}
