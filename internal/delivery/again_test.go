package delivery_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// settle returns when everything that is due again has been attempted.
func (b *bench) settle() { b.sender.Retries().Settle() }

func TestFailedCallbackIsTriedAgainAsThePolicySays(t *testing.T) {
	b, c := newBench(t, settings{retries: []time.Duration{time.Minute, 5 * time.Minute}}), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	d := b.owe(t, c.URL, "cancel")
	first := c.Next(t)
	want(t, b.attempted(t, d, 1), mpesa.Pending, answered(500))
	b.Clock.Advance(time.Minute - time.Millisecond)
	b.settle()
	if left := c.Left(); len(left) != 0 {
		t.Fatalf("it was tried again too soon: %v", left)
	}
	b.Clock.Advance(time.Millisecond)
	c.Answer(kivukotest.CloseConnection)
	b.settle()
	want(t, b.attempted(t, d, 2), mpesa.Pending, answered(500), unanswered("the connection was closed without an answer"))
	b.Clock.Advance(5 * time.Minute)
	c.Answer(kivukotest.Status(200))
	b.settle()
	want(t, b.attempted(t, d, 3), mpesa.Delivered, answered(500), unanswered("the connection was closed without an answer"), answered(200))
	for range 3 { // the one that found its kept connection closed was sent twice
		if again := c.Next(t); string(again.Body) != string(first.Body) {
			t.Errorf("another attempt said %s after %s", again.Body, first.Body)
		}
	}
	b.nothingMore(t, c)
}

func TestCallbackIsGivenUpAfterThePolicysLastAttempt(t *testing.T) {
	b, c := newBench(t, settings{retries: []time.Duration{time.Minute}}), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(404))
	d := b.owe(t, c.URL, "cancel")
	b.attempted(t, d, 1)
	b.Clock.Advance(time.Minute)
	b.settle()
	want(t, b.attempted(t, d, 2), mpesa.GivenUp, answered(404), answered(404))
	c.Next(t)
	c.Next(t)
	b.nothingMore(t, c)
}

// nothingMore wants no attempt to be under way or to come, ever.
func (b *bench) nothingMore(t *testing.T, c *kivukotest.Collector) {
	t.Helper()
	b.Clock.Advance(48 * time.Hour)
	b.settle()
	if left := c.Left(); len(left) != 0 || b.sender.Retries().Len() != 0 || b.sender.Backlog() != 0 {
		t.Errorf("%v came; %d wait, %d are under way", left, b.sender.Retries().Len(), b.sender.Backlog())
	}
}

// The clock may be moved over several pauses at once, as package kivuko does it: from one time at which something falls due to the next.
func TestMovingTheClockMakesEveryAttemptOnTheWay(t *testing.T) {
	b, c := newBench(t, settings{retries: []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}}), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	d := b.owe(t, c.URL, "cancel")
	b.attempted(t, d, 1)
	for {
		at, ok := b.sender.Retries().Next()
		if !ok {
			break
		}
		b.Clock.Advance(time.UnixMilli(at).Sub(b.Clock.Now()))
		b.settle()
	}
	d = b.over(t, d)
	want(t, d, mpesa.GivenUp, answered(500), answered(500), answered(500), answered(500), answered(500))
	for i, a := range d.Attempts {
		if at := testworld.Noon.Add(time.Duration(i) * time.Minute).UnixMilli(); a.At != at {
			t.Errorf("attempt %d was made at %d; want %d", i, a.At, at)
		}
	}
}

func (b *bench) resend(t *testing.T, d mpesa.Delivery) {
	t.Helper()
	b.Clock.Advance(mpesa.ResendPause)
	if wait, err := b.sender.Resend(t.Context(), d.ID); err != nil || wait != 0 {
		t.Fatalf("resending is to wait %s: %v", wait, err)
	}
}

