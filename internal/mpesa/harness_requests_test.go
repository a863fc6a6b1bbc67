package mpesa_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// testapi is the operator with every role.
const testapi = "testapi"

// newOffice is a bench where testapi works for everybody, KRA has a pay bill, and every organisation but KRA has KES 1,000,000 in its
// Working, its Utility and its Merchant Account.
func newOffice(t tester) *bench {
	t.Helper()
	b := newBench(t)
	b.organisations[mpesa.KRA] = &mpesa.Organisation{Shortcode: mpesa.KRA, Name: "KRA", Kind: mpesa.PayBill}
	for _, s := range []mpesa.Shortcode{payBill, bouquet, generous, till, store} {
		b.hire(s, testapi, mpesa.AllRoles()...)
		for _, kind := range []mpesa.AccountKind{mpesa.Working, mpesa.Utility, mpesa.Merchant} {
			b.run(deposit{s.Party().Account(kind), money.Shillings(1_000_000)})
		}
	}
	return b
}

// deposit pays money into an account.
type deposit struct {
	account mpesa.AccountID
	amount  money.Amount
}

func (c deposit) Need(v *mpesa.View) {
	transfer{mpesa.Provider.Account(mpesa.Trust), c.account}.Need(v)
}

func (c deposit) Decide(v *mpesa.View, now time.Time) {
	v.Transfer(mpesa.Deposit, mpesa.Provider, c.account.Party(), "test", []mpesa.Posting{{Debit: mpesa.Provider.Account(mpesa.Trust), Credit: c.account, Amount: c.amount}}, now)
}

// empty takes all that can be spent out of an account.
func (b *bench) empty(id mpesa.AccountID) {
	b.t.Helper()
	if available := b.accounts[id].Available(); available > 0 {
		b.run(withdrawal{id, available})
	}
}

// withdrawal pays money out of an account.
type withdrawal deposit

func (c withdrawal) Need(v *mpesa.View) { deposit(c).Need(v) }

func (c withdrawal) Decide(v *mpesa.View, now time.Time) {
	v.Transfer(mpesa.Withdrawal, c.account.Party(), mpesa.Provider, "test", []mpesa.Posting{{Debit: c.account, Credit: mpesa.Provider.Account(mpesa.Trust), Amount: c.amount}}, now)
}

// hire makes an operator with a password.
func (b *bench) hire(s mpesa.Shortcode, name string, roles ...mpesa.Role) {
	b.operators[mpesa.OperatorID{Shortcode: s, Username: name}] = mpesa.Operator{Shortcode: s, Username: name, Password: "set", Roles: roles}
}

// operator changes the pay bill's testapi.
func (b *bench) operator(change func(*mpesa.Operator)) {
	id := mpesa.OperatorID{Shortcode: payBill, Username: testapi}
	o := b.operators[id]
	change(&o)
	b.operators[id] = o
}

func (b *bench) wrong() int {
	return b.operators[mpesa.OperatorID{Shortcode: payBill, Username: testapi}].Wrong
}

// asking is a request of the pay bill's testapi, changed as given. PartyB of payouts is John, of B2B the pay bill bouquet, of tax KRA.
func asking(command string, changes ...func(*mpesa.Payment)) mpesa.Payment {
	operations := mpesa.Operations()
	op := operations[slices.IndexFunc(operations, func(op mpesa.Operation) bool { return op.Command == command })]
	p := mpesa.Payment{Header: mpesa.Header{Kind: op.Kind, Payer: payBill.Party(), Business: payBill, Amount: money.Shillings(100)}, Details: mpesa.Details{
		TransactionType: command, Initiator: testapi, Description: "October", Occasion: "pay day",
		CallBackURL: "http://merchant.example/result", TimeoutURL: "http://merchant.example/timeout",
	}}
	switch op.Kind {
	case mpesa.B2C, mpesa.B2Pochi:
		p.Payee = mpesa.CustomerParty(john)
	case mpesa.Tax:
		p.Payee = mpesa.KRA.Party()
	case mpesa.B2B:
		if p.Payee = bouquet.Party(); op.Own {
			p.Payee = p.Payer
		}
	case mpesa.StatusQuery, mpesa.BalanceQuery:
		p.Amount = 0
	}
	for _, change := range changes {
		change(&p)
	}
	return p
}

