package postgres

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store"
)

// A unit whose COMMIT was not answered is committed, or never will be, whatever kept the answer away.
func TestSettle(t *testing.T) {
	server := pgtest.StartWith(t, pgtest.Options{})
	standby := func(name string) { server.Set(t, "synchronous_standby_names", name) }
	for name, test := range map[string]struct {
		before func(s *Store, url string, r *pgtest.Relay) (after func()) // of the COMMIT; after comes before the question
		later  bool                                                       // after comes when the first question has been asked
		want   bool
	}{
		"the reply is lost": {want: true, before: func(_ *Store, _ string, r *pgtest.Relay) func() {
			r.LoseCommits(1)
			return nil
		}},
		"the connection ends before": {want: false, before: func(_ *Store, url string, _ *pgtest.Relay) func() {
			disconnect(t, url)
			return nil
		}},
		"the COMMIT is still on its way": {want: false, before: func(_ *Store, url string, r *pgtest.Relay) func() { return r.Hold() }},
		"no standby has it yet": {want: true, later: true, before: func(s *Store, _ string, _ *pgtest.Relay) func() {
			standby("nobody")
			waits(t, s)
			return func() { standby("") }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			url := server.Database(t)
			r := server.Relay(t)
			s := open(t, r.URL(url))
			s.commitLimit = 200 * time.Millisecond
			after := func() {}
			u, err := begun(t, s, func() {
				if f := test.before(s, url, r); f != nil {
					after = f
				}
			})
			defer after()
			if !errors.Is(err, store.ErrUnknown) {
				t.Fatalf("%v, want %v", err, store.ErrUnknown)
			}
			if test.later {
				if committed, err := u.Settle(t.Context()); err == nil {
					t.Errorf("settled while nobody can know: %v", committed)
				}
				after()
			}
			committed, err := settle(t.Context(), u)
			if err != nil || committed != test.want {
				t.Errorf("settled with %v, %v; want %v", committed, err, test.want)
			}
			after()
			sessionsEnd(t, url)
			a, err := s.Account(t.Context(), 1)
			if err != nil || (a != nil) != test.want {
				t.Errorf("it left %+v, %v", a, err)
			}
			if err := addACent(t, s, func() {}); err != nil { // with the same lane
				t.Error(err)
			}
		})
	}
}

// settle asks until it is known.
func settle(ctx context.Context, u store.Unit) (committed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		if committed, err = u.Settle(ctx); err == nil || ctx.Err() != nil {
			return committed, err
		}
	}
}

// waits returns when COMMITs wait for a standby: the server takes a moment to know of its setting.
func waits(t *testing.T, s *Store) {
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := s.PutSetting(ctx, "probe", "")
		cancel()
		if err != nil {
			return
		}
	}
}

// begun commits a unit that makes an account.
func begun(t *testing.T, s *Store, before func()) (store.Unit, error) {
	u, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Rollback()
	v := mpesa.NewView(mpesa.Policy{}, nil)
	mpesa.Accounts.Need(v, 1)
	if err := u.Load(t.Context(), &v.View); err != nil {
		t.Fatal(err)
	}
	mpesa.Accounts.Put(v, 1, mpesa.Account{ID: 1, Balance: 1})
	before()
	return u, u.Commit(t.Context(), &v.View)
}

// sessionsEnd waits until no session is in the middle of something.
func sessionsEnd(t *testing.T, url string) {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if try(t.Context(), url, "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL); END $$") == nil {
			return
		}
	}
	t.Error("a transaction is still under way")
}

// What the driver gives up it would like to cancel; and a COMMIT whose wait for the standby is cancelled is visible without one.
func TestNoCancelRequestReachesACommit(t *testing.T) {
	server := pgtest.StartWith(t, pgtest.Options{})
	url := server.Database(t)
	s := open(t, url)
	s.commitLimit = 150 * time.Millisecond
	units := make([]store.Unit, 50)
	for i := range units {
		var err error
		if units[i], err = s.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	server.Set(t, "synchronous_standby_names", "nobody")
	t.Cleanup(func() { server.Set(t, "synchronous_standby_names", "") })
	waits(t, s)
	var all sync.WaitGroup
	slots := make(chan struct{}, 2*workers)
	for i, u := range units {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			v := mpesa.NewView(mpesa.Policy{}, nil)
			id := mpesa.AccountID(i + 1)
			mpesa.Accounts.Missing(v, id)
			mpesa.Accounts.Put(v, id, mpesa.Account{ID: id, Balance: 1})
			if err := u.Commit(t.Context(), &v.View); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("%v, want %v", err, store.ErrUnknown)
			}
		})
	}
	all.Wait()
	if books, err := s.Books(t.Context()); err != nil || books.Accounts > 0 {
		t.Errorf("%d accounts are there that no standby has, %v", books.Accounts, err)
	}
	if log := server.Log(); strings.Contains(log, "canceling wait") {
		t.Errorf("a COMMIT was cancelled: %s", log)
	}
}
