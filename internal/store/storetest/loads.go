package storetest

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// loads are what every API has two nodes do at the same time, one step after the other on either of them.
var loads = map[string]func(l *underLoad, i int, phone msisdn.Number){
	"M-Pesa Express": func(l *underLoad, i int, phone msisdn.Number) {
		push := &mpesa.AcceptPush{Business: shop, Receiver: shop, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline, Amount: shillings(i)}
		if l.do(i, push); push.Refused == nil {
			l.do(i+1, &portal.FallDue{Due: mpesa.Due{Payment: push.Payment.ID, Payer: push.Payment.Payer, Credits: push.Payment.Credits()}})
		}
	},
	"M-Pesa Express, answered by a person": func(l *underLoad, i int, phone msisdn.Number) {
		l.do(i, &mpesa.AcceptPush{Business: shop, Receiver: shop, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline, Amount: shillings(i)})
		l.do(i+1, &mpesa.AnswerPrompt{Phone: phone, PIN: rightPIN})
	},
	"C2B": func(l *underLoad, i int, phone msisdn.Number) { l.pay(i, phone, shop) },
	"C2B, validated": func(l *underLoad, i int, phone msisdn.Number) {
		if p := l.pay(i, phone, asking); p.State == mpesa.Validating {
			l.do(i+1, &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Attempt: mpesa.Attempt{At: 1, Status: 200}, Verdict: &mpesa.Verdict{Answered: true, Code: fmt.Sprint(i % 3)}})
		}
	},
	"B2C": func(l *underLoad, i int, phone msisdn.Number) {
		l.ask(i, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payee: mpesa.CustomerParty(phone), Amount: shillings(i)}, Details: mpesa.Details{TransactionType: "BusinessPayment"}})
	},
	"B2C, some with a wrong credential": func(l *underLoad, i int, phone msisdn.Number) {
		l.ask(i, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payee: mpesa.CustomerParty(phone), Amount: shillings(i)}, Details: mpesa.Details{TransactionType: "BusinessPayment",
			BadCredential: strings.Repeat("wrong", i%2)}})
	},
	"Pochi": func(l *underLoad, i int, phone msisdn.Number) {
		l.ask(i, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2Pochi, Payee: mpesa.CustomerParty(phone), Amount: shillings(i)}, Details: mpesa.Details{TransactionType: mpesa.BusinessPayToPochi}})
	},
	"B2B": func(l *underLoad, i int, _ msisdn.Number) {
		l.ask(i, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2B, Payee: asking.Party(), Amount: shillings(i)}, Details: mpesa.Details{TransactionType: mpesa.BusinessPayBill}})
	},
	"reversal": func(l *underLoad, i int, phone msisdn.Number) {
		p := l.pay(i, phone, shop)
		l.ask(i+1, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Reversal, Amount: p.Amount}, Details: mpesa.Details{TransactionType: mpesa.TransactionReversal, Original: p.ID}})
	},
	"queries": func(l *underLoad, i int, phone msisdn.Number) {
		p := l.pay(i, phone, shop)
		l.query(i+1, mpesa.Query{Header: mpesa.Header{Kind: mpesa.StatusQuery}, Command: mpesa.TransactionStatusQuery, Original: p.ID})
		l.query(i, mpesa.Query{Header: mpesa.Header{Kind: mpesa.BalanceQuery}, Command: mpesa.AccountBalance})
	},
	"tasks with two approvers at once": func(l *underLoad, i int, _ msisdn.Number) {
		c := &portal.Initiate{By: by("maker"), Asked: mpesa.MoveTask(shop, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, shillings(100))}
		if l.do(i, c); c.Refused != nil {
			l.t.Errorf("refused: %v", c.Refused)
			return
		}
		var both sync.WaitGroup
		for n, name := range []string{"checker", "third"} {
			both.Go(func() { l.do(n, &portal.DecideTask{By: by(name), Number: c.Payment.ID, Approve: true}) })
		}
		both.Wait()
	},
	"person to person, both ways": func(l *underLoad, i int, phone msisdn.Number) {
		other := achieng + (phone-achieng+msisdn.Number(i))%people
		l.do(i, &mpesa.SendToCustomer{Phone: phone, To: other, Amount: shillings(i)})
		l.do(i+1, &mpesa.SendToCustomer{Phone: other, To: phone, Amount: shillings(i), Pochi: i%2 == 0})
	},
	"cash": func(l *underLoad, i int, phone msisdn.Number) {
		balance := shillings(9000 + i)
		l.do(i, &mpesa.DepositCash{Phone: phone, Amount: shillings(100)})
		l.do(i+1, &mpesa.WithdrawCash{Phone: phone, Amount: shillings(100)})
		l.do(i, &mpesa.PutPhone{Phone: phone, Balance: &balance})
		l.do(i+1, &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: shop}}, Asked: mpesa.SettlementTask(shop)})
	},
	"bulk": func(l *underLoad, i int, phone msisdn.Number) {
		c := &portal.SubmitBulk{By: by(""), Command: "BusinessPayment", Digest: fmt.Sprint(i), Again: true}
		for line := range 8 {
			c.Rows = append(c.Rows, portal.BulkRow{ID: portal.BulkRowID{Line: int64(line + 1)}, Phone: achieng + (phone-achieng+msisdn.Number(line*i))%people, Amount: shillings(10)})
		}
		l.do(i, c)
		l.do(i+1, &portal.FallDue{Due: mpesa.Due{Payment: c.Payment.ID, Payer: c.Payment.Payer}})
	},
	"Ratiba": func(l *underLoad, i int, phone msisdn.Number) {
		day := noon.UnixMilli()
		c := &mpesa.AcceptOrder{Business: shop, Phone: phone, Type: mpesa.CustomerPayBillOnline, Amount: shillings(i), Schedule: mpesa.Schedule{Name: fmt.Sprint("rent ", i), Frequency: 1, First: day, Last: day}}
		l.do(i, c)
		l.do(i+1, &mpesa.AnswerPrompt{Phone: phone, PIN: rightPIN})
		l.do(i, &mpesa.OrderDue{Order: c.Order.ID, Payer: c.Order.Payer})
	},
	"what changes seldom": func(l *underLoad, i int, phone msisdn.Number) {
		l.do(i, &portal.ChangeOrganisation{Shortcode: till + mpesa.Shortcode(i%7), Change: func(o *mpesa.Organisation, _ bool) error { o.Name = "Duka"; return nil }})
		l.do(i+1, &portal.ChangeApp{Key: fmt.Sprint("app ", i%7), Change: func(*mpesa.App, bool) error { return nil }})
		l.do(i, &mpesa.IssueToken{Token: mpesa.Token{Digest: mpesa.DigestToken(fmt.Sprint(i, " ", phone)), App: fmt.Sprint("app ", i%7), Expires: noon.Add(time.Hour).UnixMilli(), Sole: true}})
		l.do(i+1, &portal.ChangeOperator{By: by(""), ID: mpesa.OperatorID{Shortcode: shop, Username: "api"}, Action: "change operator", Change: func(o *mpesa.Operator, _ bool) error { o.Wrong = 0; return nil }})
	},
}

