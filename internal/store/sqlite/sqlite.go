// Package sqlite keeps everything in one SQLite file (or in memory). One connection writes, in units of work, with one fsync
// each; a pool of others reads beside it. The process has the file to itself, so rows that were written or read stay
// remembered and are not read again.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the readers' driver
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/private"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlread"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// migrations bring the tables from each version, from 1, to the next. tables.SQLite.Create makes those of the last one.
var migrations []string

const (
	applicationID = 0x4b56554b // "KVUK"
	firstID       = 100_001    // of payments: identifiers with fewer digits look odd
)

// schemaVersion is the version of the tables that this program knows.
func schemaVersion() int64 { return int64(1 + len(migrations)) }

// Memory is the path of a database that lives in memory and ends with Close.
const Memory = ":memory:"

var memories atomic.Int64

// Store is the database. It implements store.Store.
type Store struct {
	*sqlread.Reader
	readers *sql.DB
	lock    *flock.Flock // of the file's name; nil in memory
	file    *flock.Flock // of the file by any name; nil in memory
	path    string       // "" in memory

	mu     sync.Mutex // of everything below
	conn   *sqlite.Conn
	writer *writer
	cache  *cache
	seen   int64 // the version of the data that the cache has (PRAGMA data_version)
	chain  chain
}

// Open opens the database at path and creates it when there is none. Errors: store.ErrInUse, store.ErrNewer,
// store.ErrForeign, or what the file system says.
func Open(ctx context.Context, path string) (_ *Store, err error) {
	s := &Store{cache: newCache()}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	uri := "file:/kivuko-" + strconv.FormatInt(memories.Add(1), 10) + "?vfs=memdb"
	if path != Memory {
		if uri, err = s.claim(path); err != nil {
			return nil, err
		}
	}
	if s.conn, err = sqlite.OpenConn(uri, sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenURI); err != nil {
		return nil, readable(err)
	}
	if err := s.prepareFile(path); err != nil {
		return nil, readable(err)
	}
	if err := sqlitex.ExecuteTransient(s.conn, tables.PutWords(), nil); err != nil {
		return nil, readable(err)
	}
	if s.writer, err = newWriter(s.conn); err != nil {
		return nil, err
	}
	if s.seen, err = sqlitex.ResultInt64(s.writer.version); err != nil {
		return nil, err
	}
	if err := s.readChain(); err != nil {
		return nil, err
	}
	pragmas := "_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-2048)"
	if s.readers, err = sql.Open("sqlite", uri+separator(uri)+pragmas); err != nil {
		return nil, err
	}
	s.readers.SetMaxOpenConns(4)
	s.readers.SetMaxIdleConns(4)
	s.Reader = sqlread.New(s.readers, tables.SQLite, sqlread.Limits{})
	return s, nil
}

func separator(uri string) string {
	if strings.Contains(uri, "?") {
		return "&"
	}
	return "?"
}

// claim makes sure that no other process works on the file, and gives its URI.
func (s *Store) claim(path string) (uri string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // by another name it is the same database
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a directory", path)
	}
	if s.lock, err = lock(path); err != nil {
		return "", err
	}
	if err := private.Create(path); err != nil { // what SQLite makes beside it has the same mode
		return "", err
	}
	if s.file, err = lockFile(path); err != nil {
		return "", err
	}
	s.path = path
	return (&url.URL{Scheme: "file", Path: path}).String(), nil
}

// readable gives the errors that a person may cause their names.
func readable(err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultNotADB:
		return fmt.Errorf("%w: it is no SQLite database", store.ErrForeign)
	case sqlite.ResultBusy:
		return store.ErrInUse
	}
	return err
}

// prepareFile sets the connection up, and makes the tables where there are none.
func (s *Store) prepareFile(path string) error {
	version, err := s.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	app, err := s.number("PRAGMA application_id")
	if err != nil {
		return err
	}
	made, err := s.number("SELECT COUNT(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	switch {
	case app != applicationID && (app != 0 || made > 0):
		return store.ErrForeign
	case version > schemaVersion():
		return fmt.Errorf("%w (version %d; this one knows %d)", store.ErrNewer, version, schemaVersion())
	}
	settings := []string{"PRAGMA busy_timeout = 2000", "PRAGMA cache_size = -16384", "PRAGMA temp_store = MEMORY"}
	if path != Memory {
		settings = append(settings, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 4000")
	}
	for _, x := range settings {
		if err := sqlitex.ExecuteTransient(s.conn, x, nil); err != nil {
			return err
		}
	}
	switch {
	case made > 0 && version < schemaVersion():
		return sqlitex.ExecuteScript(s.conn, strings.Join(migrations[version-1:], "\n")+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion()), nil)
	case made > 0:
		return nil
	}
	return sqlitex.ExecuteScript(s.conn, fmt.Sprintf("%s;\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;\nINSERT INTO settings VALUES ('next_id', '%d');\nINSERT INTO chains VALUES (%d, 0);",
		tables.SQLite.Create(), applicationID, schemaVersion(), firstID, onlyChain), nil)
}

