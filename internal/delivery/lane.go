package delivery

import (
	"errors"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// lane is the way to one host of one merchant: a queue, and couriers that each have a connection of their own.
type lane struct {
	couriers *Couriers

	mu      sync.Mutex
	queue   []job
	workers int
	idle    []chan job // workers without work, the last to become idle last
	watched bool       // somebody will see whether the queue moves
	closed  bool
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
	if l.workers < l.couriers.PerLane {
		l.workers++
		l.couriers.wait.Go(l.work)
	}
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
	c := &conn{dialer: l.couriers.dialer}
	defer c.close()
	inbox := make(chan job, 1)
	timer := time.NewTimer(idleFor)
	defer timer.Stop()
	for {
		j, ok := l.next(inbox)
		if !ok {
			timer.Reset(idleFor)
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
		l.couriers.attempt(c, j)
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
func (c *Couriers) attempt(conn *conn, j job) {
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
		c.note(j.delivery, mpesa.Attempt{ID: start.UnixNano(), At: at.UnixMilli(), Error: "not sent: the time for an answer was over"}, nil)
		return
	}
	timeout := c.timeout(j.delivery.Kind)
	answer, err := conn.post(c.message(j), timeout)
	took := time.Since(start)
	if err != nil && c.ctx.Err() != nil {
		c.end(j.delivery, 0) // broken off by Stop: it stays pending
		return
	}
	if _, unsent := errors.AsType[unrendered](err); unsent {
		c.Log.Error("cannot write the body of a delivery", "delivery", j.delivery.ID, "error", err)
		c.end(j.delivery, c.Clock.Now().Add(noteAgain).UnixMilli())
		return
	}
	attempt := mpesa.Attempt{ID: start.UnixNano(), At: at.UnixMilli(), Status: answer.status, Micros: took.Microseconds()}
	if err != nil {
		attempt.Error = explain(err, timeout)
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
func (c *Couriers) message(j job) message {
	m := message{url: j.delivery.URL, wantsAnswer: j.delivery.Kind == mpesa.Validation, render: func(b []byte) ([]byte, error) {
		return c.render.body(c.ctx, b, j.payment, j.delivery.Kind)
	}}
	if j.delivery.Kind == mpesa.ExpressResult {
		m.shortcode = j.delivery.Owner // wire.md §17
	}
	return m
}

// said is a business's word on a validation, nil for other deliveries.
func said(kind mpesa.DeliveryKind, a answer, failure string) *mpesa.Verdict {
	switch {
	case kind != mpesa.Validation:
		return nil
	case failure != "":
		return &mpesa.Verdict{Reason: "the validation URL did not answer: " + failure}
	}
	v := verdict(a.status, a.body)
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
