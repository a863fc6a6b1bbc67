package kivuko_test

import (
	"context"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/pgtest"
)

// A database that stands still, as a suspended machine does, keeps its connections: only deadlines end the wait for it.
func TestADatabaseThatStandsStill(t *testing.T) {
	t.Parallel()
	server := pgtest.StartWith(t, pgtest.Options{})
	k, err := kivuko.Start(t.Context(), kivuko.Config{Listen: "127.0.0.1:0", DB: server.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (payment, health error) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		_, payment = k.Control().DepositCash(ctx, "254708374149", control.Amount(100_00))
		_, health = k.Control().Health(ctx)
		return payment, health
	}
	if payment, health := ask(); payment != nil || health != nil {
		t.Fatal(payment, health)
	}
	thaw := server.Freeze(t)
	start := time.Now()
	payment, health := ask()
	if payment == nil || health == nil || time.Since(start) > 14*time.Second {
		t.Errorf("after %v: %v, %v", time.Since(start), payment, health)
	}
	start = time.Now()
	closed := k.Close()
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("closing took %v: %v", took, closed)
	}
	thaw()
}
