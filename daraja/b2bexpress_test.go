package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestB2BExpress(t *testing.T) {
	g := newGateway(t)
	const initiated = `{"code":"0","status":"USSD Initiated Successfully"}`
	g.api = answer{200, initiated}
	req := daraja.B2BExpressRequest{
		PrimaryShortCode: "000001", ReceiverShortCode: "000002", Amount: "100", PaymentRef: "paymentRef",
		CallbackURL: "https://mydomain.com/path", PartnerName: "Vendor", RequestRefID: "a-unique-id",
	}
	resp, err := g.client().B2BExpress(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/v1/ussdpush/get-msisdn", "application/json", `{"primaryShortCode":"000001","receiverShortCode":"000002",` +
		`"amount":"100","paymentRef":"paymentRef","callbackUrl":"https://mydomain.com/path","partnerName":"Vendor",` +
		`"RequestRefID":"a-unique-id"}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != initiated {
		t.Errorf("got %s", got)
	}
	g.api = answer{200, `{"code":"4104","status":"Missing Nominated Number"}`}
	_, err = g.client().B2BExpress(t.Context(), req)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "4104" || e.Message != "Missing Nominated Number" {
		t.Errorf("got %v", err)
	}
}

// The callbacks of wire.md §14.2.
func TestB2BExpressCallback(t *testing.T) {
	for body, code := range map[string]string{
		`{"resultCode":"4001","resultDesc":"User cancelled transaction","amount":"71.0","requestId":"c2a9",` +
			`"paymentReference":"MAndbubry3hi"}`: string(daraja.B2BExpressCancelled),
		`{"resultCode":"0","resultDesc":"The service request is processed successfully.","amount":"71.0","requestId":"404e",` +
			`"resultType":"0","conversationID":"AG_20230426_2010434680d9f5a73766","transactionId":"RDQ01NFT1Q",` +
			`"status":"SUCCESS"}`: "0",
	} {
		c, err := daraja.ParseB2BExpressCallback([]byte(body))
		if err != nil || c.ResultCode != code {
			t.Errorf("got %+v, %v", c, err)
			continue
		}
		if got := written(t, c); got != body {
			t.Errorf("written again it is %s\nwant %s", got, body)
		}
	}
}

func TestWhatIsNotAB2BExpressCallbackIsRefused(t *testing.T) {
	for body, isJSON := range map[string]bool{``: false, `[]`: false, `null`: true, `{}`: true, `{"resultCode":"0"}`: true, `{"requestId":"1"}`: true} {
		_, err := daraja.ParseB2BExpressCallback([]byte(body))
		if err == nil || errors.Is(err, daraja.ErrNotB2BExpressCallback) != isJSON {
			t.Errorf("%s: got %v", body, err)
		}
	}
}
