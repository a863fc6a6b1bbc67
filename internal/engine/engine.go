// Package engine runs the rules. It gathers the commands that wait into a unit of work, loads the rows they read, lets the
// rules decide one after the other, writes all changes in one transaction, and only then answers the senders of the commands
// and tells the listeners what has changed. The more there is to do, the larger the units: group commit, with one fsync for
// hundreds of payments.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// Errors of Do.
var (
	ErrBusy     = errors.New("too many commands are waiting")
	ErrStopped  = errors.New("the engine has stopped")
	ErrDefect   = errors.New("the rules failed on this command")        // logged with a stack
	ErrUnstored = errors.New("the database did not keep it")            // and never will
	ErrUnknown  = errors.New("whether the database kept it is unknown") // it did not answer for half a minute
)

const (
	maxUnit   = 1024   // commands in a unit: bounds how long the first of them waits
	maxQueue  = 65_536 // commands that wait before new ones are refused
	idBlock   = 4096   // numbers reserved at a time
	maxRounds = 8      // of loading; commands name all their rows within five
	maxStarts = 8      // of a unit whose rows change while they are looked for
	maxTries  = 100    // of a command that meets with conflicts
	fewTries  = 10     // of a unit with several commands, before it is split

	patience = 5 * time.Second // with a unit that meets with conflicts or loses its connection, and what it is split into
)

// Options are what an engine is made of.
type Options struct {
	Store  store.Store
	Clock  clock.Clock
	Policy mpesa.Policy
	Log    *slog.Logger
	Stats  Stats // may be nil

	// Common hears what each unit has read of what nodes know of each other, before anything is decided. May be nil.
	Common func(store.Common)

	SettleTime time.Duration // how long callers wait to hear what came of a COMMIT that was not answered; 0: half a minute
}

// Stats hears of every unit of work.
type Stats interface {
	Unit(commands int, commit time.Duration, err error)

	// Outcome hears what came of a unit whose COMMIT was not answered: Committed, NotCommitted, Unknown or Unreplicated.
	Outcome(word string)
}

// Listener hears of a view whose changes have just been committed. It must be quick and keep nothing of the view.
type Listener func(v *mpesa.View)

// Engine runs commands. Make one with New, add listeners, then Start it.
type Engine struct {
	lifecycle.Runner
	Options
	directory *Directory
	customers customers
	followers []Listener
	listeners []Listener

	mu      sync.Mutex
	waiting []job
	stopped bool
	wake    chan struct{}

	ids struct {
		sync.Mutex
		next, end int64
	}
	lastError atomic.Pointer[string]
	said      struct { // of failures, in the log
		sync.Mutex
		at     time.Time
		unsaid int
	}

	ctx      context.Context // of the units; ends when Stop has waited long enough
	cancel   context.CancelFunc
	underway underway
	doubts   atomic.Int64 // units whose outcome is being found out
}

type job struct {
	command mpesa.Command
	done    func(error)
}

// New makes an engine that is not running yet.
func New(o Options) *Engine {
	e := &Engine{Options: o, wake: make(chan struct{}, 1)}
	if e.SettleTime == 0 {
		e.SettleTime = settleTime
	}
	e.directory = newDirectory(o.Store)
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// Directory looks up organisations and apps.
func (e *Engine) Directory() *Directory { return e.directory }

// Follow adds a listener that takes up what a unit leaves to be done. It hears of the unit before the callers do: a caller who has heard of
// their command finds it followed up, also when they then move the clock. All must be added before Start.
func (e *Engine) Follow(l Listener) { e.followers = append(e.followers, l) }

// Listen adds a listener that hears of a unit when its callers have. All must be added before Start.
func (e *Engine) Listen(l Listener) { e.listeners = append(e.listeners, l) }

// Start implements lifecycle.Part: the engine begins to work on commands.
func (e *Engine) Start(ctx context.Context) error {
	return e.Begin(ctx, func(context.Context) error {
		for range e.Store.Workers() {
			e.Go(e.work)
		}
		return nil
	})
}

// Stop implements lifecycle.Part: it refuses new commands, and finishes those that wait. When ctx ends it no longer waits for the database:
// what is under way fails, and what is in doubt stays unknown.
func (e *Engine) Stop(ctx context.Context) error {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.signal()
	err := e.End(ctx, e.cancel)
	e.cancel()
	for unit := e.take(nil); len(unit) > 0; unit = e.take(nil) { // of an engine that was never started
		finish(unit, ErrStopped)
	}
	return err
}

// Waiting is how many commands wait for a unit.
func (e *Engine) Waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.waiting)
}

