package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/sqlite"
)

// BenchmarkPayments measures whole payments: accepted, answered by the phone, callback attempted. inflight is how many are
// under way at a time.
func BenchmarkPayments(b *testing.B) {
	for _, x := range []struct {
		name string
		open func(*testing.B) (store.Store, error)
	}{
		{"sqlite", func(b *testing.B) (store.Store, error) {
			return sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "kivuko.db"))
		}},
		{"memory", func(b *testing.B) (store.Store, error) { return sqlite.Open(b.Context(), sqlite.Memory) }},
		{"postgres", func(b *testing.B) (store.Store, error) {
			server := pgtest.StartWith(b, pgtest.Options{Durable: true, Settings: map[string]string{"shared_buffers": "256MB", "max_wal_size": "4GB"}})
			return postgres.Open(b.Context(), server.Database(b))
		}},
	} {
		for _, inflight := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/inflight=%d", x.name, inflight), func(b *testing.B) {
				s, err := x.open(b)
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				benchmarkPayments(b, s, inflight)
			})
		}
	}
}

const (
	shop      = mpesa.Shortcode(174_379)
	customers = 20_000
	amount    = 150 * money.Shilling
)

// paying sends payments through an engine, from one customer after the other.
type paying struct {
	*engine.Engine
	paid   atomic.Int64
	failed atomic.Pointer[error]
	slots  chan struct{}
	all    sync.WaitGroup

	units, commands, conflicts atomic.Int64
}

// Outcome implements engine.Stats.
func (p *paying) Outcome(string) {}

// Unit implements engine.Stats.
func (p *paying) Unit(commands int, _ time.Duration, err error) {
	p.units.Add(1)
	p.commands.Add(int64(commands))
	if err != nil {
		p.conflicts.Add(1)
	}
}

// Now is a clock by which each customer pays every five minutes: the rules would not have it within two.
func (p *paying) Now() time.Time {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, clock.EAT)
	return noon.Add(time.Duration(p.paid.Load()) * 5 * time.Minute / customers)
}

func benchmarkPayments(b *testing.B, s store.Store, inflight int) {
	rules, err := mpesa.NewRulebook()
	if err != nil {
		b.Fatal(err)
	}
	p := &paying{slots: make(chan struct{}, inflight)}
	p.Engine = engine.New(engine.Options{Store: s, Clock: p, Stats: p, Log: slog.New(slog.DiscardHandler), Policy: mpesa.Policy{
		Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(200_000), OpeningPIN: func(msisdn.Number) (pin mpesa.PINDigest) { return pin },
		Answers: mpesa.Approve, PromptLife: 90 * time.Second, Lease: 10 * time.Second,
	}})
	lifecycletest.Run(b, p)
	p.makeWorld(b)
	p.units.Store(0)
	p.commands.Store(0)
	b.ResetTimer()
	for n := range b.N {
		p.slots <- struct{}{}
		p.all.Add(1)
		p.accept(phone(n))
	}
	p.all.Wait()
	if err := p.failed.Load(); err != nil {
		b.Fatal(*err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
	b.ReportMetric(float64(p.commands.Load())/float64(p.units.Load()), "commands/unit")
	b.ReportMetric(float64(p.conflicts.Load()), "conflicts")
	b.StopTimer()
	checkBooks(b, s, b.N)
}

func phone(n int) msisdn.Number { return 254_700_000_000 + msisdn.Number(n*7919%customers) }

// makeWorld makes the shop and the customers.
func (p *paying) makeWorld(b *testing.B) {
	if err := p.Do(b.Context(), newShop{}); err != nil {
		b.Fatal(err)
	}
	for n := range customers {
		p.all.Add(1)
		p.submit(&mpesa.PutPhone{Phone: phone(n)}, p.all.Done)
	}
	p.all.Wait()
}

// newShop makes the shop.
type newShop struct{}

func (newShop) Need(*mpesa.View) {}

func (newShop) Decide(v *mpesa.View, _ time.Time) {
	mpesa.Registry.Create(v, shop, mpesa.Organisation{Shortcode: shop, Name: "Duka la Achieng", Kind: mpesa.PayBill})
}

// submit runs a command and what comes after.
func (p *paying) submit(c mpesa.Command, then func()) {
	err := p.Submit(c, func(err error) {
		if err != nil {
			p.failed.Store(&err)
		}
		then()
	})
	if err != nil {
		p.failed.Store(&err)
		then()
	}
}

func (p *paying) accept(phone msisdn.Number) {
	c := &mpesa.AcceptPush{Business: shop, Receiver: shop, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline, Amount: amount,
		CallBackURL: "https://duka.example/callback", Reference: "INV-2042", Description: "Payment"}
	p.submit(c, func() { p.due(&c.Payment) })
}

func (p *paying) due(payment *mpesa.Payment) {
	p.submit(&portal.FallDue{Due: mpesa.Due{Payment: payment.ID, Payer: payment.Payer}}, func() { p.attempted(payment.ID << 4) })
}

func (p *paying) attempted(delivery int64) {
	p.submit(&mpesa.Attempted{Delivery: delivery, Attempt: mpesa.Attempt{At: p.Now().UnixMilli(), Status: 200, Micros: 321}}, func() {
		p.paid.Add(1)
		<-p.slots
		p.all.Done()
	})
}

// checkBooks makes sure that what was measured has happened.
func checkBooks(b *testing.B, s store.Store, payments int) {
	books, err := s.Books(context.Background(), store.Evidence{})
	if err != nil {
		b.Fatal(err)
	}
	paid, err := store.Get(context.Background(), s, mpesa.Accounts, shop.Party().Account(mpesa.Utility))
	if err != nil {
		b.Fatal(err)
	}
	if !books.Balanced() || books.Open != 0 || paid == nil || paid.Balance != amount*money.Amount(payments) {
		b.Fatalf("after %d payments the shop has %+v, and the books are %+v", payments, paid, books)
	}
}
