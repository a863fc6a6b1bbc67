package mpesa_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/unit"
)

// Who lives in the bench's world.
const (
	payBill  mpesa.Shortcode = 174379 // mgao tariff
	bouquet  mpesa.Shortcode = 174380 // business-bouquet tariff: the customer pays all
	generous mpesa.Shortcode = 174381 // customer-bouquet tariff: the business pays all
	till     mpesa.Shortcode = 765432
	store    mpesa.Shortcode = 654321
	full     mpesa.Shortcode = 508008 // its account may hold KES 1,000
	nobody   mpesa.Shortcode = 999999

	john  msisdn.Number = 254708374149 // has KES 100,000
	mary  msisdn.Number = 254705912645 // has KES 100,000
	alien msisdn.Number = 254799999999 // no customer yet
)

// noon is when the clock starts: a Friday in Nairobi.
var noon = time.Date(2026, time.November, 20, 12, 0, 0, 0, clock.EAT)

// tester is what a bench reports to: a test, or a run of rapid's.
type tester interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// bench is a database made of maps, which feeds views to commands as the engine does and keeps what they change.
type bench struct {
	t      tester
	now    time.Time
	policy mpesa.Policy
	lastID int64

	subscribers   map[msisdn.Number]mpesa.Subscriber
	accounts      map[mpesa.AccountID]mpesa.Account
	payments      map[int64]mpesa.Payment // and queries and standing orders, in the words of payments
	queries       map[int64]mpesa.Query
	orders        map[int64]mpesa.Order
	deliveries    map[int64]mpesa.Delivery
	organisations map[mpesa.Shortcode]*mpesa.Organisation
	operators     map[mpesa.OperatorID]mpesa.Operator
	idempotency   map[mpesa.IdempotencyKey]int64
	reserved      map[ledger.HoldID]ledger.Hold
	held          money.Amount // by hand
	transfers     []mpesa.Transfer
	tokens        []mpesa.Token
	apps          map[string]mpesa.App
	tasks         map[int64]portal.Task
	bulkRows      map[portal.BulkRowID]portal.BulkRow
	audit         []mpesa.AuditEntry
	messages      []mpesa.Message
}

// rulebook is read once for all benches: nobody changes it.
var rulebook = sync.OnceValues(mpesa.NewRulebook)

func newBench(t tester) *bench {
	t.Helper()
	rules, err := rulebook()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, now: noon, lastID: 100_000,
		policy: mpesa.Policy{
			Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(100_000), OpeningPIN: func(n msisdn.Number) mpesa.PINDigest { return pin(n, "1234") },
			Answers: mpesa.Ask, AnswerAfter: time.Second, PromptLife: 90 * time.Second, IgnoredResult: codes.Unreachable, Lease: time.Minute,
			ResultAfter: 50 * time.Millisecond, QueueTime: time.Minute,
		},
		subscribers: map[msisdn.Number]mpesa.Subscriber{}, accounts: map[mpesa.AccountID]mpesa.Account{}, payments: map[int64]mpesa.Payment{}, queries: map[int64]mpesa.Query{}, orders: map[int64]mpesa.Order{},
		deliveries: map[int64]mpesa.Delivery{}, organisations: map[mpesa.Shortcode]*mpesa.Organisation{},
		operators: map[mpesa.OperatorID]mpesa.Operator{}, idempotency: map[mpesa.IdempotencyKey]int64{},
		apps: map[string]mpesa.App{}, bulkRows: map[portal.BulkRowID]portal.BulkRow{}, tasks: map[int64]portal.Task{},
		reserved: map[ledger.HoldID]ledger.Hold{},
	}
	for _, o := range []mpesa.Organisation{
		{Shortcode: payBill, Name: "Daraja Sandbox", Kind: mpesa.PayBill},
		{Shortcode: bouquet, Name: "Bouquet", Kind: mpesa.PayBill, Tariff: "business-bouquet"},
		{Shortcode: generous, Name: "Generous", Kind: mpesa.PayBill, Tariff: "customer-bouquet"},
		{Shortcode: till, Name: "Till", Kind: mpesa.Till, Store: store},
		{Shortcode: store, Name: "Store", Kind: mpesa.Store},
		{Shortcode: full, Name: "Full", Kind: mpesa.PayBill, MaxBalance: money.Shillings(1000)},
	} {
		b.organisations[o.Shortcode] = &o
	}
	b.put(john, func(*mpesa.PutPhone) {})
	b.put(mary, func(*mpesa.PutPhone) {})
	return b
}

// pin digests a PIN so that tests can tell digests apart.
func pin(n msisdn.Number, digits string) (d mpesa.PINDigest) {
	copy(d[:], fmt.Sprintf("%d%s", n.LastNine(), digits))
	return d
}

