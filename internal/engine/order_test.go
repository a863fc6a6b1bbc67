package engine_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlite"
)

// watched is a store that other nodes are said to share, and that notes what its units load.
type watched struct {
	*sqlite.Store
	loads []mpesa.Needs // since the last unit began
}

func (w *watched) Shared() bool { return true }

func (w *watched) Begin(ctx context.Context) (store.Unit, error) {
	w.loads = nil
	u, err := w.Store.Begin(ctx)
	return watchedUnit{u, w}, err
}

type watchedUnit struct {
	store.Unit
	store *watched
}

func (u watchedUnit) Load(ctx context.Context, n *mpesa.Needs, v *mpesa.View) error {
	kept := *n // but for its slices, which are used again: how many there were is enough
	u.store.loads = append(u.store.loads, kept)
	return u.Unit.Load(ctx, n, v)
}

// A unit that holds the fees account, which all want, and then waits for another row could meet in a deadlock with a unit that has
// that row and waits for the fees.
func TestAccountsComeAfterTheRowsThatLeadToMore(t *testing.T) {
	s, err := sqlite.Open(t.Context(), sqlite.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := &watched{Store: s}
	rules, err := mpesa.NewRulebook()
	if err != nil {
		t.Fatal(err)
	}
	policy := mpesa.Policy{Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(100), QueueTime: time.Minute,
		OpeningPIN: func(msisdn.Number) mpesa.PINDigest { return mpesa.PINDigest{} }}
	e := engine.New(engine.Options{Store: w, Clock: &clock.Shifted{}, Policy: policy, Log: slog.New(slog.DiscardHandler)})
	e.Start()
	pay := payout(10)
	for _, c := range []mpesa.Command{&create{}, pay} {
		if err := e.Do(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	e.Stop()

	e = engine.New(engine.Options{Store: w, Clock: &clock.Shifted{}, Policy: policy, Log: slog.New(slog.DiscardHandler)})
	together := []mpesa.Command{ // which name their rows in one round, in two and in three
		&mpesa.DepositFromBank{Business: duka, To: mpesa.Utility, Amount: money.Shillings(100)}, due(pay),
		&mpesa.PayBusiness{Phone: payee + 1, Business: duka, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling, Reference: "1"},
	}
	done := make(chan error, len(together))
	for _, c := range together {
		if err := e.Submit(c, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
	}
	e.Start()
	defer e.Stop()
	for range together {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	held := 0
	for round, n := range w.loads {
		if others := len(n.Payments) + len(n.Operators) + len(n.Idempotency) + len(n.Registry); held > 0 && others > 0 {
			t.Errorf("round %d loads %d other rows, and %d accounts are held", round, others, held)
		}
		held += len(n.Accounts)
	}
	if held == 0 || len(w.loads) < 3 {
		t.Errorf("the unit held %d accounts after %d rounds", held, len(w.loads))
	}
}
