package lifecycle

import (
	"context"
	"errors"
	"sync"
	"time"
)

// List starts its parts in their order and stops them in reverse. When one doesn't start, it and those before it are stopped.
type List []Part

// Start implements Part.
func (l List) Start(ctx context.Context) error {
	for i, p := range l {
		err := p.Start(ctx)
		switch {
		case errors.Is(err, ErrStarted): // by somebody else, who stops it
			return errors.Join(err, l[:i].Stop(context.WithoutCancel(ctx)))
		case err != nil:
			return errors.Join(err, l[:i+1].Stop(context.WithoutCancel(ctx)))
		}
	}
	return nil
}

// Stop implements Part. It returns the errors of all parts.
func (l List) Stop(ctx context.Context) error {
	var errs []error
	for i := len(l) - 1; i >= 0; i-- {
		errs = append(errs, l[i].Stop(ctx))
	}
	return errors.Join(errs...)
}

// step is a part of two functions.
type step struct {
	Runner
	start, stop func(context.Context) error
	undo        sync.Once
	started     bool
	err         error // of stop
}

// Step returns a part of two functions. Its Stop calls stop, which may be nil, once, and only if start has succeeded.
func Step(start, stop func(context.Context) error) Part { return &step{start: start, stop: stop} }

// Start implements Part.
func (s *step) Start(ctx context.Context) error {
	return s.Begin(ctx, func(run context.Context) error {
		err := s.start(run)
		s.started = err == nil
		return err
	})
}

// Stop implements Part.
func (s *step) Stop(ctx context.Context) error {
	if s == nil {
		return nil
	}
	err := s.End(ctx, nil)
	s.undo.Do(func() {
		if s.started && s.stop != nil {
			err = s.stop(ctx)
		}
		s.err = err
	})
	return s.err
}

// loop is a part that is one function.
type loop struct {
	Runner
	run func(context.Context)
}

// Loop returns a part that calls run in a goroutine; Stop ends the context of it.
func Loop(run func(context.Context)) Part { return &loop{run: run} }

// Start implements Part.
func (l *loop) Start(ctx context.Context) error {
	return l.Begin(ctx, func(run context.Context) error {
		l.Go(func() { l.run(run) })
		return nil
	})
}

// Stop implements Part.
func (l *loop) Stop(ctx context.Context) error {
	if l == nil {
		return nil
	}
	return l.End(ctx, nil)
}

// later is a part that another one makes.
type later[P Part] struct{ p *P }

// Later returns the part that *p is when it is started, which a part before it in a List has made.
func Later[P Part](p *P) Part { return later[P]{p} }

// Start implements Part.
func (l later[P]) Start(ctx context.Context) error { return (*l.p).Start(ctx) }

// Stop implements Part.
func (l later[P]) Stop(ctx context.Context) error { return (*l.p).Stop(ctx) }

// within is a part that doesn't take long to stop.
type within struct {
	Part
	limit time.Duration
}

// Within returns a part whose Stop breaks off what is under way when a time has passed. That is not an error, unlike the end of Stop's ctx.
func Within(limit time.Duration, p Part) Part { return within{p, limit} }

// Stop implements Part.
func (w within) Stop(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	err := w.Part.Stop(limited)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	}
	return err
}
