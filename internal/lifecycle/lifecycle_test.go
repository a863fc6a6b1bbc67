package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
)

func nothing(context.Context) error { return nil }

// runs is what a Loop does that runs until it is stopped.
func runs(ctx context.Context) { <-ctx.Done() }

func TestContract(t *testing.T) {
	for name, part := range map[string]func() lifecycle.Part{
		"step":   func() lifecycle.Part { return lifecycle.Step(nothing, nothing) },
		"loop":   func() lifecycle.Part { return lifecycle.Loop(runs) },
		"within": func() lifecycle.Part { return lifecycle.Within(time.Second, lifecycle.Loop(runs)) },
		"list": func() lifecycle.Part {
			made := lifecycle.Loop(runs)
			return lifecycle.List{lifecycle.Step(nothing, nil), lifecycle.Loop(runs), lifecycle.Later(&made)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			lifecycletest.Contract(t, func(testing.TB) lifecycle.Part { return part() })
		})
	}
}

// part tells of its starts and stops.
type part struct {
	lifecycle.Runner
	name string
	fail error
	told *[]string
}

func (p *part) Start(ctx context.Context) error {
	return p.Begin(ctx, func(context.Context) error {
		*p.told = append(*p.told, "start "+p.name)
		return p.fail
	})
}

func (p *part) Stop(ctx context.Context) error {
	*p.told = append(*p.told, "stop "+p.name)
	return p.End(ctx, nil)
}

func TestListStopsInReverse(t *testing.T) {
	wrong := errors.New("wrong")
	for _, test := range []struct {
		fail error // of b
		want []string
	}{
		{nil, []string{"start a", "start b", "start c", "stop c", "stop b", "stop a"}},
		{wrong, []string{"start a", "start b", "stop b", "stop a"}},
	} {
		var told []string
		l := lifecycle.List{&part{name: "a", told: &told}, &part{name: "b", fail: test.fail, told: &told}, &part{name: "c", told: &told}}
		if err := l.Start(t.Context()); !errors.Is(err, test.fail) {
			t.Errorf("Start returns %v", err)
		}
		if test.fail == nil {
			lifecycletest.Stop(t, l)
		}
		if !slices.Equal(told, test.want) {
			t.Errorf("if b fails with %v: %q; want %q", test.fail, told, test.want)
		}
	}
}

// A second start of a list that runs doesn't stop it.
func TestListIsLeftRunningWhenStartedAgain(t *testing.T) {
	var told []string
	l := lifecycle.List{&part{name: "a", told: &told}, &part{name: "b", told: &told}}
	for _, want := range []error{nil, lifecycle.ErrStarted} {
		if err := l.Start(t.Context()); !errors.Is(err, want) {
			t.Errorf("Start returns %v; want %v", err, want)
		}
	}
	if len(told) != 2 {
		t.Errorf("%q", told)
	}
}

func TestStepIsUndoneOnceAndOnlyIfDone(t *testing.T) {
	wrong := errors.New("wrong")
	for _, fail := range []error{nil, wrong} {
		undone := 0
		s := lifecycle.Step(func(context.Context) error { return fail }, func(context.Context) error { undone++; return wrong })
		if err := s.Start(t.Context()); !errors.Is(err, fail) {
			t.Errorf("Start returns %v; want %v", err, fail)
		}
		for range 3 {
			if err := s.Stop(t.Context()); (err == nil) != (fail != nil) {
				t.Errorf("after %v Stop returns %v", fail, err)
			}
		}
		if done := fail == nil; (undone == 1) != done || undone > 1 {
			t.Errorf("after %v it is undone %d times", fail, undone)
		}
	}
}

// The context of the start bounds the start, and nothing after it.
func TestContextOfTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var r lifecycle.Runner
		var running context.Context
		if err := r.Begin(ctx, func(run context.Context) error { running = run; return nil }); err != nil {
			t.Fatal(err)
		}
		tired := errors.New("tired")
		cancel(tired)
		synctest.Wait()
		if running.Err() != nil {
			t.Error("it ends what has been started")
		}
		var late lifecycle.Runner
		if err := late.Begin(ctx, func(run context.Context) error { <-run.Done(); return nil }); !errors.Is(err, tired) {
			t.Errorf("a start whose context has ended returns %v", err)
		}
		if err := r.End(t.Context(), nil); err != nil || running.Err() == nil {
			t.Errorf("End returns %v, and the context is %v", err, running.Err())
		}
	})
}

func TestEndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r lifecycle.Runner
		var log []string
		var mu sync.Mutex
		say := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, what)
		}
		broken := make(chan struct{})
		begin := time.Now()
		if err := r.Begin(t.Context(), func(run context.Context) error {
			r.Go(func() { <-run.Done(); <-time.After(time.Second); say("done"); r.Go(func() { say("more") }) })
			r.Go(func() { <-broken; <-time.After(time.Minute); say("broken off") })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err := r.End(ctx, sync.OnceFunc(func() { say("ctx ends"); close(broken) }))
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took != 3*time.Second+time.Minute || fmt.Sprint(log) != "[done more ctx ends broken off]" {
			t.Errorf("after %s End returns %v: %q", took, err, log)
		}
		r.Go(func() { t.Error("goroutines are started after the end") })
		if err := r.End(ctx, func() { t.Error("what has ended is broken off") }); err != nil {
			t.Errorf("End returns %v when all is over", err)
		}
	})
}

// slow is a part that stops when it is told a second time, by the end of a context.
type slow struct {
	lifecycle.Runner
	hard chan struct{}
}

func (s *slow) Start(ctx context.Context) error {
	return s.Begin(ctx, func(context.Context) error { s.Go(func() { <-s.hard }); return nil })
}

func (s *slow) Stop(ctx context.Context) error {
	return s.End(ctx, sync.OnceFunc(func() { close(s.hard) }))
}

func TestWithinHasALimitOfItsOwn(t *testing.T) {
	for _, test := range []struct {
		ctx  time.Duration
		want error
		took time.Duration
	}{{time.Hour, nil, time.Second}, {time.Millisecond, context.DeadlineExceeded, time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			p := lifecycle.Within(time.Second, &slow{hard: make(chan struct{})})
			if err := p.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), test.ctx)
			defer cancel()
			begin := time.Now()
			if err := p.Stop(ctx); !errors.Is(err, test.want) || time.Since(begin) != test.took {
				t.Errorf("Stop returns %v after %s", err, time.Since(begin))
			}
		})
	}
}

// Stop ends a start that is under way, and returns when that has.
func TestStopEndsAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var undone bool
		s := lifecycle.Step(func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(time.Second)
			return nil // it has come too far to fail
		}, func(context.Context) error { undone = true; return nil })
		started := make(chan error, 1)
		go func() { started <- s.Start(t.Context()) }()
		synctest.Wait()
		begin := time.Now()
		lifecycletest.Stop(t, s)
		if err := <-started; !errors.Is(err, lifecycle.ErrStopped) || time.Since(begin) != time.Second || !undone {
			t.Errorf("after %s Start returns %v; undone: %t", time.Since(begin), err, undone)
		}
	})
}
