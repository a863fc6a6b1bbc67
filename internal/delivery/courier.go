// Package delivery brings results to the merchants' URLs.
//
// A delivery is a row that was written in the commit that gave the payment its result. The guarantee: every delivery is
// attempted at least once, whatever crashes, and again only as the policy of its API says; when a node stops between an
// attempt and the note that it was made, the attempt is made again. What the merchant's server answered is on record.
//
// Each merchant's URLs have a lane of their own for each host (lane.go), so that one whose server hangs keeps nobody else
// waiting; a lane's couriers keep their connections (conn.go).
package delivery

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/delivery/post"
	"github.com/kivuko/kivuko/internal/due"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Options are what the couriers need.
type Options struct {
	Engine *engine.Engine
	Store  store.Store
	Mint   *ids.Mint
	Clock  clock.Clock
	Log    *slog.Logger
	Stats  Stats // may be nil

	Timeout      time.Duration // of an attempt, from dialling to the answer's end; 0: 10 seconds
	Validation   time.Duration // the same of a validation request, 8 seconds at most; 0: 8 seconds
	weburl.Reach               // where callbacks may go; PublicOnly has certificates checked, too
	PerLane      int           // connections of one merchant to one host; 0: 128

	Connections int // of all lanes together; 0: a quarter of the descriptors that the process may have, 4096 at most
}

// Stats hears of every attempt.
type Stats interface {
	Attempted(kind mpesa.DeliveryKind, outcome string, took, late time.Duration)
}

// Couriers deliver.
type Couriers struct {
	Options
	dialer *post.Dialer
	render *renderer
	slots  slots
	later  *due.Queue[mpesa.Delivery] // to be tried again

	mu     sync.Mutex
	lanes  map[laneKey]*lane
	known  time.Duration    // remembered
	mine   map[int64]errand // deliveries that this process has in a lane or under way
	ending bool

	ctx    context.Context
	cancel context.CancelFunc
	stop   chan struct{} // closed when no more attempts are to be started
	wait   sync.WaitGroup
}

// errand is what is known of a delivery from when it enters a lane until its attempt is on record.
type errand struct {
	until   int64 // when it stops being this process's (DueAt)
	started bool  // the attempt is under way
	again   bool  // to be resent as soon as it is over
	dropped bool  // it was given up: no attempt is to be started
	awaited bool  // Later counts on hearing of its end
}

type laneKey struct {
	owner  mpesa.Shortcode
	origin string // scheme and host
}

// job is a delivery in a lane. Its payment is left out where many wait, and read again when its turn comes.
type job struct {
	delivery mpesa.Delivery
	payment  *mpesa.Payment
	since    time.Time
	resent   bool // once more, also when an attempt is under way
}

const (
	defaultTimeout = 10 * time.Second
	defaultPerLane = 128
	sweepPage      = 2000
	noteAgain      = time.Second // how soon a result is noted again that the engine could not keep
	grace          = time.Second // for a node to attempt what has just fallen due before the others do

	noting = 2 * time.Second // an attempt's outcome is in the database so soon after its end, or else the delivery may be made twice
	fresh  = 3 * time.Second // so long a new delivery may wait in its lane before its lease must be renewed for an attempt
)

// Lease is how long a delivery belongs to the node that made or claimed it, when an attempt takes so long at most. It outlasts
// an attempt, so that a slow merchant isn't called by two nodes; another node takes over soon after one has died.
func Lease(timeout time.Duration) time.Duration {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return max(timeout, validationTimeout) + noting + fresh
}

