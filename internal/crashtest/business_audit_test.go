package crashtest

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// audit reads the database, in which everything has come to rest, and compares it with what the outside was told.
func (b *business) audit(t *testing.T, s store.Reader) {
	t.Helper()
	checkRest(t, s)
	b.mu.Lock()
	defer b.mu.Unlock()
	payments := b.payments(t, s)
	told := ledger{} // what the outside knows to have moved
	receipts := map[string]int{}
	completed := 0
	for _, o := range b.orders {
		p := payments[o.number]
		switch {
		case p == nil && o.acked:
			t.Errorf("order %+v was acknowledged and is not there", o)
			continue
		case p == nil:
			continue
		case !p.State.Final() || p.Kind != o.kind || p.Amount != money.Shillings(o.amount):
			t.Errorf("order %+v became %+v", o, p)
		}
		receipt := ""
		if o.kind == mpesa.C2B {
			receipt = b.checkCustomersPayment(t, o, p)
		} else {
			receipt = b.checkResult(t, o, p)
		}
		if p.State != mpesa.Completed {
			continue
		}
		completed++
		if twin := receipts[receipt]; twin != 0 {
			t.Errorf("orders %d and %d have the receipt %q", twin, o.number, receipt)
		}
		receipts[receipt] = o.number
		told.note(o)
	}
	told.compare(t, s)
	b.checkReversals(t, payments)
	t.Logf("%d orders, %d acknowledged, %d payments, %d of them completed", len(b.orders), b.acked.Load(), len(payments), completed)
}

// payments lists the payments in the database by the numbers of their orders; each has one at most.
func (b *business) payments(t *testing.T, s store.Reader) map[int]*mpesa.Payment {
	t.Helper()
	found := map[int]*mpesa.Payment{}
	eachPayment(t, s, func(p *mpesa.Payment) {
		text := p.Details.Reference
		if p.Kind.Initiated() {
			u, err := url.Parse(p.Details.CallBackURL)
			if err != nil {
				t.Fatal(err)
			}
			text = strings.TrimPrefix(u.Path, "/result/")
		} else if p.Kind != mpesa.C2B {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > len(b.orders) {
			t.Fatalf("payment %+v belongs to no order", p)
		}
		if twin := found[n]; twin != nil {
			t.Errorf("order %d has two payments, %d and %d", n, p.ID, twin.ID)
		}
		found[n] = p
	})
	return found
}

// checkResult holds a payment against its result, which a business is told of, acknowledged or not.
func (b *business) checkResult(t *testing.T, o *order, p *mpesa.Payment) (receipt string) {
	t.Helper()
	r := b.result(t, o.number)
	if r == nil {
		t.Errorf("order %d has the payment %+v and no result", o.number, p)
		return ""
	}
	if string(r.ResultCode) != string(p.Result) || r.ResultCode.Success() != (p.State == mpesa.Completed) {
		t.Errorf("order %d: the payment is %+v, the result %+v", o.number, p, r)
	}
	if o.ack != nil && (r.ConversationID != o.ack.ConversationID || r.OriginatorConversationID != o.ack.OriginatorConversationID) {
		t.Errorf("order %d was acknowledged with %+v, and its result is %+v", o.number, o.ack, r)
	}
	if o.numbered() && r.OriginatorConversationID != o.originator() {
		t.Errorf("the result of order %d is of %q", o.number, r.OriginatorConversationID)
	}
	return r.TransactionID
}

// checkCustomersPayment holds a customer's payment against what the business was asked, what it said and what was confirmed.
func (b *business) checkCustomersPayment(t *testing.T, o *order, p *mpesa.Payment) (receipt string) {
	t.Helper()
	asked, confirmed := b.validations[o.number], b.confirmations[o.number]
	if (p.State == mpesa.Completed) != (len(confirmed) > 0) {
		t.Errorf("order %d: the payment is %+v, confirmed was %+v", o.number, p, confirmed)
	}
	// When the business was asked, its word counts, unless it was lost with the process that had asked: then the money is taken.
	heard := p.Details.ThirdPartyID != "" || p.State == mpesa.Failed
	if heard && (asked == nil || o.rejected() != (p.Result == "2007")) {
		t.Errorf("order %d, about which the business was asked %+v, is %+v", o.number, asked, p)
	}
	for _, c := range confirmed {
		cents, _ := c.Amount()
		if c.TransID != confirmed[0].TransID || asked != nil && c.TransID != asked.TransID || money.Amount(cents) != p.Amount || c.ThirdPartyTransID != p.Details.ThirdPartyID {
			t.Errorf("order %d was validated as %+v and confirmed as %+v", o.number, asked, c)
		}
		receipt = c.TransID
	}
	return receipt
}

// checkReversals makes sure that no payment was reversed twice.
func (b *business) checkReversals(t *testing.T, payments map[int]*mpesa.Payment) {
	t.Helper()
	by := map[string]int{}
	for _, o := range b.orders {
		p := payments[o.number]
		if o.kind != mpesa.Reversal || p == nil {
			continue
		}
		switch first := by[o.original]; {
		case p.State == mpesa.Completed && first != 0:
			t.Errorf("orders %d and %d have both reversed %s", first, o.number, o.original)
		case p.State == mpesa.Completed:
			by[o.original] = o.number
		case p.Result != "R000001":
			t.Errorf("the reversal of %s failed: %+v", o.original, p)
		}
	}
}

// ledger is by how much the balances of accounts have changed.
type ledger map[mpesa.AccountID]money.Amount

// note notes an order that has been carried out.
func (l ledger) note(o *order) {
	wallet := mpesa.CustomerParty(o.phone).Account(mpesa.Wallet)
	from, to := payer.Party().Account(mpesa.Utility), wallet
	switch o.kind {
	case mpesa.B2Pochi:
		to = mpesa.CustomerParty(o.phone).Account(mpesa.Pochi)
	case mpesa.B2B:
		from, to = payer.Party().Account(mpesa.Working), paid.Party().Account(mpesa.Utility)
	case mpesa.Tax:
		from, to = payer.Party().Account(mpesa.Working), mpesa.KRA.Party().Account(mpesa.Utility)
	case mpesa.C2B:
		from, to = wallet, paid.Party().Account(mpesa.Utility)
	case mpesa.Reversal:
		from, to = paid.Party().Account(mpesa.Utility), 0 // whose wallet it is, the books know
	}
	l[from] -= money.Shillings(o.amount)
	l[to] += money.Shillings(o.amount)
}

// compare looks the shops' accounts up.
func (l ledger) compare(t *testing.T, s store.Reader) {
	t.Helper()
	for id, change := range l {
		if _, ok := id.Party().Shortcode(); !ok {
			continue
		}
		began := money.Shillings(1_000_000)
		if id.Party() == mpesa.KRA.Party() {
			began = 0
		}
		if a, err := store.Get(t.Context(), s, mpesa.Accounts, id); err != nil || a == nil || a.Balance != began+change {
			t.Errorf("%s began with %s, of which the outside knows that it changed by %s, and has %+v (%v)", id, began, change, a, err)
		}
	}
}
