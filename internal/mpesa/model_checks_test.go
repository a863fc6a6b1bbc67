package mpesa_test

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// check fails the run when the world contradicts itself. What bench.run checks at each unit comes on top: every balance is what its
// transfers make, none but those that may owe is below what is reserved of it, all together are zero, and no payment changes once
// it is over.
func (m *market) check(t *rapid.T) {
	legs := map[int64][]mpesa.Transfer{}
	for n, x := range m.transfers {
		if n > 0 && slices.ContainsFunc(legs[x.Payment()], func(y mpesa.Transfer) bool { return y.ID == x.ID }) {
			t.Fatalf("there are two transfers %d", x.ID)
		}
		legs[x.Payment()] = append(legs[x.Payment()], x)
	}
	told := map[int64][]mpesa.Delivery{}
	for _, d := range m.deliveries {
		if _, there := m.payments[d.Payment()]; !there {
			t.Fatalf("delivery %+v is of no payment", d)
		}
		told[d.Payment()] = append(told[d.Payment()], d)
	}
	for _, p := range m.all() {
		m.checkEnd(p, legs[p.ID])
		m.checkOwed(p, told[p.ID])
		m.checkRoute(t, p, legs[p.ID])
	}
	for id := range m.operators {
		if o := m.operators[id]; o.Wrong < 0 || o.Wrong > mpesa.LockAfter {
			t.Fatalf("operator %+v", o)
		}
	}
	m.checkHolds(t)
	m.checkReversals(t)
	m.checkBulk(t)
	m.checkLimits(t)
	m.checkChains(t, legs)
}

// checkAccepted reports whether a request was refused just when its OriginatorConversationID had been used by its shortcode.
func (m *market) checkAccepted(t *rapid.T, c *mpesa.AcceptRequest) {
	key := mpesa.IdempotencyKey{Owner: c.Request.Business.Party(), Name: c.Request.Details.Originator}
	refused := c.Refused != nil
	if refused != m.asked[key] || refused && *c.Refused != codes.DuplicateOriginator {
		t.Fatalf("%v was used before: %v; the request was refused with %v", key, m.asked[key], c.Refused)
	}
	if key.Name != "" {
		m.asked[key] = true
	}
}

// checkRoute fails the run unless a payment's money took the way that its kind has: at most once, in full, and charges to the fees.
func (m *market) checkRoute(t *rapid.T, p mpesa.Payment, legs []mpesa.Transfer) {
	from, to, known := route(p)
	if !known || len(legs) == 0 {
		return
	}
	if legs[0].Debit != from || legs[0].Credit != to || legs[0].Amount != p.Amount {
		t.Fatalf("payment %d, a %s of %s, went this way: %s", p.ID, p.Kind, p.Amount, show(legs))
	}
	charges := map[mpesa.TransferKind]mpesa.AccountID{mpesa.CustomerCharge: p.Payer.Account(mpesa.Wallet), mpesa.BusinessCharge: charged(p).Account(mpesa.ChargesPaid)}
	for _, x := range legs[1:] {
		if x.Debit != charges[x.Kind] || x.Credit != mpesa.Provider.Account(mpesa.Fees) {
			t.Fatalf("payment %d, a %s, went this way: %s", p.ID, p.Kind, show(legs))
		}
		delete(charges, x.Kind)
	}
}

// charged is the business that pays a payment's charge.
func charged(p mpesa.Payment) mpesa.Party {
	switch p.Kind {
	case mpesa.B2BExpress:
		return p.Details.From.Party()
	case mpesa.Express, mpesa.C2B:
		return p.Payee
	}
	return p.Payer
}

// route is the accounts between which a payment moves its amount, for kinds that name them.
func route(p mpesa.Payment) (from, to mpesa.AccountID, known bool) {
	switch p.Kind {
	case mpesa.Express, mpesa.C2B:
		kind := mpesa.Utility
		if p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline {
			kind = mpesa.Merchant
		}
		return p.Payer.Account(mpesa.Wallet), p.Payee.Account(kind), true
	case mpesa.B2C, mpesa.B2Pochi:
		return p.Payer.Account(mpesa.Utility), p.Payee.Account(payouts[p.Details.TransactionType]), true
	case mpesa.B2B, mpesa.Tax:
		for _, x := range businessPayments {
			if x.command == p.Details.TransactionType {
				return p.Payer.Account(x.from), p.Payee.Account(x.to), true
			}
		}
	case mpesa.B2BExpress:
		kind := mpesa.Utility
		if p.Payee == till.Party() || p.Payee == store.Party() {
			kind = mpesa.Merchant
		}
		return account(p.Details.From, mpesa.Working), p.Payee.Account(kind), true
	}
	return 0, 0, false
}

// checkHolds fails the run unless what is reserved of each account is what its waiting payments hold, and each phone has one prompt
// at most.
func (m *market) checkHolds(t *rapid.T) {
	held, prompts := map[mpesa.AccountID]money.Amount{}, map[mpesa.Party]int{}
	for _, h := range m.reserved {
		held[h.Account] += h.Amount
	}
	for _, p := range m.payments {
		if p.State == mpesa.Prompting {
			prompts[p.Payer]++
		}
	}
	for id, a := range m.accounts {
		if a.Held != held[id] {
			t.Fatalf("%s are reserved of %s; its payments hold %s", a.Held, id, held[id])
		}
	}
	for party, n := range prompts {
		if n > 1 {
			t.Fatalf("%s has %d open prompts", party, n)
		}
	}
}

