package delivery

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/delivery/post"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// lane is the way to one host of one merchant: a queue, and couriers that each have a connection of their own.
type lane struct {
	couriers *Couriers
	key      laneKey
	share    share // of the connections

	mu      sync.Mutex
	queue   []job
	workers int
	idle    []chan job // workers without work, the last to become idle last
	watched bool       // somebody will see whether the queue moves
	closed  bool
	known   bool // it will be looked at whether it can be forgotten
}

const (
	idleFor   = 3 * time.Second // then a courier goes home: few servers close a connection sooner
	remembers = 1000            // jobs of a lane that keep their payment in memory

	patience = 100 * time.Millisecond // so long a job waits for a courier before another one is sent for
)

// add gives the job to an idle courier, or else queues it and sends for another one when all have enough to do.
func (l *lane) add(j job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		l.idle[n-1] <- j // has room for one
		l.idle = l.idle[:n-1]
		return
	}
	if len(l.queue) >= remembers {
		j.payment = nil
	}
	l.queue = append(l.queue, j)
	if len(l.queue) > l.workers {
		l.hire()
	}
	l.watch()
}

// hire sends for another courier, unless there are as many as there may be.
func (l *lane) hire() {
	if l.workers < l.couriers.PerLane && l.couriers.slots.take(l) {
		l.start()
	}
}

// start has a courier begin, whose connection has been granted.
func (l *lane) start() {
	l.workers++
	l.couriers.wait.Go(l.work)
}

// watch looks later whether the queue moves: the couriers that there are may all be with a server that takes its time.
func (l *lane) watch() {
	if l.watched {
		return
	}
	l.watched = true
	time.AfterFunc(patience, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.watched = false
		if len(l.queue) == 0 {
			return // or closed
		}
		if time.Since(l.queue[0].since) >= patience {
			l.hire()
		}
		l.watch()
	})
}

// close sends the couriers home; jobs still in the queue stay pending in the database.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.queue = nil
	for _, inbox := range l.idle {
		close(inbox)
	}
	l.idle = nil
}

// work is the life of a courier.
func (l *lane) work() {
	began := time.Now()
	c := post.New(l.couriers.dialer)
	defer l.couriers.gone(l)
	defer c.Close()
	inbox := make(chan job, 1)
	timer := time.NewTimer(idleFor)
	defer timer.Stop()
	for {
		j, ok := l.next(inbox)
		if !ok {
			rest := idleFor
			if s := &l.couriers.slots; s.waiting[0].Load()+s.waiting[1].Load() > 0 {
				rest = 0 // a connection without work is in the way
			}
			timer.Reset(rest)
			select {
			case j, ok = <-inbox:
			case <-timer.C:
				if l.leave(inbox) {
					return
				}
				j, ok = <-inbox // somebody handed it a job just now
			}
			if !ok {
				return // the lane is closed
			}
		}
		l.couriers.attempt(l, c, j)
		if l.crowded() && l.makeRoom(time.Since(began)) {
			return
		}
	}
}

// crowded reports whether other lanes wait for their first connection. Lanes whose servers hang can't have those of the others.
func (l *lane) crowded() bool {
	s := &l.couriers.slots
	return s.waiting[0].Load() > 0 || l.share.hangs.Load() && s.waiting[1].Load() > 0
}

// makeRoom has a courier leave, so that another lane gets a connection, if it has had its turn or isn't the lane's only one.
func (l *lane) makeRoom(after time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.workers == 1 && after < turn {
		return false
	}
	l.workers--
	return true
}

// gone notes that a courier of a lane has left, has the lanes that wait go on, and forgets a lane that has nothing to do.
func (c *Couriers) gone(l *lane) {
	for _, next := range c.slots.release(l) {
		next.mu.Lock()
		next.start()
		next.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) > 0 {
		if l.workers == 0 {
			l.hire()
		}
		return
	}
	switch {
	case l.workers > 0 || !c.slots.idle(l):
	case l.share.hangs.Load():
		delete(c.lanes, l.key)
	case !l.known:
		l.known = true
		time.AfterFunc(c.known, func() { c.forget(l) })
	}
}

// forget forgets a lane whose server answers, unless it has had work since.
func (c *Couriers) forget(l *lane) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = false
	if l.workers == 0 && len(l.queue) == 0 && c.slots.idle(l) && c.lanes[l.key] == l {
		delete(c.lanes, l.key)
	}
}

// next takes a job from the queue, or leaves the inbox where the next one will be put.
func (l *lane) next(inbox chan job) (job, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) > 0 {
		j := l.queue[0]
		l.queue[0] = job{}
		l.queue = l.queue[1:]
		return j, true
	}
	if l.closed {
		close(inbox)
	} else {
		l.idle = append(l.idle, inbox)
	}
	return job{}, false
}

