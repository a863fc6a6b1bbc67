package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/lifecycle"
)

// server is an HTTP server as a part.
type server struct {
	lifecycle.Runner
	http.Server
	listener *bounds.Listener
	failed   chan<- error // where to tell of an end before Stop
}

const maxHeader = 64 << 10 // bytes of a request's header

// newServer returns a server of a handler.
func newServer(l *bounds.Listener, handler http.Handler, log *slog.Logger, failed chan<- error) *server {
	s := &server{listener: l, failed: failed}
	s.Server = http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	l.Configure(&s.Server)
	return s
}

// Start implements lifecycle.Part.
func (s *server) Start(ctx context.Context) error {
	return s.Begin(ctx, func(context.Context) error {
		s.Go(func() {
			if err := s.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				s.failed <- err
			}
		})
		return nil
	})
}

// Stop implements lifecycle.Part: it refuses new requests and waits for those under way.
func (s *server) Stop(ctx context.Context) error {
	if s == nil {
		return nil
	}
	err := s.Shutdown(ctx)
	if err != nil {
		s.Close()
	}
	return errors.Join(err, s.End(ctx, nil))
}

// makeServer makes the HTTP server, and the client that calls it.
func (k *App) makeServer(context.Context) error {
	k.server = newServer(k.listener, k.handler(), k.config.Log, k.failed)
	k.client = control.New(k.ownURL())
	return nil
}
