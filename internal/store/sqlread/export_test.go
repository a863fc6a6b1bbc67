package sqlread

import (
	"context"
	"database/sql"

	"github.com/kivuko/kivuko/internal/store/tables"
)

// Heard makes a reader that tells hear of each query before it asks it.
func Heard(db *sql.DB, d *tables.Dialect, hear func(query string, args []any)) *Reader {
	return &Reader{db: heard{db, hear}, dialect: d}
}

type heard struct {
	*sql.DB
	hear func(query string, args []any)
}

func (h heard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	h.hear(query, args)
	return h.DB.QueryContext(ctx, query, args...)
}

func (h heard) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	h.hear(query, args)
	return h.DB.QueryRowContext(ctx, query, args...)
}
