package storetest

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// letTimePass moves the clock, and looks at what is due then, one after the other.
func (m *model) letTimePass(t *rapid.T) {
	seconds := rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 20), rapid.IntRange(1, 200)).Draw(t, "seconds")
	m.clock.advance(time.Duration(seconds) * time.Second)
	m.fireAll(t)
}

// fireAll looks at each payment that is due, and tells how many there were, as two nodes would that see it at the same time.
func (m *model) fireAll(t *rapid.T) (fired int) {
	list := m.due(t)
	for _, due := range list {
		m.do(t, falls(due), falls(due))
		m.look(t, due.Number)
		if p, waits := m.waiting[due.Number]; waits && p.State != mpesa.Prompting {
			t.Errorf("%+v still waits after it was due", p)
		}
	}
	return len(list)
}

// letMuchHappen lets everything happen at once that is due a few seconds later.
func (m *model) letMuchHappen(t *rapid.T) {
	m.clock.advance(time.Duration(rapid.IntRange(1, 15).Draw(t, "seconds")) * time.Second)
	var commands []mpesa.Command
	list := m.due(t)
	for _, due := range list {
		commands = append(commands, falls(due), falls(due))
	}
	m.do(t, commands...)
	m.alone = len(list) < 2
	for _, due := range list {
		m.look(t, due.Number)
	}
	m.alone = true
}

// falls is what happens to what is due.
func falls(d store.Due) mpesa.Command {
	return portal.WhenDue(d.Kind, d.State, mpesa.Due{Payment: d.Number, Payer: d.Payer})
}

// due lists what of this run is due.
func (m *model) due(t *rapid.T) []store.Due {
	list := must[[]store.Due](t)(m.Due(t.Context(), m.clock.Now().UnixMilli(), 1_000_000))
	return slices.DeleteFunc(list, func(d store.Due) bool { _, ours := m.waiting[d.Number]; return !ours })
}

// lookOnceMore looks at a payment that has ended as if it were due.
func (m *model) lookOnceMore(t *rapid.T) {
	if len(m.ended) == 0 {
		t.Skip("nothing has ended")
	}
	p := some(t, m.ended)
	m.do(t, falls(store.Due{Number: p.ID, Kind: p.Kind, State: p.State, Payer: p.Payer}))
}

// look reads how a payment stands now.
func (m *model) look(t *rapid.T, id int64) {
	if task := must[*portal.Task](t)(store.Get(t.Context(), m, portal.Tasks, id)); task != nil {
		m.noteTask(t, *task, must[*mpesa.Payment](t)(store.Get(t.Context(), m, mpesa.Payments, id)))
	} else if x := must[mpesa.Subject](t)(store.Subject(t.Context(), m, id)); x != nil {
		m.note(t, mpesatest.PaymentOf(x))
	} else {
		t.Errorf("payment %d is gone", id)
	}
}

// note notes how a payment stands now.
func (m *model) note(t *rapid.T, p mpesa.Payment) {
	before := m.waiting[p.ID]
	if _, ended := m.ended[p.ID]; ended {
		t.Errorf("%+v had ended before", p)
		return
	}
	delete(m.waiting, p.ID)
	if m.open[p.Payer] == p.ID {
		delete(m.open, p.Payer)
	}
	reserved := m.reserved(p.ID)
	m.hold(t, p.ID)
	switch {
	case p.State.Final():
		m.end(t, p, before, reserved)
		return
	case p.State == mpesa.Prompting:
		m.open[p.Payer] = p.ID
	case p.State == mpesa.Validating:
		m.checkHold(t, p)
		tell(m.told, p.ID, mpesa.Validation)
	}
	m.waiting[p.ID] = p
}

// hold notes what a payment has reserved now.
func (m *model) hold(t *rapid.T, id int64) {
	for _, r := range m.holds[id] {
		m.held[r.Account] -= r.Amount
	}
	m.holds[id] = must[[]ledger.Reservation](t)(store.Held(t.Context(), m, id))
	for _, r := range m.holds[id] {
		m.held[r.Account] += r.Amount
	}
}

// reserved is what a payment has reserved, as it was last seen.
func (m *model) reserved(id int64) (sum money.Amount) {
	for _, r := range m.holds[id] {
		sum += r.Amount
	}
	return sum
}

// checkHold sees that a business is asked about what the payer wants to pay, and that all of it is reserved.
func (m *model) checkHold(t *rapid.T, p mpesa.Payment) {
	customer, _ := m.charges(t, p)
	same(t, "hold", m.reserved(p.ID), p.Amount+customer)
	if !m.agreed[p.ID] || !m.asks[mpesa.Shortcode(p.Payee)] {
		t.Errorf("nobody wants to be asked about %+v", p)
	}
}