func cents(amount money.Amount) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Amount = amount }
}

func shillings(amount int64) func(*mpesa.Payment) { return cents(money.Shillings(amount)) }

func payee(s mpesa.Shortcode) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Payee = s.Party() }
}

func customer(n msisdn.Number) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Payee = mpesa.CustomerParty(n) }
}

func initiator(s mpesa.Shortcode) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Business, p.Payer = s, s.Party() }
}

func originator(id string) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Details.Originator = id }
}

func badCredential(p *mpesa.Payment) { p.Details.BadCredential = "the SecurityCredential isn't base64" }

// about says which payment a reversal or a query is about, and of how much a reversal.
func about(original mpesa.Payment) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) {
		p.Details.Original, p.Details.OriginalID = original.ID, "RECEIPT"
		if p.Kind == mpesa.Reversal {
			p.Amount = original.Amount
		}
	}
}

// falls is what happens to a payment, a query or a task when it falls due.
func falls(p mpesa.Payment) mpesa.Command {
	return portal.WhenDue(p.Kind, p.State, mpesa.Due{Payment: p.ID, Payer: p.Payer})
}

// ask has a query queued, changed as given, and gives it as it then stands.
func (b *bench) ask(p mpesa.Payment, changes ...func(*mpesa.Query)) mpesa.Query {
	b.t.Helper()
	c := &mpesa.AcceptQuery{Request: mpesatest.QueryOf(p)}
	for _, change := range changes {
		change(&c.Request)
	}
	b.run(c)
	b.due(mpesatest.PaymentOf(&c.Query))
	return b.queries[c.Query.ID]
}

func byOriginator(q *mpesa.Query) { q.ByOriginator = true }

// accept has a request queued.
func (b *bench) accept(p mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	if p.Kind == mpesa.StatusQuery || p.Kind == mpesa.BalanceQuery {
		c := &mpesa.AcceptQuery{Request: mpesatest.QueryOf(p)}
		b.run(c)
		return mpesatest.PaymentOf(&c.Query)
	}
	c := &mpesa.AcceptRequest{Request: p}
	b.run(c)
	if c.Refused != nil {
		b.t.Fatalf("the request was refused: %v: %s", c.Refused, c.Reason)
	}
	return c.Payment
}

// due has a waiting payment looked at when its time has come, and gives it as it then stands.
func (b *bench) due(p mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	if at := time.UnixMilli(p.DueAt).In(clock.EAT); at.After(b.now) {
		b.now = at
	}
	b.run(falls(p))
	return b.stands(p.ID)
}

// process has a request queued and then processed.
func (b *bench) process(p mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	return b.due(b.accept(p))
}

// done asks for what must succeed.
func (b *bench) done(p mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	p = b.process(p)
	b.wantOutcome(p, codes.Success)
	return p
}

// wantOutcome fails the test unless a payment ended with a result, moved money exactly when it succeeded in moving some, explains
// itself when it failed, and owes what it should.
func (b *bench) wantOutcome(p mpesa.Payment, want codes.Result) {
	b.t.Helper()
	if p.Result != want || !p.State.Final() {
		b.t.Fatalf("payment %d is %s with result %q (%s); want %q", p.ID, p.State, p.Result, p.Reason, want)
	}
	b.checkPayment(p)
}

// checkPayment fails the test when a payment contradicts itself, its transfers or what it owes.
func (b *bench) checkPayment(p mpesa.Payment) {
	b.t.Helper()
	b.checkEnd(p, b.legs(p))
	var told []mpesa.Delivery
	for _, d := range b.deliveries {
		if d.Payment() == p.ID {
			told = append(told, d)
		}
	}
	b.checkOwed(p, told)
}

