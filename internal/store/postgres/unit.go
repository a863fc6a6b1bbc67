package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// A row that another unit has locked is read when that unit is over, as it leaves it: that is READ COMMITTED.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

const rollbackTimeout = time.Second

// Begin implements store.Store. The transaction begins when the first row is locked.
func (s *Store) Begin(ctx context.Context) (store.Unit, error) {
	w, err := s.chain(ctx)
	if err != nil {
		return nil, err
	}
	return &work{Store: s, witness: w, chained: true}, nil
}

// work is a unit of work.
type work struct {
	*Store
	conn *pgxpool.Conn // nil until the first statement, and when the unit is over

	begun bool // the transaction
	order tables.Order

	columns unit.Columns

	common store.Common
	told   bool // common was read

	witness witness
	chained bool // the chain is to be given back when the unit is over
}

// Look implements store.Unit.
func (u *work) Look(ctx context.Context, v *unit.View) error {
	b := &pgx.Batch{}
	u.queueCommon(b)
	u.queueRows(b, v, true)
	return u.read(ctx, b)
}

// Load implements store.Unit.
func (u *work) Load(ctx context.Context, v *unit.View) error {
	if err := u.order.Take(v); err != nil {
		return err
	}
	if v.Wanted() == len(mpesa.Organisations.Wanted(v)) {
		return nil
	}
	b := &pgx.Batch{}
	if !u.begun {
		u.begun = true
		b.Queue(begin)
	}
	u.queueCommon(b)
	u.queueRows(b, v, false)
	return u.read(ctx, b)
}

// read sends statements that write nothing.
func (u *work) read(ctx context.Context, b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	err := u.send(ctx, loadLimit, b)
	if u.lost() { // together with the locks, and nothing is written yet
		u.units.Reset() // the other connections have probably been lost as well
		return fmt.Errorf("%w: %w", store.ErrLost, oneLine(err))
	}
	return conflict(err)
}

// Commit implements store.Unit. Everything is sent up to the COMMIT in one go: after an error the server skips the rest.
func (u *work) Commit(ctx context.Context, v *unit.View) error {
	defer u.Rollback() // of what did not come to the end
	if v.Empty() {
		return nil
	}
	b := &pgx.Batch{}
	if !u.begun {
		b.Queue(begin)
	}
	u.witness.seal(b, v)
	if err := u.write(b, v); err != nil {
		return err
	}
	queueGeneration(b, v)
	done := false
	b.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
		done = tag.String() == "COMMIT"
		return nil
	})
	err := u.send(ctx, u.commitLimit, b)
	switch {
	case u.lost():
		return u.unknown(err)
	case err != nil:
		return conflict(err)
	case unreplicated(u.conn.Conn()):
		return u.unknown(errCutShort)
	case !done:
		return errors.New("the server answered COMMIT with something else")
	}
	u.witness.committed()
	return nil
}

// unknown keeps what Settle needs.
func (u *work) unknown(err error) error {
	u.witness.origin = originOf(u.conn.Conn())
	u.chained = false
	u.units.Reset()
	return fmt.Errorf("%w: %w", store.ErrUnknown, oneLine(err))
}

// send sends statements in one go and waits for all their results, at most for a time.
func (u *work) send(ctx context.Context, limit time.Duration, b *pgx.Batch) (err error) {
	if u.conn == nil {
		if u.conn, err = u.acquire(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return u.conn.SendBatch(ctx, b).Close()
}

func (u *work) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, acquireLimit)
	defer cancel()
	return u.units.Acquire(ctx)
}

func (u *work) lost() bool { return u.conn != nil && u.conn.Conn().IsClosed() }

// Rollback implements store.Unit.
func (u *work) Rollback() {
	if u.chained {
		u.chained = false
		u.chains.keep(u.witness)
	}
	if u.conn == nil {
		return
	}
	const idle = 'I'
	if conn := u.conn.Conn().PgConn(); conn.TxStatus() != idle && !conn.IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
		_, _ = conn.Exec(ctx, "ROLLBACK").ReadAll() // a connection that doesn't is thrown away by the pool
		cancel()
	}
	u.conn.Release()
	u.conn = nil
}
