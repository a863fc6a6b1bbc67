package gateway_test

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

const checkoutPath = "/v1/ussdpush/get-msisdn"

const johnsNumber msisdn.Number = 254708374149

var checkoutFields = fields{"primaryShortCode": "600000", "receiverShortCode": "600001", "amount": "71", "paymentRef": "MAndbubry3hi",
	"callbackUrl": "http://vendor.test/result", "partnerName": "Vendor", "RequestRefID": "404e1aec-19e0-4ce3-973d-bd92e94c8021"}

// newOwned is a bench where John owns 600000.
func newOwned(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	b.change(t, 600000, func(o *mpesa.Organisation) { o.Owner = johnsNumber })
	return b
}

func TestCheckout(t *testing.T) {
	for name, changes := range map[string]fields{
		"as in the sample": nil,
		"as in the table":  {"RequestRefID": testworld.Absent, "RequestRefId": "404e1aec-19e0-4ce3-973d-bd92e94c8021"},
		"numbers":          {"primaryShortCode": 600000, "receiverShortCode": 600001, "amount": 71},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOwned(t)
			answered(t, b.postFields(t, checkoutPath, checkoutFields, changes), `{"code":"0","status":"USSD Initiated Successfully"}`)
			e := b.journal.Entries(0, 0, 1, nil)[0]
			b.enter(t, testworld.John, testworld.PIN)
			p, err := store.Get(t.Context(), b.Store, mpesa.Payments, e.Payment)
			if err != nil || p.State != mpesa.Completed || p.Kind != mpesa.B2BExpress || p.Details.From != 600000 || p.Business != 600001 ||
				p.Details.Originator != "404e1aec-19e0-4ce3-973d-bd92e94c8021" {
				t.Errorf("the payment is %+v, %v", p, err)
			}
			b.Books(t)
		})
	}
}

func TestCheckoutThatPromptsNobody(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*testing.T, *bench)
		changes fields
		want    codes.Error
		body    string
	}{
		"no owner": {func(t *testing.T, b *bench) { b.change(t, 600000, func(o *mpesa.Organisation) { o.Owner = 0 }) }, nil,
			codes.NoNominatedNumber, `{"code":"4104","status":"Missing Nominated Number"}`},
		"payer unknown":  {nil, fields{"primaryShortCode": "999999"}, codes.KYCFailed, `{"code":"4102","status":"Merchant KYC Fail"}`},
		"vendor unknown": {nil, fields{"receiverShortCode": "999999"}, codes.KYCFailed, `{"code":"4102","status":"Merchant KYC Fail"}`},
		"phone in use":   {func(t *testing.T, b *bench) { b.Push(t, nil) }, nil, codes.USSDException, `{"code":"4203","status":"USSD Exception Error"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOwned(t)
			if test.prepare != nil {
				test.prepare(t, b)
			}
			b.nothingMoved(t)
			answered(t, b.postFields(t, checkoutPath, checkoutFields, test.changes), test.body)
			b.explained(t, test.want)
		})
	}
}

func TestCheckoutRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newOwned(t)
	b.refusesEach(t, checkoutPath, checkoutFields, []malformed{
		{"primaryShortCode", []any{"12", "000001", "x"}},
		{"receiverShortCode", []any{"12", "12345678", "x", "600000"}},
		{"amount", []any{"0", "-71", "71.5", "x"}},
		{"paymentRef", []any{strings.Repeat("r", 101), "a\nb"}},
		{"callbackUrl", []any{"x", "ftp://vendor.test/result", "http://"}},
		{"partnerName", []any{strings.Repeat("r", 101), "a\x00b"}},
		{"RequestRefID", []any{strings.Repeat("r", 101), "a\x00b"}},
	}, b.refusedField)
}