// checkEnd fails the test when a payment contradicts itself or its transfers.
func (b *bench) checkEnd(p mpesa.Payment, legs []mpesa.Transfer) {
	succeeded := p.State == mpesa.Completed
	switch {
	case p.State.Final() != (p.Result != "") || succeeded != (p.Result == codes.Success) || (p.State == mpesa.Failed) != (p.Reason != ""):
		b.t.Fatalf("payment %d is %s with result %q, explained with %q", p.ID, p.State, p.Result, p.Reason)
	case p.State.Final() != (p.DueAt == 0) || p.State.Final() != (p.FinishedAt != 0) || p.State.Final() && p.FinishedAt < p.AcceptedAt:
		b.t.Fatalf("payment %d is %s, accepted at %d, finished at %d, due at %d", p.ID, p.State, p.AcceptedAt, p.FinishedAt, p.DueAt)
	case (b.heldBy(p) != 0) != (p.State == mpesa.Validating || p.State == mpesa.Approving || p.Kind == mpesa.Bulk && !p.State.Final()):
		b.t.Fatalf("payment %d is %s and holds %s", p.ID, p.State, b.heldBy(p))
	case (len(legs) > 0) != (succeeded && p.Kind.MovesMoney()):
		b.t.Fatalf("payment %d, a %s, is %s and has %d transfers", p.ID, p.Kind, p.State, len(legs))
	}
}

// checkOwed fails the test unless exactly those are told of a payment who should be.
func (b *bench) checkOwed(p mpesa.Payment, told []mpesa.Delivery) {
	owed := map[mpesa.DeliveryKind]string{} // URLs; "": whatever was registered
	switch {
	case p.Details.TimedOut:
		owed[mpesa.QueueTimeout] = p.Details.TimeoutURL
	case p.State.Final() && p.Kind == mpesa.Express:
		owed[mpesa.ExpressResult] = p.Details.CallBackURL
	case p.State.Final() && p.Kind.Initiated() && p.Details.CallBackURL != "": // what comes from the portal has none
		owed[mpesa.Result] = p.Details.CallBackURL
	case p.State.Final() && p.Kind == mpesa.B2BExpress:
		owed[mpesa.CheckoutResult] = p.Details.CallBackURL
	case p.Kind == mpesa.StandingOrder && (p.State.Final() || b.orders[p.ID].Agreed != 0):
		owed[mpesa.OrderResult] = p.Details.CallBackURL
	}
	if p.Details.ValidatedAt != 0 {
		owed[mpesa.Validation] = ""
	}
	if (p.Kind == mpesa.Express || p.Kind == mpesa.C2B) && p.Details.Settled {
		owed[mpesa.Confirmation] = ""
	}
	for _, d := range told {
		url, expected := owed[d.Kind]
		delete(owed, d.Kind)
		if !expected || d.ID != p.DeliveryID(d.Kind) || d.Owner != p.Business || d.URL == "" || url != "" && d.URL != url {
			b.t.Fatalf("payment %d is %s and owes %+v", p.ID, p.State, d)
		}
	}
	if len(owed) > 0 {
		b.t.Fatalf("payment %d is %s and doesn't owe %v", p.ID, p.State, owed)
	}
}

// legs are the transfers of a payment without what the rest of the books decides.
func (b *bench) legs(p mpesa.Payment) (legs []mpesa.Transfer) {
	for _, x := range b.transfers {
		if x.Payment() == p.ID {
			legs = append(legs, leg(x.Debit, x.Credit, x.Amount, x.Kind))
		}
	}
	return legs
}

func leg(debit, credit mpesa.AccountID, amount money.Amount, kind mpesa.TransferKind) mpesa.Transfer {
	return mpesa.Transfer{Debit: debit, Credit: credit, Amount: amount, Kind: kind}
}

func principal(debit, credit mpesa.AccountID, amount money.Amount) mpesa.Transfer {
	return leg(debit, credit, amount, mpesa.Principal)
}

// fee is the organisation's share of a charge.
func fee(s mpesa.Shortcode, amount money.Amount) mpesa.Transfer {
	return leg(account(s, mpesa.ChargesPaid), mpesa.Provider.Account(mpesa.Fees), amount, mpesa.BusinessCharge)
}

func account(s mpesa.Shortcode, k mpesa.AccountKind) mpesa.AccountID { return s.Party().Account(k) }

func wallet(n msisdn.Number) mpesa.AccountID { return mpesa.CustomerParty(n).Account(mpesa.Wallet) }

// wantLegs fails the test unless the payment made just these transfers, in this order.
func (b *bench) wantLegs(p mpesa.Payment, want ...mpesa.Transfer) {
	b.t.Helper()
	if got := b.legs(p); !slices.Equal(got, want) {
		b.t.Errorf("the transfers of payment %d are\n%s\nand not\n%s", p.ID, show(got), show(want))
	}
}

