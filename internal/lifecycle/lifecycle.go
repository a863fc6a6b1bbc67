// Package lifecycle has the contract of everything in Kivuko that runs: a Part is started once and may be stopped at any time.
package lifecycle

import (
	"context"
	"errors"
	"sync"
)

// The errors of a Start that comes too late.
var (
	ErrStarted = errors.New("it has been started before")
	ErrStopped = errors.New("it has been stopped")
)

// Part is something that runs. lifecycletest.Contract checks one.
type Part interface {
	// Start returns when the part runs. ctx bounds the start only. A second call returns ErrStarted, and one after Stop ErrStopped; what
	// another error leaves is for Stop to end.
	Start(ctx context.Context) error

	// Stop returns when nothing of the part runs any more. While ctx lasts, what is under way may come to its end; then it is broken
	// off, and Stop returns the error of ctx. It may be called by anyone, any number of times: before Start, during it, and on nil.
	Stop(ctx context.Context) error
}

// Runner is what parts embed: it keeps their Start and Stop to the contract, and has their goroutines. The zero value is ready.
type Runner struct {
	mu       sync.Mutex
	begun    bool
	ended    bool
	underway int                // calls of functions that End waits for
	stopping chan struct{}      // closed when ended; nil while nobody has asked for it
	over     chan struct{}      // closed when ended and nothing is under way; nil before
	cancel   context.CancelFunc // of the context that Begin gave; nil before
}

// Begin calls start, unless the part has been started or stopped before. The context that start is given has the values of ctx. It ends with
// ctx while start is being called, and after that with the first call of End.
func (r *Runner) Begin(ctx context.Context, start func(run context.Context) error) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := r.begin(cancel); err != nil {
		cancel()
		return err
	}
	defer r.leave()
	untie := context.AfterFunc(ctx, cancel)
	err := start(run)
	switch {
	case !untie() && err == nil:
		return context.Cause(ctx)
	case run.Err() != nil && ctx.Err() == nil:
		return ErrStopped
	}
	return err
}

func (r *Runner) begin(cancel context.CancelFunc) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.begun:
		return ErrStarted
	case r.ended:
		return ErrStopped
	}
	r.begun, r.cancel = true, cancel
	r.underway++
	return nil
}

// Go calls f in a goroutine that End waits for. When End has nothing to wait for any more, Go does nothing.
func (r *Runner) Go(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended && r.underway == 0 {
		return
	}
	r.underway++
	go func() {
		defer r.leave()
		f()
	}()
}

func (r *Runner) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underway--; r.ended && r.underway == 0 {
		close(r.over)
	}
}

// Stopping returns a channel that the first call of End closes.
func (r *Runner) Stopping() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.signal()
}

func (r *Runner) signal() chan struct{} {
	if r.stopping == nil {
		r.stopping = make(chan struct{})
	}
	return r.stopping
}

// End is called by a part's Stop. It ends the context of Begin and returns when what Begin and Go have called has returned. If ctx ends before
// and there is a breakOff, that is called, and the error of ctx returned in the end.
func (r *Runner) End(ctx context.Context, breakOff func()) error {
	over := r.end()
	select {
	case <-over: // also when ctx has ended
		return nil
	default:
	}
	if breakOff == nil {
		<-over
		return nil
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		breakOff()
		<-over
		return ctx.Err()
	}
}

// end returns a channel that is closed when nothing is under way.
func (r *Runner) end() (over <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return r.over
	}
	r.ended, r.over = true, make(chan struct{})
	close(r.signal())
	if r.cancel != nil {
		r.cancel()
	}
	if r.underway == 0 {
		close(r.over)
	}
	return r.over
}
