package engine_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/storetest"
)

// Parties of the tests with two nodes.
const (
	duka  = mpesa.Shortcode(600_000)
	shule = mpesa.Shortcode(600_001)
	payee = msisdn.Number(254_708_374_149)
)

// pair is two nodes on one PostgreSQL database.
type pair struct {
	nodes  [2]*engine.Engine
	clocks [2]clock.Shifted
	store  store.Store
}

// twoNodes starts two engines on an empty database with two shops in it, whose operator may do everything.
func twoNodes(t *testing.T) *pair {
	t.Helper()
	rules, err := mpesa.NewRulebook()
	if err != nil {
		t.Fatal(err)
	}
	policy := mpesa.Policy{Rules: rules, RegisterUnknown: true, OpeningPIN: func(msisdn.Number) mpesa.PINDigest { return mpesa.PINDigest{} },
		Answers: mpesa.Ask, PromptLife: time.Minute, Lease: time.Minute, QueueTime: time.Minute}
	db := pgtest.Start(t).Database(t)
	p := &pair{}
	for i := range p.nodes {
		s, err := postgres.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		p.store = s
		p.nodes[i] = engine.New(engine.Options{Store: s, Clock: &p.clocks[i], Policy: policy, Log: slog.New(slog.DiscardHandler)})
		lifecycletest.Run(t, p.nodes[i])
	}
	p.do(t, 0, &create{})
	return p
}

// create makes the shops and their operators.
type create struct{}

func (*create) Need(v *mpesa.View) {
	for _, s := range []mpesa.Shortcode{duka, shule} {
		mpesa.Registry.Need(v, s)
		mpesa.Operators.Need(v, mpesa.OperatorID{Shortcode: s, Username: "api"})
	}
}

func (*create) Decide(v *mpesa.View, _ time.Time) {
	for _, s := range []mpesa.Shortcode{duka, shule} {
		o := mpesa.Operator{Shortcode: s, Username: "api", Password: "set", Roles: mpesa.AllRoles()}
		mpesa.Operators.Put(v, o.ID(), o)
		mpesa.Registry.Put(v, s, mpesa.Organisation{Shortcode: s, Name: "Duka", Kind: mpesa.PayBill})
	}
}

