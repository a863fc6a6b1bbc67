package sqlite

import (
	"path/filepath"
	"testing"
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
