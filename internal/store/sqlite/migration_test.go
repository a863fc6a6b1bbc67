package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/storetest"
)

// versionOne makes a database as Kivuko with version 1 of the schema left it.
func versionOne(t *testing.T) (path string) {
	t.Helper()
	tables, err := os.ReadFile("testdata/version_1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "kivuko.db")
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows := storetest.VersionOne(func(hex string) string { return "X'" + hex + "'" })
	for _, script := range []string{"PRAGMA application_id = 1263949131; PRAGMA user_version = 1;", string(tables), rows} {
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestVersionOneIsBroughtUpToDate(t *testing.T) {
	path := versionOne(t)
	s := open(t, path)
	storetest.CheckVersionOne(t, storetest.Database{Store: s, Again: func(tb testing.TB) store.Store {
		if err := s.Close(); err != nil {
			tb.Fatal(err)
		}
		return open(tb, path)
	}})
}

func TestTablesThatWereBroughtUpToDateAreThoseOfANewDatabase(t *testing.T) {
	const tables = `SELECT group_concat(line, x'0a') FROM (
		SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk AS line
		FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		UNION ALL SELECT name || ' ON ' || sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY 1)`
	var columns [2]string
	for i, path := range []string{versionOne(t), Memory} {
		if err := open(t, path).readers.QueryRowContext(t.Context(), tables).Scan(&columns[i]); err != nil {
			t.Fatal(err)
		}
	}
	if columns[0] != columns[1] {
		t.Errorf("brought up to date:\n%s\nnew:\n%s", columns[0], columns[1])
	}
}

func TestAFailedUpdateLeavesVersionOne(t *testing.T) {
	path := versionOne(t)
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	for _, inTheWay := range storetest.InTheWay() {
		if err := sqlitex.ExecuteScript(conn, "CREATE "+inTheWay.What, nil); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if s, err := Open(t.Context(), path); err == nil {
				s.Close()
				t.Fatalf("%s was overlooked", inTheWay.What)
			}
		}
		if err := sqlitex.ExecuteScript(conn, "DROP "+inTheWay.Drop, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}
