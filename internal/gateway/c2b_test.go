package gateway_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/internal/weburl"
)

func TestRegister(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		path    string
		changes fields
		want    mpesa.C2BURLs
		form    string
	}{
		{testworld.RegisterPath, nil, mpesa.C2BURLs{Version: 2, ResponseType: "Completed", Confirmation: b.CallBack + "/confirmation", Validation: b.CallBack + "/validation"},
			"{\n OriginatorCoversationID \"…\"\n ResponseCode \"0\"\n ResponseDescription \"Success\"\n}\n"},
		{testworld.RegisterV1Path, fields{"ShortCode": 600000, "ResponseType": " Cancelled "}, mpesa.C2BURLs{Version: 1, ResponseType: "Cancelled", Confirmation: b.CallBack + "/confirmation", Validation: b.CallBack + "/validation"},
			"{\n ConversationID \"\"\n OriginatorCoversationID \"…\"\n ResponseCode \"0\"\n ResponseDescription \"success\"\n}\n"},
		{testworld.RegisterPath, fields{"ConfirmationURL": "http://localhost/c?mpesa", "ValidationURL": "https://mydomain.com/v"}, mpesa.C2BURLs{Version: 2, ResponseType: "Completed", Confirmation: "http://localhost/c?mpesa", Validation: "https://mydomain.com/v"},
			"{\n OriginatorCoversationID \"…\"\n ResponseCode \"0\"\n ResponseDescription \"Success\"\n}\n"},
	} {
		a := b.request(t, test.path, test.changes)
		if got := testworld.Form(t, a.Body); a.Status != 200 || got != test.form {
			t.Errorf("%s: HTTP %d %s has the form\n%swant\n%s", test.path, a.Status, a.Body, got, test.form)
		}
		if got := b.organisation(t, 600000).URLs; !reflect.DeepEqual(got, test.want) {
			t.Errorf("registered is %+v; want %+v", got, test.want)
		}
	}
	b.nothingMoved(t)
	b.refused(t, b.request(t, testworld.RegisterPath, fields{"ShortCode": "999999"}), codes.InvalidField("ShortCode"), "nobody's")
}

