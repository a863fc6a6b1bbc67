package storetest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

var modelTests = map[string]func(*testing.T, Database){"TheBooksAreRightWhateverHappens": testModel}

// testModel lets rapid do whatever comes to its mind to the real rules on the store, and keeps simple books beside.
func testModel(t *testing.T, s Database) {
	clock := &manualClock{now: noon}
	w := &world{Database: s, clock: clock, engine: start(t, s.Store, clock), rules: policy(t).Rules, phone: achieng, shortcode: 10_000}
	rapid.Check(t, func(t *rapid.T) {
		m := w.newModel(t)
		t.Repeat(map[string]func(*rapid.T){
			"set a balance":  m.setBalance,
			"push":           m.push,
			"push several":   m.pushSeveral,
			"answer":         m.answer,
			"let time pass":  m.letTimePass,
			"look once more": m.lookOnceMore,
			"deliver":        m.deliver,
			"":               m.check,
		})
		m.checkBooks(t)
	})
}

// world is what all runs of rapid share: one database, to which each adds customers and shops of its own.
type world struct {
	Database
	clock     *manualClock
	engine    *engine.Engine
	rules     *mpesa.Rulebook
	phone     msisdn.Number
	shortcode mpesa.Shortcode
}

// model is what the books should say.
type model struct {
	*world
	customers []msisdn.Number
	bill      mpesa.Shortcode // a pay bill
	store     mpesa.Shortcode // and a store
	till      mpesa.Shortcode // with a till
	known     map[msisdn.Number]bool
	balances  map[mpesa.AccountID]money.Amount
	open      map[mpesa.Party]int64
	ended     map[int64]mpesa.Payment // as they were when they ended
}

func (w *world) newModel(t *rapid.T) *model {
	m := &model{world: w, known: map[msisdn.Number]bool{}, balances: map[mpesa.AccountID]money.Amount{}, open: map[mpesa.Party]int64{},
		ended: map[int64]mpesa.Payment{}}
	for range 3 {
		w.phone++
		m.customers = append(m.customers, w.phone)
	}
	m.bill, m.store, m.till = w.shortcode, w.shortcode+1, w.shortcode+2
	w.shortcode += 3
	put(t, w.Database,
		mpesa.Organisation{Shortcode: m.bill, Name: "Duka", Kind: mpesa.PayBill, Tariff: "mgao"},
		mpesa.Organisation{Shortcode: m.store, Name: "Hoteli", Kind: mpesa.Store},
		mpesa.Organisation{Shortcode: m.till, Name: "Hoteli", Kind: mpesa.Till, Store: m.store, Tariff: "buy-goods"})
	for _, id := range []mpesa.AccountID{trust, fees} { // other runs have left something there
		if a := must[*mpesa.Account](t)(w.Account(t.Context(), id)); a != nil {
			m.balances[id] = a.Balance
		}
	}
	return m
}

func (m *model) customer(t *rapid.T) msisdn.Number {
	return rapid.SampledFrom(m.customers).Draw(t, "customer")
}