// checkReversals fails the run unless each payment was reversed once at most, in full, the way that it came and no further.
func (m *market) checkReversals(t *rapid.T) {
	reversed := map[int64]int64{}
	for _, p := range m.payments {
		if p.Kind != mpesa.Reversal || p.State != mpesa.Completed {
			continue
		}
		original := m.payments[p.Details.Original]
		if other := reversed[original.ID]; other != 0 {
			t.Fatalf("payment %d was reversed by %d and %d", original.ID, other, p.ID)
		}
		reversed[original.ID] = p.ID
		from, to, known := route(original)
		if legs := m.legs(p); !known || original.State != mpesa.Completed || len(legs) != 1 || legs[0] != principal(to, from, original.Amount) {
			t.Fatalf("payment %d, a %s of %s, was reversed so: %s", original.ID, original.Kind, original.Amount, show(legs))
		}
	}
}

// checkLimits adds up what customers paid and received in a day of Nairobi, and looks at each payment by itself.
func (m *market) checkLimits(t *rapid.T) {
	type day struct {
		customer mpesa.Party
		day      int64
	}
	spent, received := map[day]money.Amount{}, map[day]money.Amount{}
	limits := m.policy.Rules.Limits("", m.now)
	for _, x := range m.transfers {
		p := m.payments[x.Payment()]
		if takenBack := p.Kind == mpesa.Reversal && p.Payer != p.Business.Party(); takenBack || byHand(p) || x.Kind != mpesa.Principal || p.Details.TransactionType == mpesa.TakeFromPochi {
			continue
		}
		on := x.At + 3*60*60*1000 // milliseconds of Nairobi
		if _, ok := x.Debit.Party().Phone(); ok {
			spent[day{x.Debit.Party(), on / (24 * 60 * 60 * 1000)}] += x.Amount
		}
		n, ok := x.Credit.Party().Phone()
		if ok && p.Kind != mpesa.Deposit {
			received[day{x.Credit.Party(), on / (24 * 60 * 60 * 1000)}] += x.Amount
		}
		if ok && x.CreditAfter > limits.MaxBalance {
			t.Fatalf("payment %d filled the wallet of %s with %s", p.ID, n, x.CreditAfter)
		}
		payout := p.Kind == mpesa.B2C || p.Kind == mpesa.B2Pochi
		if x.Debit.Kind() == mpesa.Wallet && (x.Amount < limits.Minimum || x.Amount > limits.Maximum) || payout && (x.Amount < limits.PayoutMinimum || x.Amount > limits.Maximum) {
			t.Fatalf("payment %d, a %s, is of %s", p.ID, p.Kind, x.Amount)
		}
	}
	for _, totals := range []map[day]money.Amount{spent, received} {
		for d, total := range totals {
			if total > limits.Daily {
				t.Fatalf("%s paid or received %s on day %d", d.customer, total, d.day)
			}
		}
	}
	today := clock.Day(m.now)
	for _, n := range phones {
		a, d := m.accounts[wallet(n)].On(today), day{mpesa.CustomerParty(n), today}
		if a.Spent != spent[d] || a.Received != received[d] {
			t.Fatalf("%s paid %s and received %s today; counted are %s and %s", n, spent[d], received[d], a.Spent, a.Received)
		}
	}
}

// byHand reports whether money was put where it is, or taken away, by no rule.
func byHand(p mpesa.Payment) bool {
	return (p.Kind == mpesa.Deposit || p.Kind == mpesa.Withdrawal) && p.Details.TransactionType == ""
}

// checkChains walks the chains of payments: a customer's holds each that they made and that ended, or was made to them, once; the one of
// an organisation's account each that was paid into it.
func (m *market) checkChains(t *rapid.T, legs map[int64][]mpesa.Transfer) {
	members := map[mpesa.AccountID]int{}
	for _, p := range m.payments {
		if byHand(p) || p.Kind == mpesa.StandingOrder {
			continue
		}
		if n, ok := p.Payer.Phone(); ok && p.State.Final() {
			members[wallet(n)]++
		}
		if n, ok := p.Payee.Phone(); ok && p.State == mpesa.Completed && p.Payee != p.Payer {
			members[wallet(n)]++
		}
		for _, x := range legs[p.ID] {
			switch _, business := x.Credit.Party().Shortcode(); {
			case !business || x.Credit.Kind() == mpesa.Settlement || x.Credit.Kind() == mpesa.ChargesPaid:
			default:
				members[x.Credit]++
			}
		}
	}
	for id, a := range m.accounts {
		_, customers := id.Party().Phone()
		if customers && id.Kind() != mpesa.Wallet {
			continue
		}
		n := 0
		for next := a.LastPayment; next != 0; n++ {
			p, there := m.payments[next]
			if !there || n > members[id] {
				t.Fatalf("the chain of %s goes on to payment %d after %d of %d", id, next, n, members[id])
			}
			if next = p.PayeePrevious; customers && p.Payer == id.Party() {
				next = p.Previous
			}
		}
		if n != members[id] {
			t.Fatalf("the chain of %s has %d payments; want %d", id, n, members[id])
		}
	}
}