// run carries out commands as one unit of work.
func (b *bench) run(commands ...mpesa.Command) {
	b.t.Helper()
	view := mpesa.NewView(b.policy, func() int64 { b.lastID++; return b.lastID })
	for round := 0; ; round++ {
		view.Next()
		for _, c := range commands {
			c.Need(view)
		}
		if view.Wanted() == 0 {
			break
		}
		if round == 8 {
			b.t.Fatalf("after %d rounds of loading the commands still need %s", round, view.Wants())
		}
		b.load(view)
	}
	for _, c := range commands {
		c.Decide(view, b.now)
	}
	for x := range mpesa.Subscribers.In(view).Changed {
		b.subscribers[x.MSISDN] = *x
	}
	for x := range mpesa.Accounts.In(view).Changed {
		b.accounts[x.ID] = *x
	}
	for x, isNew := range mpesa.Payments.In(view).Changed {
		old, there := b.payments[x.ID]
		if there == isNew || old.State.Final() {
			b.t.Fatalf("payment %d, new %v, became %+v after it was %+v", x.ID, isNew, *x, old)
		}
		if there && x.KeepsDetails() && !reflect.DeepEqual(x.Details, old.Details) {
			b.t.Fatalf("payment %d would lose the details %+v and keep %+v", x.ID, x.Details, old.Details)
		}
		b.payments[x.ID] = *x
	}
	for x, isNew := range portal.Tasks.In(view).Changed {
		old, there := b.tasks[x.ID]
		if there == isNew || old.State.Final() {
			b.t.Fatalf("task %d, new %v, became %+v after it was %+v", x.ID, isNew, *x, old)
		}
		if _, made := b.payments[x.ID]; made != x.Made() {
			b.t.Fatalf("task %d is %s, and whether there is its payment: %v", x.ID, x.State, made)
		}
		b.tasks[x.ID] = *x
	}
	for x, isNew := range mpesa.Queries.In(view).Changed {
		if old, there := b.queries[x.ID]; there == isNew || old.State.Final() {
			b.t.Fatalf("query %d, new %v, became %+v after it was %+v", x.ID, isNew, *x, old)
		}
		b.queries[x.ID], b.payments[x.ID] = *x, mpesatest.PaymentOf(x)
	}
	for x, isNew := range mpesa.Orders.In(view).Changed {
		if old, there := b.orders[x.ID]; there == isNew || old.State.Final() {
			b.t.Fatalf("order %d, new %v, became %+v after it was %+v", x.ID, isNew, *x, old)
		}
		b.orders[x.ID], b.payments[x.ID] = *x, mpesatest.PaymentOf(x)
	}
	for x := range mpesa.Deliveries.In(view).Changed {
		b.deliveries[x.ID] = *x
	}
	for x := range mpesa.Operators.In(view).Changed {
		b.operators[x.ID()] = *x
	}
	for id := range mpesa.Operators.In(view).Deleted {
		delete(b.operators, id)
	}
	for k, payment := range mpesa.Idempotency.In(view).ChangedKeys {
		if b.idempotency[k] != 0 {
			b.t.Fatalf("%v has payment %d, and was given %d", k, b.idempotency[k], payment.Payment)
		}
		b.idempotency[k] = payment.Payment
	}
	for x := range mpesa.Registry.In(view).Changed {
		b.organisations[x.Shortcode] = x
	}
	b.transfers = append(b.transfers, mpesa.Transfers.Added(view)...)
	b.tokens = append(b.tokens, mpesa.Tokens.Added(view)...)
	for a := range mpesa.Apps.In(view).Changed {
		b.apps[a.Key] = *a
	}
	for key := range mpesa.Apps.In(view).Deleted {
		delete(b.apps, key)
	}
	for h := range ledger.Holds.In(view).Changed {
		b.reserved[h.ID] = *h
	}
	for id := range ledger.Holds.In(view).Deleted {
		delete(b.reserved, id)
	}
	for r := range portal.BulkRows.In(view).Changed {
		b.bulkRows[r.ID] = *r
	}
	b.audit = append(b.audit, mpesa.Audit.Added(view)...)
	b.messages = append(b.messages, mpesa.Messages.Added(view)...)
	b.checkBooks()
}

