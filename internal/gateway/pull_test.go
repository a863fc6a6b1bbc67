package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

const (
	pullRegisterPath = "/pulltransactions/v1/register"
	pullQueryPath    = "/pulltransactions/v1/query"
)

var (
	pullRegisterFields = fields{"ShortCode": testworld.PayBill, "RequestType": "Pull", "NominatedNumber": "254722000000", "CallBackURL": "http://merchant.test/pull"}
	pullQueryFields    = fields{"ShortCode": testworld.PayBill, "StartDate": "2026-11-20 00:00:00", "EndDate": "2026-11-22 00:00:00", "OffSetValue": "0"}
)

const nothingToPull = `{"RequestID":"f9e9-41a5-8783-2ee591b46cc741228","ResponseCode":"1001","ResponseMessage":"No records found or Organization Name not available"}`

// pull sends a request whose answer begins with an identifier, and gives the answer with that of the sample.
func (b *bench) pull(t testing.TB, path string, request, changes fields) testworld.Answer {
	t.Helper()
	a := b.postFields(t, path, request, changes)
	return testworld.NewAnswer(a.Status, a.Header, conversationID.ReplaceAll(a.Body, []byte(`"f9e9-41a5-8783-2ee591b46cc741228"`)))
}

// paid has a customer pay a business, and gives the payment.
func (b *bench) paid(t testing.TB, phone string, changes ...func(*mpesa.PayBusiness)) mpesa.Payment {
	t.Helper()
	c := &mpesa.PayBusiness{Phone: number(t, phone), Business: 174379, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(168), Reference: "37207636392"}
	for _, change := range changes {
		change(c)
	}
	if b.do(t, c); c.Payment.State != mpesa.Completed {
		t.Fatalf("the payment is %+v", c.Payment)
	}
	return c.Payment
}

func TestPullRegister(t *testing.T) {
	b := newBench(t)
	const registered = `{"ResponseRefID":"f9e9-41a5-8783-2ee591b46cc741228","ResponseStatus":"%s","ShortCode":"174379","ResponseDescription":"%s"}`
	answered(t, b.pull(t, pullRegisterPath, pullRegisterFields, nil), fmt.Sprintf(registered, "1000", "Shortcode Registered Successfully"))
	answered(t, b.pull(t, pullRegisterPath, pullRegisterFields, fields{"NominatedNumber": "0722000001"}), fmt.Sprintf(registered, "1001", "ShortCode already Registered"))
	b.noted(t, "1001")
	if o, err := store.Get(t.Context(), b.Store, mpesa.Registry, 174379); err != nil || o.Pull != (mpesa.Pull{Nominated: 254722000000, CallBackURL: "http://merchant.test/pull"}) {
		t.Errorf("registered is %+v, %v", o.Pull, err)
	}
	b.refused(t, b.pull(t, pullRegisterPath, pullRegisterFields, fields{"ShortCode": "999999"}), codes.InvalidShortCode, "999999")
}

// A client asks for more from the number that it has got (wire.md §14).
func TestPullGivesAThousandAtATime(t *testing.T) {
	const page, rest = 1000, 2
	b := newBench(t)
	b.pull(t, pullRegisterPath, pullRegisterFields, nil)
	for range page + rest {
		b.paid(t, testworld.John, func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(1) })
	}
	for offset, want := range map[string]int{"0": page, "1": page, "1000": rest} {
		a := b.pull(t, pullQueryPath, pullQueryFields, fields{"OffSetValue": offset})
		if got := strings.Count(string(a.Body), `"transactionId"`); got != want {
			t.Errorf("from %s there come %d; want %d", offset, got, want)
		}
	}
}

func TestPullRegisterRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.refusesEach(t, pullRegisterPath, pullRegisterFields, []malformed{
		{"ShortCode", []any{"12", "x"}},
		{"RequestType", []any{"Push", "PULL"}},
		{"NominatedNumber", []any{"123", "x"}},
		{"CallBackURL", []any{"x", "ftp://merchant.test/"}},
	}, b.refusedField)
}