func TestResend(t *testing.T) {
	for _, status := range []int{200, 500} {
		b, c := newBench(t, settings{}), kivukotest.Collect(t)
		c.Answer(kivukotest.Status(status))
		d := b.owe(t, c.URL, "cancel")
		b.over(t, d)
		first := c.Next(t)
		c.Answer(kivukotest.Status(200))
		b.resend(t, d)
		if second := c.Next(t); string(second.Body) != string(first.Body) {
			t.Errorf("resent: %s after %s", second.Body, first.Body)
		}
		want(t, b.attempted(t, d, 2), mpesa.Delivered, answered(status), answered(200))
		b.resend(t, d)
		b.resend(t, d) // at once: the first may be under way
		c.Next(t)
		b.Delivery(t, d.ID, func(d mpesa.Delivery) bool { return len(d.Attempts) >= 3 && d.State == mpesa.Delivered })
	}
}

// What a callback leads to may ask for it to be resent, so a loop has to be slow.
func TestACallbackIsResentOnceASecondAtMost(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	d := b.owe(t, c.URL, "cancel")
	b.over(t, d)
	c.Next(t)
	var asked atomic.Int64
	c.Answer(func(http.ResponseWriter, *http.Request) { // while it is under way, and later when it has been noted
		asked.Add(1)
		if wait, err := b.sender.Resend(t.Context(), d.ID); err != nil || wait <= 0 || wait > time.Second {
			t.Errorf("a resend just after another is to wait %s: %v", wait, err)
		}
	})
	b.resend(t, d)
	want(t, b.attempted(t, d, 2), mpesa.Delivered, answered(200), answered(200))
	if wait, err := b.sender.Resend(t.Context(), d.ID); err != nil || wait != time.Second || asked.Load() != 1 {
		t.Errorf("a resend just after another is to wait %s: %v; it was called %d times", wait, err, asked.Load())
	}
	b.resend(t, d)
	b.attempted(t, d, 3)
}

func TestACallbackThatIsGivenUpIsNotTriedAgain(t *testing.T) {
	b, c := newBench(t, settings{retries: []time.Duration{time.Minute, time.Minute}}), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	waiting := b.owe(t, c.URL, "cancel")
	b.attempted(t, waiting, 1)
	c.Next(t)
	release := make(chan struct{})
	c.AnswerAt("/slow", func(w http.ResponseWriter, _ *http.Request) {
		<-release
		w.WriteHeader(http.StatusInternalServerError)
	})
	underWay := b.owe(t, c.URL+"/slow", "cancel")
	c.At(t, "/slow")
	for _, d := range []mpesa.Delivery{waiting, underWay} {
		if was, err := b.sender.GiveUp(t.Context(), d.ID); err != nil || was != mpesa.Pending {
			t.Errorf("it was %s: %v", was, err)
		}
	}
	close(release)
	want(t, b.attempted(t, underWay, 1), mpesa.Abandoned, answered(500))
	b.nothingMore(t, c)
	if was, err := b.sender.GiveUp(t.Context(), waiting.ID); err != nil || was != mpesa.Abandoned {
		t.Errorf("once given up it was %s: %v", was, err)
	}
	c.Answer(kivukotest.Status(200))
	b.resend(t, waiting)
	want(t, b.attempted(t, waiting, 2), mpesa.Delivered, answered(500), answered(200))
}

// What waits for a worker is given up, too.
func TestACallbackThatIsGivenUpBeforeItsFirstAttemptIsNotMade(t *testing.T) {
	b, c := newBench(t, settings{options: func(o *delivery.Options) { o.PerHost = 1 }}), kivukotest.Collect(t)
	release := make(chan struct{})
	c.AnswerAt("/slow", func(http.ResponseWriter, *http.Request) { <-release })
	first := b.owe(t, c.URL+"/slow", "cancel")
	c.At(t, "/slow")
	second := b.owe(t, c.URL+"/second", "cancel")
	if was, err := b.sender.GiveUp(t.Context(), second.ID); err != nil || was != mpesa.Pending {
		t.Errorf("it was %s: %v", was, err)
	}
	close(release)
	want(t, b.over(t, first), mpesa.Delivered, answered(200))
	third := b.owe(t, c.URL+"/third", "cancel")
	want(t, b.over(t, third), mpesa.Delivered, answered(200))
	c.At(t, "/third")
	b.nothingMore(t, c)
	b.resend(t, second)
	c.At(t, "/second")
}

