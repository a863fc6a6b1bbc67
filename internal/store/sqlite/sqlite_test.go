package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/storetest"
)

func TestFile(t *testing.T) { storetest.Run(t, inFile) }

func TestMemory(t *testing.T) { storetest.Run(t, inMemory) }

// inFile gives a test a database in a file.
func inFile(tb testing.TB) storetest.Database {
	path := filepath.Join(tb.TempDir(), "kivuko.db")
	s := open(tb, path)
	return storetest.Database{
		Store: s,
		Again: func(tb testing.TB) store.Store {
			if err := s.Close(); err != nil {
				tb.Fatal(err)
			}
			return open(tb, path)
		},
		Execute: s.execute,
		Try:     s.try,

		EmptyAudit: emptyAudit, FreeAudit: freeAudit,
	}
}

const emptyAudit = "REPLACE INTO audit VALUES (101, 0, 0, '', '', '', '', '', 0, '')"

var freeAudit = []string{"DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_shortened", "DROP TRIGGER audit_is_not_replaced"}

func inMemory(tb testing.TB) storetest.Database {
	s := open(tb, Memory)
	return storetest.Database{Store: s, Execute: s.execute, Try: s.try, EmptyAudit: emptyAudit, FreeAudit: freeAudit}
}

func (s *Store) execute(tb testing.TB, statement string) {
	tb.Helper()
	if err := s.try(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}

func (s *Store) try(_ context.Context, statement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sqlitex.ExecuteTransient(s.conn, statement, nil)
}

// open opens a database until the test ends.
func open(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func TestOpeningTwiceIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	s := open(t, path)
	if _, err := Open(t.Context(), path); !errors.Is(err, store.ErrInUse) {
		t.Errorf("%v, want %v", err, store.ErrInUse)
	}
	if err := s.PutSetting(t.Context(), "key", "value"); err != nil {
		t.Errorf("the first one is disturbed: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestOneFileIsLeft(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "kivuko.db"))
	if err := s.PutSetting(t.Context(), "key", "value"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

func TestFilesThatAreNotOursAreLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		write func(t *testing.T, path string)
		want  error
	}{
		"a newer Kivuko's":                   {newerKivukos, store.ErrNewer},
		"another program's":                  {anotherPrograms, store.ErrForeign},
		"another program's with our version": {anotherProgramsVersion, store.ErrForeign},
		"a text":                             {text, store.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file.db")
			test.write(t, path)
			before := contents(t, path)
			if _, err := Open(t.Context(), path); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if contents(t, path) != before {
				t.Error("the file has changed")
			}
			if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

func newerKivukos(t *testing.T, path string) {
	s := open(t, path)
	s.execute(t, "PRAGMA user_version = 4")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func anotherPrograms(t *testing.T, path string) {
	foreign(t, path, "CREATE TABLE payments (id INTEGER)")
}

func anotherProgramsVersion(t *testing.T, path string) {
	foreign(t, path, "PRAGMA user_version = 1", "CREATE TABLE settings (name TEXT)")
}

func foreign(t *testing.T, path string, statements ...string) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, x := range statements {
		if _, err := db.Exec(x); err != nil {
			t.Fatal(err)
		}
	}
}

func text(t *testing.T, path string) {
	if err := os.WriteFile(path, []byte("Asante sana, squash banana. This is a text and no database at all, however long one reads on in it.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMemoriesAreSeparate(t *testing.T) {
	a, b := open(t, Memory), open(t, Memory)
	u, err := a.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := mpesa.NewView(mpesa.Policy{}, nil)
	mpesa.Apps.Create(v, "key", mpesa.App{Key: "key"})
	if err := u.Commit(t.Context(), &v.View); err != nil {
		t.Fatal(err)
	}
	if app, err := store.Get(t.Context(), a, mpesa.Apps, "key"); app == nil || err != nil {
		t.Errorf("the readers don't see what was written: %v, %v", app, err)
	}
	if app, err := store.Get(t.Context(), b, mpesa.Apps, "key"); app != nil || err != nil {
		t.Errorf("another memory sees it: %v, %v", app, err)
	}
}

func BenchmarkFile(b *testing.B) { storetest.Benchmark(b, inFile) }

func BenchmarkMemory(b *testing.B) { storetest.Benchmark(b, inMemory) }
