package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/kivukotest"
)

// shared is a database that counts as shared with other nodes.
type shared struct{ store.Store }

func (shared) Shared() bool { return true }

// lease is how long a bench's delivery belongs to its node.
const lease = time.Minute

// dueAt is when a delivery falls due, as the database has it: the end of its lease while it is under way.
func (b *bench) dueAt(t *testing.T, d mpesa.Delivery) time.Time {
	t.Helper()
	got, err := store.Get(t.Context(), b.Store, mpesa.Deliveries, d.ID)
	if err != nil || got == nil {
		t.Fatal(got, err)
	}
	return time.UnixMilli(got.DueAt)
}

// A lease must outlast an attempt that takes its whole time and the two seconds in which its outcome is noted. One that doesn't is
// renewed first, or another node would make the attempt, too.
func TestALeaseOutlastsTheAttemptAndItsNoting(t *testing.T) {
	const needed = 10*time.Second + 2*time.Second
	for left, renewed := range map[time.Duration]bool{needed + time.Millisecond: false, needed: true, 10*time.Second + time.Millisecond: true} {
		t.Run(left.String(), func(t *testing.T) {
			b := newBench(t, settings{options: func(o *delivery.Options) { o.PerHost, o.Store = 1, shared{o.Store} }})
			c := kivukotest.Collect(t)
			first, second := make(chan struct{}), make(chan struct{})
			c.AnswerAt("/first", func(http.ResponseWriter, *http.Request) { <-first })
			c.AnswerAt("/second", func(http.ResponseWriter, *http.Request) { <-second })
			defer close(second)
			b.owe(t, c.URL+"/first", "cancel")
			c.At(t, "/first")
			d := b.owe(t, c.URL+"/second", "cancel") // waits for the worker
			was := b.dueAt(t, d)
			b.Clock.Advance(was.Sub(b.Clock.Now()) - left)
			close(first)
			c.At(t, "/second")
			if now := b.dueAt(t, d); now.After(was) != renewed {
				t.Errorf("with %s left, the lease ends at %s after %s; want it to be renewed: %t", left, now, was, renewed)
			}
		})
	}
}

// The node that a delivery belongs to has a second to go on with it before another one may claim it.
func TestADeliveryIsClaimedASecondAfterItFellDue(t *testing.T) {
	b := newBench(t, settings{options: func(o *delivery.Options) { o.Timeout, o.Store = time.Hour, shared{o.Store} }})
	c := kivukotest.Collect(t)
	c.Answer(c.Hang)
	d := b.owe(t, c.URL, "cancel")
	c.Next(t)
	was := b.dueAt(t, d)
	b.Clock.Advance(was.Sub(b.Clock.Now()) + time.Second - time.Millisecond)
	b.sweep(t)
	if now := b.dueAt(t, d); !now.Equal(was) {
		t.Errorf("a delivery that fell due at %s was claimed within a second, until %s", was, now)
	}
	b.Clock.Advance(time.Millisecond)
	b.sweep(t)
	if now, want := b.dueAt(t, d), was.Add(time.Second+lease); !now.Equal(want) {
		t.Errorf("a second after it fell due it is claimed until %s; want %s", now, want)
	}
}

// sweep has the sender claim what is overdue.
func (b *bench) sweep(t *testing.T) {
	t.Helper()
	if _, err := b.sender.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}
