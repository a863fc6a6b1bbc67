package gateway_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

const standingPath = "/standingorder/v1/createStandingOrderExternal"

// standingFields asks John for KES 50 a day, for the three days after the one that the clock stands at.
var standingFields = fields{"StandingOrderName": "Rent", "StartDate": "20261121", "EndDate": "20261123", "BusinessShortCode": testworld.PayBill,
	"TransactionType": "Standing Order Customer Pay Bill", "ReceiverPartyIdentifierType": "4", "Amount": "50", "PartyA": testworld.John,
	"CallBackURL": "http://merchant.test/ratiba", "AccountReference": "House 7", "TransactionDesc": "Rent", "Frequency": "2"}

// order sends a request for a standing order that is accepted, and gives it.
func (b *bench) order(t testing.TB, changes fields) *mpesa.Order {
	t.Helper()
	a := b.postFields(t, standingPath, standingFields, changes)
	if a.Status != 200 {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	p, err := store.Get(t.Context(), b.Store, mpesa.Orders, b.journal.Entries(0, 0, 1, nil)[0].Payment)
	if err != nil || p == nil {
		t.Fatalf("the order is %v, %v", p, err)
	}
	return p
}

func TestStandingOrder(t *testing.T) {
	b := newBench(t)
	order := b.order(t, nil)
	answer := string(b.journal.Entries(0, 0, 1, nil)[0].Answer)
	want := fmt.Sprintf(`{"ResponseHeader":{"responseRefID":"%s","responseCode":"200","responseDescription":"Request accepted for processing",`+
		`"ResultDesc":"The service request is processed successfully."},"ResponseBody":{"responseDescription":"Request accepted for processing","responseCode":"200"}}`,
		b.Mint.MerchantRequest(order.ID))
	if answer != want {
		t.Errorf("got %s\nwant %s", answer, want)
	}
	b.enter(t, testworld.John, testworld.PIN)
	for day := range 3 {
		b.Clock.Advance(24 * time.Hour)
		b.do(t, &mpesa.OrderDue{Order: order.ID, Payer: order.Payer})
		account, err := store.Get(t.Context(), b.Store, mpesa.Accounts, mpesa.Shortcode(174379).Party().Account(mpesa.Utility))
		if err != nil || account.Balance.String() != fmt.Sprintf("%d.00", 50*(day+1)) {
			t.Errorf("after %d days the pay bill has %+v, %v", day+1, account, err)
		}
	}
	order, err := store.Get(t.Context(), b.Store, mpesa.Orders, order.ID)
	if err != nil || order.State != mpesa.Completed || order.Count != 3 {
		t.Errorf("in the end the order is %+v, %v", order, err)
	}
	b.Books(t)
}

func TestStandingOrderTypes(t *testing.T) {
	b := newBench(t)
	for i, test := range []struct {
		kind, business, want string
	}{
		{"Standing Order Customer Pay Bill", testworld.PayBill, mpesa.CustomerPayBillOnline},
		{"Standing Order Pay Bill External Third Party", testworld.PayBill, mpesa.CustomerPayBillOnline},
		{"Standing Order Customer Pay Marchant", testworld.Till, mpesa.CustomerBuyGoodsOnline},
		{"Standing Order Customer Pay Merchant", testworld.Till, mpesa.CustomerBuyGoodsOnline},
		{"Standing Order Pay Merchant External Third Party", testworld.Till, mpesa.CustomerBuyGoodsOnline},
	} {
		identifier := "4"
		if test.want == mpesa.CustomerBuyGoodsOnline {
			identifier = "2"
		}
		order := b.order(t, fields{"StandingOrderName": fmt.Sprint(i), "TransactionType": test.kind, "BusinessShortCode": test.business, "ReceiverPartyIdentifierType": identifier,
			"CustomStoId": fmt.Sprint("mine-", i), "TransactionDesc": testworld.Absent, "StartDate": "20261120"})
		if order.Type != test.want || order.RequestID != fmt.Sprint("mine-", i) {
			t.Errorf("%s makes %+v", test.kind, order)
		}
		b.enter(t, testworld.John, testworld.PIN)
		if order, err := store.Get(t.Context(), b.Store, mpesa.Orders, order.ID); err != nil || order.State != mpesa.Queued || order.DueAt != b.Clock.Now().UnixMilli() {
			t.Errorf("%s: the order is %+v, %v", test.kind, order, err)
		}
	}
}

// What the answer can't tell any more, the callback and the journal do.
func TestStandingOrderWithANameThatIsTaken(t *testing.T) {
	b := newBench(t)
	b.order(t, nil)
	b.enter(t, testworld.John, testworld.PIN)
	if again := b.order(t, nil); again.State != mpesa.Failed || again.Result != codes.OrderNameTaken {
		t.Errorf("the second order is %+v", again)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; !strings.Contains(e.Explanation, "Rent") {
		t.Errorf("the journal explains %q", e.Explanation)
	}
}

// refusedByRatiba wants the refusal that this API has for itself (wire.md §14.4).
func (b *bench) refusedByRatiba(t testing.TB, a testworld.Answer, want codes.Error) {
	t.Helper()
	written := regexp.MustCompile(fmt.Sprintf(`^\{"requestRefId":"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9]+","responseMessage":"%s","responseCode":%d,"timestamp":"%s"\}$`,
		regexp.QuoteMeta(want.Message), want.Status, b.Clock.Now().In(time.UTC).Format(time.RFC3339)))
	if a.Status != want.Status || !written.Match(a.Body) {
		t.Errorf("got HTTP %d %s; want HTTP %d %s", a.Status, a.Body, want.Status, written)
		return
	}
	b.explained(t, want)
}

func TestStandingOrderRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.refusesEach(t, standingPath, standingFields, []malformed{
		{"StandingOrderName", []any{strings.Repeat("n", 101), "a\nb"}},
		{"StartDate", []any{"20261119", "20261301", "2026-11-21", "20261124000000", "x"}},
		{"EndDate", []any{"20261120", "20260231", "x"}},
		{"BusinessShortCode", []any{"12", "x"}},
		{"TransactionType", []any{"CustomerPayBillOnline", "standing order customer pay bill"}},
		{"ReceiverPartyIdentifierType", []any{"1", "x"}},
		{"Amount", []any{"0", "1.5", "x"}},
		{"PartyA", []any{"0708374149", "254", "x"}},
		{"CallBackURL", []any{"x", "ftp://merchant.test/"}},
		{"AccountReference", []any{"thirteen char"}},
		{"Frequency", []any{"0", "10", "daily", 2.5}},
	}, func(t testing.TB, a testworld.Answer, field string) {
		t.Helper()
		b.refusedByRatiba(t, a, codes.InvalidField(field))
	})
	b.refusedByRatiba(t, b.postFields(t, standingPath, standingFields, fields{"TransactionDesc": "fourteen chars"}), codes.InvalidField("TransactionDesc"))
	b.refusedByRatiba(t, b.postFields(t, standingPath, standingFields, fields{"CustomStoId": "a\x00"}), codes.InvalidField("CustomStoId"))
	b.refusedByRatiba(t, b.postFields(t, standingPath, standingFields, fields{"BusinessShortCode": "999999"}), codes.ForeignShortCode)
	b.refusedByRatiba(t, b.Post(t, standingPath, []byte("x")), codes.BadPayload)
}

// A day is one in Nairobi, where it begins three hours before it does in Greenwich.
func TestStandingOrderBeginsOnADayInNairobi(t *testing.T) {
	b := newBench(t)
	b.later(t, time.Date(2026, 11, 21, 0, 30, 0, 0, clock.EAT).Sub(b.Clock.Now()))
	b.refusedByRatiba(t, b.postFields(t, standingPath, standingFields, fields{"StartDate": "20261120"}), codes.InvalidField("StartDate"))
	b.order(t, fields{"StartDate": "20261121"})
}