func TestCallbackThatWasResentIsNotTriedAgain(t *testing.T) {
	b, c := newBench(t, settings{retries: []time.Duration{time.Minute}}), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	d := b.owe(t, c.URL, "cancel")
	b.attempted(t, d, 1)
	c.Next(t)
	c.Answer(kivukotest.Status(200))
	b.resend(t, d)
	want(t, b.attempted(t, d, 2), mpesa.Delivered, answered(500), answered(200))
	c.Next(t)
	b.nothingMore(t, c)
}

func TestResendOfACallbackThatIsUnderWay(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	release := make(chan struct{})
	c.Answer(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		w.WriteHeader(http.StatusInternalServerError)
	})
	d := b.owe(t, c.URL, "cancel")
	c.Next(t)
	c.Answer(kivukotest.Status(200))
	b.resend(t, d)
	close(release)
	c.Next(t)
	want(t, b.attempted(t, d, 2), mpesa.Delivered, answered(500), answered(200))
}

func TestMerchantThatHangsDelaysNobodyElse(t *testing.T) {
	b, hanging, other := newBench(t, settings{}), kivukotest.Collect(t), kivukotest.Collect(t)
	hanging.Answer(hanging.Hang)
	for range 300 { // more than a queue has workers
		b.owe(t, hanging.URL, "cancel")
	}
	for range 128 {
		hanging.Next(t)
	}
	if left := len(hanging.Left()); left != 0 {
		t.Errorf("%d more callbacks than a queue has workers are under way", left)
	}
	another := func(p *mpesa.AcceptPush) { p.Business = 654321 }
	for name, d := range map[string]mpesa.Delivery{
		"another merchant":                     b.owe(t, other.URL, "cancel", another),
		"the same merchant's other host":       b.owe(t, other.URL, "cancel"),
		"another merchant at the hanging host": b.owe(t, hanging.URL+"/other", "cancel", another),
	} {
		if name == "another merchant at the hanging host" {
			hanging.At(t, "/other")
			continue
		}
		want(t, b.over(t, d), mpesa.Delivered, answered(200))
	}
}

func TestCallbackThatHangsHoldsUpItsMerchantsOthersOnlyBriefly(t *testing.T) {
	b := newBench(t, settings{options: func(o *delivery.Options) { o.Timeout = time.Hour }})
	c := kivukotest.Collect(t)
	c.AnswerAt("/hangs", c.Hang)
	b.owe(t, c.URL+"/hangs", "cancel")
	c.At(t, "/hangs")
	for range 3 {
		want(t, b.over(t, b.owe(t, c.URL, "cancel")), mpesa.Delivered, answered(200))
	}
}

func TestStopWaitsForAttemptsUnderWay(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	release := make(chan struct{})
	c.Answer(func(http.ResponseWriter, *http.Request) { <-release })
	d := b.owe(t, c.URL, "cancel")
	c.Next(t)
	stopped := make(chan struct{})
	go func() {
		b.stop(context.Background())
		close(stopped)
	}()
	close(release)
	<-stopped
	want(t, b.over(t, d), mpesa.Delivered, answered(200))
}

func TestStopBreaksOffWhatTakesTooLong(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	c.Answer(c.Hang)
	d := b.owe(t, c.URL, "cancel")
	c.Next(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	b.stop(over)
	got, err := store.Get(t.Context(), b.Store, mpesa.Deliveries, d.ID)
	if err != nil || got == nil {
		t.Fatal(err)
	}
	want(t, *got, mpesa.Pending)
}