func TestRegisterInTheStrictProfile(t *testing.T) {
	b := newBench(t, func(o *gateway.Options) {
		o.Rules = gateway.Rules{Profile: "strict", URLs: weburl.Production("strict"), RegisterOnce: true}
	})
	b.CallBack = "https://mydomain.com"
	b.nothingMoved(t)
	for _, field := range []string{"ConfirmationURL", "ValidationURL"} {
		b.refused(t, b.request(t, testworld.RegisterPath, fields{field: "http://mydomain.com/path"}), codes.InvalidField(field), "https only")
		for _, word := range []string{"mpesa", "M-Pesa", "safaricom", "exe", "exec", "CMD", "sql", "Query"} {
			b.refused(t, b.request(t, testworld.RegisterPath, fields{field: "https://mydomain.com/" + word}), codes.InvalidField(field), "doesn't allow", strings.ToLower(word)[:3])
		}
	}
	if got := b.organisation(t, 600000).URLs; got != (mpesa.C2BURLs{}) {
		t.Errorf("registered is %+v", got)
	}
	if a := b.request(t, testworld.RegisterPath, nil); a.Status != 200 {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	for _, path := range []string{testworld.RegisterPath, testworld.RegisterV1Path} {
		b.refused(t, b.request(t, path, fields{"ResponseType": "Cancelled"}), codes.AlreadyRegistered, "https://mydomain.com/confirmation")
	}
	if got := b.organisation(t, 600000).URLs; got.ResponseType != "Completed" {
		t.Errorf("registered is %+v", got)
	}
	if a := b.request(t, testworld.RegisterPath, fields{"ShortCode": "600001"}); a.Status != 200 {
		t.Errorf("another shortcode: HTTP %d %s", a.Status, a.Body)
	}
	b.do(t, &portal.ChangeOrganisation{Shortcode: 600000, Change: func(o *mpesa.Organisation, _ bool) error { o.URLs = mpesa.C2BURLs{}; return nil }})
	if a := b.request(t, testworld.RegisterPath, nil); a.Status != 200 {
		t.Errorf("once they are deleted: HTTP %d %s", a.Status, a.Body)
	}
}

// The strict profile's rules hold for the URLs of every API.
func TestStrictProfilesURLs(t *testing.T) {
	b := strictBench(t)
	b.CallBack = "https://mydomain.com"
	b.nothingMoved(t)
	for _, api := range tested {
		for _, field := range api.fields {
			if strings.HasSuffix(field.name, "URL") {
				b.refused(t, b.request(t, api.path, fields{field.name: "http://mydomain.com/"}), codes.InvalidField(field.name), "https only")
				b.refused(t, b.request(t, api.path, fields{field.name: "https://mydomain.com/mpesa"}), codes.InvalidField(field.name), "mpesa")
			}
		}
	}
}

func TestSimulate(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		path    string
		changes fields
		want    codes.Result
	}{
		{testworld.SimulatePath, nil, codes.Success},
		{testworld.SimulateV1Path, fields{"Amount": 101, "ShortCode": 600000, "Msisdn": 254708374149}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": "102.00", "Msisdn": "0708374149", "BillRefNumber": strings.Repeat("é", 20)}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 103, "BillRefNumber": 353353}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 104, "Msisdn": "254733000000"}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 105, "ShortCode": testworld.Till, "CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": nil}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 106, "ShortCode": testworld.Till, "CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": testworld.Absent}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 107, "ShortCode": testworld.Till, "CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": ""}, codes.Success},
		{testworld.SimulatePath, fields{"Amount": 107, "ShortCode": testworld.Till}, codes.NotPermitted},
		{testworld.SimulatePath, fields{"Amount": 108, "CommandID": "CustomerBuyGoodsOnline", "BillRefNumber": ""}, codes.NotPermitted},
		{testworld.SimulatePath, fields{"Amount": 109, "ShortCode": "999999"}, codes.OperatorNotFound},
		{testworld.SimulatePath, fields{"Amount": 250_001}, codes.AboveMaximum},
		{testworld.SimulatePath, fields{"Amount": 100_000}, codes.InsufficientFunds},
	} {
		before := b.Books(t)
		a := b.request(t, test.path, test.changes)
		id, ok := b.Mint.ParseMerchantRequest(a.Text("OriginatorCoversationID"))
		p, err := store.Get(t.Context(), b.Store, mpesa.Payments, id)
		if a.Status != 200 || a.Text("ResponseCode") != "0" || !ok || err != nil || p == nil {
			t.Errorf("%v: HTTP %d %s, payment %d %v", test.changes, a.Status, a.Body, id, err)
			continue
		}
		if v1 := test.path == testworld.SimulateV1Path; (a.Text("ConversationID") != "") != v1 {
			t.Errorf("%s answers %s", test.path, a.Body)
		}
		e := b.journal.Entries(0, 0, 1, nil)[0]
		if p.Kind != mpesa.C2B || p.Result != test.want || e.Payment != id || (e.Explanation == "") != (test.want == codes.Success) {
			t.Errorf("%v: %+v; want %s; the journal says %q", test.changes, p, test.want, e.Explanation)
		}
		if after := b.Books(t); (after.Transfers == before.Transfers) != (test.want != codes.Success) {
			t.Errorf("%v: the books went from %+v to %+v", test.changes, before, after)
		}
	}
}

func TestSimulateKnowsItsCustomersInTheStrictProfile(t *testing.T) {
	b := strictBench(t)
	b.nothingMoved(t)
	b.refused(t, b.request(t, testworld.SimulatePath, fields{"Msisdn": "254799999999"}), codes.InvalidField("Msisdn"), "254799999999", "strict")
}
