package postgres

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// migrated has the tables be brought up by these steps from version 1, until the test ends.
func migrated(t *testing.T, steps ...string) {
	before := migrations
	migrations = steps
	t.Cleanup(func() { migrations = before })
}

// versionOne makes a database of version 1, which is then brought up to date by a step.
func versionOne(t *testing.T) (url string) {
	t.Helper()
	url = pgtest.Start(t).Database(t)
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	migrated(t, "CREATE TABLE tides (at bigint)", "INSERT INTO tides VALUES (1)")
	return url
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
			var rows int
			if err := s.units.QueryRow(t.Context(), "SELECT COUNT(*) FROM tides").Scan(&rows); err != nil || rows != 1 {
				t.Errorf("%d rows, %v", rows, err)
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

func TestAFailedUpdateLeavesTheVersionBefore(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	open(t, url)
	t.Run("", func(t *testing.T) {
		migrated(t, "CREATE TABLE tides (at bigint)", "INSERT INTO boats VALUES (1)")
		for range 2 {
			if s, err := Open(t.Context(), url); err == nil {
				s.Close()
				t.Fatal("the failure was overlooked")
			}
		}
	})
	var there bool
	if err := open(t, url).units.QueryRow(t.Context(), "SELECT to_regclass('kivuko.tides') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("a table is left of the update: %t, %v", there, err)
	}
}

// People who look into the database join the table words, which each start brings up to date.
func TestWordsAreBroughtUpToDate(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	for _, change := range []string{"DELETE FROM words WHERE number = 1", "UPDATE words SET name = 'something'", "SELECT 1"} {
		s := open(t, url)
		rows, err := s.units.Query(t.Context(), "SELECT topic, number, name FROM words ORDER BY topic, number")
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[tables.Word])
		if err != nil {
			t.Fatal(err)
		}
		want := tables.Words()
		slices.SortFunc(want, func(a, b tables.Word) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Number, b.Number))
		})
		if !slices.Equal(got, want) {
			t.Errorf("words are\n%v, want\n%v", got, want)
		}
		if _, err := s.units.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
}
