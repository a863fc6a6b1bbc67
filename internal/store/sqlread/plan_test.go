package sqlread_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/store/sqlread"
)

// What pages of the portal ask for comes along an index, in order, however many payments there are: no plan reads a whole table or sorts
// more than a page.

var (
	utility = mpesa.Shortcode(174379).Party().Account(mpesa.Utility)
	period  = store.Period{From: 1000, To: 2000}
	befores = []store.Entry{{}, {At: 1500, Number: 7}}
	waiting = store.PaymentFilter{Business: 174379, State: new(mpesa.Approving)}
)

func TestPlansOfSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r := sqlread.New(db, false)
	const explain = "EXPLAIN QUERY PLAN "
	for _, before := range befores {
		plan := must(r.PlanOfEntries(t.Context(), explain, utility, period, before, 50))(t)
		for _, want := range []string{"SEARCH transfers USING INDEX transfers_debited (debit=? AND at>? AND at<?)", "SEARCH transfers USING INDEX transfers_credited (credit=? AND at>? AND at<?)"} {
			_, after, found := strings.Cut(plan, want)
			if !found || strings.HasPrefix(after, "\nUSE TEMP B-TREE") { // only a page of each side is sorted, after its LIMIT
				t.Errorf("no %s, in the order of the index, in\n%s", want, plan)
			}
		}
		if strings.Contains(plan, "SCAN transfers") {
			t.Errorf("the plan of entries is\n%s", plan)
		}
	}
	if plan := must(r.PlanOfPayments(t.Context(), explain, waiting, store.Page{Limit: 50}))(t); !strings.Contains(plan, "payments_waiting") || strings.Contains(plan, "B-TREE") {
		t.Errorf("the plan of what waits is\n%s", plan)
	}
}

func TestPlansOfPostgreSQL(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	// Of tables with no rows any plan is as good: it is to say whether the indexes will do.
	if _, err := db.ExecContext(t.Context(), "SET search_path = kivuko; SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_custom_plan"); err != nil {
		t.Fatal(err)
	}
	r := sqlread.New(db, true)
	for _, before := range befores {
		plan := must(r.PlanOfEntries(t.Context(), "EXPLAIN ", utility, period, before, 50))(t)
		for _, want := range []string{"Index Scan Backward using transfers_debited", "Index Scan Backward using transfers_credited"} {
			if !strings.Contains(plan, want) {
				t.Errorf("no %s in\n%s", want, plan)
			}
		}
	}
	if plan := must(r.PlanOfPayments(t.Context(), "EXPLAIN ", waiting, store.Page{Limit: 50}))(t); !strings.Contains(plan, "payments_waiting") {
		t.Errorf("the plan of what waits is\n%s", plan)
	}
}

// must gives the lines of a plan as one text.
func must(lines []string, err error) func(testing.TB) string {
	return func(tb testing.TB) string {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
}
