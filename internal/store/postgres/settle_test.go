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
			a, err := store.Get(t.Context(), s, mpesa.Accounts, 1)
			if err != nil || (a != nil) != test.want {
				t.Errorf("it left %+v, %v", a, err)
			}
			if err := addACent(t, s, func() {}); err != nil { // with the same chain
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

// A COMMIT whose wait for the standby is cut short, by an administrator or at a shutdown, is answered as if nothing had been, with a notice.
// Neither the unit nor the question what came of it may take that for an answer.
func TestAWaitForTheStandbyThatIsCutShort(t *testing.T) {
	server := pgtest.StartWith(t, pgtest.Options{})
	url := server.Database(t)
	s := open(t, url)
	standby := func(name string) { server.Set(t, "synchronous_standby_names", name) }
	t.Cleanup(func() { standby("") })
	u, err := begun(t, s, func() {
		standby("nobody")
		waits(t, s)
		go cutShort(t, url)
	})
	if !errors.Is(err, store.ErrUnknown) || !errors.Is(err, store.ErrSolitary) {
		t.Fatalf("%v, want %v and %v", err, store.ErrUnknown, store.ErrSolitary)
	}
	go cutShort(t, url)
	if committed, err := u.Settle(t.Context()); !errors.Is(err, store.ErrSolitary) {
		t.Errorf("settled while no standby has it: %v, %v", committed, err)
	}
	standby("")
	if committed, err := settle(t.Context(), u); !committed || err != nil {
		t.Errorf("settled with %v, %v; want true", committed, err)
	}
}

// cutShort ends the wait of the first COMMITs of units that wait for a standby.
func cutShort(t *testing.T, url string) {
	if err := try(t.Context(), url, `DO $$ BEGIN
		FOR n IN 1..500 LOOP
			EXIT WHEN (SELECT bool_or(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep' AND query NOT LIKE '%settings%');
			PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
		END LOOP; END $$`); err != nil {
		t.Error(err)
	}
}

// What was committed on another database, or on a later timeline than the one that answers, can't be settled there.
func TestLeadsTo(t *testing.T) {
	known := origin{system: 7, timeline: 3}
	for _, test := range []struct {
		committed, answers origin
		want               string
	}{
		{known, known, ""},
		{known, origin{7, 4}, ""}, // a promotion
		{known, origin{7, 2}, "the database has gone back to timeline 2; the unit was committed on timeline 3"},
		{known, origin{8, 3}, "another database answers: its system identifier is 8, and was 7 when the unit was committed"},
		{known, origin{8, 4}, "another database answers: its system identifier is 8, and was 7 when the unit was committed"},
		{known, origin{}, ""}, // only resembles PostgreSQL
		{origin{}, known, ""},
	} {
		got := ""
		if err := test.committed.leadsTo(test.answers); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v answers for %+v: %q, want %q", test.answers, test.committed, got, test.want)
		}
	}
}

// A unit is asked for where its COMMIT was sent to: an older timeline has nothing to say, and leaves no trace of the question.
func TestAnOlderTimelineSettlesNothing(t *testing.T) {
	server := pgtest.StartWith(t, pgtest.Options{})
	url, r := server.Database(t), server.Relay(t)
	s := open(t, r.URL(url))
	u, err := begun(t, s, func() { r.DropCommits(1) })
	if !errors.Is(err, store.ErrUnknown) {
		t.Fatalf("%v, want %v", err, store.ErrUnknown)
	}
	at := &u.(*work).witness.origin
	if at.system == 0 || at.timeline != 1 {
		t.Fatalf("the COMMIT was sent to %+v", *at)
	}
	for name, other := range map[string]origin{"an older timeline": {at.system, 2}, "another database": {at.system + 1, 1}} {
		was := *at
		*at = other
		if committed, err := u.Settle(t.Context()); err == nil {
			t.Errorf("%s settled it: %v", name, committed)
		}
		*at = was
	}
	execute(t, url, "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM units); END $$")
	if committed, err := settle(t.Context(), u); committed || err != nil {
		t.Errorf("settled with %v, %v; want false", committed, err)
	}
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
	if books, err := s.Books(t.Context(), store.Evidence{}); err != nil || books.Accounts > 0 {
		t.Errorf("%d accounts are there that no standby has, %v", books.Accounts, err)
	}
	if log := server.Log(); strings.Contains(log, "canceling wait") {
		t.Errorf("a COMMIT was cancelled: %s", log)
	}
}
