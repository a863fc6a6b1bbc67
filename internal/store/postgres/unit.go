package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// A row that somebody else has locked is read when he is done with it, as he leaves it: that is READ COMMITTED.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

const rollbackTimeout = 5 * time.Second

// Begin implements store.Store. The transaction begins with the first statement.
func (s *Store) Begin(context.Context) (store.Unit, error) { return &unit{pool: s.units}, nil }

type unit struct {
	pool *pgxpool.Pool
	conn *pgxpool.Conn // nil until the transaction begins, and when the unit is over
}

// Load implements store.Unit. The rows are locked table after table in the same order by everybody, and by key within each.
func (u *unit) Load(ctx context.Context, n *mpesa.Needs, v *mpesa.View) error {
	b := &pgx.Batch{}
	queueLock(b, lockOrganisations, n.Registry, &v.Registry, scanOrganisation)
	queueApps(b, v, n.Apps)
	queuePairs(b, lockOperators, n.Operators, &v.Operators, operatorPair, scanOperator)
	queuePairs(b, selectIdempotency, n.Idempotency, &v.Idempotency, idempotencyPair, scanIdempotency)
	queueLock(b, lockSubscribers, n.Subscribers, &v.Subscribers, scanSubscriber)
	queueLock(b, lockPayments, n.Payments, &v.Payments, scanPayment)
	queueBulkRows(b, v, n.BulkRows)
	queueOpen(b, v, n.Open)
	queueLock(b, lockAccounts, n.Accounts, &v.Accounts, scanAccount)
	queueLock(b, lockDeliveries, n.Deliveries, &v.Deliveries, scanDelivery)
	if b.Len() == 0 {
		return nil
	}
	err := u.send(ctx, b)
	if u.lost() { // together with the locks, and nothing is written yet
		return fmt.Errorf("%w: the connection was lost: %w", store.ErrConflict, oneLine(err))
	}
	return conflict(err)
}

// Commit implements store.Unit.
func (u *unit) Commit(ctx context.Context, v *mpesa.View) error {
	defer u.Rollback() // of what did not come to the end
	if v.Empty() {
		return nil
	}
	b := &pgx.Batch{}
	if err := write(b, v); err != nil {
		return err
	}
	b.Queue("COMMIT")
	return conflict(u.send(ctx, b))
}

// send sends statements in one go and waits for all their results. The first ones begin the transaction.
func (u *unit) send(ctx context.Context, b *pgx.Batch) (err error) {
	if u.conn == nil {
		if u.conn, err = u.pool.Acquire(ctx); err != nil {
			return err
		}
		b.QueuedQueries = slices.Insert(b.QueuedQueries, 0, &pgx.QueuedQuery{SQL: begin})
	}
	return u.conn.SendBatch(ctx, b).Close()
}

func (u *unit) lost() bool { return u.conn != nil && u.conn.Conn().IsClosed() }

// Rollback implements store.Unit.
func (u *unit) Rollback() {
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
