package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// sampleStandingOrder asks for a payment each month.
var sampleStandingOrder = daraja.StandingOrderRequest{
	StandingOrderName: "Rent", StartDate: "20261201", EndDate: "20271201", BusinessShortCode: "174379",
	TransactionType: daraja.StandingOrderPayBill, ReceiverPartyIdentifierType: daraja.IdentifierShortcode, Amount: "4500",
	PartyA: "254708374149", CallBackURL: "https://mydomain.com/path", AccountReference: "House 7", TransactionDesc: "Rent",
	Frequency: daraja.FrequencyMonthly,
}

func TestCreateStandingOrder(t *testing.T) {
	g := newGateway(t)
	const accepted = `{"ResponseHeader":{"responseRefID":"4dd9b5d9","responseCode":"200",` +
		`"responseDescription":"Request accepted for processing","ResultDesc":"The service request is processed successfully."},` +
		`"ResponseBody":{"responseDescription":"Request accepted for processing","responseCode":"200"}}`
	g.api = answer{200, accepted}
	resp, err := g.client().CreateStandingOrder(t.Context(), sampleStandingOrder)
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/standingorder/v1/createStandingOrderExternal", "application/json", `{"StandingOrderName":"Rent",` +
		`"StartDate":"20261201","EndDate":"20271201","BusinessShortCode":"174379",` +
		`"TransactionType":"Standing Order Customer Pay Bill","ReceiverPartyIdentifierType":"4","Amount":"4500",` +
		`"PartyA":"254708374149","CallBackURL":"https://mydomain.com/path","AccountReference":"House 7",` +
		`"TransactionDesc":"Rent","Frequency":"5"}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != accepted {
		t.Errorf("got %s", got)
	}
}

func TestAStandingOrderThatIsRefusedIsAnError(t *testing.T) {
	const message = "Value in field 'BusinessShortCode' can only be what was issued for this application"
	g := newGateway(t)
	g.api = answer{400, `{"requestRefId":"8f38-49f8-9be4-b87d691148b41784539","responseMessage":"` + message +
		`","responseCode":400,"timestamp":"2026-10-08T06:55:50Z"}`} // as observed, wire.md §14.4
	_, err := g.client().CreateStandingOrder(t.Context(), sampleStandingOrder)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "400" || e.Message != message {
		t.Errorf("got %v", err)
	}
}

func TestStandingOrderCallback(t *testing.T) {
	tests := []struct{ name, body, code, status, receipt string }{
		{"agreed", `{"responseHeader":{"responseRefID":"1","requestRefID":"2","responseCode":"0","responseDescription":"OK"},
			"responseBody":{"responseData":[{"name":"TransactionID","value":"SC8F2IQMH5"},{"name":"Status","value":"OKAY"}]}}`,
			"0", "OKAY", "SC8F2IQMH5"},
		{"refused", `{"ResponseHeader":{"responseRefID":"1","requestRefID":"2","responseCode":1037,"responseDescription":"No answer"},
			"ResponseBody":{"ResponseData":[{"Name":"TransactionID","Value":"0000000000"},{"Name":"Status","Value":"ERROR"}]}}`,
			"1037", "ERROR", "0000000000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := daraja.ParseStandingOrderCallback([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.ResponseCode != test.code || c.Value("Status") != daraja.Value(test.status) ||
				c.Value("TransactionID") != daraja.Value(test.receipt) || c.Value("x") != "" || c.RequestRefID != "2" {
				t.Errorf("got %+v", c)
			}
		})
	}
	for body, isJSON := range map[string]bool{``: false, `[]`: false, `null`: true, `{}`: true, paid: true} {
		_, err := daraja.ParseStandingOrderCallback([]byte(body))
		if err == nil || errors.Is(err, daraja.ErrNotStandingOrderCallback) != isJSON {
			t.Errorf("%s: got %v", body, err)
		}
	}
}
