// Package testworld is what our own tests need besides package kivukotest: a merchant who sends requests, right and wrong ones, and a core,
// which is the rules on a running engine without anything that answers or delivers by itself.
package testworld

import (
	"crypto/sha256"
	"github.com/kivuko/kivuko/kivukotest"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlite"
)

// Noon is when a core's clock starts: a Friday in Nairobi.
var Noon = time.Date(2026, time.November, 20, 12, 0, 0, 125e6, clock.EAT)

// Core is the rules on a running engine and a real database. Prompts wait until they are answered and callbacks are to be sent and
// not sent, unless the test adds what does these things.
type Core struct {
	Engine *engine.Engine
	Store  store.Store
	Mint   *ids.Mint
	Clock  *Clock

	payments   kivukotest.Events[mpesa.Payment]
	deliveries kivukotest.Events[mpesa.Delivery]
	stop       sync.Once
}

// CoreOptions say how a core differs from the usual one.
type CoreOptions struct {
	DB     string              // path of the database; "": in memory
	Policy func(*mpesa.Policy) // changes the policy
	Log    *slog.Logger
}

// NewCore makes a core that doesn't run yet, so that others can listen to its engine.
func NewCore(t testing.TB, o CoreOptions) *Core {
	t.Helper()
	rules, err := mpesa.NewRulebook()
	if err != nil {
		t.Fatal(err)
	}
	policy := mpesa.Policy{
		Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(100_000), OpeningPIN: func(n msisdn.Number) mpesa.PINDigest { return Digest(n, PIN) },
		Answers: mpesa.Ask, AnswerAfter: time.Second, PromptLife: 90 * time.Second, IgnoredResult: codes.Unreachable, Lease: time.Minute,
	}
	if o.Policy != nil {
		o.Policy(&policy)
	}
	if o.DB == "" {
		o.DB = sqlite.Memory
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Core{Mint: ids.New([]byte("testworld")), Clock: &Clock{now: Noon}}
	if c.Store, err = sqlite.Open(t.Context(), o.DB); err != nil {
		t.Fatal(err)
	}
	c.Engine = engine.New(engine.Options{Store: c.Store, Clock: c.Clock, Policy: policy, Log: o.Log})
	c.Engine.Listen(c.listen)
	return c
}

// Start starts the core, which ends with the test.
func (c *Core) Start(t testing.TB) {
	t.Helper()
	t.Cleanup(func() { c.Stop(t) })
	if err := c.Engine.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Run starts the core and fills an empty database with the world that a new installation starts with, but for most of its
// thousand organisations. It ends with the test.
func (c *Core) Run(t testing.TB) {
	t.Helper()
	c.Start(t)
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.Organisations {
		if o := &w.Organisations[i]; o.To != 0 {
			o.To = o.Shortcode + 1
		}
	}
	c.Do(t, &seedworld.Create{World: w, PIN: Digest, Hash: digestPassword})
}

// Stop stops the core before the test ends.
func (c *Core) Stop(t testing.TB) {
	c.stop.Do(func() {
		lifecycletest.Stop(t, c.Engine)
		if err := c.Store.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
}

// Digest is a PIN's digest in a core.
func Digest(n msisdn.Number, pin string) mpesa.PINDigest {
	sum := sha256.Sum256([]byte(n.String() + pin))
	return mpesa.PINDigest(sum[:16])
}

// Do runs a command.
func (c *Core) Do(t testing.TB, command mpesa.Command) {
	t.Helper()
	if err := c.Engine.Do(t.Context(), command); err != nil {
		t.Fatal(err)
	}
}

// listen notes payments, what is none in their words, and deliveries as they are committed.
func (c *Core) listen(v *mpesa.View) {
	for p := range mpesa.Payments.In(v).Changed {
		c.payments.Add(*p)
	}
	for q := range mpesa.Queries.In(v).Changed {
		c.payments.Add(mpesatest.PaymentOf(q))
	}
	for o := range mpesa.Orders.In(v).Changed {
		c.payments.Add(mpesatest.PaymentOf(o))
	}
	for d := range mpesa.Deliveries.In(v).Changed {
		c.deliveries.Add(*d)
	}
}

// Payment waits until a payment has been committed as match wants it.
func (c *Core) Payment(t testing.TB, match func(mpesa.Payment) bool) mpesa.Payment {
	t.Helper()
	return c.payments.Take(t, "payment as wanted", match)
}

// Delivery waits until a delivery has been committed as match wants it.
func (c *Core) Delivery(t testing.TB, id int64, match func(mpesa.Delivery) bool) mpesa.Delivery {
	t.Helper()
	return c.deliveries.Take(t, "delivery as wanted", func(d mpesa.Delivery) bool { return d.ID == id && match(d) })
}

// Books recomputes the books and fails the test unless they balance.
func (c *Core) Books(t testing.TB) store.Books {
	t.Helper()
	b, err := c.Store.Books(t.Context(), store.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	if !b.Balanced() {
		t.Fatalf("the books don't balance: %+v", b)
	}
	return b
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// digestPassword digests the operators' password. One digest serves all tests of a process: it is slow by design.
var digestPassword = func() func(string) (string, error) {
	var mu sync.Mutex
	known := map[string]string{}
	return func(password string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if known[password] == "" {
			hash, err := credential.Hash(password)
			if err != nil {
				return "", err
			}
			known[password] = hash
		}
		return known[password], nil
	}
}()