// do runs a command on one of the nodes.
func (p *pair) do(t *testing.T, node int, c mpesa.Command) {
	t.Helper()
	if err := p.nodes[node].Do(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// atOnce runs each command on one node or the other by turns, all at the same time.
func (p *pair) atOnce(t *testing.T, commands ...mpesa.Command) {
	t.Helper()
	var all sync.WaitGroup
	for i, c := range commands {
		all.Go(func() { p.do(t, i%len(p.nodes), c) })
	}
	all.Wait()
}

// request is one of the shop's, over an amount in shillings.
func request(kind mpesa.Kind, command string, payee mpesa.Party, shillings int64) *mpesa.AcceptRequest {
	return &mpesa.AcceptRequest{Request: mpesa.Payment{Header: mpesa.Header{Kind: kind, Business: duka, Payer: duka.Party(), Payee: payee, Amount: money.Shillings(shillings)},
		Details: mpesa.Details{TransactionType: command, Initiator: "api", CallBackURL: "http://duka/"}}}
}

// payout pays a customer.
func payout(shillings int64) *mpesa.AcceptRequest {
	return request(mpesa.B2C, "BusinessPayment", mpesa.CustomerParty(payee), shillings)
}

// reversal takes a payment back.
func reversal(original mpesa.Payment) *mpesa.AcceptRequest {
	c := request(mpesa.Reversal, mpesa.TransactionReversal, 0, 0)
	c.Request.Amount, c.Request.Details.Original = original.Amount, original.ID
	return c
}

// due is the moment at which a request is processed.
func due(c *mpesa.AcceptRequest) mpesa.Command {
	return &portal.FallDue{Due: mpesa.Due{Payment: c.Payment.ID, Payer: c.Payment.Payer}}
}

// accept queues requests.
func (p *pair) accept(t *testing.T, requests ...*mpesa.AcceptRequest) {
	t.Helper()
	for i, c := range requests {
		p.do(t, i%len(p.nodes), c)
		if c.Refused != nil {
			t.Fatalf("%+v was refused: %s", c.Request, c.Reason)
		}
	}
}

// receive has the customer, who gets enough for it, pay the shop some shillings.
func (p *pair) receive(t *testing.T, shillings int64) mpesa.Payment {
	t.Helper()
	p.do(t, 0, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(shillings + 50)})
	c := &mpesa.PayBusiness{Phone: payee, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(shillings), Reference: "1"}
	p.do(t, 1, c)
	if c.Payment.State != mpesa.Completed {
		t.Fatalf("%+v", c.Payment)
	}
	return c.Payment
}

// results are those of requests that have been processed.
func (p *pair) results(t *testing.T, requests ...*mpesa.AcceptRequest) map[codes.Result]int {
	t.Helper()
	list := map[codes.Result]int{}
	for _, c := range requests {
		payment, err := store.Get(t.Context(), p.store, mpesa.Payments, c.Payment.ID)
		if err != nil || payment == nil || !payment.State.Final() {
			t.Fatalf("%+v, %v", payment, err)
		}
		list[payment.Result]++
	}
	return list
}

func (p *pair) balance(t *testing.T, id mpesa.AccountID) money.Amount {
	t.Helper()
	a, err := store.Get(t.Context(), p.store, mpesa.Accounts, id)
	switch {
	case err != nil:
		t.Fatal(err)
	case a == nil:
		return 0
	}
	return a.Balance
}

func (p *pair) checkBooks(t *testing.T) {
	t.Helper()
	b, err := p.store.Books(t.Context(), store.Evidence{})
	if err != nil || !b.Balanced() || b.Open != 0 {
		t.Errorf("books %+v, %v", b, err)
	}
}

var utility = duka.Party().Account(mpesa.Utility)

func TestAHundredRequestsWithOneIDMoveMoneyOnce(t *testing.T) {
	p := twoNodes(t)
	p.receive(t, 1000)
	var commands, processing []mpesa.Command
	var requests []*mpesa.AcceptRequest
	for range 100 {
		c := payout(100)
		c.Request.Details.Originator = "feb-2026-1"
		requests, commands = append(requests, c), append(commands, c)
	}
	p.atOnce(t, commands...)
	refused := 0
	for _, c := range requests {
		switch {
		case c.Refused == nil: // and processed by both nodes
			processing = append(processing, due(c), due(c), due(c), due(c))
		case *c.Refused == codes.DuplicateOriginator && c.Refused.Code == "500.002.1001":
			refused++
		default:
			t.Errorf("refused with %+v", c.Refused)
		}
	}
	p.atOnce(t, processing...)
	if refused != 99 || len(processing) != 4 {
		t.Errorf("%d were refused", refused)
	}
	if got, want := p.balance(t, utility), money.Shillings(900); got != want {
		t.Errorf("the shop has %s, want %s", got, want)
	}
	p.checkBooks(t)
}

func TestAReversalThatRacesItselfReversesOnce(t *testing.T) {
	p := twoNodes(t)
	for range 15 {
		original := p.receive(t, 100)
		twins := []*mpesa.AcceptRequest{reversal(original), reversal(original)}
		p.accept(t, twins...)
		p.atOnce(t, due(twins[0]), due(twins[1]), due(twins[1]), due(twins[0]))
		if got := p.results(t, twins...); got[codes.Success] != 1 || got[codes.AlreadyReversed] != 1 {
			t.Errorf("results %v", got)
		}
	}
	if got := p.balance(t, utility); got != 0 {
		t.Errorf("the shop has %s", got)
	}
	p.checkBooks(t)
}

func TestAReversalThatRacesAPayoutOfTheSameFundsNeverOverdraws(t *testing.T) {
	p := twoNodes(t)
	for range 15 {
		original := p.receive(t, 100)
		racers := []*mpesa.AcceptRequest{reversal(original), payout(100), request(mpesa.B2B, "DisburseFundsToBusiness", shule.Party(), 100)}
		p.accept(t, racers...)
		p.atOnce(t, due(racers[0]), due(racers[1]), due(racers[2]))
		if got := p.results(t, racers...); got[codes.Success] != 1 || got[codes.InsufficientFunds] != 2 {
			t.Errorf("results %v", got)
		}
		if got := p.balance(t, utility); got != 0 {
			t.Errorf("the shop has %s", got)
		}
	}
	p.checkBooks(t)
}

// What moves an organisation's money by hand meets with requests over the same money, and so does what sets a customer's balance.
func TestASettlementAndABalanceSetInTheMiddle(t *testing.T) {
	p := twoNodes(t)
	for range 15 {
		original := p.receive(t, 100)
		racers := []*mpesa.AcceptRequest{reversal(original), payout(100)}
		settle, balance := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: duka}}, Asked: mpesa.SettlementTask(duka)}, money.Shillings(70)
		p.accept(t, racers...)
		p.atOnce(t, due(racers[0]), settle, due(racers[1]), &mpesa.PutPhone{Phone: payee, Balance: &balance},
			&portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: duka}}, Asked: mpesa.MoveTask(duka, mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}, money.Shillings(100))},
			&mpesa.PayBusiness{Phone: payee, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(70), Reference: "1"})
		got := p.results(t, racers...)
		if got[codes.Success]+got[codes.InsufficientFunds] != 2 {
			t.Errorf("results %v", got)
		}
		p.do(t, 0, &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: duka}}, Asked: mpesa.SettlementTask(duka)})
		if left := p.balance(t, utility); left != 0 {
			t.Errorf("%s was not settled", left)
		}
	}
	p.checkBooks(t)
}