// leave takes the inbox back; false when it is no longer there.
func (l *lane) leave(inbox chan job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, x := range l.idle {
		if x == inbox {
			l.idle = append(l.idle[:i], l.idle[i+1:]...)
			l.workers--
			return true
		}
	}
	return false
}

// attempt makes one try at a delivery and has it noted.
func (c *Couriers) attempt(l *lane, conn *post.Conn, j job) {
	if ours, err := c.begin(j.delivery); err != nil {
		c.end(j.delivery, c.Clock.Now().Add(noteAgain).UnixMilli())
		return
	} else if !ours {
		c.end(j.delivery, 0)
		return
	}
	if j.payment == nil {
		p, err := c.Store.Payment(c.ctx, j.delivery.Payment())
		if err != nil || p == nil {
			c.Log.Error("cannot read the payment of a delivery", "delivery", j.delivery.ID, "error", err)
			c.end(j.delivery, c.Clock.Now().Add(noteAgain).UnixMilli())
			return
		}
		j.payment = p
	}
	at, start := c.Clock.Now(), time.Now()
	if j.delivery.Kind == mpesa.Validation && at.UnixMilli() >= j.payment.DueAt {
		c.note(j.delivery, mpesa.Attempt{At: at.UnixMilli(), Micros: 1, Error: "not sent: the time for an answer was over"}, nil)
		return
	}
	timeout := c.timeout(j.delivery.Kind)
	answer, err := conn.Post(c.message(j), timeout)
	took := time.Since(start)
	if err != nil && c.ctx.Err() != nil {
		c.end(j.delivery, 0) // broken off by Stop: it stays pending
		return
	}
	if _, unsent := errors.AsType[post.BodyError](err); unsent {
		c.Log.Error("cannot write the body of a delivery", "delivery", j.delivery.ID, "error", err)
		c.end(j.delivery, c.Clock.Now().Add(noteAgain).UnixMilli())
		return
	}
	if err != nil && post.Shortage(err) {
		c.Log.Warn("this machine has run out of what a connection needs; the callback is sent a second later", "delivery", j.delivery.ID, "error", err)
		c.end(j.delivery, c.Clock.Now().Add(noteAgain).UnixMilli())
		return
	}
	c.slots.note(l, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded))
	attempt := mpesa.Attempt{At: at.UnixMilli(), Status: answer.Status, Micros: max(1, took.Microseconds())}
	if err != nil {
		attempt.Error = post.Explain(err, timeout)
	}
	if c.Stats != nil {
		c.Stats.Attempted(j.delivery.Kind, outcome(attempt), took, start.Sub(j.since))
	}
	c.note(j.delivery, attempt, said(j.delivery.Kind, answer, attempt.Error))
}

// timeout is how long an attempt may take.
func (c *Couriers) timeout(kind mpesa.DeliveryKind) time.Duration {
	if kind == mpesa.Validation {
		return c.Validation
	}
	return c.Timeout
}

// message is what is to be sent.
func (c *Couriers) message(j job) post.Message {
	m := post.Message{URL: j.delivery.URL, WantsAnswer: j.delivery.Kind == mpesa.Validation, Body: func(b []byte) ([]byte, error) {
		return c.render.body(c.ctx, b, j.payment, j.delivery.Kind)
	}}
	if j.delivery.Kind == mpesa.ExpressResult {
		m.Shortcode = int64(j.delivery.Owner) // wire.md §17
	}
	return m
}

// said is a business's word on a validation, nil for other deliveries.
func said(kind mpesa.DeliveryKind, a post.Answer, failure string) *mpesa.Verdict {
	switch {
	case kind != mpesa.Validation:
		return nil
	case failure != "":
		return &mpesa.Verdict{Reason: "the validation URL did not answer: " + failure}
	}
	v := verdict(a.Status, a.Body)
	return &v
}

// begin makes sure that the delivery is still to be attempted, and by this node: on a shared database it is this node's for a
// time only, and what waited for another attempt may have been resent by hand since.
func (c *Couriers) begin(d mpesa.Delivery) (ours bool, err error) {
	e := c.change(d.ID, func(e *errand) { e.started = true })
	if e.dropped {
		return false, nil
	}
	until := e.until
	if len(d.Attempts) == 0 && !c.Store.Shared() || until > c.Clock.Now().Add(max(c.Timeout, c.Validation)+noting).UnixMilli() {
		return true, nil
	}
	claim := &mpesa.Claim{Delivery: d.ID, Held: until}
	if err := c.Engine.Do(c.ctx, claim); err != nil {
		return false, err
	}
	return claim.Won, nil
}

func outcome(a mpesa.Attempt) string {
	switch {
	case a.OK():
		return "delivered"
	case a.Status != 0:
		return "refused"
	default:
		return "failed"
	}
}
