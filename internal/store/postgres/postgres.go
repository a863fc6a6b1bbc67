// Package postgres keeps everything in a PostgreSQL database, which several nodes may share. A unit of work is two or three round
// trips: one batch that begins the transaction and locks the rows, one that writes in bulk and commits. Nodes keep no state, and
// coordinate through nothing but row locks and unique keys.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/kivuko/kivuko/internal/store/sqlread"
	"github.com/kivuko/kivuko/internal/store/tables"
)

const (
	workers = 2 // measured with the server on the same two cores, payments a second: one 5,800, two 8,000, three 7,900, four 7,500
	readers = 4 // connections of a node that read beside the units
)

// Store is the database. It implements store.Store.
type Store struct {
	*sqlread.Reader
	units  *pgxpool.Pool
	pool   *pgxpool.Pool // of the readers
	heavy  *pgxpool.Pool // of what reads everything
	dbs    []*sql.DB     // the last two, for sqlread
	chains chains
	statements

	commitLimit time.Duration
}

// Open connects to the database that a postgres:// URL names, and makes the tables where there are none. Errors: store.ErrNewer,
// store.ErrForeign, or one line that says why there is no connection.
func Open(ctx context.Context, url string) (_ *Store, err error) {
	s := &Store{commitLimit: commitLimit, statements: newPlans()}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.units, err = connect(ctx, url, 2*workers, nodeSettings, unitSettings); err != nil { // each may reserve numbers on another
		return nil, err
	}
	if err := prepare(ctx, s.units); err != nil {
		return nil, err
	}
	if _, err := s.units.Exec(ctx, tables.PutWords()); err != nil {
		return nil, oneLine(err)
	}
	if s.pool, err = connect(ctx, url, readers, nodeSettings); err != nil {
		return nil, err
	}
	if s.heavy, err = connect(ctx, url, 1, nodeSettings); err != nil {
		return nil, err
	}
	s.dbs = []*sql.DB{stdlib.OpenDBFromPool(s.pool), stdlib.OpenDBFromPool(s.heavy)}
	s.Reader = sqlread.New(s.dbs[0], tables.PostgreSQL, sqlread.Limits{Read: readLimit, Again: s.reconnect, Heavy: s.dbs[1], HeavyRead: heavyLimit})
	return s, nil
}

// reconnect gets rid of the readers' connections after an error that is not the server's answer, and tells whether it was one. When one
// connection has died, the others probably have.
func (s *Store) reconnect(err error) bool {
	if !failed(err) || errors.Is(err, pgx.ErrNoRows) {
		return false
	}
	s.pool.Reset()
	return true
}

// Unprotected says what is wrong when the connection that a postgres:// URL asks for may go to another machine without encryption, or to a
// server whose certificate nobody checks; "" when it is protected, or stays on this machine.
func Unprotected(url string) string {
	config, err := pgconn.ParseConfig(url) // by the environment too: PGSSLMODE, PGHOST
	if err != nil {
		return "" // connecting says so
	}
	ways := []*pgconn.FallbackConfig{{Host: config.Host, TLSConfig: config.TLSConfig}}
	for _, way := range append(ways, config.Fallbacks...) {
		unchecked := way.TLSConfig != nil && way.TLSConfig.InsecureSkipVerify && way.TLSConfig.VerifyPeerCertificate == nil // verify-ca has the latter
		if (way.TLSConfig == nil || unchecked) && !local(way.Host) {
			return fmt.Sprintf("the connection to PostgreSQL on %s may be read or answered by others on the way: add sslmode=verify-full to the URL (and sslrootcert=PATH for an authority of your own)", way.Host)
		}
	}
	return ""
}

// local reports whether a host is this machine: a Unix socket's directory or a loopback address.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Workers implements store.Store: while one unit commits, the next one loads.
func (s *Store) Workers() int { return workers }

// Shared implements store.Store.
func (s *Store) Shared() bool { return true }

// Reserve implements store.Store.
func (s *Store) Reserve(ctx context.Context, n int64) (first int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	err = s.units.QueryRow(ctx, "UPDATE settings SET value = value::bigint + $1 WHERE name = 'next_id' RETURNING value::bigint - $1", n).Scan(&first)
	return first, oneLine(err)
}

// Setting implements store.Store.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	err = s.pool.QueryRow(ctx, "SELECT value FROM settings WHERE name = $1", name).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return value, oneLine(err)
}

// PutSetting implements store.Store.
func (s *Store) PutSetting(ctx context.Context, name, value string) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	_, err := s.pool.Exec(ctx, "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return oneLine(err)
}

// KeepSetting implements store.Store.
func (s *Store) KeepSetting(ctx context.Context, name, value string) (kept string, err error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	err = s.pool.QueryRow(ctx, "INSERT INTO settings AS s VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = s.value RETURNING value", name, value).Scan(&kept)
	return kept, oneLine(err)
}

// EndSession implements store.Store.
func (s *Store) EndSession(ctx context.Context, id string, now, until time.Time) error {
	const forget = "WITH forgotten AS (DELETE FROM ended_sessions WHERE until < $3) "
	_, err := s.pool.Exec(ctx, forget+"INSERT INTO ended_sessions VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", id, until.UnixMilli(), now.UnixMilli())
	return oneLine(err)
}

// Close ends all work on the database. Units must be over. What a server that stands still has not taken leave of after some seconds is
// left to it, with an error.
func (s *Store) Close() error {
	var errs []error
	for _, db := range s.dbs {
		errs = append(errs, db.Close())
	}
	ctx, done := context.WithTimeoutCause(context.Background(), closeLimit, errInUse)
	go func() {
		defer done()
		for _, pool := range []*pgxpool.Pool{s.units, s.pool, s.heavy} {
			if pool != nil {
				pool.Close()
			}
		}
	}()
	if <-ctx.Done(); errors.Is(context.Cause(ctx), errInUse) {
		errs = append(errs, errInUse)
	}
	return errors.Join(errs...)
}

var errInUse = fmt.Errorf("connections to the database were still in use after %v", closeLimit)
