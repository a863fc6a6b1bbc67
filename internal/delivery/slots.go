package delivery

import (
	"sync"
	"sync/atomic"
	"time"
)

// slots are the connections that all lanes share, so that merchants whose servers hang leave some to the others, and the process has
// descriptors for its clients.
//
// A lane may have no more connections than are still free: one lane gets half of them, two get a third each, and a lane that comes next
// finds some. Lanes whose servers hang, or have not answered yet, have half of all together. A lane without a connection waits for its turn; while any does, a worker
// that has had its turn makes room.
type slots struct {
	limit   int
	waiting [2]atomic.Int64 // lanes without a connection; the second are those that count as hanging

	mu      sync.Mutex
	busy    int
	hanging int     // of these, of lanes whose servers hang
	queue   []*lane // that wait
}

// share is a lane's part of the slots. It belongs to their lock, but for hangs, which is read without: its server has not answered in time
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
	turn            = time.Second // of a worker while other lanes wait
	remembered      = time.Minute // a lane without work whose server answers: it is let through first
)

// take gives a lane a connection, or notes that it waits for its first.
func (s *slots) take(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.mayTake(l):
		s.grant(l)
		return true
	case l.share.held == 0 && !l.share.waits:
		l.share.waits = true
		s.queue = append(s.queue, l)
		s.waiting[l.share.class()].Add(1)
	}
	return false
}

func (s *slots) mayTake(l *lane) bool {
	free := s.limit - s.busy
	return l.share.held < free && (!l.share.hangs.Load() || s.hanging < (s.limit+1)/2)
}

func (s *slots) grant(l *lane) {
	s.busy++
	l.share.held++
	if l.share.hangs.Load() {
		s.hanging++
	}
	if l.share.waits {
		l.share.waits = false
		s.waiting[l.share.class()].Add(-1)
	}
}

// release takes a lane's connection back, and returns the lanes that get one now.
func (s *slots) release(l *lane) (granted []*lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	l.share.held--
	if l.share.hangs.Load() {
		s.hanging--
	}
	rest := s.queue[:0]
	for _, w := range s.queue {
		if s.mayTake(w) {
			s.grant(w)
			granted = append(granted, w)
		} else {
			rest = append(rest, w)
		}
	}
	clear(s.queue[len(rest):])
	s.queue = rest
	return granted
}

// note notes whether a lane's server has answered in time.
func (s *slots) note(l *lane, hangs bool) {
	if l.share.hangs.Load() == hangs {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.share.hangs.Swap(hangs) == hangs {
		return
	}
	if hangs {
		s.hanging += l.share.held
	} else {
		s.hanging -= l.share.held
	}
}

// idle reports whether a lane has no connection and waits for none.
func (s *slots) idle(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.share.held == 0 && !l.share.waits
}
