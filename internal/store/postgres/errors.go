package postgres

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kivuko/kivuko/internal/store"
)

// SQLSTATE codes (PostgreSQL documentation, appendix A).
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03" // lock_timeout
	undefinedTable       = "42P01"
	undefinedColumn      = "42703"
	duplicateTable       = "42P07"
	duplicateSchema      = "42P06"
)

// sqlState is the code that the server gave an error, or "".
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// exists reports whether what was to be created is there, or was created by somebody else in the meantime.
func exists(err error) bool {
	return slices.Contains([]string{uniqueViolation, duplicateTable, duplicateSchema}, sqlState(err))
}

// conflict marks the errors after which a unit is to be decided again.
func conflict(err error) error {
	switch sqlState(err) {
	case serializationFailure, deadlockDetected, uniqueViolation, lockNotAvailable:
		return fmt.Errorf("%w: %w", store.ErrConflict, oneLine(err))
	}
	return oneLine(err)
}

// oneLine is store.OneLine.
func oneLine(err error) error { return store.OneLine(err) }