// people is how many customers there are in a load, of whom half are known when it begins.
const people = 40

// asking is a business that validates what it is paid.
const asking = shop + 1

func shillings(n int) money.Amount { return money.Shillings(int64(1 + n%100)) }

func by(name string) mpesa.Actor {
	return mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: shop, Username: name}}
}

// underLoad is two nodes under a load.
type underLoad struct {
	t     *testing.T
	nodes []*engine.Engine
	stuck atomic.Int64 // units that ended with a deadlock or a lock time-out
}

// Outcome implements engine.Stats.
func (l *underLoad) Outcome(string) {}

// Unit implements engine.Stats.
func (l *underLoad) Unit(_ int, _ time.Duration, err error) {
	if err != nil && (strings.Contains(err.Error(), "40P01") || strings.Contains(err.Error(), "55P03")) {
		l.stuck.Add(1)
	}
}

// do has one node or the other carry out a command.
func (l *underLoad) do(node int, c mpesa.Command) {
	if err := l.nodes[node%len(l.nodes)].Do(l.t.Context(), c); err != nil {
		l.t.Errorf("%T: %v", c, err)
	}
}

func (l *underLoad) pay(i int, phone msisdn.Number, business mpesa.Shortcode) mpesa.Payment {
	c := &mpesa.PayBusiness{Phone: phone, Business: business, Type: mpesa.CustomerPayBillOnline, Amount: shillings(i), Reference: "1"}
	l.do(i, c)
	return c.Payment
}