// New makes the couriers and has them listen to the engine.
func New(o Options) *Couriers {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Validation == 0 {
		o.Validation = validationTimeout
	}
	if o.PerLane == 0 {
		o.PerLane = defaultPerLane
	}
	if o.Connections == 0 {
		o.Connections = min(mostConnections, bounds.Deliveries())
	}
	c := &Couriers{Options: o, slots: slots{limit: o.Connections}, known: remembered, lanes: map[laneKey]*lane{}, mine: map[int64]errand{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.stop = make(chan struct{})
	c.dialer = post.NewDialer(c.ctx, o.Reach)
	c.render = &renderer{mint: o.Mint, store: o.Store, internal: InternalSandbox}
	if o.PublicOnly {
		c.render.internal = InternalProduction
	}
	c.later = due.New(o.Clock, c.retry)
	o.Engine.Follow(c.listen)
	return c
}

// Start takes up what earlier runs and other nodes have left, and begins to try again what is due again.
func (c *Couriers) Start(ctx context.Context) error {
	if c.Store.Shared() {
		c.wait.Go(c.sweepOthers)
	} else if err := c.takeUp(ctx); err != nil {
		return err
	}
	c.later.Start()
	return nil
}

// Stop starts no more attempts, waits for those under way while ctx lasts, and breaks off the rest: they stay pending.
// The engine must still be running, to note how the attempts ended.
func (c *Couriers) Stop(ctx context.Context) {
	c.later.Stop()
	close(c.stop)
	c.mu.Lock()
	c.ending = true
	for _, l := range c.lanes {
		l.close()
	}
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		c.wait.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	c.cancel()
	<-done
}

// Later is the queue of deliveries that are to be tried again.
func (c *Couriers) Later() due.Waiting { return c.later }

// Backlog counts the deliveries in the lanes or under way.
func (c *Couriers) Backlog() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.mine)
}

// Resend makes a delivery once more, whatever came of it. It returns how long to wait if the delivery was resent just before; a delivery
// that isn't there is left alone.
func (c *Couriers) Resend(ctx context.Context, id int64) (wait time.Duration, err error) {
	resend := &mpesa.Resend{Delivery: id}
	if err := c.Engine.Do(ctx, resend); err != nil || !resend.Found || resend.Wait > 0 {
		return resend.Wait, err
	}
	c.enqueue(job{delivery: resend.Resent, since: time.Now(), resent: true}, false)
	return 0, nil
}

// GiveUp has no more attempts made at a delivery. It returns the state that the delivery was in: only a pending one is changed.
func (c *Couriers) GiveUp(ctx context.Context, id int64) (mpesa.DeliveryState, error) {
	up := &mpesa.GiveUp{Delivery: id}
	if err := c.Engine.Do(ctx, up); err != nil {
		return 0, err
	}
	if up.Was == mpesa.Pending {
		c.change(id, func(e *errand) { e.dropped, e.again = true, false })
	}
	return up.Was, nil
}

// listen puts the deliveries of a committed unit into their lanes.
func (c *Couriers) listen(v *mpesa.View) {
	for d, isNew := range mpesa.Deliveries.In(v).Changed {
		if isNew && d.State == mpesa.Pending {
			p, _ := mpesa.Payments.Get(v, d.Payment())
			c.enqueue(job{delivery: *d, payment: &p, since: time.Now()}, false)
		}
	}
}