// number runs a query for one number, once.
func (s *Store) number(query string) (int64, error) {
	stmt, _, err := s.conn.PrepareTransient(query)
	if err != nil {
		return 0, err
	}
	defer stmt.Finalize()
	return sqlitex.ResultInt64(stmt)
}

// statement gives a statement that is prepared once. The caller holds mu.
func (s *Store) statement(query string) (*sqlite.Stmt, error) {
	if s.conn == nil {
		return nil, errClosed
	}
	return s.conn.Prepare(query)
}

// Files returns the paths of the files that the database may have while it is open; none in memory.
func (s *Store) Files() []string {
	if s.path == "" {
		return nil
	}
	return []string{s.path, s.path + "-wal", s.path + "-shm"}
}

var errClosed = errors.New("the database is closed")

// Workers implements store.Store: there is one writer.
func (s *Store) Workers() int { return 1 }

// Shared implements store.Store: the file is locked.
func (s *Store) Shared() bool { return false }

// Reserve implements store.Store.
func (s *Store) Reserve(_ context.Context, n int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt, err := s.statement("UPDATE settings SET value = CAST(value AS INTEGER) + ? WHERE name = 'next_id' RETURNING CAST(value AS INTEGER) - ?")
	if err != nil {
		return 0, err
	}
	return sqlitex.ResultInt64(bound(stmt, n, n))
}

// Common implements store.Store.
func (s *Store) Common(context.Context) (store.Common, error) { return store.Common{}, nil }

// Setting implements store.Store.
func (s *Store) Setting(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt, err := s.statement("SELECT value FROM settings WHERE name = ?")
	if err != nil {
		return "", err
	}
	defer stmt.Reset()
	stmt.BindText(1, name)
	if there, err := stmt.Step(); err != nil || !there {
		return "", err
	}
	return stmt.ColumnText(0), nil
}

// PutSetting implements store.Store.
func (s *Store) PutSetting(_ context.Context, name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt, err := s.statement("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
	if err != nil {
		return err
	}
	defer stmt.Reset()
	stmt.BindText(1, name)
	stmt.BindText(2, value)
	_, err = stmt.Step()
	return err
}

// KeepSetting implements store.Store.
func (s *Store) KeepSetting(_ context.Context, name, value string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt, err := s.statement("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value RETURNING value")
	if err != nil {
		return "", err
	}
	defer stmt.Reset()
	stmt.BindText(1, name)
	stmt.BindText(2, value)
	return sqlitex.ResultText(stmt) // steps to the end, where the commit is
}

// EndSession implements store.Store.
func (s *Store) EndSession(_ context.Context, id string, now, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	forget := &sqlitex.ExecOptions{Args: []any{now.UnixMilli()}}
	if err := sqlitex.Execute(s.conn, "DELETE FROM ended_sessions WHERE until < ?", forget); err != nil {
		return err
	}
	keep := &sqlitex.ExecOptions{Args: []any{id, until.UnixMilli()}}
	return sqlitex.Execute(s.conn, "INSERT INTO ended_sessions VALUES (?, ?) ON CONFLICT (id) DO NOTHING", keep)
}

// Close ends all work on the database and leaves one file behind.
func (s *Store) Close() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
		s.conn = nil
	}
	if s.file != nil {
		errs = append(errs, s.file.Unlock())
		s.file = nil
	}
	if s.lock != nil {
		errs = append(errs, unlock(s.lock))
		s.lock = nil
	}
	return errors.Join(errs...)
}

func bound(stmt *sqlite.Stmt, args ...int64) *sqlite.Stmt {
	for i, x := range args {
		stmt.BindInt64(i+1, x)
	}
	return stmt
}
