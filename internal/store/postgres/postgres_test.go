package postgres

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/storetest"
)

func TestStore(t *testing.T) { storetest.Run(t, empty) }

// empty gives a test a database of its own.
func empty(tb testing.TB) storetest.Database {
	url := pgtest.Start(tb).Database(tb)
	return storetest.Database{
		Store:   open(tb, url),
		Again:   func(tb testing.TB) store.Store { return open(tb, url) },
		Execute: func(tb testing.TB, statement string) { execute(tb, url, statement) },
		Try:     func(ctx context.Context, statement string) error { return try(ctx, url, statement) },

		EmptyAudit: "TRUNCATE audit",
		FreeAudit:  []string{"DROP TRIGGER audit_is_not_changed ON audit"},
	}
}

// open opens a database until the test ends.
func open(tb testing.TB, url string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), url)
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

// execute runs statements on a connection of its own.
func execute(tb testing.TB, url, statement string) {
	tb.Helper()
	if err := try(tb.Context(), url, statement); err != nil {
		tb.Fatal(err)
	}
}

func try(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.PgConn().Exec(ctx, "SET search_path = "+schemaName+";"+statement).ReadAll()
	return err
}

func TestNodesThatStartAtOnceMakeTheTablesOnce(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Reserve(t.Context(), 1); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	all.Wait()
	if first, err := open(t, url).Reserve(t.Context(), 1); first != firstID+8 || err != nil {
		t.Errorf("reserved %d, %v; want %d", first, err, firstID+8)
	}
}

func TestSchemaThatTheAdministratorMade(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	execute(t, url, "CREATE SCHEMA "+schemaName)
	open(t, url)
}

func TestDatabasesThatAreNotOursAreLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		statement string
		want      error
	}{
		"a newer Kivuko's":             {"CREATE SCHEMA kivuko; CREATE TABLE kivuko.settings AS SELECT 'schema_version' AS name, '4' AS value", store.ErrNewer},
		"tables without our settings":  {"CREATE SCHEMA kivuko CREATE TABLE payments (id bigint)", store.ErrForeign},
		"settings without a version":   {"CREATE SCHEMA kivuko CREATE TABLE settings (name text, value text)", store.ErrForeign},
		"settings of another shape":    {"CREATE SCHEMA kivuko CREATE TABLE settings (key text)", store.ErrForeign},
		"a version that is no version": {"CREATE SCHEMA kivuko; CREATE TABLE kivuko.settings AS SELECT 'schema_version' AS name, 'x' AS value", store.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.Start(t).Database(t)
			execute(t, url, test.statement)
			if s, err := Open(t.Context(), url); !errors.Is(err, test.want) {
				t.Errorf("%v, %v; want %v", s, err, test.want)
			}
		})
	}
}

func TestConnectionErrorsAreOneLineWithoutThePassword(t *testing.T) {
	server := pgtest.Start(t)
	missing, err := url.Parse(server.URL("no_such_database"))
	if err != nil {
		t.Fatal(err)
	}
	missing.User = url.UserPassword("postgres", "sesame")
	for name, url := range map[string]string{
		"no server":    "postgres://kivuko:sesame@127.0.0.1:1/kivuko?connect_timeout=5",
		"no servers":   "postgres://kivuko:sesame@127.0.0.1:1,127.0.0.1:2/kivuko?connect_timeout=5",
		"no database":  missing.String(),
		"no number":    "postgres://kivuko:sesame@127.0.0.1:port/kivuko",
		"no URL":       "postgres://kivuko:sesame@[::1/kivuko",
		"not a string": "\x00",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), url)
			if err == nil || strings.ContainsAny(err.Error(), "\n\t") || strings.Contains(err.Error(), "sesame") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestURLMayCarrySettings(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	s := open(t, url+"&application_name=nairobi-1&lock_timeout=1s")
	for setting, want := range map[string]string{"application_name": "nairobi-1", "lock_timeout": "1s", "search_path": schemaName, "synchronous_commit": "on"} {
		var got string
		if err := s.units.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", setting, got, err, want)
		}
	}
}

// disconnect ends every session on the database but its own, as a restart of the server does, and waits until they are gone.
func disconnect(tb testing.TB, url string) {
	execute(tb, url, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
}

func TestUnitsGoOnAfterConnectionsAreLost(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	s := open(t, url)
	for range 3 {
		if err := addACent(t, s, func() {}); err != nil {
			t.Fatal(err)
		}
		disconnect(t, url)
	}
	if err := addACent(t, s, func() {}); err != nil {
		t.Fatal(err)
	}
	if a, err := store.Get(t.Context(), s, mpesa.Accounts, 1); err != nil || a.Balance != 4 {
		t.Errorf("%+v, %v; want 4", a, err)
	}
}

// A connection that is lost while it commits may have committed: whether to decide again is not for the store to say.
func TestConnectionLostBeforeTheCommit(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	s := open(t, url)
	if err := addACent(t, s, func() { disconnect(t, url) }); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("%v, want %v", err, store.ErrUnknown)
	}
	if err := addACent(t, s, func() {}); err != nil {
		t.Error(err)
	}
}

// addACent adds a cent to an account, trying as the engine does. meanwhile happens between loading and committing.
func addACent(t *testing.T, s *Store, meanwhile func()) error {
	for {
		err := func() error {
			u, err := s.Begin(t.Context())
			if err != nil {
				return err
			}
			defer u.Rollback()
			v := mpesa.NewView(mpesa.Policy{}, nil)
			mpesa.Accounts.Need(v, 1)
			if err := u.Load(t.Context(), &v.View); err != nil {
				return err
			}
			a, _ := mpesa.Accounts.Get(v, 1)
			mpesa.Accounts.Put(v, 1, mpesa.Account{ID: 1, Balance: a.Balance + 1})
			meanwhile()
			return u.Commit(t.Context(), &v.View)
		}()
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrLost) {
			return err
		}
	}
}

// BenchmarkStore is of a server that flushes to disk, with a little more memory than PostgreSQL takes by default.
func BenchmarkStore(b *testing.B) {
	server := pgtest.StartWith(b, pgtest.Options{Durable: true, Settings: map[string]string{"shared_buffers": "256MB", "max_wal_size": "4GB"}})
	storetest.Benchmark(b, func(tb testing.TB) storetest.Database {
		return storetest.Database{Store: open(tb, server.Database(tb))}
	})
}