func show(legs []mpesa.Transfer) (s string) {
	for _, x := range legs {
		s += fmt.Sprintf("  %s of %s from %s to %s\n", x.Kind, x.Amount, x.Debit, x.Credit)
	}
	return s
}

// flaw is a state of the world, or something in a request, that a rule forbids.
type flaw struct {
	name string
	make func(*bench, *mpesa.Payment)
	want codes.Result
}

// checkOrder has a request made with each flaw by itself and with each flaw and all that are looked at later. The first decides.
func checkOrder(t *testing.T, flaws []flaw, request func(*bench) mpesa.Payment) {
	t.Run("flawless", func(t *testing.T) {
		b := newOffice(t)
		b.done(request(b))
	})
	for i, first := range flaws {
		for _, made := range [][]flaw{flaws[i : i+1], flaws[i:]} {
			t.Run(fmt.Sprintf("%s and %d others", first.name, len(made)-1), func(t *testing.T) {
				b := newOffice(t)
				p := request(b)
				for _, f := range slices.Backward(made) {
					f.make(b, &p)
				}
				before := balances(b)
				p = b.process(p)
				b.wantOutcome(p, first.want)
				if after := balances(b); !slices.Equal(before, after) {
					t.Errorf("what failed changed the balances:\n%v\n%v", before, after)
				}
			})
		}
	}
}

// balances lists what all accounts hold, by their numbers.
func balances(b *bench) (list []string) {
	for id, a := range b.accounts {
		if a.Balance != 0 || a.Held != 0 {
			list = append(list, fmt.Sprintf("%d: %s, %s reserved", id, a.Balance, a.Held))
		}
	}
	slices.Sort(list)
	return list
}

// initiatorFlaws are what every request by an initiator is looked at for first.
var initiatorFlaws = []flaw{
	{"waited too long", func(b *bench, _ *mpesa.Payment) { b.policy.ResultAfter = b.policy.QueueTime }, codes.QueueTimedOut},
	{"no such operator", func(_ *bench, p *mpesa.Payment) { p.Details.Initiator = "somebody" }, codes.InvalidInitiator},
	{"locked operator", func(b *bench, _ *mpesa.Payment) { b.operator(func(o *mpesa.Operator) { o.Wrong = 5 }) }, codes.CredentialLocked},
	{"operator without password", func(b *bench, _ *mpesa.Payment) { b.operator(func(o *mpesa.Operator) { o.Password = "" }) }, codes.InvalidInitiator},
	{"bad credential", func(_ *bench, p *mpesa.Payment) { badCredential(p) }, codes.InvalidInitiator},
	{"no roles", func(b *bench, _ *mpesa.Payment) { b.operator(func(o *mpesa.Operator) { o.Roles = nil }) }, codes.InitiatorNotAllowed},
	{"internal fault", ordered(mpesa.InternalFault), codes.InternalFailure},
}

// debitFlaws are what the organisation is then looked at for, when its money is to be moved.
func debitFlaws(product mpesa.Product) []flaw {
	list := slices.Clone(initiatorFlaws)
	list = append(list, flaw{"suspended", organisation(payBill, mpesa.Suspended), codes.DebitPartyInvalid})
	if product != "" {
		list = append(list, flaw{"not assigned the product", without(product), codes.NotPermitted})
	}
	return list
}

func ordered(f mpesa.Fault) func(*bench, *mpesa.Payment) {
	return func(b *bench, _ *mpesa.Payment) { b.organisations[payBill].Fault = f }
}

func organisation(s mpesa.Shortcode, standing mpesa.OrganisationStanding) func(*bench, *mpesa.Payment) {
	return func(b *bench, _ *mpesa.Payment) { b.organisations[s].Standing = standing }
}

// without assigns the pay bill every product but one.
func without(product mpesa.Product) func(*bench, *mpesa.Payment) {
	return func(b *bench, _ *mpesa.Payment) { b.organisations[payBill].Products = allBut(product) }
}

func allBut(product mpesa.Product) []mpesa.Product {
	return slices.DeleteFunc(mpesa.AllProducts(), func(p mpesa.Product) bool { return p == product })
}

// world makes a flaw of a change to the bench alone.
func world(change func(*bench)) func(*bench, *mpesa.Payment) {
	return func(b *bench, _ *mpesa.Payment) { change(b) }
}
