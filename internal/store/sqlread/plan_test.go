package sqlread_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/store/sqlread"
	"github.com/kivuko/kivuko/internal/store/tables"
)

const (
	shop  = mpesa.Shortcode(174379)
	phone = 254_708_374_149
)

// queries are what is asked for while payments run, and the keys by which each database has to find it: no plan reads a whole table, or
// sorts more than a page. Lists come in the order of their index, but for those that a few rows are sorted for.
var queries = map[string]struct {
	ask      func(context.Context, store.Reader) error
	sqlite   []string
	postgres []string
	sorts    bool
}{
	"entries":      {entriesBefore(store.Entry{}), entriesSQLite, entriesPostgres, true},
	"more entries": {entriesBefore(store.Entry{At: 1500, Number: 7}), entriesSQLite, entriesPostgres, true},
	"tasks": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Tasks(ctx, store.TaskFilter{Business: shop, Waiting: true}, page)
		return err
	}, []string{"tasks_waiting (business=? AND id<?)"}, []string{"tasks_waiting"}, false},
	"decided tasks": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Tasks(ctx, store.TaskFilter{Business: shop, Decided: true, Initiator: "njeri"}, page)
		return err
	}, []string{"tasks_by_business (business=? AND id<?)"}, []string{"tasks_by_business"}, false},
	"bulk files": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Tasks(ctx, store.TaskFilter{Business: shop, Bulk: true}, page)
		return err
	}, []string{"tasks_bulk (business=? AND id<?)"}, []string{"tasks_bulk"}, false},
	"rows": {func(ctx context.Context, r store.Reader) error {
		_, err := r.BulkRows(ctx, 7, 3, 50)
		return err
	}, []string{"bulk_rows USING PRIMARY KEY (bulk=? AND line>?)"}, []string{"bulk_rows_pkey"}, false},
	"results": {func(ctx context.Context, r store.Reader) error {
		_, err := r.BulkPayments(ctx, 7, 3, true, 50)
		return err
	}, []string{"SEARCH r USING PRIMARY KEY (bulk=? AND line>?)", "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)"}, []string{"bulk_rows_pkey", "payments_pkey"}, false},
	"messages": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Messages(ctx, phone, page)
		return err
	}, []string{"messages USING PRIMARY KEY (msisdn=? AND id<?)"}, []string{"messages_pkey"}, false},
	"audit": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Audit(ctx, shop, page)
		return err
	}, []string{"audit_by_business (business=? AND id<?)"}, []string{"audit_by_business"}, false},
	"open payment": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Payments(ctx, store.PaymentFilter{Payer: mpesa.CustomerParty(phone), State: new(mpesa.Prompting)}, store.Page{Limit: 1})
		return err
	}, []string{"payments_open (payer=?)"}, []string{"payments_open"}, true},
	"standing orders of a customer": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Activity(ctx, store.PaymentFilter{Payer: mpesa.CustomerParty(phone), Kind: mpesa.StandingOrder}, page)
		return err
	}, []string{"standing_orders_by_customer (payer=? AND id<?)"}, []string{"standing_orders_by_customer"}, false},
	"account": {func(ctx context.Context, r store.Reader) error {
		_, err := store.Get(ctx, r, mpesa.Accounts, shop.Party().Account(mpesa.Utility))
		return err
	}, []string{"accounts USING INTEGER PRIMARY KEY (rowid=?)"}, []string{"accounts_pkey"}, false},
	"operator": {func(ctx context.Context, r store.Reader) error {
		_, err := store.Get(ctx, r, mpesa.Operators, mpesa.OperatorID{Shortcode: shop, Username: "clerk"})
		return err
	}, []string{"operators USING PRIMARY KEY (shortcode=? AND username=?)"}, []string{"operators_pkey"}, false},
	"more operators": {func(ctx context.Context, r store.Reader) error {
		_, err := store.List(ctx, r, mpesa.Operators, mpesa.OperatorID{Shortcode: shop, Username: "clerk"}, 50)
		return err
	}, []string{"operators USING PRIMARY KEY ((shortcode,username)>(?,?))"}, []string{"operators_pkey"}, false},
	"payments that failed": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Activity(ctx, store.PaymentFilter{Result: "1032"}, page)
		return err
	}, []string{"payments_failed (result=? AND id<?)"}, []string{"payments_failed"}, false},
	"callbacks that failed": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Deliveries(ctx, 0, new(mpesa.GivenUp), page)
		return err
	}, []string{"deliveries_in_vain (id<?)"}, []string{"deliveries_in_vain"}, false},
	"organisations of an owner": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Owned(ctx, phone)
		return err
	}, []string{"organisations_owned (owner=?)"}, []string{"organisations_owned"}, false},
	"organisations with URLs": {func(ctx context.Context, r store.Reader) error {
		_, err := r.WithURLs(ctx, shop, 50)
		return err
	}, []string{"organisations_with_urls (shortcode>?)"}, []string{"organisations_with_urls"}, false},
	"apps": {func(ctx context.Context, r store.Reader) error {
		_, err := store.List(ctx, r, mpesa.Apps, "key", 50)
		return err
	}, []string{"apps USING PRIMARY KEY (consumer_key>?)"}, []string{"apps_pkey"}, false},
	"operators": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Operators(ctx, shop)
		return err
	}, []string{"operators USING PRIMARY KEY (shortcode=?)"}, []string{"operators_pkey"}, false},
	"phones": {func(ctx context.Context, r store.Reader) error {
		_, err := store.List(ctx, r, mpesa.Subscribers, phone, 50)
		return err
	}, []string{"subscribers USING INTEGER PRIMARY KEY (rowid>?)"}, []string{"subscribers_pkey"}, false},
	"whose OriginatorConversationID": {func(ctx context.Context, r store.Reader) error {
		_, err := r.Originated(ctx, "feb-salaries")
		return err
	}, []string{"SCAN o", "SEARCH i USING PRIMARY KEY (owner=? AND name=?)"}, []string{"organisations_pkey", "idempotency_pkey"}, false},
}

