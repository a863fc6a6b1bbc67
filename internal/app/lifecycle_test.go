package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/store"
)

// shared is a database that others share, whose clock nobody moves.
type shared struct{ store.Store }

func (shared) Shared() bool                                     { return true }
func (shared) Common(context.Context) (c store.Common, _ error) { return c, nil }

func TestContract(t *testing.T) {
	for name, part := range map[string]func(testing.TB) lifecycle.Part{
		"app": func(t testing.TB) lifecycle.Part {
			k, err := New(Options{World: WorldNone})
			if err != nil {
				t.Fatal(err)
			}
			return k
		},
		"clock follower": func(testing.TB) lifecycle.Part {
			return lifecycle.Loop((&App{store: shared{}, clock: &clock.Shifted{}, moved: make(chan struct{})}).followClock)
		},
		"HTTP server": func(t testing.TB) lifecycle.Part {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			return newServer(bounds.Listen(l, bounds.Clients()), http.NotFoundHandler(), slog.New(slog.DiscardHandler), make(chan error, 1))
		},
	} {
		t.Run(name, func(t *testing.T) { lifecycletest.Contract(t, part) })
	}
}