// ask has the shop ask for something, and its turn come on the other node.
func (l *underLoad) ask(i int, p mpesa.Payment) {
	p.Business, p.Payer, p.Details.Initiator, p.Details.CallBackURL = shop, shop.Party(), "api", "http://shop.test/"
	c := &mpesa.AcceptRequest{Request: p}
	l.do(i, c)
	l.do(i+1, &portal.FallDue{Due: mpesa.Due{Payment: c.Payment.ID, Payer: c.Payment.Payer}})
}

// query has the shop ask how something stands, and be answered by the other node.
func (l *underLoad) query(i int, q mpesa.Query) {
	q.Business, q.Initiator, q.ResultURL = shop, "api", "http://shop.test/"
	c := &mpesa.AcceptQuery{Request: q}
	l.do(i, c)
	l.do(i+1, &mpesa.AnswerQuery{Query: c.Query.ID})
}

// newLoad has two nodes, the shop and its operators, a business that validates, and half of the people.
func newLoad(t *testing.T, stores []store.Store) *underLoad {
	l := &underLoad{t: t}
	p := policy(t)
	p.Answers, p.ResultAfter = mpesa.Approve, 0
	for _, s := range stores {
		e := engine.New(engine.Options{Store: s, Clock: &manualClock{now: noon}, Policy: p, Log: slog.New(slog.DiscardHandler), Stats: l})
		lifecycletest.Run(t, e)
		l.nodes = append(l.nodes, e)
	}
	api := mpesa.Operator{Shortcode: shop, Username: "api", Password: "set", Roles: mpesa.AllRoles()}
	rows := []any{mpesa.Organisation{Shortcode: shop, Name: "Duka", Kind: mpesa.PayBill}, api, manager(shop, "maker"), manager(shop, "checker"), manager(shop, "third"),
		mpesa.Organisation{Shortcode: asking, Name: "Shule", Kind: mpesa.PayBill, Validates: true, URLs: mpesa.C2BURLs{Validation: "http://shule.test/", Confirmation: "http://shule.test/"}}}
	put(t, stores[0], rows...)
	for _, to := range []mpesa.AccountKind{mpesa.Working, mpesa.Utility} {
		l.do(0, &portal.DepositFromBank{Business: shop, To: to, Amount: money.Shillings(1_000_000)})
	}
	for i := msisdn.Number(0); i < people; i += 2 {
		l.do(0, &mpesa.DepositCash{Phone: achieng + i, Amount: money.Shillings(10)})
	}
	return l
}

// Two nodes under the load of each API, and of all together, with customers whom nobody knows yet, never wait for each other in a circle,
// nor until their time is over. The database has the settings that it comes with.
func testLoads(t *testing.T, s Database) {
	if !s.Shared() || s.Try == nil {
		t.Skip("the engine sends such a store one unit at a time")
	}
	l := newLoad(t, nodes(t, s))
	const workers, times = 12, 8
	run := func(name string, apart msisdn.Number, each ...string) {
		var all sync.WaitGroup
		for worker := range workers {
			all.Go(func() {
				for n := range times * len(each) {
					i := worker*times + n
					loads[each[(worker+n)%len(each)]](l, i, apart+achieng+msisdn.Number((i*7+worker)%people))
				}
			})
		}
		all.Wait()
		if stuck := l.stuck.Swap(0); stuck > 0 {
			t.Fatalf("%s: %d units ended with a deadlock or a lock time-out", name, stuck)
		}
	}
	names := slices.Sorted(maps.Keys(loads))
	for i, name := range names { // each beside what takes the provider's accounts, and with people who are new
		run(name, msisdn.Number(i*1000), name, name, "cash")
	}
	run("all together", 900_000, names...)
	const deadlocks = "DO $$ BEGIN IF (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) > 0 THEN RAISE 'there were deadlocks'; END IF; END $$"
	if err := s.Try(t.Context(), deadlocks); err != nil {
		t.Error(err)
	}
	if b := must[store.Books](t)(s.Books(t.Context(), store.Evidence{})); !b.Balanced() {
		t.Errorf("books %+v", b)
	}
}