// Health is nil, or what went wrong with the last unit of work that had something to write.
func (e *Engine) Health() error {
	if msg := e.lastError.Load(); msg != nil {
		return errors.New(*msg)
	}
	return nil
}

// Oldest is for how long the oldest unit has been under way, or in doubt.
func (e *Engine) Oldest() time.Duration { return e.underway.oldest() }

// Do runs a command and returns when its changes are on disk. On error nothing has changed and nothing will, but for ErrUnknown.
// Do returns early when ctx ends; the command may then still be carried out.
func (e *Engine) Do(ctx context.Context, c mpesa.Command) error {
	w := waiters.Get().(chan error)
	if err := e.Submit(c, func(err error) { w <- err }); err != nil {
		waiters.Put(w)
		return err
	}
	select {
	case err := <-w:
		waiters.Put(w)
		return err
	case <-ctx.Done():
		return ctx.Err() // w is still to be sent to, so nobody else may have it
	}
}

var waiters = sync.Pool{New: func() any { return make(chan error, 1) }}

// Submit runs a command without waiting for it: done is called when it is on disk or has failed, and must be quick.
// When Submit itself returns an error, done is not called.
func (e *Engine) Submit(c mpesa.Command, done func(error)) error {
	e.mu.Lock()
	switch {
	case e.stopped:
		e.mu.Unlock()
		return ErrStopped
	case len(e.waiting) >= maxQueue:
		e.mu.Unlock()
		return ErrBusy
	}
	e.waiting = append(e.waiting, job{c, done})
	first := len(e.waiting) == 1
	e.mu.Unlock()
	if first {
		e.signal()
	}
	return nil
}

func (e *Engine) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// take moves up to maxUnit waiting jobs into unit. It waits for the first one, and returns none when the engine has stopped.
func (e *Engine) take(unit []job) []job {
	for {
		e.mu.Lock()
		n := min(len(e.waiting), maxUnit)
		unit = append(unit, e.waiting[:n]...)
		left := copy(e.waiting, e.waiting[n:])
		clear(e.waiting[left:])
		e.waiting = e.waiting[:left]
		stopped := e.stopped
		e.mu.Unlock()
		if left > 0 || stopped {
			e.signal() // for the next worker
		}
		if n > 0 || stopped {
			return unit
		}
		<-e.wake
	}
}

// work is the life of a worker: take what waits, run it, again.
func (e *Engine) work() {
	var g *gathering
	var unit []job
	for {
		unit = e.take(unit[:0])
		if len(unit) == 0 {
			return
		}
		if g == nil {
			g = e.newGathering()
		}
		if kept := e.run(g, unit, attempt{begun: time.Now()}); !kept { // somebody else goes on with them
			g, unit = nil, nil
			continue
		}
		clear(unit)
	}
}

// attempt is what is known of the attempts at a unit.
type attempt struct {
	begun time.Time
	again bool // its COMMIT was once not answered
}

func (a attempt) late() bool { return time.Since(a.begun) > patience }

// run carries out a unit. When the rules panic on one of its commands, or it comes to no end of its conflicts, each half becomes
// a unit, and so on, so that only the culprit fails. kept tells whether g and unit are the caller's again.
func (e *Engine) run(g *gathering, unit []job, a attempt) (kept bool) {
	err := e.attempt(g, unit, a)
	switch {
	case (errors.Is(err, ErrDefect) || errors.Is(err, store.ErrConflict) && !a.late()) && len(unit) > 1:
		half := len(unit) / 2
		if kept = e.run(g, unit[:half], a); !kept {
			g = e.newGathering()
		}
		return e.run(g, unit[half:], a) && kept
	case errors.Is(err, store.ErrUnknown):
		e.doubt(&doubt{gathering: g, jobs: unit, err: err, again: a.again})
		return false
	case err != nil:
		e.fail(len(unit), err)
		finish(unit, err)
		return true
	}
	if !g.view.Empty() { // a unit without changes doesn't tell whether the database keeps any
		e.lastError.Store(nil)
	}
	e.finished(g.view, unit)
	return true
}