// Where two nodes' clocks show two days, a customer has one day's limit, not one for each change of the node; and a statement's entries
// are in the order of time in which their balances follow from each other.
func TestLimitsAndStatementsTrustNoNodesClock(t *testing.T) {
	p := twoNodes(t)
	p.do(t, 1, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(250_000)})
	p.do(t, 1, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(250_000)})
	p.clocks[0].SetOffset(24 * time.Hour)
	paid := money.Amount(0)
	for i := range 16 {
		c := &mpesa.PayBusiness{Phone: payee, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(100_000), Reference: "1"}
		p.do(t, i%2, c)
		if c.Payment.State == mpesa.Completed {
			paid += c.Payment.Amount
		} else if c.Payment.Result != codes.AboveDailyLimit {
			t.Errorf("%+v", c.Payment)
		}
		p.do(t, i%2, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(100_000)})
	}
	if want := money.Shillings(500_000); paid != want {
		t.Errorf("%s were paid within the day that the account has seen last, want %s", paid, want)
	}
	a, err := store.Get(t.Context(), p.store, mpesa.Accounts, utility)
	if err != nil {
		t.Fatal(err)
	}
	storetest.CheckStatement(t, p.store, *a)
	p.checkBooks(t)
}

// What one node has been told holds on the other from the next unit on.
func TestAFrozenOrganisationIsNotPaidOnAnyNode(t *testing.T) {
	p := twoNodes(t)
	p.do(t, 0, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(50_000)})
	for i := range 100 {
		for _, x := range []struct {
			standing mpesa.OrganisationStanding
			want     codes.Result
		}{{mpesa.Frozen, codes.AccountNotAllowed}, {mpesa.Active, codes.Success}} {
			p.do(t, i%2, &portal.ChangeOrganisation{Shortcode: duka, Action: "change organisation", Change: func(o *mpesa.Organisation, _ bool) error {
				o.Standing = x.standing
				return nil
			}})
			pay := &mpesa.PayBusiness{Phone: payee, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(1), Reference: "1"}
			if p.do(t, (i+1)%2, pay); pay.Payment.Result != x.want {
				t.Fatalf("paying what was made %q on the other node ended with %s, want %s", x.standing, pay.Payment.Result, x.want)
			}
		}
	}
	p.checkBooks(t)
}
