// Package lifecycletest checks parts against the contract of package lifecycle, and runs them in tests.
package lifecycletest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/lifecycle"
)

// Run starts a part, and stops it when the test ends.
func Run(t testing.TB, p lifecycle.Part) {
	t.Helper()
	t.Cleanup(func() { Stop(t, p) })
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Stop stops a part, and lets what is under way come to its end.
func Stop(t testing.TB, p lifecycle.Part) {
	t.Helper()
	if err := p.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// patience is how long a part may take to start or to stop, on a busy machine too.
const patience = 5 * time.Second

// Contract checks a kind of part, which make makes anew for each of the contract's clauses.
func Contract(t *testing.T, make func(testing.TB) lifecycle.Part) {
	for _, clause := range []struct {
		name  string
		holds func(*contract)
	}{
		{"stopped twice", func(c *contract) { c.start(nil); c.stop(); c.stop() }},
		{"stopped before start", func(c *contract) { c.stop(); c.start(lifecycle.ErrStopped); c.stop() }},
		{"stopped without start", func(c *contract) { c.stop() }},
		{"stopped during start", (*contract).stopDuringStart},
		{"stopped on nil", (*contract).stopNil},
		{"started twice", func(c *contract) {
			c.start(nil)
			c.start(lifecycle.ErrStarted)
			c.stop()
			c.start(lifecycle.ErrStarted, lifecycle.ErrStopped)
		}},
		{"started when it is too late", func(c *contract) { c.startEnded(); c.stop() }},
		{"stopped by twenty at once", (*contract).stopAtOnce},
		{"stopped by somebody without patience", (*contract).breakOff},
	} {
		t.Run(clause.name, func(t *testing.T) {
			before := goroutines()
			c := &contract{T: t, part: make(t)}
			made := goroutines()
			clause.holds(c)
			c.leavesNothing(before, made)
		})
	}
}

// contract is a part that is held to its contract.
type contract struct {
	*testing.T
	part lifecycle.Part
}

// in calls f, and fails the test if it takes too long.
func (c *contract) in(what string, f func()) {
	c.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		c.Fatalf("%s takes longer than %s:\n%s", what, patience, stacks[:runtime.Stack(stacks, true)])
	}
}

// start starts the part, with one of the errors.
func (c *contract) start(want ...error) {
	c.Helper()
	c.in("Start", func() {
		err := c.part.Start(c.Context())
		for _, w := range want {
			if errors.Is(err, w) {
				return
			}
		}
		if err != nil || want[0] != nil {
			c.Errorf("Start returns %v; want %v", err, want)
		}
	})
}

func (c *contract) stop() {
	c.Helper()
	c.in("Stop", func() {
		if err := c.part.Stop(context.Background()); err != nil {
			c.Errorf("Stop returns %v", err)
		}
	})
}

func (c *contract) stopDuringStart() {
	c.in("Start and Stop", func() {
		var both sync.WaitGroup
		both.Go(func() {
			if err := c.part.Start(c.Context()); err != nil && !errors.Is(err, lifecycle.ErrStopped) && !errors.Is(err, context.Canceled) {
				c.Errorf("Start returns %v", err)
			}
		})
		both.Go(func() {
			runtime.Gosched()
			if err := c.part.Stop(context.Background()); err != nil {
				c.Errorf("Stop returns %v", err)
			}
		})
		both.Wait()
	})
	c.stop()
}

func (c *contract) stopNil() {
	c.stop()
	if kind := reflect.TypeOf(c.part); kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		c.part = reflect.Zero(kind).Interface().(lifecycle.Part)
		c.stop()
	}
}

// startEnded starts the part with a context that has ended.
func (c *contract) startEnded() {
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	c.in("Start", func() {
		if err := c.part.Start(ctx); err == nil {
			c.Error("Start succeeds after its context has ended")
		}
	})
}

func (c *contract) stopAtOnce() {
	c.start(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(c.stop)
	}
	c.in("Stop", all.Wait)
}

// breakOff stops the part with a context that has ended.
func (c *contract) breakOff() {
	c.start(nil)
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	c.in("Stop", func() {
		if err := c.part.Stop(ctx); err != nil && !errors.Is(err, context.Canceled) {
			c.Errorf("Stop returns %v", err)
		}
	})
}

// leavesNothing checks that the goroutines that the part has started have ended. Those that make has started are not the part's.
func (c *contract) leavesNothing(before, made map[string]string) {
	deadline := time.Now().Add(patience)
	for {
		var left []string
		for id, stack := range goroutines() {
			if before[id] == "" && made[id] == "" {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			c.Errorf("it leaves goroutines:\n%s", strings.Join(left, "\n\n"))
			return
		}
		runtime.Gosched() // one that has told of its end is about to be gone
	}
}

// goroutines returns the stacks of the goroutines that packages of this module have started, but for this one, by their numbers.
func goroutines() map[string]string {
	list := map[string]string{}
	text := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
		_, creator, _ := strings.Cut(stack, "created by ")
		var id int
		if _, err := fmt.Sscanf(stack, "goroutine %d", &id); err != nil || !strings.HasPrefix(creator, "github.com/kivuko/kivuko/") || strings.Contains(creator, "lifecycletest.") {
			continue
		}
		list[fmt.Sprint(id)] = stack
	}
	return list
}
