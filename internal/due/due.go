// Package due wakes what waits. What is due stands in the database; a Queue is the memory of one process about when to look
// at it again. A crash loses the queue and nothing else.
package due

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/lifecycle"
)

// Queue calls fire with what has fallen due, earliest first.
type Queue[T any] struct {
	lifecycle.Runner
	clock clock.Clock
	fire  func([]T)

	mu      sync.Mutex
	items   items[T]
	firing  int // items handed to fire and not yet Done
	settled *sync.Cond
	wake    chan struct{}
}

// Waiting is what a clock that is moved by hand needs to know of a queue.
type Waiting interface {
	Next() (at int64, ok bool)
	Settle()
	Len() int
}

type item[T any] struct {
	at    int64
	value T
}

// grain is how long an item may be late so that its neighbours fire with it.
const grain = time.Millisecond

// New makes a queue; fire is called by one goroutine at a time, and the work that it starts ends with a call of Done.
func New[T any](c clock.Clock, fire func([]T)) *Queue[T] {
	q := &Queue[T]{clock: c, fire: fire, wake: make(chan struct{}, 1)}
	q.settled = sync.NewCond(&q.mu)
	return q
}

// Start implements lifecycle.Part: the queue begins to fire.
func (q *Queue[T]) Start(ctx context.Context) error {
	return q.Begin(ctx, func(context.Context) error {
		q.Go(q.run)
		return nil
	})
}

// Stop implements lifecycle.Part. What is still in the queue stays due in the database.
func (q *Queue[T]) Stop(ctx context.Context) error {
	if q == nil {
		return nil
	}
	err := q.End(ctx, nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.settled.Broadcast() // those who settle see the stop
	return err
}

// Add fires value at a time, in milliseconds since 1970.
func (q *Queue[T]) Add(at int64, value T) {
	q.mu.Lock()
	heap.Push(&q.items, item[T]{at, value})
	earliest := q.items[0].at == at
	q.mu.Unlock()
	if earliest {
		q.Wake()
	}
}

// Wake makes the queue look at the clock again, which somebody has moved.
func (q *Queue[T]) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Done notes that n fired items have been dealt with.
func (q *Queue[T]) Done(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.firing -= n; q.firing == 0 {
		q.settled.Broadcast()
	}
}

// Next is when the next item falls due, in milliseconds; ok is false when there is none.
func (q *Queue[T]) Next() (at int64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return 0, false
	}
	return q.items[0].at, true
}

// Len is how many items wait.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// Settle waits until everything that is due by the clock has been fired and dealt with, or the queue is stopped.
func (q *Queue[T]) Settle() {
	q.Wake()
	done := q.Stopping()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.firing > 0 || len(q.items) > 0 && q.items[0].at <= q.clock.Now().UnixMilli() {
		select {
		case <-done:
			return
		default:
			q.settled.Wait()
		}
	}
}

func (q *Queue[T]) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		ready, wait := q.take()
		if len(ready) > 0 {
			q.fire(ready)
			continue
		}
		timer.Reset(wait)
		select {
		case <-q.Stopping():
			return
		case <-q.wake:
		case <-timer.C:
		}
	}
}

// take removes what is due, and says how long the rest may wait.
func (q *Queue[T]) take() (ready []T, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now().UnixMilli()
	for len(q.items) > 0 && q.items[0].at <= now {
		ready = append(ready, heap.Pop(&q.items).(item[T]).value)
	}
	q.firing += len(ready)
	if len(q.items) == 0 {
		return ready, time.Hour
	}
	return ready, max(time.Duration(q.items[0].at-now)*time.Millisecond, grain)
}

// items is a heap by time.
type items[T any] []item[T]

func (h items[T]) Len() int           { return len(h) }
func (h items[T]) Less(i, j int) bool { return h[i].at < h[j].at }
func (h items[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *items[T]) Push(x any)        { *h = append(*h, x.(item[T])) }
func (h *items[T]) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
