package delivery

import (
	"sync"
	"sync/atomic"
	"time"
)

// slots are the connections that all queues share, so that merchants whose servers hang leave some to the others, and the process has
// descriptors for its clients.
//
// A queue may have no more connections than are still free: one queue gets half of them, two get a third each, and a queue that comes next
// finds some. Queues whose servers hang, or have not answered yet, have half of all together. One without a connection waits for its turn; while any does, a worker
// that has had its turn makes room.
type slots struct {
	limit   int
	waiting [2]atomic.Int64 // queues without a connection; the second are those that count as hanging

	mu      sync.Mutex
	busy    int
	hanging int      // of these, of queues whose servers hang
	line    []*queue // that wait
}

// share is a queue's part of the slots. It belongs to their lock, but for hangs, which is read without: its server has not answered in time
// the last time, or not yet at all.
type share struct {
	held  int
	waits bool
	hangs atomic.Bool
}

func (s *share) class() int {
	if s.hangs.Load() {
		return 1
	}
	return 0
}

const (
	mostConnections = 4096
	turn            = time.Second // of a worker while other queues wait
	remembered      = time.Minute // a queue without work whose server answers: it is let through first
)

// take gives a queue a connection, or notes that it waits for its first.
func (s *slots) take(q *queue) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.mayTake(q):
		s.grant(q)
		return true
	case q.share.held == 0 && !q.share.waits:
		q.share.waits = true
		s.line = append(s.line, q)
		s.waiting[q.share.class()].Add(1)
	}
	return false
}

func (s *slots) mayTake(q *queue) bool {
	free := s.limit - s.busy
	return q.share.held < free && (!q.share.hangs.Load() || s.hanging < (s.limit+1)/2)
}

func (s *slots) grant(q *queue) {
	s.busy++
	q.share.held++
	if q.share.hangs.Load() {
		s.hanging++
	}
	if q.share.waits {
		q.share.waits = false
		s.waiting[q.share.class()].Add(-1)
	}
}

// release takes a queue's connection back, and returns the queues that get one now.
func (s *slots) release(q *queue) (granted []*queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	q.share.held--
	if q.share.hangs.Load() {
		s.hanging--
	}
	rest := s.line[:0]
	for _, w := range s.line {
		if s.mayTake(w) {
			s.grant(w)
			granted = append(granted, w)
		} else {
			rest = append(rest, w)
		}
	}
	clear(s.line[len(rest):])
	s.line = rest
	return granted
}

// note notes whether a queue's server has answered in time.
func (s *slots) note(q *queue, hangs bool) {
	if q.share.hangs.Load() == hangs {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.share.hangs.Swap(hangs) == hangs {
		return
	}
	if hangs {
		s.hanging += q.share.held
	} else {
		s.hanging -= q.share.held
	}
}

// idle reports whether a queue has no connection and waits for none.
func (s *slots) idle(q *queue) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return q.share.held == 0 && !q.share.waits
}