// do runs commands at the same time.
func (m *model) do(t *rapid.T, commands ...mpesa.Command) {
	done := make(chan error, len(commands))
	for _, c := range commands {
		if err := m.engine.Submit(c, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
	}
	for range commands {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func (m *model) move(from, to mpesa.AccountID, amount money.Amount) {
	m.balances[from] -= amount
	m.balances[to] += amount
}

func (m *model) setBalance(t *rapid.T) {
	phone, balance := m.customer(t), money.Amount(rapid.Int64Range(0, 30_000_00).Draw(t, "cents"))
	c := &mpesa.PutPhone{Phone: phone, Balance: &balance}
	m.do(t, c)
	same(t, "created", c.Created, !m.known[phone])
	m.known[phone] = true
	wallet := mpesa.CustomerParty(phone).Account(mpesa.Wallet)
	m.move(trust, wallet, balance-m.balances[wallet])
}

func (m *model) push(t *rapid.T) { m.pushTo(t, m.customer(t)) }

func (m *model) pushSeveral(t *rapid.T) { m.pushTo(t, m.customers...) }

// pushTo asks customers for money, all at the same time.
func (m *model) pushTo(t *rapid.T, phones ...msisdn.Number) {
	var commands []mpesa.Command
	for _, phone := range phones {
		c := &mpesa.AcceptPush{Business: m.bill, Receiver: m.bill, Phone: phone, PartyA: phone, CallBackURL: "http://shop/"}
		if rapid.Bool().Draw(t, "till") {
			c.Business, c.Receiver = m.store, m.till
		}
		c.Type = rapid.SampledFrom([]string{mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline}).Draw(t, "type")
		c.Amount = money.Shillings(rapid.OneOf(rapid.SampledFrom([]int64{1, 50, 1500}), rapid.Int64Range(1, 300_000)).Draw(t, "shillings"))
		commands = append(commands, c)
	}
	m.do(t, commands...)
	for _, c := range commands {
		m.accepted(t, c.(*mpesa.AcceptPush))
	}
}

func (m *model) accepted(t *rapid.T, c *mpesa.AcceptPush) {
	party := mpesa.CustomerParty(c.Phone)
	if !m.known[c.Phone] {
		m.known[c.Phone] = true
		m.move(trust, party.Account(mpesa.Wallet), money.Shillings(10_000))
	}
	same(t, "refused", c.Refused != nil, m.open[party] != 0)
	switch {
	case c.Refused != nil:
	case c.Payment.State.Final():
		m.end(t, c.Payment, false)
	default:
		m.open[party] = c.Payment.ID
	}
}

func (m *model) answer(t *rapid.T) {
	c := &mpesa.AnswerPrompt{Phone: m.customer(t), PIN: rightPIN}
	if rapid.Bool().Draw(t, "cancel") {
		c.Entered = mpesa.PressedCancel
	}
	if rapid.IntRange(1, 4).Draw(t, "PIN") == 1 {
		c.PIN = mpesa.PINDigest{}
	}
	m.do(t, c)
	same(t, "open", c.Open, m.open[mpesa.CustomerParty(c.Phone)] != 0)
	if c.Open {
		m.end(t, c.Payment, c.Entered == mpesa.EnteredPIN && c.PIN == rightPIN)
	}
}

// letTimePass moves the clock, and looks at what is due then, as two nodes would that see it at the same time.
func (m *model) letTimePass(t *rapid.T) {
	m.clock.advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second)
	for _, due := range must[[]store.DuePayment](t)(m.DuePayments(t.Context(), m.clock.Now().UnixMilli(), 1_000_000)) {
		if m.open[due.Payer] != due.Payment {
			continue // of another run
		}
		m.do(t, &mpesa.Due{Payment: due.Payment, Payer: due.Payer}, &mpesa.Due{Payment: due.Payment, Payer: due.Payer})
		m.end(t, *must[*mpesa.Payment](t)(m.Payment(t.Context(), due.Payment)), false)
	}
}

// lookOnceMore looks at a payment that has ended as if it were due.
func (m *model) lookOnceMore(t *rapid.T) {
	if len(m.ended) == 0 {
		t.Skip("nothing has ended")
	}
	p := m.ended[rapid.SampledFrom(slices.Sorted(maps.Keys(m.ended))).Draw(t, "payment")]
	m.do(t, &mpesa.Due{Payment: p.ID, Payer: p.Payer})
}

// deliver attempts the deliveries that are due.
func (m *model) deliver(t *rapid.T) {
	now := m.clock.Now().UnixMilli()
	status := rapid.SampledFrom([]int{0, 200, 500}).Draw(t, "status")
	for _, d := range must[[]mpesa.Delivery](t)(m.DueDeliveries(t.Context(), now, 1_000_000)) {
		if _, ours := m.ended[d.Payment()]; !ours {
			continue
		}
		m.do(t, &mpesa.Attempted{Delivery: d.ID, Attempt: mpesa.Attempt{At: now, Status: status}})
		after := must[*mpesa.Delivery](t)(m.Delivery(t.Context(), d.ID))
		same(t, "attempts", len(after.Attempts), len(d.Attempts)+1)
		same(t, "over", after.State != mpesa.Pending, status == 200 || len(after.Attempts) == 3)
	}
}

// end notes that a payment has ended. It must not have ended before, and may only have succeeded when it was approved.
func (m *model) end(t *rapid.T, p mpesa.Payment, approved bool) {
	if before, ended := m.ended[p.ID]; ended || !p.State.Final() {
		t.Errorf("%+v can't be the end after %+v", p, before)
	}
	m.ended[p.ID] = p
	delete(m.open, p.Payer)
	same(t, "success", p.Result == codes.Success, p.State == mpesa.Completed)
	if p.State != mpesa.Completed {
		return
	}
	if !approved {
		t.Errorf("nobody approved %+v", p)
	}
	tariff, kind := "mgao", mpesa.Utility
	if p.Payee == m.till.Party() {
		tariff, kind = "buy-goods", mpesa.Merchant
	}
	customer, business, err := m.rules.Charges(tariff, p.Amount, m.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	wallet := p.Payer.Account(mpesa.Wallet)
	m.move(wallet, p.Payee.Account(kind), p.Amount)
	m.move(wallet, fees, customer)
	m.move(p.Payee.Account(mpesa.ChargesPaid), fees, business)
}

// check compares the accounts and the prompts with the model's.
func (m *model) check(t *rapid.T) {
	for id, want := range m.balances {
		var got money.Amount
		if a := must[*mpesa.Account](t)(m.Account(t.Context(), id)); a != nil {
			got = a.Balance
		}
		same(t, id.String(), got, want)
		if got < 0 && !id.Kind().MayOwe() {
			t.Errorf("%s has %s", id, got)
		}
	}
	for _, phone := range m.customers {
		var open int64
		if p := must[*mpesa.Payment](t)(m.OpenPayment(t.Context(), mpesa.CustomerParty(phone))); p != nil {
			open = p.ID
		}
		same(t, "open prompt", open, m.open[mpesa.CustomerParty(phone)])
	}
}

// checkBooks looks at the whole database, and at everything that has ended in this run.
func (m *model) checkBooks(t *rapid.T) {
	b := must[store.Books](t)(m.Books(t.Context()))
	same(t, "sum, mismatches, overdrawn, orphans", [...]int64{int64(b.Sum), b.Mismatches, b.Overdrawn, b.Orphans}, [...]int64{0, 0, 0, 0})
	for id, want := range m.ended {
		same(t, "payment after its end", must[*mpesa.Payment](t)(m.Payment(t.Context(), id)), &want)
		if must[*mpesa.Delivery](t)(m.Delivery(t.Context(), id<<4)) == nil || must[*mpesa.Delivery](t)(m.Delivery(t.Context(), id<<4|1)) != nil {
			t.Errorf("payment %d is not told of once", id)
		}
	}
}
