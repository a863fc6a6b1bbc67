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

// A row that another unit has locked is read when that unit is over, as it leaves it: that is READ COMMITTED.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

const rollbackTimeout = 5 * time.Second

// Begin implements store.Store. The transaction begins when the first row is locked.
func (s *Store) Begin(context.Context) (store.Unit, error) { return &unit{pool: s.units}, nil }

type unit struct {
	pool *pgxpool.Pool
	conn *pgxpool.Conn // nil until the first statement, and when the unit is over

	begun bool // the transaction
	order store.Order
}

// Look implements store.Unit.
func (u *unit) Look(ctx context.Context, n *mpesa.Needs, v *mpesa.View) error {
	b := &pgx.Batch{}
	queueRows(b, n, v, "")
	queueOpen(b, v, n.Open, true)
	return u.read(ctx, b)
}

// Load implements store.Unit.
func (u *unit) Load(ctx context.Context, n *mpesa.Needs, v *mpesa.View) error {
	if err := u.order.Take(n, v); err != nil {
		return err
	}
	b := &pgx.Batch{}
	queueRows(b, n, v, locked)
	queueOpen(b, v, n.Open, false)
	if u.begun || b.Len() == 0 {
		return u.read(ctx, b)
	}
	u.begun = true
	b.QueuedQueries = slices.Insert(b.QueuedQueries, 0, &pgx.QueuedQuery{SQL: begin})
	return u.read(ctx, b)
}

// queueRows queues the statements that read rows, and lock them: table after table in the same order for all units, which is that of
// store.Order, and by key within each.
func queueRows(b *pgx.Batch, n *mpesa.Needs, v *mpesa.View, lock string) {
	queueKeys(b, selectOrganisations+lock, n.Registry, &v.Registry, scanOrganisation)
	queueApps(b, selectApps+lock, v, n.Apps)
	queuePairs(b, selectOperators+lock, n.Operators, &v.Operators, operatorPair, scanOperator)
	queuePairs(b, selectIdempotency, n.Idempotency, &v.Idempotency, idempotencyPair, scanIdempotency)
	queueKeys(b, selectSubscribers+lock, n.Subscribers, &v.Subscribers, scanSubscriber)
	queueKeys(b, selectPayments+lock, n.Payments, &v.Payments, scanPayment)
	queueBulkRows(b, selectBulkRows+lock, v, n.BulkRows)
	queueKeys(b, selectDeliveries+lock, n.Deliveries, &v.Deliveries, scanDelivery)
	queueKeys(b, selectAccounts+lock, n.Accounts, &v.Accounts, scanAccount)
}

// read sends statements that write nothing.
func (u *unit) read(ctx context.Context, b *pgx.Batch) error {
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
	if !u.begun {
		b.Queue(begin)
	}
	if err := write(b, v); err != nil {
		return err
	}
	b.Queue("COMMIT")
	return conflict(u.send(ctx, b))
}

// send sends statements in one go and waits for all their results.
func (u *unit) send(ctx context.Context, b *pgx.Batch) (err error) {
	if u.conn == nil {
		if u.conn, err = u.pool.Acquire(ctx); err != nil {
			return err
		}
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