var (
	page            = store.Page{Before: 9, Limit: 50}
	entriesSQLite   = []string{"transfers_debited (debit=? AND at>? AND at<?)", "transfers_credited (credit=? AND at>? AND at<?)"}
	entriesPostgres = []string{"Index Scan Backward using transfers_debited", "Index Scan Backward using transfers_credited"}
)

func entriesBefore(before store.Entry) func(context.Context, store.Reader) error {
	return func(ctx context.Context, r store.Reader) error {
		_, err := r.Entries(ctx, shop.Party().Account(mpesa.Utility), store.Period{From: 1000, To: 2000}, before, 50)
		return err
	}
}

func TestPlansOfSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := open(t, "sqlite", path)
	for name, q := range queries {
		plan := explain(t, db, tables.SQLite, "EXPLAIN QUERY PLAN ", q.ask)
		for _, want := range q.sqlite {
			_, after, found := strings.Cut(plan, want)
			if !found || strings.HasPrefix(after, "\nUSE TEMP B-TREE") { // only a page of each side is sorted, after its LIMIT
				t.Errorf("%s: no %s, in the order of the index, in\n%s", name, want, plan)
			}
		}
		if !q.sorts && strings.Contains(plan, "B-TREE") || strings.Contains(plan, "SCAN transfers") || strings.Contains(plan, "SCAN payments\n") {
			t.Errorf("the plan of %s is\n%s", name, plan)
		}
	}
}

func TestPlansOfPostgreSQL(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db := open(t, "pgx", url)
	db.SetMaxOpenConns(1)
	// Of tables with no rows any plan is as good: it is to say whether the indexes will do.
	if _, err := db.ExecContext(t.Context(), "SET search_path = kivuko; SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_custom_plan"); err != nil {
		t.Fatal(err)
	}
	for name, q := range queries {
		plan := explain(t, db, tables.PostgreSQL, "EXPLAIN ", q.ask)
		for _, want := range q.postgres {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: no %s in\n%s", name, want, plan)
			}
		}
		if !q.sorts && strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan") {
			t.Errorf("the plan of %s is\n%s", name, plan)
		}
	}
}

// SQLite would begin at the period's end, and go through all that earlier pages have shown, were that a bound beside the page's own.
func TestAPageOfEntriesIsReadFromWhereItBegins(t *testing.T) {
	var bounds []any
	r := sqlread.Heard(open(t, "sqlite", sqlite.Memory), tables.SQLite, func(_ string, args []any) { bounds = args })
	_ = entriesBefore(store.Entry{At: 1500, Number: 7})(t.Context(), r) // there are no tables
	if !slices.Contains(bounds, any(int64(1500))) || slices.Contains(bounds, any(int64(2000))) {
		t.Errorf("it is read from one of %v", bounds)
	}
}

func open(t *testing.T, driver, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// explain gives the plan of the query by which a reader finds what is asked for.
func explain(t *testing.T, db *sql.DB, d *tables.Dialect, explain string, ask func(context.Context, store.Reader) error) string {
	t.Helper()
	var query string
	var args []any
	r := sqlread.Heard(db, d, func(q string, a []any) {
		if query == "" { // payments are the first that is asked for
			query, args = q, a
		}
	})
	if err := ask(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), explain+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		line, to := "", make([]any, len(columns)) // the last column is the text
		for i := range to {
			to[i] = new(any)
		}
		to[len(to)-1] = &line
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
