// Package delivery brings results to the merchants' URLs.
//
// A delivery is a row that was written in the commit that gave the payment its result. The guarantee: every delivery is
// attempted at least once, whatever crashes, and again only as the policy of its API says; when a node stops between an
// attempt and the note that it was made, the attempt is made again. What the merchant's server answered is on record.
//
// Each merchant has a queue for each host of its URLs (queue.go), so that one whose server hangs keeps nobody else waiting. A queue has
// workers, each with a connection that it keeps (package post); all queues together have a bounded number of them (slots.go). On a
// shared database a delivery is claimed for a time by one node (claim.go).
package delivery

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/delivery/post"
	"github.com/kivuko/kivuko/internal/due"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Options are what a Sender needs.
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
	PerHost      int           // connections of one merchant to one host; 0: 128

	Connections int // of all queues together; 0: a quarter of the descriptors that the process may have, 4096 at most
}

// Stats hears of every attempt.
type Stats interface {
	Attempted(kind mpesa.DeliveryKind, outcome string, took, late time.Duration)
}

// Sender sends what merchants are to be told.
type Sender struct {
	lifecycle.Runner
	Options
	dialer *post.Dialer
	render *apis.Renderer
	slots  slots
	later  *due.Queue[mpesa.Delivery] // to be tried again

	mu      sync.Mutex
	queues  map[queueKey]*queue
	known   time.Duration   // remembered
	claimed map[int64]claim // deliveries that this process has in a queue or under way
	ending  bool

	ctx    context.Context // of the attempts
	cancel context.CancelFunc
}

type queueKey struct {
	owner  mpesa.Shortcode
	origin string // scheme and host
}

// callback is a delivery in a queue. What it tells of is left out where many wait, and read again when its turn comes.
type callback struct {
	delivery mpesa.Delivery
	subject  mpesa.Subject
	since    time.Time
	resent   bool // once more, also when an attempt is under way
}

const (
	defaultTimeout = 10 * time.Second
	defaultPerHost = 128
	sweepPage      = 2000
	noteAgain      = time.Second // how soon a result is noted again that the engine could not keep
	grace          = time.Second // for a node to attempt what has just fallen due before the others do

	noting = 2 * time.Second // an attempt's outcome is in the database so soon after its end, or else the delivery may be made twice
	fresh  = 3 * time.Second // how long a new delivery may wait in its queue before its lease must be renewed for an attempt
)

// The bases of the echoed QueueTimeoutURL, which is M-PESA's own and not the client's (wire.md §7.2).
const (
	internalSandbox    = "https://internalsandbox.safaricom.co.ke"
	internalProduction = "https://internalapi.safaricom.co.ke"
)

// New returns a Sender that listens to the engine.
func New(o Options) *Sender {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Validation == 0 {
		o.Validation = validationTimeout
	}
	if o.PerHost == 0 {
		o.PerHost = defaultPerHost
	}
	if o.Connections == 0 {
		o.Connections = min(mostConnections, bounds.Deliveries())
	}
	s := &Sender{Options: o, slots: slots{limit: o.Connections}, known: remembered, queues: map[queueKey]*queue{}, claimed: map[int64]claim{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.dialer = post.NewDialer(s.ctx, o.Reach)
	s.render = &apis.Renderer{Mint: o.Mint, Store: o.Store, Internal: internalSandbox}
	if o.PublicOnly {
		s.render.Internal = internalProduction
	}
	s.later = due.New(o.Clock, s.retry)
	o.Engine.Follow(s.listen)
	return s
}

// Start implements lifecycle.Part: it takes up what earlier runs and other nodes have left, and begins to try again what is due again.
func (s *Sender) Start(ctx context.Context) error {
	return s.Begin(ctx, func(run context.Context) error {
		if s.Store.Shared() {
			s.Go(func() { s.sweepOthers(run) })
		} else if err := s.takeUp(run); err != nil {
			return err
		}
		return s.later.Start(run)
	})
}

// Stop implements lifecycle.Part: it starts no more attempts, and waits for those under way. Those that are broken off stay pending.
// The engine must still be running, to note how the attempts ended.
func (s *Sender) Stop(ctx context.Context) error {
	if s == nil {
		return nil
	}
	err := s.later.Stop(ctx)
	s.closeQueues()
	defer s.cancel()
	return errors.Join(err, s.End(ctx, s.cancel))
}

func (s *Sender) closeQueues() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	for _, q := range s.queues {
		q.close()
	}
}

// Retries is the queue of deliveries that are to be tried again.
func (s *Sender) Retries() due.Waiting { return s.later }

// Backlog counts the deliveries in the queues or under way.
func (s *Sender) Backlog() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.claimed)
}

