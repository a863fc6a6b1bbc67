package storetest

import (
	"flag"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"pgregory.net/rapid"
)

var modelTests = map[string]func(*testing.T, Database){"TheBooksAreRightWhateverHappens": testModel}

// How long rapid's runs are, and how many it makes of them on a server or under the race detector, unless the command line says
// otherwise.
const (
	stepsOfARun = "80"
	fewRuns     = "20"
)

// letRapid sets a flag of rapid's for the test.
func letRapid(t *testing.T, name, value string) {
	if f := flag.Lookup(name); f.Value.String() == f.DefValue {
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(f.DefValue) }) // which it was before
	}
}

// testModel lets rapid do whatever comes to its mind to the real rules on the store, and keeps simple books beside.
//
// The model doesn't know the rules: whether a payment succeeds it learns from the payment. What it knows is what success means, who
// must have agreed, and which failures must have their reason in the books.
func testModel(t *testing.T, s Database) {
	letRapid(t, "rapid.steps", stepsOfARun)
	if underRace || s.Shared() {
		letRapid(t, "rapid.checks", fewRuns)
	}
	clock := &manualClock{now: noon}
	w := &world{Database: s, test: t, clock: clock, engine: start(t, s.Store, clock), rules: policy(t).Rules, phone: achieng, shortcode: 10_000}
	put(t, s, mpesa.Organisation{Shortcode: mpesa.KRA, Name: "Kenya Revenue Authority", Kind: mpesa.PayBill})
	rapid.Check(t, func(t *rapid.T) {
		m := w.newModel(t)
		actions := map[string]func(*rapid.T){
			"set a balance":         m.setBalance,
			"fund an organisation":  m.fund,
			"push":                  m.push,
			"push several":          m.pushSeveral,
			"answer":                m.answer,
			"pay a business":        m.payBusiness,
			"change the URLs":       m.changeURLs,
			"a business says":       m.say,
			"request":               m.request,
			"request again":         m.requestAgain,
			"unlock the operator":   m.unlock,
			"let time pass":         m.letTimePass,
			"let much happen":       m.letMuchHappen,
			"look once more":        m.lookOnceMore,
			"deliver":               m.deliver,
			"deliver too late":      m.sayTooLate,
			"":                      m.check,
			"request, all the same": m.request, // twice as often as others
			"initiate":              m.initiate,
			"decide":                m.decide,
			"decide, all the same":  m.decide,
		}
		if s.Again != nil {
			actions["start again"] = m.startAgain
		}
		t.Repeat(actions)
		m.comeToRest(t)
		m.checkBooks(t)
	})
}

// world is what all runs of rapid share: one database, to which each adds customers and organisations of its own.
type world struct {
	Database
	test      *testing.T
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
	bill      mpesa.Shortcode // a pay bill, whose operator asks for payments
	other     mpesa.Shortcode // another one
	store     mpesa.Shortcode // a store
	till      mpesa.Shortcode // with a till

	known    map[msisdn.Number]bool
	balances map[mpesa.AccountID]money.Amount
	held     map[mpesa.AccountID]money.Amount
	holds    map[int64][]ledger.Reservation        // of which payment, as they were last seen
	open     map[mpesa.Party]int64                 // prompts
	waiting  map[int64]mpesa.Payment               // prompted, queued or asked about, as they were last seen
	ended    map[int64]mpesa.Payment               // as they were when they ended
	reversed map[int64]int64                       // by which payment
	keys     map[mpesa.IdempotencyKey]int64        // OriginatorConversationIDs
	urls     map[mpesa.Shortcode]mpesa.C2BURLs     // as they are registered
	asks     map[mpesa.Shortcode]bool              // whether it validates
	told     map[int64]map[mpesa.DeliveryKind]bool // what businesses are told of
	agreed   map[int64]bool                        // payments that their payers have approved
	said     map[int64][]mpesa.Verdict             // what businesses have said of payments that wait
	tasks    map[int64]portal.Task                 // as they were last seen
	alone    bool                                  // one thing happened, so that what came before is known
}

