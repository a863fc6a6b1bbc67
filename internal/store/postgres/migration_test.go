package postgres

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/storetest"
)

// versionOne makes a database as Kivuko with version 1 of the schema left it.
func versionOne(t *testing.T) (url string) {
	t.Helper()
	tables, err := os.ReadFile("testdata/version_1.sql")
	if err != nil {
		t.Fatal(err)
	}
	url = pgtest.Start(t).Database(t)
	rows := storetest.VersionOne(func(hex string) string { return `'\x` + hex + `'` })
	execute(t, url, "CREATE SCHEMA kivuko;"+string(tables)+";INSERT INTO settings VALUES ('schema_version', '1');"+rows)
	return url
}

func TestVersionOneIsBroughtUpToDate(t *testing.T) {
	url := versionOne(t)
	storetest.CheckVersionOne(t, storetest.Database{Store: open(t, url), Again: func(tb testing.TB) store.Store { return open(tb, url) }})
}

func TestNodesThatStartAtOnceBringTablesUpToDateOnce(t *testing.T) {
	url := versionOne(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Operators(t.Context(), 174379); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	all.Wait()
}

// To bring a large database up to date takes longer than a unit waits for a lock.
func TestANodeWaitsForItsTurnToBringTablesUpToDate(t *testing.T) {
	url := versionOne(t)
	first, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(context.Background())
	if _, err := first.Exec(t.Context(), "BEGIN; SELECT value FROM kivuko.settings FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), url+"&lock_timeout=1ms")
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	watch, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(context.Background())
	for waits := false; !waits && len(opened) == 0; {
		const longer = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND clock_timestamp() > query_start + interval '20 ms')"
		if err := watch.QueryRow(t.Context(), longer).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := first.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestTablesThatWereBroughtUpToDateAreThoseOfANewDatabase(t *testing.T) {
	const tables = `SELECT string_agg(line, E'\n') FROM (
		SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line FROM information_schema.columns WHERE table_schema = 'kivuko'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'kivuko'
		UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'kivuko'::regnamespace ORDER BY 1) AS lines`
	var columns [2]string
	for i, url := range []string{versionOne(t), pgtest.Start(t).Database(t)} {
		if err := open(t, url).units.QueryRow(t.Context(), tables).Scan(&columns[i]); err != nil {
			t.Fatal(err)
		}
	}
	if columns[0] != columns[1] {
		t.Errorf("brought up to date:\n%s\nnew:\n%s", columns[0], columns[1])
	}
}

func TestAFailedUpdateLeavesVersionOne(t *testing.T) {
	url := versionOne(t)
	for _, inTheWay := range storetest.InTheWay() {
		execute(t, url, "CREATE "+inTheWay.What)
		for range 2 {
			if s, err := Open(t.Context(), url); err == nil {
				s.Close()
				t.Fatalf("%s was overlooked", inTheWay.What)
			}
		}
		execute(t, url, "DROP "+inTheWay.Drop)
	}
	open(t, url)
}
