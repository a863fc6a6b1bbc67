// Package kivukotest is for tests of programs that use M-PESA: a whole one in the test's process, a merchant with credentials, a server
// that receives callbacks, and phones.
//
//	func TestShop(t *testing.T) {
//		w := kivukotest.Start(t, kivuko.Config{Phones: "ask"})
//		shop, callbacks := w.Merchant("174379"), w.Collect()
//		push := shop.Push("254708374149", "10", callbacks.URL+"/paid")
//		w.Phone("254708374149").Enter("1234")
//		if p := w.WaitFinal(push.CheckoutRequestID); p.Receipt != callbacks.For(t, push.CheckoutRequestID).Receipt() {
//			t.Error("the callback has another receipt")
//		}
//	}
//
// Nothing here sleeps. What is to come is waited for, and a test fails when nothing has happened for 5 seconds. Each world is on its own, so
// tests that have one can be parallel.
package kivukotest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
)

// World is a running M-PESA, which ends with its test.
type World struct {
	*kivuko.Kivuko
	t      testing.TB
	closed sync.Once
}

// Start starts an M-PESA. It begins with the sample world unless the configuration says otherwise. When the test ends, it is closed, and the
// test fails if the books don't balance.
func Start(t testing.TB, config kivuko.Config) *World {
	t.Helper()
	if config.World == "" {
		config.World = kivuko.WorldSample
	}
	k, err := kivuko.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Kivuko: k, t: t}
	t.Cleanup(w.Close)
	return w
}

// Close closes the M-PESA before the test ends.
func (w *World) Close() {
	w.t.Helper()
	w.closed.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 6*patience) // the test's own has ended; this is work, not a wait
		defer cancel()
		switch books, err := w.Control().Books(ctx); {
		case err != nil:
			w.t.Errorf("adding up the books: %v", err)
		case !books.Balanced():
			w.t.Errorf("the books don't balance: %+v", books)
		}
		if err := w.Kivuko.Close(); err != nil {
			w.t.Errorf("closing: %v", err)
		}
	})
}

// Collect starts a server for callbacks, which ends with the test.
func (w *World) Collect() *Collector {
	w.t.Helper()
	return Collect(w.t)
}

// WaitFinal waits until a payment has ended, and returns it. The id is any of its names: its receipt, CheckoutRequestID, ConversationID or
// MerchantRequestID.
func (w *World) WaitFinal(id string) *control.Payment {
	w.t.Helper()
	deadline, again := time.NewTimer(patience), time.NewTicker(5*time.Millisecond)
	defer deadline.Stop()
	defer again.Stop()
	var state control.State
	for {
		p, err := w.Control().Payment(w.t.Context(), id)
		switch {
		case err != nil:
			w.t.Fatalf("payment %s: %v", id, err)
		case !p.FinishedAt.IsZero():
			return p
		case p.State != state:
			state = p.State
			deadline.Reset(patience)
		}
		select {
		case <-again.C:
		case <-deadline.C:
			w.t.Fatalf("payment %s is still %s after %s", id, state, patience)
		}
	}
}
