package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// gathering loads the rows that the commands of a unit need.
//
// A command names its rows step by step: it is a payment's row that says which accounts the payment moves. On a database that nodes
// share, a unit that locked rows at each step would sooner or later wait for a row that comes before one it holds, and so for a unit that
// waits for it. So the steps are first taken on rows that are read without a lock (scout), and then all rows are locked at once, in the
// one order of all units. Where what was read has changed by then and leads to rows that come too late, the unit lets go of what it
// holds and begins again, with all keys that it knows. There are only ever more of them, so that comes to an end.
//
// The view has the keys: those that the latest step named are wanted, and those of all steps are remembered, where rows are locked.
//
// A worker has one, and uses its memory again for each of its units.
type gathering struct {
	engine *Engine
	view   *mpesa.View
	unit   []job
	rows   store.Unit // that is under way; nil: none is

	generation int64 // of the directory when the organisations in the view were looked up

	asking []mpesa.Command // which have named rows in the latest step
}

func (e *Engine) newGathering() *gathering {
	return &gathering{engine: e, view: mpesa.NewView(e.Policy, e.newID)}
}

// gather begins a unit of the store and loads the rows that its commands need.
func (g *gathering) gather(ctx context.Context, unit []job) error {
	g.unit, g.rows = unit, nil
	g.view.Forget()
	if err := g.begin(ctx); err != nil {
		return err
	}
	if !g.engine.Store.Shared() {
		return g.load(ctx)
	}
	if err := g.scout(ctx); err != nil {
		return err
	}
	for range maxStarts {
		err := g.load(ctx)
		if !errors.Is(err, store.ErrOrder) {
			return err
		}
		g.end()
		if err := g.begin(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: its rows have changed %d times while they were looked for", store.ErrConflict, maxStarts)
}

func (g *gathering) begin(ctx context.Context) (err error) {
	g.rows, err = g.engine.Store.Begin(ctx)
	return err
}

// end gives back what the unit holds.
func (g *gathering) end() {
	if g.rows != nil {
		g.rows.Rollback()
		g.rows = nil
	}
}

// start has all commands asked, from a view without rows.
func (g *gathering) start() {
	g.view.Reset()
	g.generation = g.engine.directory.generation.Load()
	g.asking = g.asking[:0]
	for _, j := range g.unit {
		g.asking = append(g.asking, j.command)
	}
}

// ask asks the commands that have named rows before. It returns false when they name none.
func (g *gathering) ask() bool {
	g.view.Next()
	still := g.asking[:0]
	for _, c := range g.asking {
		before := g.view.Wanted()
		if c.Need(g.view); g.view.Wanted() > before {
			still = append(still, c)
		}
	}
	g.asking = still
	return len(still) > 0
}

// scout finds out the keys of all rows, as far as they can be known by now, and locks none.
func (g *gathering) scout(ctx context.Context) error {
	g.start()
	for range maxRounds {
		if !g.ask() {
			return nil
		}
		g.view.Remember()
		mpesa.Subscribers.Follow(g.view, g.engine.customers.unknown)
		if !g.view.Leads() {
			return nil // most units end here, and have read nothing twice
		}
		if err := g.organisations(ctx); err != nil {
			return err
		}
		if err := g.rows.Look(ctx, &g.view.View); err != nil {
			return err
		}
		if err := g.heed(ctx); err != nil {
			return err
		}
		for _, payer := range mpesa.OpenPrompts.Leading(g.view) {
			if open := mpesa.OpenPrompts.Get(g.view, payer); open != 0 {
				mpesa.Payments.Know(g.view, open) // what it is of is in the view, so that nobody will ask for it
				mpesa.Orders.Know(g.view, open)
				mpesa.Payments.Missing(g.view, open) // unless it is there
				mpesa.Orders.Missing(g.view, open)
			}
		}
		g.view.Assume()
	}
	return g.endless()
}

// load loads the rows with the known keys, and then those that the commands need beside them.
func (g *gathering) load(ctx context.Context) error {
	g.start()
	if g.view.Recall(); g.view.Wanted() > 0 {
		if err := g.fetch(ctx); err != nil {
			return err
		}
	}
	for range maxRounds {
		if !g.ask() {
			return nil
		}
		if g.engine.Store.Shared() {
			g.view.Remember()
		}
		if err := g.fetch(ctx); err != nil {
			return err
		}
	}
	return g.endless()
}

func (g *gathering) endless() error {
	return fmt.Errorf("%w: a command still needs %s after %d rounds of loading", ErrDefect, g.view.Wants(), maxRounds)
}

// fetch loads what is wanted.
func (g *gathering) fetch(ctx context.Context) error {
	if err := g.organisations(ctx); err != nil {
		return err
	}
	if err := g.rows.Load(ctx, &g.view.View); err != nil {
		return err
	}
	return g.heed(ctx)
}

// heed looks organisations up again when another node has changed what the directory remembers, and tells of the nodes' common clock.
func (g *gathering) heed(ctx context.Context) error {
	c, ok := g.rows.Common()
	if !ok {
		return nil
	}
	if g.engine.Common != nil {
		g.engine.Common(c)
	}
	if c.Generation <= g.generation {
		return nil
	}
	g.engine.directory.refresh(c.Generation)
	g.generation = c.Generation
	for _, s := range mpesa.Organisations.Keys(g.view) {
		if err := g.organisation(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// organisations looks up those that are wanted.
func (g *gathering) organisations(ctx context.Context) error {
	for _, s := range mpesa.Organisations.Wanted(g.view) {
		if mpesa.Organisations.Loaded(g.view, s) {
			continue
		}
		if err := g.organisation(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) organisation(ctx context.Context, s mpesa.Shortcode) error {
	o, err := g.engine.directory.Organisation(ctx, s)
	if err == nil {
		mpesa.Organisations.Put(g.view, s, o)
	}
	return err
}

// customers remembers numbers that are customers' for good: their rows lead to no more, and need not be looked at before they are
// locked.
type customers struct {
	mu    sync.RWMutex
	known map[msisdn.Number]struct{}
}

const customersSize = 262_144 // 10 MB at most; all are forgotten when there would be more

// unknown keeps the numbers of a list that may be nobody's.
func (c *customers) unknown(list []msisdn.Number) []msisdn.Number {
	c.mu.RLock()
	defer c.mu.RUnlock()
	kept := list[:0]
	for _, phone := range list {
		if _, ok := c.known[phone]; !ok {
			kept = append(kept, phone)
		}
	}
	return kept
}

// learn remembers those numbers of a list that the view has a customer for.
func (c *customers) learn(v *mpesa.View, list []msisdn.Number) {
	found := c.unknown(slices.Clone(list))
	if len(found) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) > customersSize {
		c.known = map[msisdn.Number]struct{}{}
	}
	for _, phone := range found {
		if _, there := mpesa.Subscribers.Get(v, phone); there {
			c.known[phone] = struct{}{}
		}
	}
}
