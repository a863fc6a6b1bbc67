package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// migrations bring the tables from each version, from 1, to the next. tables.PostgreSQL.Create makes those of the last one.
var migrations []string

const (
	schemaName = "kivuko"
	firstID    = 100_001 // of payments: identifiers with fewer digits look odd
)

// schemaVersion is the version of the tables that this program knows.
func schemaVersion() int { return 1 + len(migrations) }

// prepare makes the tables where there are none, and sees whether this program knows them. Nodes that start at once all try:
// PostgreSQL makes tables in a transaction, so one of them succeeds and the others find the work done.
func prepare(ctx context.Context, pool *pgxpool.Pool) error {
	there, err := checkVersion(ctx, pool)
	if err == nil && there {
		return migrate(ctx, pool)
	}
	if err != nil {
		return err
	}
	makeErr := makeTables(ctx, pool)
	if makeErr != nil && !exists(makeErr) {
		return oneLine(makeErr)
	}
	there, err = checkVersion(ctx, pool)
	if err == nil && !there { // somebody else's tables have our names
		return fmt.Errorf("%w: the schema %q has other tables in it (%w)", store.ErrForeign, schemaName, oneLine(makeErr))
	}
	return err
}

// checkVersion reports whether the tables are there. Errors: store.ErrForeign, store.ErrNewer.
func checkVersion(ctx context.Context, pool *pgxpool.Pool) (there bool, err error) {
	var text string
	err = pool.QueryRow(ctx, "SELECT value FROM "+schemaName+".settings WHERE name = 'schema_version'").Scan(&text)
	switch {
	case sqlState(err) == undefinedTable:
		return false, nil
	case errors.Is(err, pgx.ErrNoRows), sqlState(err) == undefinedColumn:
		return false, fmt.Errorf("%w: the schema %q has settings without a version", store.ErrForeign, schemaName)
	case err != nil:
		return false, oneLine(err)
	}
	version, err := strconv.Atoi(text)
	if err != nil {
		return false, fmt.Errorf("%w: version %q", store.ErrForeign, text)
	}
	if version > schemaVersion() {
		return true, fmt.Errorf("%w (version %d; this one knows %d)", store.ErrNewer, version, schemaVersion())
	}
	return true, nil
}

// migrate brings the tables of an earlier version up to this one. Nodes that start at once take turns at the version's row.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = 0"); err != nil { // with a million payments a turn takes longer than units may wait
			return err
		}
		var text string
		if err := tx.QueryRow(ctx, "SELECT value FROM "+schemaName+".settings WHERE name = 'schema_version' FOR UPDATE").Scan(&text); err != nil {
			return err
		}
		version, err := strconv.Atoi(text)
		if err != nil || version >= schemaVersion() {
			return err
		}
		_, err = tx.Conn().PgConn().Exec(ctx, fmt.Sprintf("SET LOCAL search_path = %s;\n%s;\nUPDATE settings SET value = '%d' WHERE name = 'schema_version'",
			schemaName, strings.Join(migrations[version-1:], ";\n"), schemaVersion())).ReadAll()
		return err
	})
}

func makeTables(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var there bool // CREATE SCHEMA IF NOT EXISTS would want the right to create one even so
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", schemaName).Scan(&there); err != nil {
			return err
		}
		if !there {
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+schemaName); err != nil {
				return err
			}
		}
		_, err := tx.Conn().PgConn().Exec(ctx, fmt.Sprintf("SET LOCAL search_path = %s;\n%s;\nINSERT INTO settings VALUES ('schema_version', '%d'), ('next_id', '%d')",
			schemaName, tables.PostgreSQL.Create(), schemaVersion(), firstID)).ReadAll()
		return err
	})
}
