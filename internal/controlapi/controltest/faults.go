package controltest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Fault is what goes wrong with a database from now on.
type Fault int32

const (
	Sound   Fault = iota
	Unkept        // a unit is not kept
	Unknown       // whether a unit is kept can't be found out
	Unread        // a unit is kept, and from then on nothing can be read
	Unnoted       // a unit is kept, and the next ones are not
	away          // nothing can be read
)

// Faults is a store that fails on purpose.
type Faults struct {
	store.Store
	fault atomic.Int32
}

// Fail has the store fail in a way.
func (f *Faults) Fail(how Fault) { f.fault.Store(int32(how)) }

func (f *Faults) is(how Fault) bool { return Fault(f.fault.Load()) == how }

// Begin implements store.Store.
func (f *Faults) Begin(ctx context.Context) (store.Unit, error) {
	u, err := f.Store.Begin(ctx)
	return faultyUnit{u, f}, err
}

type faultyUnit struct {
	store.Unit
	f *Faults
}

var errFault = errors.New("failed to connect to `user=postgres database=kivuko`:\n\t10.1.2.3:5432: refused")

// Commit implements store.Unit.
func (u faultyUnit) Commit(ctx context.Context, v *unit.View) error {
	switch {
	case v.Empty():
	case u.f.is(Unkept):
		u.Rollback()
		return errFault
	case u.f.is(Unknown):
		u.Rollback()
		return errors.Join(store.ErrUnknown, errFault)
	case u.f.is(Unnoted):
		defer u.f.Fail(Unkept)
	case u.f.is(Unread):
		defer u.f.Fail(away)
	}
	return u.Unit.Commit(ctx, v)
}

// Settle implements store.Unit.
func (u faultyUnit) Settle(context.Context) (bool, error) { return false, errFault }

func (f *Faults) read() error {
	if f.is(away) {
		return errors.Join(store.ErrUnread, errFault)
	}
	return nil
}

// What answers read beside a payment.

// Row implements store.Reader.
func (f *Faults) Row(ctx context.Context, rows, key any) (any, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.Store.Row(ctx, rows, key)
}

// Transfers implements store.Reader.
func (f *Faults) Transfers(ctx context.Context, payment int64) ([]mpesa.Transfer, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.Store.Transfers(ctx, payment)
}

// Accounts implements store.Reader.
func (f *Faults) Accounts(ctx context.Context, owner mpesa.Party) ([]mpesa.Account, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.Store.Accounts(ctx, owner)
}

// Activity implements store.Reader.
func (f *Faults) Activity(ctx context.Context, x store.PaymentFilter, p store.Page) ([]mpesa.Subject, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.Store.Activity(ctx, x, p)
}
