package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// watched is a store that other nodes are said to share, which refuses what would be locked out of order, and counts.
type watched struct {
	*sqlite.Store
	trips trips
}

// trips is how often the database was asked for rows.
type trips struct{ looks, loads, refused int }

func (w *watched) Shared() bool { return true }

func (w *watched) Begin(ctx context.Context) (store.Unit, error) {
	u, err := w.Store.Begin(ctx)
	return &watchedUnit{Unit: u, store: w}, err
}

type watchedUnit struct {
	store.Unit
	store *watched
	order tables.Order
}

func (u *watchedUnit) Look(ctx context.Context, v *unit.View) error {
	if len(mpesa.Subscribers.Leading(v))+len(mpesa.OpenPrompts.Leading(v))+len(mpesa.Payments.Leading(v))+len(mpesa.Orders.Leading(v))+len(portal.BulkRows.Leading(v))+len(mpesa.Apps.Leading(v)) > 0 {
		u.store.trips.looks++
	}
	return u.Unit.Look(ctx, v)
}

func (u *watchedUnit) Load(ctx context.Context, v *unit.View) error {
	before := u.order
	if err := u.order.Take(v); err != nil {
		u.store.trips.refused++
		return err
	}
	if u.order != before {
		u.store.trips.loads++
	}
	return u.Unit.Load(ctx, v)
}

// newWatched is an engine over a watched store with the shops and the customer.
func newWatched(t *testing.T) (*watched, func(...mpesa.Command) trips) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	rules, err := mpesa.NewRulebook()
	if err != nil {
		t.Fatal(err)
	}
	policy := mpesa.Policy{Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(10_000), QueueTime: time.Minute, PromptLife: time.Minute,
		Answers: mpesa.Approve, OpeningPIN: func(msisdn.Number) mpesa.PINDigest { return mpesa.PINDigest{} }}
	w := &watched{Store: s}
	e := engine.New(engine.Options{Store: w, Clock: &clock.Shifted{}, Policy: policy, Log: slog.New(slog.DiscardHandler)})
	lifecycletest.Run(t, e)
	return w, func(commands ...mpesa.Command) trips {
		t.Helper()
		w.trips = trips{}
		for _, c := range commands {
			if err := e.Do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		return w.trips
	}
}

