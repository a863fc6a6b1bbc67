package testworld

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// events is a list of what happened, which can be waited for.
type events[T any] struct {
	mu    sync.Mutex
	list  []T
	added chan struct{} // closed, and made anew, with each addition
}

func newEvents[T any]() *events[T] { return &events[T]{added: make(chan struct{})} }

func (e *events[T]) add(x T) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, x)
	close(e.added)
	e.added = make(chan struct{})
}

// take waits for the first event that matches, and removes it.
func (e *events[T]) take(t testing.TB, what string, match func(T) bool) T {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		e.mu.Lock()
		i := slices.IndexFunc(e.list, match)
		if i >= 0 {
			x := e.list[i]
			e.list = slices.Delete(e.list, i, i+1)
			e.mu.Unlock()
			return x
		}
		added, left := e.added, slices.Clone(e.list)
		e.mu.Unlock()
		select {
		case <-added:
		case <-deadline.C:
			t.Fatalf("no %s within %s; what came instead: %+v", what, patience, left)
		}
	}
}

// left lists what nobody has taken so far.
func (e *events[T]) left() []T {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}
