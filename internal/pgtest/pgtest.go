// Package pgtest gives tests a throwaway PostgreSQL from the machine's own package, and each test a database of its own.
//
// Nothing has to be stopped: the server ends, and its directory goes, with the process that started it, even after kill -9.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// RequireEnv is the environment variable that, set to 1, makes a test without PostgreSQL fail instead of skip. `make test` sets it.
const RequireEnv = "KIVUKO_REQUIRE_POSTGRES"

// clientTimeout bounds one createdb or dropdb: a generous time for a machine that is busy with the race detector.
const clientTimeout = time.Minute

// shared is the one server of this process. A process is a package's tests: starting takes a second, too long for every test.
var shared = sync.OnceValues(func() (*Server, error) {
	return Run(context.Background(), Options{})
})

// Start gives the server that all tests of this process share, with the zero Options.
// It skips the test, or fails it where RequireEnv says so, when PostgreSQL is not installed.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := shared()
	check(tb, err)
	return s
}

// StartWith gives the test a server of its own, stopped when the test ends. It skips like Start.
func StartWith(tb testing.TB, options Options) *Server {
	tb.Helper()
	s, err := Run(tb.Context(), options)
	check(tb, err)
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Errorf("stopping PostgreSQL: %v", err)
		}
	})
	return s
}

// Database creates an empty database and gives its postgres:// URL. It is dropped when the test ends, also when somebody is still connected.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	ctx, cancel := context.WithTimeout(tb.Context(), clientTimeout)
	defer cancel()
	url, err := s.Create(ctx, name)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// The test's own context is already cancelled here.
		ctx, cancel := context.WithTimeout(context.Background(), clientTimeout)
		defer cancel()
		if err := s.Drop(ctx, name); err != nil {
			tb.Error(err)
		}
	})
	return url
}

// Set changes a setting of the running server, for every session.
func (s *Server) Set(tb testing.TB, name, value string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), clientTimeout)
	defer cancel()
	if _, err := s.client(ctx, "psql", "--command=ALTER SYSTEM SET "+name+" = "+quote(value), "--command=SELECT pg_reload_conf()", superuser); err != nil {
		tb.Fatal(err)
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv(RequireEnv) != "1":
		tb.Skip(err)
	case err != nil:
		tb.Fatal(err)
	}
}
