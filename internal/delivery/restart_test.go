package delivery_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// restart stops a bench at once, as far as it lets itself be stopped, and starts another one on its database.
func restart(t *testing.T, b *bench, s settings, later time.Duration) *bench {
	t.Helper()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	b.stop(over)
	b.Stop(t)
	s.clock = b.Clock.Now().Add(later)
	return newBench(t, s)
}

func TestRestartDeliversWhatWasUnderWay(t *testing.T) {
	s := settings{db: filepath.Join(t.TempDir(), "kivuko.db")}
	b, c := newBench(t, s), kivukotest.Collect(t)
	c.Answer(c.Hang)
	expected := map[string]mpesa.Delivery{}
	for range 300 { // more than a queue's workers have under way
		d := b.owe(t, c.URL, "cancel")
		expected[b.Mint.MerchantRequest(d.Payment())] = d
	}
	for range 128 {
		c.Next(t)
	}
	c.Answer(kivukotest.Status(200))
	b = restart(t, b, s, time.Second) // while their leases last
	for range len(expected) {
		id := c.Next(t).Callback(t).MerchantRequestID
		want(t, b.over(t, expected[id]), mpesa.Delivered, answered(200))
		delete(expected, id)
	}
	if len(expected) != 0 {
		t.Errorf("nobody was told of %v", expected)
	}
	b.nothingMore(t, c)
}

func TestRestartGoesOnTryingAgain(t *testing.T) {
	s := settings{db: filepath.Join(t.TempDir(), "kivuko.db"), retries: []time.Duration{time.Minute, time.Minute}}
	b, c := newBench(t, s), kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	early, late := b.owe(t, c.URL, "cancel"), b.owe(t, c.URL, "cancel")
	b.attempted(t, early, 1)
	b.attempted(t, late, 1)
	c.Next(t)
	c.Next(t)
	b = restart(t, b, s, 30*time.Second)
	if left := c.Left(); len(left) != 0 || b.sender.Retries().Len() != 2 {
		t.Errorf("after the restart %v came too soon; %d wait", left, b.sender.Retries().Len())
	}
	b.Clock.Advance(30 * time.Second)
	b.settle()
	b.attempted(t, early, 2)
	b.attempted(t, late, 2)
	c.Answer(kivukotest.Status(200))
	b = restart(t, b, s, time.Hour) // long after they were due
	want(t, b.over(t, early), mpesa.Delivered, answered(500), answered(500), answered(200))
	want(t, b.over(t, late), mpesa.Delivered, answered(500), answered(500), answered(200))
}

func TestRestartLeavesAloneWhatIsOver(t *testing.T) {
	s := settings{db: filepath.Join(t.TempDir(), "kivuko.db")}
	b, c := newBench(t, s), kivukotest.Collect(t)
	b.over(t, b.owe(t, c.URL, "cancel"))
	c.Next(t)
	c.Answer(kivukotest.Status(500))
	b.over(t, b.owe(t, c.URL, "cancel"))
	c.Next(t)
	b = restart(t, b, s, time.Hour)
	b.nothingMore(t, c)
}

// The same through the whole: a callback that was under way when M-PESA was closed is delivered by the next one on its file.
func TestWholeMPESADeliversAfterARestart(t *testing.T) {
	config := kivuko.Config{DB: filepath.Join(t.TempDir(), "kivuko.db"), Retries: []kivuko.Retry{{Callback: "stkpush", Pauses: []time.Duration{time.Minute, time.Hour}}}}
	k := kivukotest.Start(t, config)
	c := kivukotest.Collect(t)
	c.Answer(kivukotest.Status(500))
	m := testworld.NewMerchant(k.URL(), c.URL)
	id := m.Push(t, nil).CheckoutRequestID()
	first := c.For(t, id)
	if _, err := k.Advance(t.Context(), time.Minute); err != nil { // the second attempt
		t.Fatal(err)
	}
	c.For(t, id)
	k.Close()
	c.Answer(kivukotest.Status(200))
	k = kivukotest.Start(t, config)
	if _, err := k.Advance(t.Context(), time.Hour); err != nil { // the third
		t.Fatal(err)
	}
	last := c.For(t, id)
	if last.Receipt() == "" || last.Receipt() != first.Receipt() || last.Value(daraja.ItemTransactionDate) != first.Value(daraja.ItemTransactionDate) {
		t.Errorf("the last attempt told of %+v, the first of %+v", last, first)
	}
	m = testworld.NewMerchant(k.URL(), c.URL)
	if a := m.Query(t, id, nil); a.Text("ResultCode") != "0" {
		t.Errorf("the query says %s", a.Body)
	}
}