// Each API's unit locks its rows once, and never in another order than all others. What it has to look at before costs a round trip
// without a lock.
func TestRoundTripsOfEachAPI(t *testing.T) {
	_, do := newWatched(t)
	do(&create{}, &mpesa.DepositCash{Phone: payee, Amount: money.Shillings(1000)}, &portal.DepositFromBank{Business: duka, To: mpesa.Utility, Amount: money.Shillings(10_000)},
		&portal.DepositFromBank{Business: duka, To: mpesa.Working, Amount: money.Shillings(10_000)})
	push := func(phone msisdn.Number) *mpesa.AcceptPush {
		return &mpesa.AcceptPush{Business: duka, Receiver: duka, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling}
	}
	pay := func(phone msisdn.Number) *mpesa.PayBusiness {
		return &mpesa.PayBusiness{Phone: phone, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling, Reference: "1"}
	}
	first, second, paid := push(payee), push(payee), pay(payee)
	out, move, fresh := payout(10), request(mpesa.B2B, mpesa.BusinessPayBill, shule.Party(), 10), request(mpesa.B2C, "BusinessPayment", mpesa.CustomerParty(payee+9), 10)
	task := &portal.Initiate{Asked: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.OwnMove, Amount: money.Shilling}, Details: mpesa.Details{Route: mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}}}}
	task.By.Operator.Shortcode = duka
	order := &mpesa.AcceptOrder{Business: duka, Phone: payee, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling,
		Schedule: mpesa.Schedule{Name: "rent", Frequency: 1, First: time.Now().UnixMilli(), Last: time.Now().Add(48 * time.Hour).UnixMilli()}}
	var back *mpesa.AcceptRequest
	known := func(p *mpesa.AcceptPush) *portal.FallDue {
		return &portal.FallDue{Due: mpesa.Due{Payment: p.Payment.ID, Payer: p.Payment.Payer, Credits: p.Payment.Credits()}}
	}
	for _, x := range []struct {
		name    string
		command func() mpesa.Command
		want    trips
	}{
		{"M-Pesa Express", func() mpesa.Command { return first }, trips{0, 1, 0}},
		{"M-Pesa Express, answered", func() mpesa.Command { return known(first) }, trips{0, 1, 0}},
		{"M-Pesa Express, again", func() mpesa.Command { return second }, trips{0, 1, 0}},
		{"M-Pesa Express, answered by a person", func() mpesa.Command { return &mpesa.AnswerPrompt{Phone: payee} }, trips{1, 1, 0}},
		{"M-Pesa Express, a new customer", func() mpesa.Command { return push(payee + 1) }, trips{1, 1, 0}},
		{"C2B", func() mpesa.Command { return paid }, trips{0, 1, 0}},
		{"C2B, a new customer", func() mpesa.Command { return pay(payee + 2) }, trips{1, 1, 0}},
		{"B2C", func() mpesa.Command { return out }, trips{0, 0, 0}},
		{"B2C, its turn", func() mpesa.Command { return due(out) }, trips{1, 1, 0}},
		{"B2C, a new customer", func() mpesa.Command { return fresh }, trips{0, 0, 0}},
		{"B2C, a new customer, its turn", func() mpesa.Command { return due(fresh) }, trips{2, 1, 0}},
		{"B2B", func() mpesa.Command { return move }, trips{0, 0, 0}},
		{"B2B, its turn", func() mpesa.Command { return due(move) }, trips{1, 1, 0}},
		{"reversal", func() mpesa.Command { back = reversal(paid.Payment); return back }, trips{0, 0, 0}},
		{"reversal, its turn", func() mpesa.Command { return due(back) }, trips{2, 1, 0}},
		{"Ratiba", func() mpesa.Command { return order }, trips{0, 1, 0}},
		{"Ratiba, agreed", func() mpesa.Command { return &mpesa.AnswerPrompt{Phone: payee} }, trips{1, 1, 0}},
		{"Ratiba, its day", func() mpesa.Command {
			return &mpesa.OrderDue{Order: order.Order.ID, Payer: order.Order.Payer}
		}, trips{1, 1, 0}},
		{"person to person", func() mpesa.Command {
			return &mpesa.SendToCustomer{Phone: payee, To: payee + 1, Amount: money.Shillings(10)}
		}, trips{0, 1, 0}},
		{"person to a new person", func() mpesa.Command {
			return &mpesa.SendToCustomer{Phone: payee, To: payee + 3, Amount: money.Shillings(10)}
		}, trips{1, 1, 0}},
		{"task", func() mpesa.Command { return task }, trips{0, 1, 0}},
	} {
		c := x.command()
		if got := do(c); got != x.want {
			t.Errorf("%s took %+v, want %+v: %+v", x.name, got, x.want, c)
		}
	}
	if paid.Payment.State != mpesa.Completed || task.Payment.State != mpesa.Completed {
		t.Errorf("%+v, %+v", paid.Payment, task.Payment)
	}
}

// fickle asks for an account first, and only then for the customer, whose place is before it.
type fickle struct {
	endless bool // each time for another customer
	asked   int
	decided int
}

func (c *fickle) Need(v *mpesa.View) {
	phone := payee
	if c.endless && mpesa.Accounts.Loaded(v, 1) {
		c.asked++
		phone += msisdn.Number(c.asked)
	}
	if !mpesa.Accounts.Loaded(v, 1) {
		mpesa.Accounts.Need(v, 1)
	} else {
		mpesa.Subscribers.Need(v, phone)
	}
}

func (c *fickle) Decide(*mpesa.View, time.Time) { c.decided++ }

func TestAUnitBeginsAgainRatherThanLockOutOfOrder(t *testing.T) {
	_, do := newWatched(t)
	c := &fickle{}
	if got, want := do(c), (trips{loads: 2, refused: 1}); got != want || c.decided != 1 {
		t.Errorf("it took %+v and was decided %d times; want %+v and once", got, c.decided, want)
	}
}

func TestAUnitWhoseRowsNeverStayIsAConflict(t *testing.T) {
	w, _ := newWatched(t)
	e := engine.New(engine.Options{Store: w, Clock: &clock.Shifted{}, Log: slog.New(slog.DiscardHandler)})
	lifecycletest.Run(t, e)
	if err := e.Do(t.Context(), &fickle{endless: true}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("%v, want a conflict", err)
	}
}
