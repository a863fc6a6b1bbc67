package delivery

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Lease is how long a delivery belongs to the node that made or claimed it, when an attempt takes at most timeout. It outlasts
// an attempt, so that a slow merchant isn't called by two nodes; another node takes over soon after one has died.
func Lease(timeout time.Duration) time.Duration {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return max(timeout, validationTimeout) + noting + fresh
}

// claim is what is known of a delivery of this process from when it enters a queue until its attempt is on record.
type claim struct {
	until   int64 // when it stops being this process's (DueAt)
	started bool  // the attempt is under way
	again   bool  // to be resent as soon as it is over
	dropped bool  // it was given up: no attempt is to be started
	awaited bool  // Retries counts on hearing of its end
}

// takeUp takes up all pending deliveries of a database that is this process's alone.
func (s *Sender) takeUp(ctx context.Context) error {
	list, err := s.Store.DueDeliveries(ctx, math.MaxInt64, math.MaxInt32)
	now := s.Clock.Now().UnixMilli()
	for _, d := range list {
		if len(d.Attempts) > 0 && d.DueAt > now {
			s.later.Add(d.DueAt, d)
		} else {
			s.enqueue(callback{delivery: d, since: time.Now()}, false)
		}
	}
	return err
}

// sweep claims what is overdue on a shared database: other nodes' deliveries, whose nodes seem to be dead, and this node's own that
// still wait in a queue. more tells whether there may be others.
func (s *Sender) sweep(ctx context.Context) (more bool, err error) {
	list, err := s.Store.DueDeliveries(ctx, s.Clock.Now().Add(-grace).UnixMilli(), sweepPage)
	if err != nil {
		return false, err
	}
	var won atomic.Int64
	var claims sync.WaitGroup
	for _, d := range list {
		_, own := s.own(d.ID)
		claim := &mpesa.Claim{Delivery: d.ID, Held: d.DueAt}
		claims.Add(1)
		err := s.Engine.Submit(claim, func(err error) {
			defer claims.Done()
			if err != nil || !claim.Won {
				return
			}
			won.Add(1)
			d.DueAt = claim.Until
			if own {
				s.renew(d.ID, d.DueAt)
			} else {
				s.enqueue(callback{delivery: d, since: time.Now()}, false)
			}
		})
		if err != nil {
			claims.Done()
			break
		}
	}
	claims.Wait()
	return won.Load() > 0 && len(list) == sweepPage, nil
}

// own reports whether the delivery is in a queue or under way, and until when it is this node's.
func (s *Sender) own(id int64) (until int64, own bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, own := s.claimed[id]
	return c.until, own
}

// renew notes a new lease, unless the attempt was over before.
func (s *Sender) renew(id, until int64) {
	s.change(id, func(c *claim) { c.until = until })
}

// change changes what is known of a claim, unless it is over, and returns it as it then stands.
func (s *Sender) change(id int64, change func(*claim)) claim {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, there := s.claimed[id]
	if there {
		change(&c)
		s.claimed[id] = c
	}
	return c
}

// sweepOthers sweeps every second until the sender stops, and at once where there is more.
func (s *Sender) sweepOthers(run context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	atOnce := make(chan time.Time)
	close(atOnce)
	for {
		more, err := s.sweep(s.ctx)
		if err != nil && s.ctx.Err() == nil {
			s.Log.Warn("cannot look for pending deliveries", "error", err)
		}
		next := ticker.C
		if more {
			next = atOnce
		}
		select {
		case <-run.Done():
			return
		case <-next:
		}
	}
}

// begin makes sure that the delivery is still to be attempted, and by this node: on a shared database it is this node's for a
// time only, and what waited for another attempt may have been resent by hand since.
func (s *Sender) begin(d mpesa.Delivery) (ours bool, err error) {
	c := s.change(d.ID, func(c *claim) { c.started = true })
	if c.dropped {
		return false, nil
	}
	until := c.until
	if len(d.Attempts) == 0 && !s.Store.Shared() || until > s.Clock.Now().Add(max(s.Timeout, s.Validation)+noting).UnixMilli() {
		return true, nil
	}
	claim := &mpesa.Claim{Delivery: d.ID, Held: until}
	if err := s.Engine.Do(s.ctx, claim); err != nil {
		return false, err
	}
	return claim.Won, nil
}