func (w *world) newModel(t *rapid.T) *model {
	m := &model{
		world: w, known: map[msisdn.Number]bool{}, balances: map[mpesa.AccountID]money.Amount{}, held: map[mpesa.AccountID]money.Amount{},
		holds: map[int64][]ledger.Reservation{},
		open:  map[mpesa.Party]int64{}, waiting: map[int64]mpesa.Payment{}, ended: map[int64]mpesa.Payment{}, reversed: map[int64]int64{},
		keys: map[mpesa.IdempotencyKey]int64{}, urls: map[mpesa.Shortcode]mpesa.C2BURLs{}, asks: map[mpesa.Shortcode]bool{},
		told: map[int64]map[mpesa.DeliveryKind]bool{}, agreed: map[int64]bool{}, said: map[int64][]mpesa.Verdict{}, tasks: map[int64]portal.Task{}, alone: true,
	}
	for range 3 {
		w.phone++
		m.customers = append(m.customers, w.phone)
	}
	m.bill, m.other, m.store, m.till = w.shortcode, w.shortcode+1, w.shortcode+2, w.shortcode+3
	w.shortcode += 4
	put(t, w.Database,
		mpesa.Organisation{Shortcode: m.bill, Name: "Duka", Kind: mpesa.PayBill, Tariff: "mgao", Approval: approval},
		mpesa.Organisation{Shortcode: m.other, Name: "Shule", Kind: mpesa.PayBill, Tariff: "mgao"},
		mpesa.Organisation{Shortcode: m.store, Name: "Hoteli", Kind: mpesa.Store},
		mpesa.Organisation{Shortcode: m.till, Name: "Hoteli", Kind: mpesa.Till, Store: m.store, Tariff: "buy-goods"},
		mpesa.Operator{Shortcode: m.bill, Username: "api", Password: "set", Roles: mpesa.AllRoles()},
		mpesa.Operator{Shortcode: m.other, Username: "api", Password: "set", Roles: mpesa.AllRoles()},
		mpesa.Operator{Shortcode: m.bill, Username: "norole", Password: "set"},
		manager(m.bill, "maker"), manager(m.bill, "checker"), manager(m.bill, "third"))
	for _, id := range []mpesa.AccountID{trust, fees, mpesa.KRA.Party().Account(mpesa.Utility)} { // other runs have left something there
		if a := must[*mpesa.Account](t)(store.Get(t.Context(), w, mpesa.Accounts, id)); a != nil {
			m.balances[id] = a.Balance
		}
	}
	for _, owner := range []mpesa.Shortcode{m.bill, m.other} {
		for _, kind := range []mpesa.AccountKind{mpesa.Working, mpesa.Utility} {
			m.pay(t, owner.Party().Account(kind), money.Shillings(5000))
		}
	}
	return m
}

// owners are the organisations that deliveries go to.
func (m *model) owners() []mpesa.Shortcode {
	return []mpesa.Shortcode{m.bill, m.other, m.store, m.till}
}

func (m *model) customer(t *rapid.T) msisdn.Number {
	return rapid.SampledFrom(m.customers).Draw(t, "customer")
}

// some draws a payment.
func some(t *rapid.T, payments map[int64]mpesa.Payment) mpesa.Payment {
	return payments[rapid.SampledFrom(slices.Sorted(maps.Keys(payments))).Draw(t, "payment")]
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
	for _, phone := range m.customers {
		m.meet(t, phone)
	}
}

// meet notes that a number has become a customer, who then has the opening balance.
func (m *model) meet(t *rapid.T, phone msisdn.Number) {
	if !m.known[phone] && must[*mpesa.Subscriber](t)(store.Get(t.Context(), m, mpesa.Subscribers, phone)) != nil {
		m.known[phone] = true
		m.move(trust, mpesa.CustomerParty(phone).Account(mpesa.Wallet), money.Shillings(10_000))
	}
}

func (m *model) move(from, to mpesa.AccountID, amount money.Amount) {
	m.balances[from] -= amount
	m.balances[to] += amount
}

func (m *model) available(id mpesa.AccountID) money.Amount { return m.balances[id] - m.held[id] }

func (m *model) setBalance(t *rapid.T) {
	phone, balance := m.customer(t), money.Amount(rapid.Int64Range(0, 30_000_00).Draw(t, "cents"))
	wallet, known := mpesa.CustomerParty(phone).Account(mpesa.Wallet), m.known[phone]
	m.known[phone] = true // not with the opening balance
	c := &mpesa.PutPhone{Phone: phone, Balance: &balance}
	m.do(t, c)
	same(t, "refused", c.Refused != "", balance < m.held[wallet])
	if c.Refused == "" {
		same(t, "created", c.Created, !known)
		m.move(trust, wallet, balance-m.balances[wallet])
	}
}

