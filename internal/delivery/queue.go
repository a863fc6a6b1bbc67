package delivery

import (
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/delivery/post"
)

// queue has the callbacks to one host of one merchant, and workers that each have a connection of their own.
type queue struct {
	sender *Sender
	key    queueKey
	share  share // of the connections

	mu      sync.Mutex
	waiting []callback
	workers int
	idle    []chan callback // workers without work, the last to become idle last
	watched bool            // somebody will see whether the queue moves
	closed  bool
	known   bool // it will be looked at whether it can be forgotten
}

const (
	idleFor   = 3 * time.Second // then a worker ends: few servers close a connection sooner
	remembers = 1000            // callbacks of a queue that keep their payment in memory

	patience = 100 * time.Millisecond // how long a callback waits for a worker before another one is started
)

// add gives a callback to an idle worker, or else queues it and starts another worker when all have enough to do.
func (q *queue) add(cb callback) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.idle); n > 0 {
		q.idle[n-1] <- cb // has room for one
		q.idle = q.idle[:n-1]
		return
	}
	if len(q.waiting) >= remembers {
		cb.subject = nil
	}
	q.waiting = append(q.waiting, cb)
	if len(q.waiting) > q.workers {
		q.startWorker()
	}
	q.watch()
}

// startWorker starts another worker, unless there are as many as there may be.
func (q *queue) startWorker() {
	if q.workers < q.sender.PerHost && q.sender.slots.take(q) {
		q.start()
	}
}

// start starts a worker, whose connection has been granted.
func (q *queue) start() {
	q.workers++
	q.sender.Go(q.work)
}

// watch looks later whether the queue moves: its workers may all be with a server that takes its time.
func (q *queue) watch() {
	if q.watched {
		return
	}
	q.watched = true
	time.AfterFunc(patience, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.watched = false
		if len(q.waiting) == 0 {
			return // or closed
		}
		if time.Since(q.waiting[0].since) >= patience {
			q.startWorker()
		}
		q.watch()
	})
}

// close ends the workers; callbacks still in the queue stay pending in the database.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.waiting = nil
	for _, inbox := range q.idle {
		close(inbox)
	}
	q.idle = nil
}

// work is what a worker does until it has had no callback for a while, or its connection is needed elsewhere.
func (q *queue) work() {
	began := time.Now()
	conn := post.New(q.sender.dialer)
	defer q.sender.ended(q)
	defer conn.Close()
	inbox := make(chan callback, 1)
	timer := time.NewTimer(idleFor)
	defer timer.Stop()
	for {
		cb, ok := q.next(inbox)
		if !ok {
			rest := idleFor
			if s := &q.sender.slots; s.waiting[0].Load()+s.waiting[1].Load() > 0 {
				rest = 0 // a connection without work is in the way
			}
			timer.Reset(rest)
			select {
			case cb, ok = <-inbox:
			case <-timer.C:
				if q.leave(inbox) {
					return
				}
				cb, ok = <-inbox // it was given a callback just now
			}
			if !ok {
				return // the queue is closed
			}
		}
		q.sender.attempt(q, conn, cb)
		if q.crowded() && q.makeRoom(time.Since(began)) {
			return
		}
	}
}

// crowded reports whether other queues wait for their first connection. Those whose servers hang can't have those of the others.
func (q *queue) crowded() bool {
	s := &q.sender.slots
	return s.waiting[0].Load() > 0 || q.share.hangs.Load() && s.waiting[1].Load() > 0
}

// makeRoom has a worker end, so that another queue gets a connection, if it has had its turn or isn't the queue's only one.
func (q *queue) makeRoom(after time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.workers == 1 && after < turn {
		return false
	}
	q.workers--
	return true
}

// ended notes that a worker of a queue has ended, starts those of queues that waited for its connection, and forgets a queue that has nothing to do.
func (s *Sender) ended(q *queue) {
	for _, next := range s.slots.release(q) {
		next.mu.Lock()
		next.start()
		next.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		if q.workers == 0 {
			q.startWorker()
		}
		return
	}
	switch {
	case q.workers > 0 || !s.slots.idle(q):
	case q.share.hangs.Load():
		delete(s.queues, q.key)
	case !q.known:
		q.known = true
		time.AfterFunc(s.known, func() { s.forget(q) })
	}
}

// forget forgets a queue whose server answers, unless it has had work since.
func (s *Sender) forget(q *queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known = false
	if q.workers == 0 && len(q.waiting) == 0 && s.slots.idle(q) && s.queues[q.key] == q {
		delete(s.queues, q.key)
	}
}

// next takes a callback from the queue, or leaves the inbox where the next one will be put.
func (q *queue) next(inbox chan callback) (callback, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		cb := q.waiting[0]
		q.waiting[0] = callback{}
		q.waiting = q.waiting[1:]
		return cb, true
	}
	if q.closed {
		close(inbox)
	} else {
		q.idle = append(q.idle, inbox)
	}
	return callback{}, false
}

// leave takes the inbox back; false when it is no longer there.
func (q *queue) leave(inbox chan callback) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, x := range q.idle {
		if x == inbox {
			q.idle = append(q.idle[:i], q.idle[i+1:]...)
			q.workers--
			return true
		}
	}
	return false
}
