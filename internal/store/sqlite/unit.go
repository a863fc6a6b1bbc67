package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Begin implements store.Store. Nothing is written before Commit, and nobody else writes: a unit needs no transaction before.
func (s *Store) Begin(context.Context) (store.Unit, error) { return work{s}, nil }

// work is a unit of work.
type work struct{ *Store }

// Rollback implements store.Unit.
func (u work) Rollback() {}

// Common implements store.Unit.
func (u work) Common() (store.Common, bool) { return store.Common{}, false }

// Look implements store.Unit. Nobody else writes, so that rows may as well be loaded.
func (u work) Look(ctx context.Context, v *unit.View) error {
	if err := u.Load(ctx, v); err != nil {
		return err
	}
	for _, payer := range mpesa.OpenPrompts.Leading(v) {
		if id := mpesa.OpenPrompts.Get(v, payer); id != 0 {
			mpesa.Payments.Need(v, id)
			mpesa.Orders.Need(v, id)
		}
	}
	return u.Load(ctx, v)
}

// Load implements store.Unit. What is not remembered is read in one transaction: to begin and end one takes as long as reading
// a row.
func (u work) Load(_ context.Context, v *unit.View) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == nil {
		return errClosed
	}
	return errors.Join(u.load(v), u.writer.endReading())
}

func (u work) load(v *unit.View) error {
	if err := u.writer.load(v, u.cache.rows); err != nil {
		return err
	}
	return u.loadOpen(v)
}

// loadOpen puts into the view which prompts are open, from memory or else from the database.
func (u work) loadOpen(v *unit.View) error {
	for _, k := range mpesa.OpenPrompts.Wanted(v) {
		if mpesa.OpenPrompts.Loaded(v, k) {
			continue
		}
		id, ok := u.cache.open.Get(k)
		if !ok {
			err := u.writer.beginReading()
			if err == nil {
				id, err = u.writer.readOpen(k)
			}
			if err != nil {
				return err
			}
			u.cache.open.Put(k, id)
		}
		mpesa.OpenPrompts.Put(v, k, id)
	}
	return nil
}

// Commit implements store.Unit.
func (u work) Commit(_ context.Context, v *unit.View) error {
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
	next := u.chain
	if err == nil {
		next = u.chain.seal(v)
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
	u.chain = next
	u.cache.learn(v)
	return nil
}

// alone sees, within a transaction that writes, that nobody else has written to the file since the last one: what is remembered would not be
// what is there. Then all is forgotten, and the unit is to be decided again.
func (u work) alone() error {
	version, err := sqlitex.ResultInt64(u.writer.version)
	if err != nil || version == u.seen {
		return err
	}
	u.seen = version
	*u.cache = *newCache()
	return errors.Join(store.ErrOutside, u.readChain())
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
func (u work) Settle(context.Context) (committed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	stmt, err := u.statement("INSERT INTO settings VALUES ('settled', '1') ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1")
	if err != nil {
		return false, err
	}
	return false, run(stmt)
}
