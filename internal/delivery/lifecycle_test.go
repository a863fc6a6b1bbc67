package delivery_test

import (
	"log/slog"
	"testing"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// A sender that has a callback under way, to a server that takes its time.
func TestContract(t *testing.T) {
	lifecycletest.Contract(t, func(t testing.TB) lifecycle.Part {
		b := &bench{Core: testworld.NewCore(t, testworld.CoreOptions{})}
		b.sender = delivery.New(delivery.Options{Engine: b.Engine, Store: b.Store, Mint: b.Mint, Clock: b.Clock, Log: slog.New(slog.DiscardHandler)})
		b.Run(t)
		b.owe(t, kivukotest.Collect(t).URL, testworld.PIN)
		return b.sender
	})
}
