package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

func TestLockHasOneHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	var holders, taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				l, err := lock(path)
				if errors.Is(err, store.ErrInUse) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				taken.Add(1)
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				holders.Add(-1)
				if err := unlock(l); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if taken.Load() == 0 {
		t.Error("nobody got the lock")
	}
}

func TestAFileIsInUseByEveryName(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux the file itself is locked")
	}
	dir := t.TempDir()
	path, link, symlink := filepath.Join(dir, "kivuko.db"), filepath.Join(dir, "linked.db"), filepath.Join(dir, "symlinked.db")
	s := open(t, path)
	if err := errors.Join(os.Link(path, link), os.Symlink(path, symlink)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, symlink} {
		if _, err := Open(t.Context(), name); !errors.Is(err, store.ErrInUse) {
			t.Errorf("%s: %v, want %v", name, err, store.ErrInUse)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, link)
}

// A balance that somebody has corrected by hand, while it is remembered, is neither decided on nor written over.
func TestWhatAnotherProgramWritesIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	s := open(t, path)
	const account mpesa.AccountID = 1
	add := func() (before mpesa.Account, err error) {
		u, err := s.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v := mpesa.NewView(mpesa.Policy{}, nil)
		mpesa.Accounts.Need(v, account)
		if err := u.Load(t.Context(), &v.View); err != nil {
			t.Fatal(err)
		}
		before, _ = mpesa.Accounts.Get(v, account)
		mpesa.Accounts.Put(v, account, mpesa.Account{ID: account, Balance: before.Balance + 1})
		return before, u.Commit(t.Context(), &v.View)
	}
	for want := range 2 {
		if a, err := add(); err != nil || int(a.Balance) != want {
			t.Fatalf("%v, %v", a.Balance, err)
		}
	}
	other, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := sqlitex.ExecuteScript(other, "UPDATE accounts SET balance = 500", nil); err != nil {
		t.Fatal(err)
	}
	if a, err := add(); !errors.Is(err, store.ErrOutside) || !errors.Is(err, store.ErrConflict) {
		t.Errorf("with %v in mind: %v, want %v", a.Balance, err, store.ErrOutside)
	}
	for want := 500; want < 502; want++ {
		if a, err := add(); err != nil || int(a.Balance) != want {
			t.Errorf("then %v, %v; want %d", a.Balance, err, want)
		}
	}
}

func TestADatabaseThatAnotherProgramHasLockedSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kivuko.db")
	s := open(t, path)
	other, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := sqlitex.ExecuteTransient(other, "BEGIN IMMEDIATE", nil); err != nil {
		t.Fatal(err)
	}
	u, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := mpesa.NewView(mpesa.Policy{}, nil)
	mpesa.Accounts.Missing(v, 1)
	mpesa.Accounts.Put(v, 1, mpesa.Account{ID: 1})
	if err := u.Commit(t.Context(), &v.View); err == nil || !strings.Contains(err.Error(), "another program has locked the database") {
		t.Error(err)
	}
	if err := sqlitex.ExecuteTransient(other, "ROLLBACK", nil); err != nil {
		t.Fatal(err)
	}
	if err := u.Commit(t.Context(), &v.View); err != nil {
		t.Error(err)
	}
}
