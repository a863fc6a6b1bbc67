package mpesa_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// told has a payment end, and gives the number of the delivery that tells of it.
func told(b *bench) int64 { return b.pay().ID << 4 }

func (b *bench) attempted(id int64, status int) (again int64) {
	b.t.Helper()
	c := &mpesa.Attempted{Delivery: id, Attempt: mpesa.Attempt{At: b.now.UnixMilli(), Status: status}}
	b.run(c)
	return c.Again
}

func (b *bench) wantDelivery(id int64, state mpesa.DeliveryState, attempts int, dueAt int64) {
	b.t.Helper()
	if d := b.deliveries[id]; d.State != state || len(d.Attempts) != attempts || d.DueAt != dueAt {
		b.t.Errorf("the delivery is %s after %d attempts and due at %d; want %s, %d, %d", d.State, len(d.Attempts), d.DueAt, state, attempts, dueAt)
	}
}

func TestDeliveryBelongsToItsMakerForTheLease(t *testing.T) {
	b := newBench(t)
	b.wantDelivery(told(b), mpesa.Pending, 0, noon.Add(time.Minute).UnixMilli())
}

func TestAnyAnswerFrom200To299Delivers(t *testing.T) {
	for status, want := range map[int]mpesa.DeliveryState{
		200: mpesa.Delivered, 201: mpesa.Delivered, 204: mpesa.Delivered, 299: mpesa.Delivered,
		0: mpesa.GivenUp, 103: mpesa.GivenUp, 199: mpesa.GivenUp, 300: mpesa.GivenUp, 302: mpesa.GivenUp, 404: mpesa.GivenUp, 500: mpesa.GivenUp,
	} {
		b := newBench(t)
		id := told(b)
		if again := b.attempted(id, status); again != 0 {
			t.Errorf("HTTP %d is to be tried again at %d", status, again)
		}
		b.wantDelivery(id, want, 1, 0)
	}
}

func TestFailedDeliveryIsTriedAgainAsThePolicySays(t *testing.T) {
	b := newBench(t)
	b.policy.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: {time.Minute, 5 * time.Minute}}
	id := told(b)
	for n, pause := range []time.Duration{time.Minute, 5 * time.Minute} {
		due := b.now.Add(pause).UnixMilli()
		if again := b.attempted(id, 500); again != due {
			t.Errorf("attempt %d is to be followed at %d; want %d", n+1, again, due)
		}
		b.wantDelivery(id, mpesa.Pending, n+1, due)
		b.advance(pause)
	}
	if again := b.attempted(id, 0); again != 0 {
		t.Errorf("the last attempt is to be followed at %d", again)
	}
	b.wantDelivery(id, mpesa.GivenUp, 3, 0)
}

func TestDeliveryThatSucceedsIsNotTriedAgain(t *testing.T) {
	b := newBench(t)
	b.policy.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: {time.Minute}}
	id := told(b)
	b.attempted(id, 500)
	if again := b.attempted(id, 200); again != 0 {
		t.Errorf("it is to be tried again at %d", again)
	}
	b.wantDelivery(id, mpesa.Delivered, 2, 0)
	b.attempted(id, 500) // another node's, which came to its end later
	b.wantDelivery(id, mpesa.Delivered, 3, 0)
}

func TestAttemptAtADeliveryThatIsNotThere(t *testing.T) {
	b := newBench(t)
	if again := b.attempted(7, 500); again != 0 || len(b.deliveries) != 0 {
		t.Errorf("it is to be tried again at %d; %v", again, b.deliveries)
	}
}

func TestResendMakesADeliveryDueOnceMore(t *testing.T) {
	for name, status := range map[string]int{"delivered": 200, "given up": 500} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			id := told(b)
			b.attempted(id, status)
			b.advance(time.Hour)
			c := &mpesa.Resend{Delivery: id}
			b.run(c)
			if !c.Found || c.Resent.ID != id || c.Resent.State != mpesa.Pending {
				t.Errorf("found %v: %+v", c.Found, c.Resent)
			}
			b.wantDelivery(id, mpesa.Pending, 1, b.now.Add(time.Minute).UnixMilli())
			b.attempted(id, 500)
			b.wantDelivery(id, mpesa.GivenUp, 2, 0)
		})
	}
	b := newBench(t)
	c := &mpesa.Resend{Delivery: 7}
	if b.run(c); c.Found {
		t.Error("a delivery that isn't there was found")
	}
}

