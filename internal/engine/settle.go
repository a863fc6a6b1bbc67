package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/store"
)

// settleTime is how long callers wait to hear whether the database kept what it did not answer for. The engine goes on asking.
const settleTime = 30 * time.Second

const askAgain = 200 * time.Millisecond

// doubt is a unit whose COMMIT was not answered.
type doubt struct {
	*gathering
	jobs  []job
	err   error // of Commit
	again bool  // it was decided again already
}

// The outcomes of units whose COMMIT was not answered, for Stats.
const (
	Committed    = "committed"
	NotCommitted = "not_committed"
	Unknown      = "unknown"

	Unreplicated = "unreplicated" // answered before a standby had it: what follows is one of the others
)

// doubt has a unit settled beside the workers.
func (e *Engine) doubt(d *doubt) {
	e.doubts.Add(1)
	e.Log.Error("a unit of work is in doubt: the database did not answer its COMMIT", "commands", len(d.jobs), "error", d.err)
	if errors.Is(d.err, store.ErrSolitary) {
		e.outcome(Unreplicated)
	}
	e.Go(func() {
		n := e.underway.begin()
		committed, err := e.settle(d)
		e.underway.end(n)
		e.doubts.Add(-1)
		if err == nil {
			e.settled(d, committed)
		}
	})
}

// settle finds out what came of a unit. After SettleTime its callers are told that it is unknown, and it goes on asking. An error means that
// the engine has been stopped.
func (e *Engine) settle(d *doubt) (committed bool, err error) {
	ctx, cancel := context.WithTimeout(e.ctx, e.SettleTime)
	committed, err = ask(ctx, d.rows)
	cancel()
	if err == nil {
		return committed, nil
	}
	err = fmt.Errorf("%w: %w", ErrUnknown, err)
	e.fail(len(d.jobs), err)
	e.outcome(Unknown)
	finish(d.jobs, err)
	d.jobs = nil // what they hold is the callers' again
	return ask(e.ctx, d.rows)
}

// ask asks the store until it knows, or ctx ends.
func ask(ctx context.Context, u store.Unit) (committed bool, err error) {
	for {
		if committed, err = u.Settle(ctx); err == nil {
			return committed, nil
		}
		select {
		case <-ctx.Done():
			return false, err
		case <-time.After(askAgain):
		}
	}
}

// settled tells the callers of a unit, if they still wait: as if nothing had been when it was committed; when it was not, it is decided
// again, once, which is safe now.
func (e *Engine) settled(d *doubt, committed bool) {
	e.lastError.Store(nil) // the database has just kept something
	if committed {
		e.outcome(Committed)
		e.finished(d.view, d.jobs)
		return
	}
	e.outcome(NotCommitted)
	switch {
	case d.jobs == nil:
	case d.again:
		finish(d.jobs, unstored(errors.New("the database twice did not answer a COMMIT")))
	default:
		e.run(d.gathering, d.jobs, attempt{begun: time.Now(), again: true})
	}
}

func (e *Engine) outcome(word string) {
	if e.Stats != nil {
		e.Stats.Outcome(word)
	}
}

// errDoubts is why nothing new is begun: the database does not answer, and each unit would keep another of its connections waiting.
var errDoubts = errors.New("earlier units of work are still in doubt")