// Resend makes a delivery once more, whatever came of it. It returns how long to wait if the delivery was resent just before; a delivery
// that isn't there is left alone.
func (s *Sender) Resend(ctx context.Context, id int64) (wait time.Duration, err error) {
	resend := &mpesa.Resend{Delivery: id}
	if err := s.Engine.Do(ctx, resend); err != nil || !resend.Found || resend.Wait > 0 {
		return resend.Wait, err
	}
	s.enqueue(callback{delivery: resend.Resent, since: time.Now(), resent: true}, false)
	return 0, nil
}

// GiveUp has no more attempts made at a delivery. It returns the state that the delivery was in: only a pending one is changed.
func (s *Sender) GiveUp(ctx context.Context, id int64) (mpesa.DeliveryState, error) {
	up := &mpesa.GiveUp{Delivery: id}
	if err := s.Engine.Do(ctx, up); err != nil {
		return 0, err
	}
	if up.Was == mpesa.Pending {
		s.change(id, func(c *claim) { c.dropped, c.again = true, false })
	}
	return up.Was, nil
}

// listen puts the deliveries of a committed unit into their queues.
func (s *Sender) listen(v *mpesa.View) {
	for d, isNew := range mpesa.Deliveries.In(v).Changed {
		if isNew && d.State == mpesa.Pending {
			s.enqueue(callback{delivery: *d, subject: mpesa.Find(v, d.Payment()), since: time.Now()}, false)
		}
	}
}

// enqueue puts a delivery into its queue, unless it is there already or under way.
func (s *Sender) enqueue(cb callback, awaited bool) bool {
	key := queueKey{owner: cb.delivery.Owner, origin: origin(cb.delivery.URL)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	if c, there := s.claimed[cb.delivery.ID]; there {
		c.until, c.again, c.dropped = cb.delivery.DueAt, c.again || (c.started || c.dropped) && cb.resent, c.dropped && c.started
		s.claimed[cb.delivery.ID] = c
		return false
	}
	s.claimed[cb.delivery.ID] = claim{until: cb.delivery.DueAt, awaited: awaited}
	q := s.queues[key]
	if q == nil {
		q = &queue{sender: s, key: key}
		q.share.hangs.Store(true)
		s.queues[key] = q
	}
	q.add(cb)
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

// end notes that an attempt is over. Unless next is 0, the delivery is to be looked at again then.
func (s *Sender) end(d mpesa.Delivery, next int64) {
	s.mu.Lock()
	c := s.claimed[d.ID]
	delete(s.claimed, d.ID)
	s.mu.Unlock()
	switch {
	case c.again:
		resend := &mpesa.Resend{Delivery: d.ID, Accepted: true}
		s.Engine.Submit(resend, func(err error) {
			if err == nil {
				s.enqueue(callback{delivery: resend.Resent, since: time.Now()}, false)
			}
		})
	case next != 0:
		s.later.Add(next, d)
	}
	if c.awaited {
		s.later.Done(1)
	}
}

func (s *Sender) retry(ready []mpesa.Delivery) {
	for _, d := range ready {
		if !s.enqueue(callback{delivery: d, since: time.Now()}, true) {
			s.later.Done(1)
		}
	}
}
