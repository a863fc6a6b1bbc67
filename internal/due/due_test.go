package due_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/due"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = time.UnixMilli(ms)
}

// start makes a queue whose items are dealt with as soon as they fire, and gives what has fired so far.
func start(t *testing.T) (*due.Queue[string], *clock, func() []string) {
	t.Helper()
	c := &clock{now: time.UnixMilli(0)}
	var mu sync.Mutex
	var fired []string
	var q *due.Queue[string]
	q = due.New(c, func(ready []string) {
		mu.Lock()
		fired = append(fired, ready...)
		mu.Unlock()
		q.Done(len(ready))
	})
	lifecycletest.Run(t, q)
	return q, c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(fired)
	}
}

func TestItemsFireWhenTheyFallDueEarliestFirst(t *testing.T) {
	q, c, fired := start(t)
	defer lifecycletest.Stop(t, q)
	for at, name := range map[int64]string{30: "c", 10: "a", 20: "b", 40: "d"} {
		q.Add(at, name)
	}
	if at, ok := q.Next(); !ok || at != 10 || q.Len() != 4 {
		t.Errorf("next at %d, %v, of %d", at, ok, q.Len())
	}
	c.set(9)
	q.Settle()
	if got := fired(); len(got) != 0 {
		t.Errorf("at 9: %v", got)
	}
	c.set(30)
	q.Settle()
	if got := fired(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("at 30: %v", got)
	}
	q.Add(5, "late") // due before it was added
	q.Settle()
	c.set(1000)
	q.Settle()
	if got := fired(); !slices.Equal(got, []string{"a", "b", "c", "late", "d"}) {
		t.Errorf("in the end: %v", got)
	}
	if _, ok := q.Next(); ok || q.Len() != 0 {
		t.Errorf("%d are left", q.Len())
	}
}

func TestSettleWaitsForWhatHasFired(t *testing.T) {
	c := &clock{now: time.UnixMilli(0)}
	fired := make(chan int, 1)
	q := due.New(c, func(ready []string) { fired <- len(ready) })
	lifecycletest.Run(t, q)
	q.Add(1, "a")
	q.Add(1, "b")
	c.set(1)
	settled := make(chan struct{})
	go func() {
		q.Settle()
		close(settled)
	}()
	n := <-fired
	select {
	case <-settled:
		t.Error("it settled before anything was dealt with")
	default:
	}
	q.Done(1)
	if n == 1 {
		n += <-fired
	}
	q.Done(n - 1)
	<-settled
}

// Callers of Settle return when the queue stops, at whichever moment that is.
func TestStopEndsSettling(t *testing.T) {
	for range 200 {
		c := &clock{now: time.UnixMilli(1)}
		q := due.New(c, func([]string) {}) // which never deals with anything
		lifecycletest.Run(t, q)
		q.Add(1, "a")
		settled := make(chan struct{})
		go func() {
			q.Settle()
			close(settled)
		}()
		lifecycletest.Stop(t, q)
		<-settled
	}
}

func TestStoppedQueueFiresNothing(t *testing.T) {
	q, c, fired := start(t)
	lifecycletest.Stop(t, q)
	q.Add(1, "a")
	c.set(2)
	q.Wake()
	if got := fired(); len(got) != 0 || q.Len() != 1 {
		t.Errorf("%v fired, %d are left", got, q.Len())
	}
}

func TestContract(t *testing.T) {
	lifecycletest.Contract(t, func(testing.TB) lifecycle.Part { return due.New(&clock{}, func([]string) {}) })
}
