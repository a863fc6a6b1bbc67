// Package storetest is what both stores promise: one suite of tests that each of them passes, and the benchmarks by which
// they are compared.
package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Database is an empty database of a test's own.
type Database struct {
	store.Store // ended by its maker

	// Again opens the database once more. Where the store isn't shared, it closes the first one before. Nil: that can't be done.
	Again func(testing.TB) store.Store

	// Execute runs an SQL statement behind the store's back. Nil: that can't be done.
	Execute func(tb testing.TB, statement string)

	// Try does the same, and says what the database has against it. Nil: that can't be done.
	Try func(ctx context.Context, statement string) error

	// FreeAudit are the statements that take the audit its protection.
	FreeAudit []string

	// EmptyAudit is a way around UPDATE and DELETE that the database has to change the audit.
	EmptyAudit string
}

// Run runs the suite. open gives each test an empty database.
func Run(t *testing.T, open func(testing.TB) Database) {
	for _, tests := range []map[string]func(*testing.T, Database){
		readerTests, unitTests, settingTests, bookTests, keyTests, paidInTests, entryTests, bulkTests, sharedTests, modelTests, auditTests, chainTests,
	} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	}
	t.Run("WhatIsChangedByHandIsFound", func(t *testing.T) { testTampering(t, open) })
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
	if err := u.Load(ctx, want(v, keys(rows)...)); err != nil {
		u.Rollback()
		return err
	}
	change(v, rows)
	return u.Commit(ctx, &v.View)
}

// key is the row of an idempotency key.
type key struct {
	mpesa.IdempotencyKey
	Payment int64
}

// wish has a view want rows.
type wish func(v *mpesa.View)

// need wants the rows of a table that have the keys.
func need[K comparable](table interface{ Need(unit.Viewer, K) }, keys ...K) wish {
	return func(v *mpesa.View) {
		for _, k := range keys {
			table.Need(v, k)
		}
	}
}

// lead wants them as leading to more.
func lead[K comparable](table interface{ Lead(unit.Viewer, K) }, keys ...K) wish {
	return func(v *mpesa.View) {
		for _, k := range keys {
			table.Lead(v, k)
		}
	}
}

// want returns what a store has to load for a view to have some rows.
func want(v *mpesa.View, wishes ...wish) *unit.View {
	for _, w := range wishes {
		w(v)
	}
	return &v.View
}

// keys wants the rows that units load.
func keys(rows []any) (wishes []wish) {
	for _, row := range rows {
		switch x := row.(type) {
		case mpesa.Subscriber:
			wishes = append(wishes, need(mpesa.Subscribers, x.MSISDN))
		case mpesa.Account:
			wishes = append(wishes, need(mpesa.Accounts, x.ID))
		case ledger.Hold:
			wishes = append(wishes, need(ledger.Holds, x.ID))
		case mpesa.Payment:
			wishes = append(wishes, need(mpesa.Payments, x.ID))
		case mpesa.Query:
			wishes = append(wishes, need(mpesa.Queries, x.ID))
		case mpesa.Order:
			wishes = append(wishes, need(mpesa.Orders, x.ID))
		case mpesa.Delivery:
			wishes = append(wishes, need(mpesa.Deliveries, x.ID))
		case mpesa.Operator:
			wishes = append(wishes, need(mpesa.Operators, x.ID()))
		case mpesa.Organisation:
			wishes = append(wishes, need(mpesa.Registry, x.Shortcode))
		case key:
			wishes = append(wishes, need(mpesa.Idempotency, x.IdempotencyKey))
		case mpesa.App:
			wishes = append(wishes, need(mpesa.Apps, x.Key))
		case mpesa.Token:
			if x.Sole {
				wishes = append(wishes, need(mpesa.Apps, x.App))
			}
		case portal.Task:
			wishes = append(wishes, need(portal.Tasks, x.ID))
		case portal.BulkRow:
			wishes = append(wishes, need(portal.BulkRows, x.ID))
		}
	}
	return wishes
}

// change puts the rows into a view.
func change(v *mpesa.View, rows []any) {
	for _, row := range rows {
		switch x := row.(type) {
		case mpesa.Subscriber:
			mpesa.Subscribers.Put(v, x.MSISDN, x)
		case mpesa.Account:
			mpesa.Accounts.Put(v, x.ID, x)
		case ledger.Hold:
			ledger.Holds.Put(v, x.ID, x)
		case mpesa.Payment:
			mpesa.Payments.Put(v, x.ID, x)
		case mpesa.Query:
			mpesa.Queries.Put(v, x.ID, x)
		case mpesa.Order:
			mpesa.Orders.Put(v, x.ID, x)
		case mpesa.Delivery:
			mpesa.Deliveries.Put(v, x.ID, x)
		case mpesa.Transfer:
			mpesa.Transfers.Add(v, x)
		case mpesa.Token:
			mpesa.Tokens.Add(v, x)
		case mpesa.App:
			mpesa.Apps.Put(v, x.Key, x)
		case portal.Task:
			portal.Tasks.Put(v, x.ID, x)
		case portal.BulkRow:
			portal.BulkRows.Put(v, x.ID, x)
		case mpesa.Message:
			mpesa.Messages.Add(v, x)
		case mpesa.AuditEntry:
			mpesa.Audit.Add(v, x)
		case mpesa.Operator:
			mpesa.Operators.Put(v, x.ID(), x)
		case mpesa.Organisation:
			mpesa.Registry.Put(v, x.Shortcode, x)
		case key:
			mpesa.Idempotency.Put(v, x.IdempotencyKey, mpesa.KeyHolder(x))
		}
	}
}

// load loads rows in a unit that changes nothing.
func load(tb test, s store.Store, wishes ...wish) *mpesa.View {
	tb.Helper()
	u, err := s.Begin(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer u.Rollback()
	v := mpesa.NewView(mpesa.Policy{}, nil)
	if err := u.Load(tb.Context(), want(v, wishes...)); err != nil {
		tb.Fatal(err)
	}
	return v
}

// row gives a row out of a view, or nil.
func row[K comparable, T any](v *mpesa.View, table *unit.Table[K, T], k K) *T {
	if value, ok := table.Get(v, k); ok {
		return &value
	}
	return nil
}

// prompts gives the payments that are open, as a view has them; -1: it doesn't know.
func prompts(v *mpesa.View, payers ...mpesa.Party) (list []int64) {
	for _, p := range payers {
		if !mpesa.OpenPrompts.Loaded(v, p) {
			list = append(list, -1)
			continue
		}
		list = append(list, mpesa.OpenPrompts.Get(v, p))
	}
	return list
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
