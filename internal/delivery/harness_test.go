package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/testworld"
)

// bench is a sender over a core whose clock stands still.
type bench struct {
	*testworld.Core
	sender *delivery.Sender
	phones atomic.Int64
}

// settings say how a bench differs from the usual one.
type settings struct {
	db      string
	clock   time.Time // where it stands; zero: testworld.Noon
	retries []time.Duration
	policy  func(*mpesa.Policy)
	options func(*delivery.Options)
	before  func(*delivery.Sender) // is done before they start
}

func newBench(t testing.TB, s settings) *bench {
	t.Helper()
	b := &bench{Core: testworld.NewCore(t, testworld.CoreOptions{DB: s.db, Policy: func(p *mpesa.Policy) {
		p.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: s.retries}
		p.QueueTime = time.Minute
		if s.policy != nil {
			s.policy(p)
		}
	}})}
	o := delivery.Options{Engine: b.Engine, Store: b.Store, Mint: b.Mint, Clock: b.Clock, Log: slog.New(slog.DiscardHandler)}
	if s.options != nil {
		s.options(&o)
	}
	if !s.clock.IsZero() {
		b.Clock.Advance(s.clock.Sub(b.Clock.Now()))
	}
	b.sender = delivery.New(o)
	if s.before != nil {
		s.before(b.sender)
	}
	b.Run(t)
	if err := b.sender.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		b.stop(now)
	})
	return b
}

// stop stops the sender. What is under way when ctx ends is broken off.
func (b *bench) stop(ctx context.Context) { _ = b.sender.Stop(ctx) }

// owe ends a payment of a customer of its own with the PIN, or with cancel, and returns the delivery to the URL that follows.
func (b *bench) owe(t testing.TB, url, pin string, changes ...func(*mpesa.AcceptPush)) mpesa.Delivery {
	t.Helper()
	phone := msisdn.Number(254_722_000_000 + b.phones.Add(1))
	push := &mpesa.AcceptPush{Business: 174379, Receiver: 174379, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline,
		Amount: money.Shilling, CallBackURL: url, Reference: "INV-7"}
	for _, change := range changes {
		change(push)
	}
	b.Do(t, push)
	answer := &mpesa.AnswerPrompt{Phone: phone, PIN: testworld.Digest(phone, pin)}
	if pin == "cancel" {
		answer.Entered = mpesa.PressedCancel
	}
	b.Do(t, answer)
	if push.Refused != nil || !answer.Open {
		t.Fatalf("the push got %v; a prompt was open: %v", push.Refused, answer.Open)
	}
	return mpesa.Delivery{ID: push.Payment.ID << 4, Kind: mpesa.ExpressResult}
}

// over waits until no more attempts at a delivery are to come, and gives it.
func (b *bench) over(t testing.TB, d mpesa.Delivery) mpesa.Delivery {
	t.Helper()
	return b.Delivery(t, d.ID, func(d mpesa.Delivery) bool { return d.State != mpesa.Pending })
}

// attempted waits until n attempts at a delivery have been noted, and gives it.
func (b *bench) attempted(t testing.TB, d mpesa.Delivery, n int) mpesa.Delivery {
	t.Helper()
	return b.Delivery(t, d.ID, func(d mpesa.Delivery) bool { return len(d.Attempts) == n })
}

func want(t testing.TB, d mpesa.Delivery, state mpesa.DeliveryState, attempts ...mpesa.Attempt) {
	t.Helper()
	got := make([]mpesa.Attempt, len(d.Attempts))
	for i, a := range d.Attempts {
		if a.At == 0 || a.Micros <= 0 {
			t.Errorf("attempt %d was made at %d and took %d µs", i+1, a.At, a.Micros)
		}
		got[i] = mpesa.Attempt{Status: a.Status, Error: a.Error}
	}
	if d.State != state || fmt.Sprint(got) != fmt.Sprint(attempts) || (d.DueAt != 0) != (state == mpesa.Pending) {
		t.Errorf("the delivery is %s, due at %d, after %+v; want %s after %+v", d.State, d.DueAt, got, state, attempts)
	}
}

// answered is an attempt that got an answer, and unanswered one that got none.
func answered(status int) mpesa.Attempt      { return mpesa.Attempt{Status: status} }
func unanswered(reason string) mpesa.Attempt { return mpesa.Attempt{Error: reason} }