// end notes that a payment has ended, which had an amount reserved before.
func (m *model) end(t *rapid.T, p, before mpesa.Payment, reserved money.Amount) {
	m.ended[p.ID] = p
	same(t, "success", p.Result == codes.Success, p.State == mpesa.Completed)
	same(t, "due no more", p.DueAt, 0)
	switch {
	case p.Kind.Initiated():
		m.endRequest(t, p)
	case m.isTask(p):
		m.endOwn(t, p, before, reserved)
	default:
		m.endByCustomer(t, p, before)
	}
	if p.State == mpesa.Completed && (p.Details.Settled || p.Kind == mpesa.BalanceQuery) && m.alone {
		owner := p.Payer
		if !p.Kind.Initiated() {
			owner = p.Payee
		}
		for _, f := range p.Details.Funds {
			id := owner.Account(f.Kind)
			same(t, "funds after the payment", f, mpesa.Funds{Kind: f.Kind, Balance: m.balances[id], Held: m.held[id]})
		}
	}
}

// endByCustomer notes the end of a customer's payment to a business. It may only have succeeded when both wanted it.
func (m *model) endByCustomer(t *rapid.T, p, before mpesa.Payment) {
	if p.Kind == mpesa.Express {
		tell(m.told, p.ID, mpesa.ExpressResult)
	}
	if before.State == mpesa.Validating {
		m.checkVerdict(t, p)
	}
	if p.State != mpesa.Completed {
		return
	}
	if !m.agreed[p.ID] {
		t.Errorf("nobody approved %+v", p)
	}
	if m.urls[mpesa.Shortcode(p.Payee)].Confirmation != "" {
		tell(m.told, p.ID, mpesa.Confirmation)
	}
	customer, business := m.charges(t, p)
	wallet, kind := p.Payer.Account(mpesa.Wallet), mpesa.Utility
	if p.Payee == m.till.Party() {
		kind = mpesa.Merchant
	}
	if need := p.Amount + customer; m.alone && m.available(wallet) < need {
		t.Errorf("%+v needs %s, and %s had %s", p, need, wallet, m.available(wallet))
	}
	m.move(wallet, p.Payee.Account(kind), p.Amount)
	m.move(wallet, fees, customer)
	m.move(p.Payee.Account(mpesa.ChargesPaid), fees, business)
}

// charges are what a customer's payment costs both.
func (m *model) charges(t *rapid.T, p mpesa.Payment) (customer, business money.Amount) {
	tariff := "mgao"
	if p.Payee == m.till.Party() {
		tariff = "buy-goods"
	}
	customer, business, err := m.rules.Charges(tariff, p.Amount, m.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return customer, business
}

// deliver attempts the deliveries that are due.
func (m *model) deliver(t *rapid.T) {
	m.deliverAll(t, rapid.SampledFrom([]int{0, 200, 500}).Draw(t, "status"))
}

// deliverAll attempts the deliveries that are due, whose URLs all answer with a status.
func (m *model) deliverAll(t *rapid.T, status int) (attempted int) {
	now := m.clock.Now().UnixMilli()
	for _, d := range must[[]mpesa.Delivery](t)(m.DueDeliveries(t.Context(), now, 1_000_000)) {
		if !m.told[d.Payment()][d.Kind] {
			continue // of another run
		}
		attempted++
		m.do(t, &mpesa.Attempted{Delivery: d.ID, Attempt: mpesa.Attempt{At: now, Status: status}})
		after := must[*mpesa.Delivery](t)(store.Get(t.Context(), m, mpesa.Deliveries, d.ID))
		same(t, "attempts", len(after.Attempts), len(d.Attempts)+1)
		same(t, "over", after.State != mpesa.Pending, status == 200 || d.Kind != mpesa.ExpressResult || len(after.Attempts) == 3)
	}
	return attempted
}

// tell notes that a business is told of a payment.
func tell(told map[int64]map[mpesa.DeliveryKind]bool, payment int64, kind mpesa.DeliveryKind) {
	if told[payment] == nil {
		told[payment] = map[mpesa.DeliveryKind]bool{}
	}
	told[payment][kind] = true
}

// validating are the payments that businesses are asked about.
func (m *model) validating() map[int64]mpesa.Payment {
	list := maps.Clone(m.waiting)
	maps.DeleteFunc(list, func(_ int64, p mpesa.Payment) bool { return p.State != mpesa.Validating })
	return list
}
