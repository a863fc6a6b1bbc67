// Package waiting looks at each waiting payment when it falls due: a phone that nobody holds answers its prompt, a request's turn in
// the queue has come, a time is over. What is due stands in the payments' rows; the watcher's memory of it can be lost.
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
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// Options are what the watcher needs.
type Options struct {
	Engine *engine.Engine
	Store  store.Store
	Clock  clock.Clock
	Log    *slog.Logger
}

// Watcher looks at every waiting payment when it falls due.
type Watcher struct {
	lifecycle.Runner
	Options
	queue *due.Queue[item]
}

type item struct {
	kind  mpesa.Kind
	state mpesa.State
	mpesa.Due
}

const (
	again = time.Second     // how soon a payment is looked at again that the engine could not keep
	later = time.Minute     // how soon one is that the rules failed on: it stays as it is, and each time is logged with a stack
	grace = 3 * time.Second // after which another node's payments are looked at: it seems to be gone
	page  = 1000
)

// New makes the watcher and has it listen to the engine.
func New(o Options) *Watcher {
	w := &Watcher{Options: o}
	w.queue = due.New(o.Clock, w.fire)
	o.Engine.Follow(w.listen)
	return w
}

// Start implements lifecycle.Part: it loads the payments that an earlier run left waiting, and begins to look at them.
func (w *Watcher) Start(ctx context.Context) error {
	return w.Begin(ctx, func(run context.Context) error {
		if w.Store.Shared() {
			w.Go(func() { w.sweepOthers(run) })
		} else if err := w.sweep(run, math.MaxInt64, math.MaxInt32); err != nil {
			return err
		}
		return w.queue.Start(run)
	})
}

// Stop implements lifecycle.Part. Waiting payments stay so in the database.
func (w *Watcher) Stop(ctx context.Context) error {
	if w == nil {
		return nil
	}
	return errors.Join(w.End(ctx, nil), w.queue.Stop(ctx))
}

// Queue has the waiting payments.
func (w *Watcher) Queue() due.Waiting { return w.queue }

// listen puts payments that have come to wait, or were put off, into the queue.
func (w *Watcher) listen(v *mpesa.View) {
	for x := range mpesa.Payments.In(v).Changed {
		w.await(&x.Header, x.Credits())
	}
	for x := range mpesa.Queries.In(v).Changed {
		w.await(&x.Header, 0)
	}
	for x := range mpesa.Orders.In(v).Changed {
		w.await(&x.Header, 0)
	}
	for x := range portal.Tasks.In(v).Changed {
		w.await(&x.Header, 0)
	}
}

func (w *Watcher) await(h *mpesa.Header, credits mpesa.AccountID) {
	if !h.State.Final() {
		w.queue.Add(h.DueAt, item{h.Kind, h.State, mpesa.Due{Payment: h.ID, Payer: h.Payer, Credits: credits}})
	}
}

func (w *Watcher) fire(ready []item) {
	for _, x := range ready {
		err := w.Engine.Submit(portal.WhenDue(x.kind, x.state, x.Due), func(err error) { w.fired(x, err) })
		if err != nil {
			w.fired(x, err)
		}
	}
}

// fired puts a payment that could not be dealt with back into the queue: the disk may be full, and free later.
func (w *Watcher) fired(x item, err error) {
	pause := again
	if errors.Is(err, engine.ErrDefect) {
		pause = later
	}
	if err != nil && !errors.Is(err, engine.ErrStopped) {
		w.queue.Add(w.Clock.Now().Add(pause).UnixMilli(), x)
	}
	w.queue.Done(1)
}

// sweep queues the payments in the database that fall due before a time, in milliseconds.
func (w *Watcher) sweep(ctx context.Context, until int64, limit int) error {
	list, err := w.Store.Due(ctx, until, limit)
	for _, x := range list {
		w.queue.Add(x.DueAt, item{x.Kind, x.State, mpesa.Due{Payment: x.Number, Payer: x.Payer}})
	}
	return err
}

// sweepOthers looks after payments on a shared database whose node does not.
func (w *Watcher) sweepOthers(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		if err := w.sweep(ctx, w.Clock.Now().Add(-grace).UnixMilli(), page); err != nil && ctx.Err() == nil {
			w.Log.Warn("cannot look for waiting payments", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
