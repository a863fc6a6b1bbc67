// Package engine runs the rules. It gathers the commands that wait into a unit of work, loads the rows they read, lets the
// rules decide one after the other, writes all changes in one transaction, and only then answers whoever sent the commands
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
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// Errors of Do.
var (
	ErrBusy     = errors.New("too many commands are waiting")
	ErrStopped  = errors.New("the engine has stopped")
	ErrDefect   = errors.New("the rules failed on this command") // logged with a stack
	ErrUnstored = errors.New("the database did not keep it")
)

const (
	maxUnit   = 1024   // commands in a unit: bounds how long the first of them waits
	maxQueue  = 65_536 // commands that wait before new ones are refused
	idBlock   = 4096   // numbers reserved at a time
	maxRounds = 8      // of loading; commands name all their rows within five
	maxStarts = 8      // of a unit whose rows change while they are looked for
	maxTries  = 100    // of a command that meets with conflicts
	fewTries  = 10     // of a unit with several commands, before it is split
)

// Options are what an engine is made of.
type Options struct {
	Store  store.Store
	Clock  clock.Clock
	Policy mpesa.Policy
	Log    *slog.Logger
	Stats  Stats // may be nil
}

// Stats hears of every unit of work.
type Stats interface {
	Unit(commands int, commit time.Duration, err error)
}

// Listener hears of a view whose changes have just been committed. It must be quick and keep nothing of the view.
type Listener func(v *mpesa.View)

// Engine runs commands. Make one with New, add listeners, then Start it.
type Engine struct {
	Options
	directory *Directory
	customers customers
	followers []Listener
	listeners []Listener

	mu      sync.Mutex
	waiting []job
	stopped bool
	wake    chan struct{}
	workers sync.WaitGroup

	ids struct {
		sync.Mutex
		next, end int64
	}
	lastError atomic.Pointer[string]
}

type job struct {
	command mpesa.Command
	done    func(error)
}

// New makes an engine that is not running yet.
func New(o Options) *Engine {
	e := &Engine{Options: o, wake: make(chan struct{}, 1)}
	e.directory = newDirectory(o.Store)
	return e
}

// Directory looks up organisations and apps.
func (e *Engine) Directory() *Directory { return e.directory }

// Follow adds a listener that takes up what a unit leaves to be done. It hears of the unit before the callers do: whoever has heard of
// his command finds it followed up, also when he then moves the clock. All must be added before Start.
func (e *Engine) Follow(l Listener) { e.followers = append(e.followers, l) }

// Listen adds a listener that hears of a unit when its callers have. All must be added before Start.
func (e *Engine) Listen(l Listener) { e.listeners = append(e.listeners, l) }

// Start begins to work on commands.
func (e *Engine) Start() {
	for range e.Store.Workers() {
		e.workers.Go(e.work)
	}
}

// Stop refuses new commands, finishes those that wait and returns when all are done.
func (e *Engine) Stop() {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.signal()
	e.workers.Wait()
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

// Do runs a command and returns when its changes are on disk. On error nothing has changed, but for ErrUnstored from a
// database that fails while it commits, which may have kept the changes.
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
	view := mpesa.NewView(e.Policy, e.newID)
	var unit []job
	for {
		unit = e.take(unit[:0])
		if len(unit) == 0 {
			return
		}
		e.run(view, unit)
		clear(unit)
	}
}

// run carries out a unit. When the rules panic on one of its commands, or it comes to no end of its conflicts, each half becomes
// a unit, and so on, so that only the culprit fails.
func (e *Engine) run(view *mpesa.View, unit []job) {
	err := e.attempt(view, unit)
	if (errors.Is(err, ErrDefect) || errors.Is(err, store.ErrConflict)) && len(unit) > 1 {
		half := len(unit) / 2
		e.run(view, unit[:half])
		e.run(view, unit[half:])
		return
	}
	switch {
	case err != nil:
		msg := err.Error()
		e.lastError.Store(&msg)
		e.Log.Error("unit of work failed", "commands", len(unit), "error", err)
	case !view.Empty(): // a unit without changes doesn't tell whether the database keeps any
		e.lastError.Store(nil)
	}
	if err == nil {
		e.directory.learn(view)
		tell(e.followers, view)
	}
	for _, j := range unit {
		j.done(err)
	}
	if err == nil {
		tell(e.listeners, view)
	}
}

func tell(listeners []Listener, view *mpesa.View) {
	for _, l := range listeners {
		l(view)
	}
}

// attempt decides and commits a unit, again and again while other nodes' units are faster.
func (e *Engine) attempt(view *mpesa.View, unit []job) error {
	for try := 1; ; try++ {
		start := time.Now()
		err := e.once(view, unit)
		if e.Stats != nil {
			e.Stats.Unit(len(unit), time.Since(start), err)
		}
		if errors.Is(err, store.ErrOutside) {
			e.directory.forget()
			e.Log.Warn("another program has written to the database: all that was remembered of it is read again")
		}
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		if try == maxTries || try == fewTries && len(unit) > 1 {
			return fmt.Errorf("%w after %d tries: %w", ErrUnstored, try, err)
		}
	}
}

func (e *Engine) once(view *mpesa.View, unit []job) (err error) {
	ctx := context.Background() // a unit serves many callers: none of them can cancel it
	g := gathering{engine: e, view: view, unit: unit}
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
	if err := g.gather(ctx); err != nil {
		return unstored(err)
	}
	now := e.Clock.Now()
	for _, j := range unit {
		j.command.Decide(view, now)
	}
	committed = true // whatever comes of it, the unit is over
	if err := g.rows.Commit(ctx, view); err != nil {
		return unstored(err)
	}
	e.customers.learn(view, g.known.Subscribers)
	return nil
}

func unstored(err error) error {
	if errors.Is(err, store.ErrConflict) || errors.Is(err, ErrDefect) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnstored, err)
}

// newID gives the next number out of the reserved block.
func (e *Engine) newID() int64 {
	e.ids.Lock()
	defer e.ids.Unlock()
	if e.ids.next == e.ids.end {
		first, err := e.Store.Reserve(context.Background(), idBlock)
		if err != nil {
			panic(reserveError{err})
		}
		e.ids.next, e.ids.end = first, first+idBlock
	}
	e.ids.next++
	return e.ids.next - 1
}

type reserveError struct{ error }
