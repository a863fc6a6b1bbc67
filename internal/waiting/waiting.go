// Package waiting looks at each waiting payment when it falls due: a phone that nobody holds answers its prompt, a request's turn in
// the queue has come, a time is over. What is due stands in the payments' rows; the desk's memory of it can be lost.
package waiting

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/due"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// Options are what the desk needs.
type Options struct {
	Engine *engine.Engine
	Store  store.Store
	Clock  clock.Clock
	Log    *slog.Logger
}

// Desk looks at every waiting payment when it falls due.
type Desk struct {
	Options
	waiting *due.Queue[waiting]
	cancel  context.CancelFunc
	swept   chan struct{}
}

type waiting struct {
	payment int64
	payer   mpesa.Party
	credits mpesa.AccountID
}

const (
	again = time.Second     // how soon a payment is looked at again that the engine could not keep
	later = time.Minute     // how soon one is that the rules failed on: it stays as it is, and each time is logged with a stack
	grace = 3 * time.Second // after which another node's payments are looked at: it seems to be gone
	page  = 1000
)

// New makes the desk and has it listen to the engine.
func New(o Options) *Desk {
	d := &Desk{Options: o, swept: make(chan struct{})}
	d.waiting = due.New(o.Clock, d.fire)
	o.Engine.Follow(d.listen)
	return d
}

// Start loads the payments that an earlier run left waiting, and begins to look at them.
func (d *Desk) Start(ctx context.Context) error {
	if !d.Store.Shared() {
		if err := d.sweep(ctx, math.MaxInt64, math.MaxInt32); err != nil {
			return err
		}
	}
	ctx, d.cancel = context.WithCancel(context.WithoutCancel(ctx))
	d.waiting.Start()
	go d.sweepOthers(ctx)
	return nil
}

// Stop ends that. Waiting payments stay so in the database.
func (d *Desk) Stop() {
	d.cancel()
	<-d.swept
	d.waiting.Stop()
}

// Waiting is the queue of waiting payments.
func (d *Desk) Waiting() due.Waiting { return d.waiting }

// listen puts payments that have come to wait, or were put off, into the queue.
func (d *Desk) listen(v *mpesa.View) {
	for x := range mpesa.Payments.In(v).Changed {
		if !x.State.Final() {
			d.waiting.Add(x.DueAt, waiting{x.ID, x.Payer, x.Credits()})
		}
	}
}

func (d *Desk) fire(ready []waiting) {
	for _, x := range ready {
		err := d.Engine.Submit(&mpesa.Due{Payment: x.payment, Payer: x.payer, Credits: x.credits}, func(err error) { d.fired(x, err) })
		if err != nil {
			d.fired(x, err)
		}
	}
}

// fired puts a payment that could not be dealt with back into the queue: the disk may be full, and free later.
func (d *Desk) fired(x waiting, err error) {
	pause := again
	if errors.Is(err, engine.ErrDefect) {
		pause = later
	}
	if err != nil && !errors.Is(err, engine.ErrStopped) {
		d.waiting.Add(d.Clock.Now().Add(pause).UnixMilli(), x)
	}
	d.waiting.Done(1)
}

// sweep queues the payments in the database that fall due before a time, in milliseconds.
func (d *Desk) sweep(ctx context.Context, until int64, limit int) error {
	list, err := d.Store.DuePayments(ctx, until, limit)
	for _, x := range list {
		d.waiting.Add(x.DueAt, waiting{payment: x.Payment, payer: x.Payer})
	}
	return err
}

// sweepOthers looks after payments on a shared database whose node does not.
func (d *Desk) sweepOthers(ctx context.Context) {
	defer close(d.swept)
	if !d.Store.Shared() {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		if err := d.sweep(ctx, d.Clock.Now().Add(-grace).UnixMilli(), page); err != nil && ctx.Err() == nil {
			d.Log.Warn("cannot look for waiting payments", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
