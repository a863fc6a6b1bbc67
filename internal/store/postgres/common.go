package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

const (
	selectCommon = `SELECT COALESCE((SELECT value::bigint FROM settings WHERE name = 'generation'), 0),
		COALESCE((SELECT value FROM settings WHERE name = '` + store.ClockSetting + `'), ''), clock_timestamp()`

	// The last statement of a unit that changes what all nodes remember: a unit that waits here for another one waits for its COMMIT.
	nextGeneration = "INSERT INTO settings AS s VALUES ('generation', '1') ON CONFLICT (name) DO UPDATE SET value = s.value::bigint + 1"
)

// scanCommon reads the row of selectCommon, which was sent at a time.
func scanCommon(row pgx.Row, sent time.Time) (c store.Common, err error) {
	var ahead string
	var now time.Time
	if err := row.Scan(&c.Generation, &ahead, &now); err != nil {
		return c, err
	}
	c.Skew = store.SkewOf(sent, now, time.Now())
	if ahead != "" {
		var ns int64
		ns, err = strconv.ParseInt(ahead, 10, 64)
		c.Ahead = time.Duration(ns)
	}
	return c, err
}

// Common implements store.Store.
func (s *Store) Common(ctx context.Context) (store.Common, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	sent := time.Now()
	c, err := scanCommon(s.pool.QueryRow(ctx, selectCommon), sent)
	return c, oneLine(err)
}

// Common implements store.Unit.
func (u *work) Common() (store.Common, bool) { return u.common, u.told }

// queueCommon queues the statement that reads what nodes know of each other: once in a unit, before it waits for any row.
func (u *work) queueCommon(b *pgx.Batch) {
	if u.told {
		return
	}
	sent := time.Now()
	b.Queue(selectCommon).QueryRow(func(row pgx.Row) (err error) {
		u.common, err = scanCommon(row, sent)
		u.told = err == nil
		return err
	})
}

// queueGeneration has the other nodes read again what they remember, if a view changes any of it.
func queueGeneration(b *pgx.Batch, v *unit.View) {
	if tables.Organisations.Changed(v) || tables.Operators.Changed(v) || tables.Apps.Changed(v) {
		b.Queue(nextGeneration)
	}
}