func (b *bench) load(view *mpesa.View) {
	for _, k := range mpesa.Organisations.Wanted(view) {
		mpesa.Organisations.Put(view, k, b.organisations[k])
	}
	load(view, mpesa.Subscribers, b.subscribers)
	load(view, mpesa.Accounts, b.accounts)
	load(view, ledger.Holds, b.reserved)
	load(view, mpesa.Queries, b.queries)
	load(view, mpesa.Orders, b.orders)
	loadBy(view, mpesa.Payments, func(id int64) (mpesa.Payment, bool) {
		p, ok := b.payments[id]
		_, query := b.queries[id]
		_, order := b.orders[id]
		return p, ok && !query && !order
	})
	load(view, mpesa.Deliveries, b.deliveries)
	load(view, mpesa.Operators, b.operators)
	load(view, mpesa.Apps, b.apps)
	load(view, portal.BulkRows, b.bulkRows)
	load(view, portal.Tasks, b.tasks)
	held := map[mpesa.IdempotencyKey]mpesa.KeyHolder{}
	for k, payment := range b.idempotency {
		held[k] = mpesa.KeyHolder{IdempotencyKey: k, Payment: payment}
	}
	load(view, mpesa.Idempotency, held)
	load(view, mpesa.Registry, b.registry())
	for _, payer := range mpesa.OpenPrompts.Wanted(view) {
		mpesa.OpenPrompts.Put(view, payer, b.open(payer).ID)
	}
}

func load[K comparable, T any](view *mpesa.View, table *unit.Table[K, T], from map[K]T) {
	loadBy(view, table, func(k K) (T, bool) { x, ok := from[k]; return x, ok })
}

func loadBy[K comparable, T any](view *mpesa.View, table *unit.Table[K, T], find func(K) (T, bool)) {
	for _, k := range table.Wanted(view) {
		if x, ok := find(k); ok && !table.Loaded(view, k) {
			table.Load(view, k, x)
		} else {
			table.Missing(view, k)
		}
	}
}

func (b *bench) registry() map[mpesa.Shortcode]mpesa.Organisation {
	m := map[mpesa.Shortcode]mpesa.Organisation{}
	for s, o := range b.organisations {
		if o != nil {
			m[s] = *o
		}
	}
	return m
}

// hold reserves money by hand.
func (b *bench) hold(id mpesa.AccountID, amount money.Amount) {
	a := b.accounts[id]
	a.Held += amount
	b.accounts[id] = a
	b.held += amount
}

// heldBy is what a payment or a task has reserved.
func (b *bench) heldBy(p mpesa.Payment) (sum money.Amount) {
	for id, h := range b.reserved {
		if id.Number() == p.ID {
			sum += h.Amount
		}
	}
	return sum
}

// checkBooks recomputes every balance from the transfers.
func (b *bench) checkBooks() {
	b.t.Helper()
	recomputed := map[mpesa.AccountID]money.Amount{}
	for _, x := range b.transfers {
		recomputed[x.Debit] -= x.Amount
		recomputed[x.Credit] += x.Amount
		if x.Amount <= 0 || x.DebitAfter != recomputed[x.Debit] || x.CreditAfter != recomputed[x.Credit] {
			b.t.Fatalf("after transfer %+v its accounts hold %s and %s", x, recomputed[x.Debit], recomputed[x.Credit])
		}
	}
	var sum, held money.Amount
	for id, a := range b.accounts {
		sum += a.Balance
		if a.Balance != recomputed[id] {
			b.t.Fatalf("%s holds %s; its transfers make %s", id, a.Balance, recomputed[id])
		}
		held += a.Held
		if a.Balance < a.Held && !id.Kind().MayOwe() {
			b.t.Fatalf("%s holds %s", id, a.Balance)
		}
	}
	for id, h := range b.reserved {
		held -= h.Amount
		if p := b.stands(id.Number()); p.ID == 0 || p.State.Final() || h.Amount <= 0 {
			b.t.Fatalf("payment %d is %s and holds %+v", id.Number(), p.State, h)
		}
	}
	for id, x := range b.tasks {
		if x.State == mpesa.Approving && b.heldBy(x.Payment) != x.Amount {
			b.t.Fatalf("task %d waits with %s of %s held", id, b.heldBy(x.Payment), x.Amount)
		}
	}
	if held != b.held {
		b.t.Fatalf("%s is reserved for no payment", held)
	}
	if sum != 0 {
		b.t.Fatalf("all balances together are %s", sum)
	}
}

// stands is how a payment stands, or the task that has become none.
func (b *bench) stands(id int64) mpesa.Payment {
	if p, there := b.payments[id]; there {
		return p
	}
	return b.tasks[id].Payment
}

// all lists the payments, and the tasks that have become none as the payments that they would be.
func (b *bench) all() []mpesa.Payment {
	list := slices.Collect(maps.Values(b.payments))
	for _, x := range b.tasks {
		if !x.Made() {
			list = append(list, x.Payment)
		}
	}
	return list
}

// open is the payer's open payment, or an empty one.
func (b *bench) open(payer mpesa.Party) mpesa.Payment {
	for _, p := range b.payments {
		if p.Payer == payer && p.State == mpesa.Prompting {
			return p
		}
	}
	return mpesa.Payment{}
}

