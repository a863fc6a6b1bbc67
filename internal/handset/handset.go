// Package handset is the customers' side: phones that answer prompts by themselves when nobody holds them, and the messages
// that they receive.
package handset

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

// Options are what the phones need.
type Options struct {
	Engine *engine.Engine
	Store  store.Store
	Clock  clock.Clock
	Log    *slog.Logger
}

// Phones looks at every open prompt when it falls due.
type Phones struct {
	Options
	prompts *due.Queue[prompt]
	cancel  context.CancelFunc
	swept   chan struct{}
}

type prompt struct {
	payment int64
	payer   mpesa.Party
}

const (
	again = time.Second     // how soon a prompt is looked at again that the engine could not keep
	grace = 3 * time.Second // after which another node's prompts are looked at: it seems to be gone
	page  = 1000
)

// New makes the phones and has them listen to the engine.
func New(o Options) *Phones {
	p := &Phones{Options: o, swept: make(chan struct{})}
	p.prompts = due.New(o.Clock, p.fire)
	o.Engine.Listen(p.listen)
	return p
}

// Start loads the prompts that an earlier run left open, and begins to answer.
func (p *Phones) Start(ctx context.Context) error {
	if !p.Store.Shared() {
		if err := p.sweep(ctx, math.MaxInt64, math.MaxInt32); err != nil {
			return err
		}
	}
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.prompts.Start()
	go p.sweepOthers(ctx)
	return nil
}

// Stop ends answering. Open prompts stay open in the database.
func (p *Phones) Stop() {
	p.cancel()
	<-p.swept
	p.prompts.Stop()
}

// Prompts is the queue of open prompts.
func (p *Phones) Prompts() due.Waiting { return p.prompts }

// listen puts prompts that were opened or put off into the queue.
func (p *Phones) listen(v *mpesa.View) {
	for x := range v.Payments.Changed {
		if x.State == mpesa.Prompting {
			p.prompts.Add(x.DueAt, prompt{x.ID, x.Payer})
		}
	}
}

func (p *Phones) fire(ready []prompt) {
	for _, x := range ready {
		err := p.Engine.Submit(&mpesa.PromptDue{Payment: x.payment, Payer: x.payer}, func(err error) { p.fired(x, err) })
		if err != nil {
			p.fired(x, err)
		}
	}
}

// fired puts a prompt that could not be dealt with back into the queue: the disk may be full, and free later.
func (p *Phones) fired(x prompt, err error) {
	if err != nil && !errors.Is(err, engine.ErrStopped) && !errors.Is(err, engine.ErrDefect) {
		p.prompts.Add(p.Clock.Now().Add(again).UnixMilli(), x)
	}
	p.prompts.Done(1)
}

// sweep queues the prompts in the database that fall due before a time, in milliseconds.
func (p *Phones) sweep(ctx context.Context, until int64, limit int) error {
	list, err := p.Store.DuePrompts(ctx, until, limit)
	for _, x := range list {
		p.prompts.Add(x.DueAt, prompt{x.Payment, x.Payer})
	}
	return err
}

// sweepOthers looks after prompts on a shared database whose node does not.
func (p *Phones) sweepOthers(ctx context.Context) {
	defer close(p.swept)
	if !p.Store.Shared() {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		if err := p.sweep(ctx, p.Clock.Now().Add(-grace).UnixMilli(), page); err != nil && ctx.Err() == nil {
			p.Log.Warn("cannot look for open prompts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