// fund pays into an organisation's account.
func (m *model) fund(t *rapid.T) {
	owner := rapid.SampledFrom(m.owners()).Draw(t, "organisation")
	account := owner.Party().Account(rapid.SampledFrom([]mpesa.AccountKind{mpesa.Working, mpesa.Utility, mpesa.Merchant}).Draw(t, "account"))
	m.pay(t, account, amount(t))
}

func (m *model) pay(t *rapid.T, account mpesa.AccountID, amount money.Amount) {
	m.do(t, deposit{to: []mpesa.AccountID{account}, amount: amount})
	m.move(trust, account, amount)
}

// startAgain ends all work, and opens the database anew.
func (m *model) startAgain(t *rapid.T) {
	lifecycletest.Stop(m.test, m.engine)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m.Store = m.Again(m.test)
	m.engine = start(m.test, m.Store, m.clock)
}

// check compares the accounts and the prompts with the model's, as a unit of work sees them.
func (m *model) check(t *rapid.T) {
	var payers []mpesa.Party
	for _, phone := range m.customers {
		payers = append(payers, mpesa.CustomerParty(phone))
	}
	v := load(t, m, need(mpesa.Accounts, slices.Collect(maps.Keys(m.balances))...), need(mpesa.OpenPrompts, payers...))
	for id, want := range m.balances {
		a, _ := mpesa.Accounts.Get(v, id)
		m.checkAccount(t, id, a, want)
	}
	for _, payer := range payers {
		same(t, "open prompt", mpesa.OpenPrompts.Get(v, payer), m.open[payer])
	}
}

func (m *model) checkAccount(t *rapid.T, id mpesa.AccountID, got mpesa.Account, want money.Amount) {
	same(t, id.String(), got.Balance, want)
	same(t, "reserved of "+id.String(), got.Held, m.held[id])
	if got.Available() < 0 && !id.Kind().MayOwe() {
		t.Errorf("%s has %s, of which %s is reserved", id, got.Balance, got.Held)
	}
}

// checkBooks looks at the whole database, and at everything that has happened in this run, as readers see it.
func (m *model) checkBooks(t *rapid.T) {
	b := must[store.Books](t)(m.Books(t.Context(), store.Evidence{}))
	if !b.Balanced() {
		t.Fatalf("the books are not right: %+v", b)
	}
	for id, want := range m.balances {
		var got mpesa.Account
		if a := must[*mpesa.Account](t)(store.Get(t.Context(), m, mpesa.Accounts, id)); a != nil {
			got = *a
		}
		m.checkAccount(t, id, got, want)
	}
	found := 0
	told := map[int64]map[mpesa.DeliveryKind]bool{}
	for _, owner := range m.owners() {
		for _, x := range must[[]mpesa.Subject](t)(m.Activity(t.Context(), store.PaymentFilter{Business: owner}, store.Page{Limit: 10_000})) {
			same(t, "payment after its end", mpesatest.PaymentOf(x), m.ended[x.Head().ID])
			found++
		}
		for _, d := range must[[]mpesa.Delivery](t)(m.Deliveries(t.Context(), owner, nil, store.Page{Limit: 10_000})) {
			tell(told, d.Payment(), d.Kind)
			if d.State == mpesa.Pending {
				t.Errorf("%+v is still pending", d)
			}
		}
	}
	same(t, "payments", found, len(m.ended))
	same(t, "deliveries", told, m.told)
	for k, want := range m.keys {
		same(t, k.Name, must[int64](t)(store.Holder(t.Context(), m, k)), want)
	}
}

// comeToRest lets time pass until nothing waits and everything is delivered.
func (m *model) comeToRest(t *rapid.T) {
	for range 10 {
		m.clock.advance(200 * time.Second)
		if m.fireAll(t)+m.deliverAll(t, 200) == 0 {
			break
		}
	}
	m.clock.advance(8 * 24 * time.Hour) // nobody decides on the tasks that are left
	m.fireAll(t)
	m.check(t)
	same(t, "still waiting", m.waiting, map[int64]mpesa.Payment{})
}