func TestResendsAreASecondApart(t *testing.T) {
	b := newBench(t)
	id := told(b)
	b.attempted(id, 200)
	resend := func(accepted bool) time.Duration {
		c := &mpesa.Resend{Delivery: id, Accepted: accepted}
		b.run(c)
		return c.Wait
	}
	for range 3 {
		if wait := resend(false); wait != 0 {
			t.Fatalf("it is to wait %s", wait)
		}
		b.advance(300 * time.Millisecond)
		b.attempted(id, 200)
		if wait := resend(false); wait != 700*time.Millisecond {
			t.Errorf("300 ms later it is to wait %s", wait)
		}
		if b.deliveries[id].State != mpesa.Delivered {
			t.Error("a resend that is to wait has made it pending")
		}
		if wait := resend(true); wait != 0 || b.deliveries[id].State != mpesa.Pending {
			t.Errorf("one that was accepted before is to wait %s", wait)
		}
		b.advance(700 * time.Millisecond)
	}
}

// A row is written whole with each attempt, so it must not grow for ever.
func TestTheFirstAndTheLastAttemptsAreKept(t *testing.T) {
	b := newBench(t)
	id := told(b)
	const all = 1000
	for n := range all {
		b.run(&mpesa.Attempted{Delivery: id, Attempt: mpesa.Attempt{At: int64(n + 1), Micros: 1, Status: 500}})
	}
	d := b.deliveries[id]
	if len(d.Attempts) != 100 || d.Tried() != all {
		t.Fatalf("%d attempts are kept of %d", len(d.Attempts), d.Tried())
	}
	for i, a := range d.Attempts {
		want := i + 1
		if i >= 50 {
			want = all - 99 + i
		}
		if n := cmp.Or(a.Number, i+1); n != want || a.At != int64(want) {
			t.Errorf("the attempt at %d is number %d, of %d; want %d", i, a.Number, a.At, want)
		}
	}
}

// The commit that keeps an attempt may succeed without anybody hearing of it. Then it is noted again, and must not use up a try.
func TestAnAttemptIsRecordedOnce(t *testing.T) {
	b := newBench(t)
	b.policy.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: {time.Minute, time.Minute}}
	id := told(b)
	due := b.now.Add(time.Minute).UnixMilli()
	for range 3 {
		c := &mpesa.Attempted{Delivery: id, Attempt: mpesa.Attempt{At: b.now.UnixMilli(), Micros: 7, Status: 500}}
		if b.run(c); c.Again != due {
			t.Errorf("it is to be tried again at %d; want %d", c.Again, due)
		}
		b.wantDelivery(id, mpesa.Pending, 1, due)
	}
	b.run(&mpesa.Attempted{Delivery: id, Attempt: mpesa.Attempt{At: b.now.UnixMilli(), Status: 200}})
	b.wantDelivery(id, mpesa.Delivered, 2, 0)
}

func TestWhatIsGivenUpStaysSoUntilItIsResent(t *testing.T) {
	b := newBench(t)
	b.policy.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: {time.Minute, time.Minute}}
	id := told(b)
	b.attempted(id, 500)
	up := &mpesa.GiveUp{Delivery: id}
	if b.run(up); !up.Found || up.Was != mpesa.Pending {
		t.Errorf("it was %s", up.Was)
	}
	b.wantDelivery(id, mpesa.Abandoned, 1, 0)
	if again := b.attempted(id, 500); again != 0 { // under way when it was given up
		t.Errorf("it is to be tried again at %d", again)
	}
	b.wantDelivery(id, mpesa.Abandoned, 2, 0)
	b.run(&mpesa.Resend{Delivery: id})
	b.attempted(id, 500)
	b.wantDelivery(id, mpesa.GivenUp, 3, 0)
	if b.run(up); up.Was != mpesa.GivenUp {
		t.Errorf("it was %s", up.Was)
	}
	b.wantDelivery(id, mpesa.GivenUp, 3, 0)
	if missing := (&mpesa.GiveUp{Delivery: 7}); missing.Found {
		t.Error("a delivery that isn't there was found")
	}
}

func TestOneNodeOnlyTakesOverADelivery(t *testing.T) {
	b := newBench(t)
	id := told(b)
	held := b.deliveries[id].DueAt
	b.advance(2 * time.Minute)
	first, second := &mpesa.Claim{Delivery: id, Held: held}, &mpesa.Claim{Delivery: id, Held: held}
	b.run(first, second)
	until := b.now.Add(time.Minute).UnixMilli()
	if !first.Won || first.Until != until || second.Won {
		t.Errorf("the first won %v until %d, the second %v", first.Won, first.Until, second.Won)
	}
	b.wantDelivery(id, mpesa.Pending, 0, until)
	b.attempted(id, 200)
	for held, what := range map[int64]string{until: "as it was held", 0: "as it is"} {
		late := &mpesa.Claim{Delivery: id, Held: held}
		if b.run(late); late.Won {
			t.Errorf("a delivered delivery was claimed, %s", what)
		}
	}
	missing := &mpesa.Claim{Delivery: 7}
	if b.run(missing); missing.Won {
		t.Error("a delivery that isn't there was claimed")
	}
}