// put changes a phone.
func (b *bench) put(n msisdn.Number, change func(*mpesa.PutPhone)) *mpesa.PutPhone {
	b.t.Helper()
	c := &mpesa.PutPhone{Phone: n}
	change(c)
	b.run(c)
	return c
}

// pushed is a push of KES 100 by the pay bill to John, changed as given.
func pushed(changes ...func(*mpesa.AcceptPush)) *mpesa.AcceptPush {
	c := &mpesa.AcceptPush{Business: payBill, Receiver: payBill, Phone: john, PartyA: john, Type: mpesa.CustomerPayBillOnline,
		Amount: money.Shillings(100), CallBackURL: "http://merchant.example/callback", Reference: "INV-7", Description: "Shoes"}
	for _, change := range changes {
		change(c)
	}
	return c
}

func amount(shillings int64) func(*mpesa.AcceptPush) {
	return func(c *mpesa.AcceptPush) { c.Amount = money.Shillings(shillings) }
}

func from(n msisdn.Number) func(*mpesa.AcceptPush) {
	return func(c *mpesa.AcceptPush) { c.Phone, c.PartyA = n, n }
}

func to(s mpesa.Shortcode) func(*mpesa.AcceptPush) {
	return func(c *mpesa.AcceptPush) { c.Business, c.Receiver = s, s }
}

func buyGoods(c *mpesa.AcceptPush) {
	c.Business, c.Receiver, c.Type = store, till, mpesa.CustomerBuyGoodsOnline
}

// push has a push accepted.
func (b *bench) push(changes ...func(*mpesa.AcceptPush)) mpesa.Payment {
	b.t.Helper()
	c := pushed(changes...)
	b.run(c)
	if c.Refused != nil {
		b.t.Fatalf("the push was refused: %v: %s", c.Refused, c.Reason)
	}
	return c.Payment
}

// enter answers a phone's prompt with a PIN, and gives the payment as it then stands.
func (b *bench) enter(n msisdn.Number, digits string) mpesa.Payment {
	b.t.Helper()
	c := &mpesa.AnswerPrompt{Phone: n, PIN: pin(n, digits)}
	b.run(c)
	if !c.Open {
		b.t.Fatalf("no prompt is open on %s", n)
	}
	return b.payments[c.Answered.ID]
}

// pay pushes and enters the right PIN.
func (b *bench) pay(changes ...func(*mpesa.AcceptPush)) mpesa.Payment {
	b.t.Helper()
	p := b.push(changes...)
	if p.State.Final() {
		return p
	}
	n, _ := p.Payer.Phone()
	return b.enter(n, "1234")
}

// wait moves the clock to when the open prompt of a phone falls due, and has the phone looked at.
func (b *bench) wait(n msisdn.Number) mpesa.Payment {
	b.t.Helper()
	p := b.open(mpesa.CustomerParty(n))
	if p.ID == 0 {
		b.t.Fatalf("no prompt is open on %s", n)
	}
	b.now = time.UnixMilli(p.DueAt).In(clock.EAT)
	b.run(falls(p))
	return b.payments[p.ID]
}

func (b *bench) advance(by time.Duration) { b.now = b.now.Add(by) }

func (b *bench) balance(p mpesa.Party, k mpesa.AccountKind) money.Amount {
	return b.accounts[p.Account(k)].Balance
}

// wantResult fails the test unless the payment ended with a result, moved money exactly when it succeeded, explains itself when
// it failed, and owes the merchant one callback.
func (b *bench) wantResult(p mpesa.Payment, want codes.Result) {
	b.t.Helper()
	if p.Result != want || p.State.Final() != (want != "") {
		b.t.Fatalf("payment %d is %s with result %q (%s); want %q", p.ID, p.State, p.Result, p.Reason, want)
	}
	if (p.State == mpesa.Completed) != (want == codes.Success) || (p.Reason == "") != (want == codes.Success) {
		b.t.Errorf("payment %d with result %q is %s and explains it with %q", p.ID, p.Result, p.State, p.Reason)
	}
	moved := slices.ContainsFunc(b.transfers, func(x mpesa.Transfer) bool { return x.Payment() == p.ID })
	if moved != (want == codes.Success) {
		b.t.Errorf("payment %d with result %q moved money: %v", p.ID, p.Result, moved)
	}
	if d, ok := b.deliveries[p.ID<<4]; !ok || d.State != mpesa.Pending || d.URL != p.Details.CallBackURL || d.Owner != p.Business || d.Kind != mpesa.ExpressResult {
		b.t.Errorf("the delivery of payment %d is %+v, there %v", p.ID, d, ok)
	}
}

// snapshot is what a refusal must not change.
func (b *bench) snapshot() (map[mpesa.AccountID]mpesa.Account, int, int) {
	return maps.Clone(b.accounts), len(b.transfers), len(b.payments)
}

func ptr[T any](x T) *T { return &x }
