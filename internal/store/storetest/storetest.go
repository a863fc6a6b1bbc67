// Package storetest is what both stores promise: one suite of tests that each of them passes, and the benchmarks by which
// they are compared.
package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Database is an empty database of a test's own.
type Database struct {
	store.Store // ended by whoever made it

	// Again opens the database once more. Where the store isn't shared, it closes the first one before. Nil: that can't be done.
	Again func(testing.TB) store.Store

	// Execute runs an SQL statement behind the store's back. Nil: that can't be done.
	Execute func(tb testing.TB, statement string)

	// Try does the same, and says what the database has against it. Nil: that can't be done.
	Try func(ctx context.Context, statement string) error

	// EmptyAudit is a way around UPDATE and DELETE that the database has to change the audit.
	EmptyAudit string
}

// Run runs the suite. open gives each test an empty database.
func Run(t *testing.T, open func(testing.TB) Database) {
	for _, tests := range []map[string]func(*testing.T, Database){
		readerTests, unitTests, settingTests, bookTests, keyTests, paidInTests, entryTests, bulkTests, sharedTests, modelTests, auditTests,
	} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	}
}

// Parties of the tests.
const (
	achieng = msisdn.Number(254_708_374_149)
	kamau   = msisdn.Number(254_722_000_000)
	shop    = mpesa.Shortcode(174_379)
	till    = mpesa.Shortcode(5_000_001)
)

// noon is a time to begin at.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, clock.EAT)

// policy is what the rules need in these tests: nobody answers but the test.
func policy(tb testing.TB) mpesa.Policy {
	tb.Helper()
	rules, err := mpesa.NewRulebook()
	if err != nil {
		tb.Fatal(err)
	}
	return mpesa.Policy{
		Rules: rules, RegisterUnknown: true, OpeningBalance: money.Shillings(10_000), OpeningPIN: func(msisdn.Number) mpesa.PINDigest { return rightPIN },
		Answers: mpesa.Ask, PromptLife: 90 * time.Second, IgnoredResult: "1037", Lease: 10 * time.Second,
		ResultAfter: time.Second, QueueTime: time.Minute,
		Retries: map[mpesa.DeliveryKind][]time.Duration{mpesa.ExpressResult: {5 * time.Second, time.Minute}},
	}
}

var rightPIN = mpesa.PINDigest{1, 2, 3, 4}

// test is a test of the standard library's or of rapid's.
type test interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// put stores rows in a unit of work of their own, whether they are new or not.
func put(tb test, s store.Store, rows ...any) {
	tb.Helper()
	if err := tryPut(tb.Context(), s, rows...); err != nil {
		tb.Fatal(err)
	}
}

func tryPut(ctx context.Context, s store.Store, rows ...any) error {
	u, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	v := mpesa.NewView(mpesa.Policy{}, nil)
	if err := u.Load(ctx, keys(rows), v); err != nil {
		u.Rollback()
		return err
	}
	change(v, rows)
	return u.Commit(ctx, v)
}

// key is the row of an idempotency key.
type key struct {
	mpesa.IdempotencyKey
	Payment int64
}

// keys are those of the rows that units load.
func keys(rows []any) *mpesa.Needs {
	n := &mpesa.Needs{}
	for _, row := range rows {
		switch x := row.(type) {
		case mpesa.Subscriber:
			n.Subscribers = append(n.Subscribers, x.MSISDN)
		case mpesa.Account:
			n.Accounts = append(n.Accounts, x.ID)
		case mpesa.Payment:
			n.Payments = append(n.Payments, x.ID)
		case mpesa.Delivery:
			n.Deliveries = append(n.Deliveries, x.ID)
		case mpesa.Operator:
			n.Operators = append(n.Operators, x.ID())
		case mpesa.Organisation:
			n.Registry = append(n.Registry, x.Shortcode)
		case key:
			n.Idempotency = append(n.Idempotency, x.IdempotencyKey)
		case mpesa.App:
			n.Apps = append(n.Apps, x.Key)
		case mpesa.Token:
			if x.Sole {
				n.Apps = append(n.Apps, x.App)
			}
		case mpesa.BulkRow:
			n.BulkRows = append(n.BulkRows, x.ID)
		}
	}
	return n
}

// change puts the rows into a view.
func change(v *mpesa.View, rows []any) {
	for _, row := range rows {
		switch x := row.(type) {
		case mpesa.Subscriber:
			v.Subscribers.Put(x.MSISDN, x)
		case mpesa.Account:
			v.Accounts.Put(x.ID, x)
		case mpesa.Payment:
			v.Payments.Put(x.ID, x)
		case mpesa.Delivery:
			v.Deliveries.Put(x.ID, x)
		case mpesa.Transfer:
			v.Transfers = append(v.Transfers, x)
		case mpesa.Token:
			v.Tokens = append(v.Tokens, x)
		case mpesa.App:
			v.Apps.Put(x.Key, x)
		case mpesa.BulkRow:
			v.BulkRows.Put(x.ID, x)
		case mpesa.Message:
			v.Messages = append(v.Messages, x)
		case mpesa.AuditEntry:
			v.Audit = append(v.Audit, x)
		case mpesa.Operator:
			v.Operators.Put(x.ID(), x)
		case mpesa.Organisation:
			v.Registry.Put(x.Shortcode, x)
		case key:
			v.Idempotency.Put(x.IdempotencyKey, x.Payment)
		}
	}
}

// load loads rows in a unit that changes nothing.
func load(tb test, s store.Store, n mpesa.Needs) *mpesa.View {
	tb.Helper()
	u, err := s.Begin(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer u.Rollback()
	v := mpesa.NewView(mpesa.Policy{}, nil)
	if err := u.Load(tb.Context(), &n, v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// row gives a row out of a view, or nil.
func row[K comparable, T any](rows *mpesa.Rows[K, T], k K) *T {
	if value, ok := rows.Get(k); ok {
		return &value
	}
	return nil
}

// must gives a reader's answer.
func must[T any](tb test) func(T, error) T {
	return func(answer T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return answer
	}
}

// same compares what came with what was wanted.
func same[T any](tb test, what string, got, want T) {
	tb.Helper()
	if !reflect.DeepEqual(got, want) {
		tb.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
