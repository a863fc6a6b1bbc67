package main

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/app"
	"github.com/kivuko/kivuko/internal/bench"
)

const (
	preloadUnit      = 2_000
	preloadCustomers = 50_000
	preloadEvery     = 10 * time.Millisecond
)

// preload stores completed payments in a database, as if they had happened, so that a server with much to remember can be
// measured. progress hears now and then how many there are.
func preload(ctx context.Context, db string, payments int, progress func(done int)) error {
	k, err := app.New(app.Options{DB: db})
	if err != nil {
		return err
	}
	defer k.Stop(context.WithoutCancel(ctx))
	if err := k.Start(ctx); err != nil {
		return err
	}
	for done := 0; done < payments; {
		n := min(preloadUnit, payments-done)
		err := k.Do(ctx, &bench.History{Number: done, Count: n, Customers: preloadCustomers, First: bench.FirstCustomer, Every: preloadEvery, End: payments})
		if err != nil {
			return err
		}
		if done += n; done%(50*preloadUnit) == 0 || done == payments {
			progress(done)
		}
	}
	return nil
}