// enqueue puts a delivery into its lane, unless it is there already or under way.
func (c *Couriers) enqueue(j job, awaited bool) bool {
	key := laneKey{owner: j.delivery.Owner, origin: origin(j.delivery.URL)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	if e, there := c.mine[j.delivery.ID]; there {
		e.until, e.again, e.dropped = j.delivery.DueAt, e.again || (e.started || e.dropped) && j.resent, e.dropped && e.started
		c.mine[j.delivery.ID] = e
		return false
	}
	c.mine[j.delivery.ID] = errand{until: j.delivery.DueAt, awaited: awaited}
	l := c.lanes[key]
	if l == nil {
		l = &lane{couriers: c, key: key}
		l.share.hangs.Store(true)
		c.lanes[key] = l
	}
	l.add(j)
	return true
}

// origin is a URL's scheme and host.
func origin(url string) string {
	scheme := strings.Index(url, "://") + len("://")
	if end := strings.IndexAny(url[scheme:], "/?#"); end >= 0 {
		return url[:scheme+end]
	}
	return url
}

// end notes that an errand is over. Unless next is 0, the delivery is to be looked at again then.
func (c *Couriers) end(d mpesa.Delivery, next int64) {
	c.mu.Lock()
	e := c.mine[d.ID]
	delete(c.mine, d.ID)
	c.mu.Unlock()
	switch {
	case e.again:
		resend := &mpesa.Resend{Delivery: d.ID, Accepted: true}
		c.Engine.Submit(resend, func(err error) {
			if err == nil {
				c.enqueue(job{delivery: resend.Resent, since: time.Now()}, false)
			}
		})
	case next != 0:
		c.later.Add(next, d)
	}
	if e.awaited {
		c.later.Done(1)
	}
}

func (c *Couriers) retry(ready []mpesa.Delivery) {
	for _, d := range ready {
		if !c.enqueue(job{delivery: d, since: time.Now()}, true) {
			c.later.Done(1)
		}
	}
}

// takeUp takes up all pending deliveries of a database that is this process's alone.
func (c *Couriers) takeUp(ctx context.Context) error {
	list, err := c.Store.DueDeliveries(ctx, math.MaxInt64, math.MaxInt32)
	now := c.Clock.Now().UnixMilli()
	for _, d := range list {
		if len(d.Attempts) > 0 && d.DueAt > now {
			c.later.Add(d.DueAt, d)
		} else {
			c.enqueue(job{delivery: d, since: time.Now()}, false)
		}
	}
	return err
}

// sweep claims what is overdue on a shared database: other nodes' deliveries, whose nodes seem to be dead, and this node's own that
// still wait in a lane. more tells whether there may be others.
func (c *Couriers) sweep(ctx context.Context) (more bool, err error) {
	list, err := c.Store.DueDeliveries(ctx, c.Clock.Now().Add(-grace).UnixMilli(), sweepPage)
	if err != nil {
		return false, err
	}
	var won atomic.Int64
	var claims sync.WaitGroup
	for _, d := range list {
		_, own := c.own(d.ID)
		claim := &mpesa.Claim{Delivery: d.ID, Held: d.DueAt}
		claims.Add(1)
		err := c.Engine.Submit(claim, func(err error) {
			defer claims.Done()
			if err != nil || !claim.Won {
				return
			}
			won.Add(1)
			d.DueAt = claim.Until
			if own {
				c.renew(d.ID, d.DueAt)
			} else {
				c.enqueue(job{delivery: d, since: time.Now()}, false)
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

// own tells whether the delivery is in a lane or under way, and until when it is this node's.
func (c *Couriers) own(id int64) (until int64, own bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, own := c.mine[id]
	return e.until, own
}

// renew notes a new lease, unless the attempt was over before.
func (c *Couriers) renew(id, until int64) {
	c.change(id, func(e *errand) { e.until = until })
}

// change changes what is known of an errand, unless it is over, and gives it as it then stands.
func (c *Couriers) change(id int64, change func(*errand)) errand {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, there := c.mine[id]
	if there {
		change(&e)
		c.mine[id] = e
	}
	return e
}

func (c *Couriers) sweepOthers() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	atOnce := make(chan time.Time)
	close(atOnce)
	for {
		more, err := c.sweep(c.ctx)
		if err != nil && c.ctx.Err() == nil {
			c.Log.Warn("cannot look for pending deliveries", "error", err)
		}
		next := ticker.C
		if more {
			next = atOnce
		}
		select {
		case <-c.stop:
			return
		case <-next:
		}
	}
}

// note records an attempt, and what the business said. Until the engine has kept it, the delivery counts as under way: it is not made again.
func (c *Couriers) note(d mpesa.Delivery, attempt mpesa.Attempt, verdict *mpesa.Verdict) {
	note := &mpesa.Attempted{Delivery: d.ID, Attempt: attempt, Verdict: verdict}
	var noted func(error)
	noted = func(err error) {
		if err != nil && !errors.Is(err, engine.ErrStopped) && !errors.Is(err, engine.ErrDefect) {
			time.AfterFunc(noteAgain, func() {
				if err := c.Engine.Submit(note, noted); err != nil {
					noted(err)
				}
			})
			return
		}
		if note.Again != 0 {
			d.DueAt, d.Attempts = note.Again, append(d.Attempts, attempt) // that there was one is all that matters here
		}
		c.end(d, note.Again)
	}
	if err := c.Engine.Submit(note, noted); err != nil {
		noted(err)
	}
}
