package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// Begin implements store.Store. Nothing is written before Commit, and nobody else writes: a unit needs no transaction before.
func (s *Store) Begin(context.Context) (store.Unit, error) { return unit{s}, nil }

type unit struct{ *Store }

// Rollback implements store.Unit.
func (u unit) Rollback() {}

// Common implements store.Unit.
func (u unit) Common() (store.Common, bool) { return store.Common{}, false }

// Look implements store.Unit.
func (u unit) Look(ctx context.Context, n *mpesa.Needs, v *mpesa.View) error {
	if err := u.Load(ctx, n, v); err != nil || len(n.Open) == 0 {
		return err
	}
	open := &mpesa.Needs{}
	for _, payer := range n.Open {
		if id := v.Open[payer]; id != 0 {
			open.Payments = append(open.Payments, id)
		}
	}
	return u.Load(ctx, open, v)
}

// Load implements store.Unit. What is not remembered is read in one transaction: to begin and end one takes as long as reading
// a row.
func (u unit) Load(_ context.Context, n *mpesa.Needs, v *mpesa.View) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == nil {
		return errClosed
	}
	return errors.Join(u.load(n, v), u.writer.endReading())
}

func (u unit) load(n *mpesa.Needs, v *mpesa.View) error {
	for _, k := range n.Subscribers {
		if err := load(u.writer, &v.Subscribers, &u.cache.subscribers, k, u.writer.readSubscriber); err != nil {
			return err
		}
	}
	for _, k := range n.Accounts {
		if err := load(u.writer, &v.Accounts, &u.cache.accounts, k, u.writer.readAccount); err != nil {
			return err
		}
	}
	for _, k := range n.Payments {
		if err := load(u.writer, &v.Payments, &u.cache.payments, k, u.writer.readPayment); err != nil {
			return err
		}
	}
	for _, k := range n.Deliveries {
		if err := load(u.writer, &v.Deliveries, &u.cache.deliveries, k, u.writer.readDelivery); err != nil {
			return err
		}
	}
	for _, k := range n.Operators {
		if err := load(u.writer, &v.Operators, &u.cache.operators, k, u.writer.readOperator); err != nil {
			return err
		}
	}
	for _, k := range n.Idempotency {
		if err := load(u.writer, &v.Idempotency, &u.cache.idempotency, k, u.writer.readIdempotency); err != nil {
			return err
		}
	}
	for _, k := range n.Registry {
		if err := load(u.writer, &v.Registry, &u.cache.registry, k, u.writer.readOrganisation); err != nil {
			return err
		}
	}
	for _, k := range n.Apps {
		if err := load(u.writer, &v.Apps, &u.cache.apps, k, u.writer.readApp); err != nil {
			return err
		}
	}
	for _, k := range n.BulkRows {
		if err := load(u.writer, &v.BulkRows, &u.cache.bulkRows, k, u.writer.readBulkRow); err != nil {
			return err
		}
	}
	for _, k := range n.Open {
		if _, ok := v.Open[k]; ok {
			continue
		}
		id, ok := u.cache.open.get(k)
		if !ok {
			err := u.writer.beginReading()
			if err == nil {
				id, err = u.writer.readOpen(k)
			}
			if err != nil {
				return err
			}
			u.cache.open.put(k, id)
		}
		v.Open[k] = id
	}
	return nil
}

// load puts a row into the view, from memory or else from the database.
func load[K comparable, T any](w *writer, rows *mpesa.Rows[K, T], remembered *bounded[K, T], k K, read func(K, func(T)) error) error {
	if rows.Loaded(k) {
		return nil
	}
	if value, ok := remembered.get(k); ok {
		rows.Load(k, value)
		return nil
	}
	if err := w.beginReading(); err != nil {
		return err
	}
	err := read(k, func(value T) {
		remembered.put(k, value)
		rows.Load(k, value)
	})
	if err == nil {
		rows.Missing(k)
	}
	return err
}

// Commit implements store.Unit.
func (u unit) Commit(_ context.Context, v *mpesa.View) error {
	if v.Empty() {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == nil {
		return errClosed
	}
	if err := run(u.writer.begin); err != nil {
		if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultBusy {
			return fmt.Errorf("another program has locked the database: %w", err)
		}
		return err
	}
	err := u.alone()
	if err == nil {
		err = u.writer.write(v)
	}
	if err == nil {
		err = doubtful(run(u.writer.commit))
	}
	if err != nil {
		if !u.conn.AutocommitEnabled() { // some errors have rolled back already
			_ = run(u.writer.rollback)
		}
		return err
	}
	u.cache.learn(v)
	return nil
}

// alone sees, within a transaction that writes, that nobody else has written to the file since the last one: what is remembered would not be
// what is there. Then all is forgotten, and the unit is to be decided again.
func (u unit) alone() error {
	version, err := sqlitex.ResultInt64(u.writer.version)
	if err != nil || version == u.seen {
		return err
	}
	u.seen = version
	*u.cache = *newCache()
	return store.ErrOutside
}

// doubtful marks the errors of a COMMIT after which the changes may come to life again. Where the log was written and could not be flushed,
// they are rolled back in this process, and yet a process that opens the file after a crash may find them whole in the log. What
// could not even be written, as on a full disk, it finds broken off, and leaves.
func doubtful(err error) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultIOErrFsync, sqlite.ResultIOErrDirFsync:
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return err
}

// Settle implements store.Unit. The next commit is written over what is in doubt in the log: it is made here, unless another unit has been
// faster, and the changes never come to life again.
func (u unit) Settle(context.Context) (committed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	stmt, err := u.statement("INSERT INTO settings VALUES ('settled', '1') ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1")
	if err != nil {
		return false, err
	}
	return false, run(stmt)
}
