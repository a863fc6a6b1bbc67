package kivukotest

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what should come at once, on a busy machine too, since something last came. Only failures use it up.
const patience = 5 * time.Second

// Events is a list of what happened, which tests can wait for. It may be used by several goroutines. The zero value is ready.
type Events[T any] struct {
	mu    sync.Mutex
	list  []T
	added chan struct{} // closed, and made anew, with each addition; nil while nobody waits
}

// Add adds what has happened.
func (e *Events[T]) Add(x T) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, x)
	if e.added != nil {
		close(e.added)
		e.added = nil
	}
}

// Take waits for the first event that matches, and removes it. It fails the test when nothing has happened for 5 seconds; what names the
// event then.
func (e *Events[T]) Take(t testing.TB, what string, match func(T) bool) T {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		x, found, added := e.look(match)
		if found {
			return x
		}
		select {
		case <-added:
			deadline.Reset(patience)
		case <-deadline.C:
			t.Fatalf("no %s within %s; what came instead: %+v", what, patience, e.Left())
		}
	}
}

// look removes the first event that matches. If there is none, added is closed when there are more.
func (e *Events[T]) look(match func(T) bool) (x T, found bool, added <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := slices.IndexFunc(e.list, match); i >= 0 {
		x = e.list[i]
		e.list = slices.Delete(e.list, i, i+1)
		return x, true, nil
	}
	if e.added == nil {
		e.added = make(chan struct{})
	}
	return x, false, e.added
}

// Left lists what has happened and was not taken.
func (e *Events[T]) Left() []T {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}
