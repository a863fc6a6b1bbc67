package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/store/tables"
)

// migrated has the tables be brought up by these steps from version 1, until the test ends.
func migrated(t *testing.T, steps ...string) {
	before := migrations
	migrations = steps
	t.Cleanup(func() { migrations = before })
}

// versionOne makes a database of version 1.
func versionOne(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kivuko.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTablesAreBroughtUpToDateOnce(t *testing.T) {
	path := versionOne(t)
	migrated(t, "CREATE TABLE tides (at INTEGER);", "INSERT INTO tides VALUES (1);")
	for range 2 {
		s := open(t, path)
		var rows int
		if err := s.readers.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM tides").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows, %v", rows, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFailedUpdateLeavesTheVersionBefore(t *testing.T) {
	path := versionOne(t)
	t.Run("", func(t *testing.T) {
		migrated(t, "CREATE TABLE tides (at INTEGER);", "INSERT INTO boats VALUES (1);")
		for range 2 {
			if s, err := Open(t.Context(), path); err == nil {
				s.Close()
				t.Fatal("the failure was overlooked")
			}
		}
	})
	s := open(t, path)
	if there, err := s.number("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'tides'"); err != nil || there != 0 {
		t.Errorf("%d tables are left of the update, %v", there, err)
	}
}

// People who look into the database join the table words, which each start brings up to date.
func TestWordsAreBroughtUpToDate(t *testing.T) {
	path := versionOne(t)
	for _, change := range []string{"DELETE FROM words WHERE number = 1", "UPDATE words SET name = 'something'", "SELECT 1"} {
		s := open(t, path)
		for _, w := range tables.Words() {
			n, err := s.number(fmt.Sprintf("SELECT COUNT(*) FROM words WHERE topic = '%s' AND number = %d AND name = '%s'", w.Topic, w.Number, w.Name))
			if err != nil || n != 1 {
				t.Errorf("%+v is there %d times, %v", w, n, err)
			}
		}
		if err := sqlitex.ExecuteTransient(s.conn, change, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