// finished tells everybody of a unit that is on disk.
func (e *Engine) finished(view *mpesa.View, unit []job) {
	e.directory.learn(view)
	tell(e.followers, view)
	finish(unit, nil)
	tell(e.listeners, view)
}

func finish(unit []job, err error) {
	for _, j := range unit {
		j.done(err)
	}
}

func tell(listeners []Listener, view *mpesa.View) {
	for _, l := range listeners {
		l(view)
	}
}

// fail notes that a unit was not kept.
func (e *Engine) fail(commands int, err error) {
	msg := err.Error()
	e.lastError.Store(&msg)
	e.said.Lock()
	defer e.said.Unlock()
	if time.Since(e.said.at) < time.Second { // a database that is away fails thousands
		e.said.unsaid++
		return
	}
	e.Log.Error("unit of work failed", "commands", commands, "error", err, "others_since", e.said.unsaid)
	e.said.at, e.said.unsaid = time.Now(), 0
}

// attempt decides and commits a unit, again and again while other nodes' units are faster. After store.ErrUnknown the unit of the store, g.rows, is
// the caller's to settle.
func (e *Engine) attempt(g *gathering, unit []job, a attempt) error {
	defer e.underway.end(e.underway.begin())
	for try := 1; ; try++ {
		start := time.Now()
		err := e.once(g, unit)
		if e.Stats != nil {
			e.Stats.Unit(len(unit), time.Since(start), err)
		}
		if errors.Is(err, store.ErrOutside) {
			e.directory.forget()
			e.Log.Warn("another program has written to the database: all that was remembered of it is read again")
		}
		conflict, lost := errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrLost)
		switch {
		case !conflict && !lost:
			return err
		case a.late(), try == maxTries, e.ctx.Err() != nil, conflict && try == fewTries && len(unit) > 1:
			return fmt.Errorf("%w after %d tries: %w", ErrUnstored, try, err)
		}
	}
}

func (e *Engine) once(g *gathering, unit []job) (err error) {
	if e.doubts.Load() >= int64(e.Store.Workers()) {
		return unstored(errDoubts)
	}
	ctx := e.ctx // a unit serves many callers: none of them can cancel it
	committed := false
	defer func() {
		switch p := recover().(type) {
		case nil:
		case reserveError: // the only way out of a rule
			err = unstored(p.error)
		default:
			e.Log.Error("the rules panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", ErrDefect, p)
		}
		if !committed {
			g.end()
		}
	}()
	if err := g.gather(ctx, unit); err != nil {
		return unstored(err)
	}
	now := e.Clock.Now()
	for _, j := range unit {
		j.command.Decide(g.view, now)
	}
	g.view.At = now.UnixMilli()
	committed = true // whatever comes of it, the unit is over
	if err := g.rows.Commit(ctx, &g.view.View); err != nil {
		return unstored(err)
	}
	e.customers.learn(g.view, mpesa.Subscribers.Known(g.view))
	return nil
}

// unstored says of an error that nothing was kept, unless it says more.
func unstored(err error) error {
	for _, more := range []error{nil, store.ErrConflict, store.ErrLost, store.ErrUnknown, ErrDefect} {
		if errors.Is(err, more) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrUnstored, err)
}

// newID gives the next number out of the reserved block.
func (e *Engine) newID() int64 {
	e.ids.Lock()
	defer e.ids.Unlock()
	if e.ids.next == e.ids.end {
		first, err := e.Store.Reserve(e.ctx, idBlock)
		if err != nil {
			panic(reserveError{err})
		}
		e.ids.next, e.ids.end = first, first+idBlock
	}
	e.ids.next++
	return e.ids.next - 1
}

type reserveError struct{ error }