func TestPullQuery(t *testing.T) {
	b := newBench(t)
	b.pull(t, pullRegisterPath, pullRegisterFields, nil)
	answered(t, b.pull(t, pullQueryPath, pullQueryFields, nil), nothingToPull)
	b.noted(t, "1001")

	first := b.paid(t, testworld.John)
	b.later(t, time.Hour)
	b.paid(t, testworld.John, func(c *mpesa.PayBusiness) { c.Business = 600000 }) // another's
	b.do(t, &mpesa.PayBusiness{Phone: number(t, testworld.John), Business: 174379, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(1_000_000), Reference: "fails"})
	b.Push(t, nil)
	b.Clock.Advance(30 * time.Second)
	b.enter(t, testworld.John, testworld.PIN)
	second := b.Payment(t, func(p mpesa.Payment) bool { return p.Kind == mpesa.Express && p.State == mpesa.Completed })

	record := func(p mpesa.Payment, at, reference, amount string) string {
		return fmt.Sprintf(`{"transactionId":"%s","trxDate":"%s","msisdn":708374149,"sender":"John Doe","transactiontype":"c2b-pay-bill-debit",`+
			`"billreference":"%s","amount":"%s","organizationname":"Daraja Sandbox"}`, b.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())), at, reference, amount)
	}
	list := func(records string) string {
		return `{"ResponseRefID":"f9e9-41a5-8783-2ee591b46cc741228","ResponseCode":"1000","ResponseMessage":"Success","Response":[[` + records + `]]}`
	}
	one, two := record(first, "2026-11-20T09:00:00Z", "37207636392", "168.00"), record(second, "2026-11-20T10:00:30Z", "INV-7", "10.00")
	for name, test := range map[string]struct {
		changes fields
		want    string
	}{
		"all":                 {nil, list(one + "," + two)},
		"without an offset":   {fields{"OffSetValue": testworld.Absent}, list(one + "," + two)},
		"without the first":   {fields{"OffSetValue": 1}, list(two)},
		"after all":           {fields{"OffSetValue": "2"}, nothingToPull},
		"of a second":         {fields{"StartDate": "2026-11-20 12:00:00", "EndDate": "2026-11-20 12:00:00"}, list(one)},
		"of the one after it": {fields{"StartDate": "2026-11-20 12:00:01", "EndDate": "2026-11-20 12:59:59"}, nothingToPull},
		// It was asked for before this time, and completed after it.
		"of one that took long": {fields{"StartDate": "2026-11-20 13:00:30", "EndDate": "2026-11-20 13:00:30"}, list(two)},
		"that is to come":       {fields{"StartDate": "2027-01-01 00:00:00", "EndDate": "2027-01-02 00:00:00"}, nothingToPull},
	} {
		t.Run(name, func(t *testing.T) { answered(t, b.pull(t, pullQueryPath, pullQueryFields, test.changes), test.want) })
	}
	b.later(t, 48*time.Hour-90*time.Second)
	answered(t, b.pull(t, pullQueryPath, pullQueryFields, fields{"StartDate": "2020-01-01 00:00:00"}), list(two))
}

func TestPullQueryOfATill(t *testing.T) {
	b := newBench(t)
	b.pull(t, pullRegisterPath, pullRegisterFields, fields{"ShortCode": testworld.Till})
	p := b.paid(t, testworld.John, func(c *mpesa.PayBusiness) {
		c.Business, c.Type, c.Reference = 765432, mpesa.CustomerBuyGoodsOnline, ""
	})
	answered(t, b.pull(t, pullQueryPath, pullQueryFields, fields{"ShortCode": testworld.Till}), fmt.Sprintf(`{"ResponseRefID":"f9e9-41a5-8783-2ee591b46cc741228",`+
		`"ResponseCode":"1000","ResponseMessage":"Success","Response":[[{"transactionId":"%s","trxDate":"2026-11-20T09:00:00Z","msisdn":708374149,"sender":"John Doe",`+
		`"transactiontype":"c2b-buy-goods-debit","billreference":"","amount":"168.00","organizationname":"Kivuko Till"}]]}`, b.Mint.Receipt(p.ID, b.Clock.Now())))
}

func TestPullQueryOfAShortcodeThatIsNotRegistered(t *testing.T) {
	b := newBench(t)
	b.paid(t, testworld.John)
	answered(t, b.pull(t, pullQueryPath, pullQueryFields, nil), nothingToPull)
	b.noted(t, "1001")
	b.refused(t, b.pull(t, pullQueryPath, pullQueryFields, fields{"ShortCode": "999999"}), codes.InvalidShortCode, "999999")
}

func TestPullQueryRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.refusesEach(t, pullQueryPath, pullQueryFields, []malformed{
		{"ShortCode", []any{"12", "x"}},
		{"StartDate", []any{"2026-11-20", "20261120000000", "2026-11-31 00:00:00", "x"}},
		{"EndDate", []any{"2026-11-20", "2026-11-19 23:59:59", "x"}},
	}, b.refusedField)
	for _, value := range []any{"-1", "x", "1.5", "99999999999", []any{}} {
		b.refused(t, b.postFields(t, pullQueryPath, pullQueryFields, fields{"OffSetValue": value}), codes.InvalidField("OffSetValue"), "OffSetValue")
	}
}
