package app

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/bench"
	"github.com/kivuko/kivuko/internal/world"
)

const (
	preloadUnit      = 2_000
	preloadCustomers = 50_000
	preloadEvery     = 10 * time.Millisecond
)

// Preload stores completed payments in a database, as if they had happened, so that a server with much to remember can be
// measured. progress hears now and then how many there are.
func Preload(ctx context.Context, db string, payments int, progress func(done int)) error {
	k, err := Start(ctx, Options{DB: db})
	if err != nil {
		return err
	}
	defer k.Close()
	for done := 0; done < payments; {
		n := min(preloadUnit, payments-done)
		err := k.engine.Do(ctx, &world.History{Number: done, Count: n, Customers: preloadCustomers, First: bench.FirstCustomer, Every: preloadEvery, End: payments})
		if err != nil {
			return err
		}
		if done += n; done%(50*preloadUnit) == 0 || done == payments {
			progress(done)
		}
	}
	return nil
}
