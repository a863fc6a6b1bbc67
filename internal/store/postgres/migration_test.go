package postgres

import (
	"os"
	"sync"
	"testing"

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

func TestTablesThatWereBroughtUpToDateAreThoseOfANewDatabase(t *testing.T) {
	const tables = `SELECT string_agg(line, E'\n') FROM (
		SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line FROM information_schema.columns WHERE table_schema = 'kivuko'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'kivuko' ORDER BY 1) AS lines`
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
	execute(t, url, "CREATE INDEX payments_waiting ON payments (id)") // in the way of the last step
	for range 2 {
		if s, err := Open(t.Context(), url); err == nil {
			s.Close()
			t.Fatal("what is in the way was overlooked")
		}
	}
	execute(t, url, "DROP INDEX payments_waiting")
	open(t, url)
}
