package kivuko

import (
	"context"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"strings"

	"github.com/kivuko/kivuko/control"
	server "github.com/kivuko/kivuko/internal/control"
	"github.com/kivuko/kivuko/internal/handset"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// controlAPI serves what drives the world and shows what happened in it, and to operators the
// numbers for Prometheus and Go's profiles.
func (k *Kivuko) controlAPI() http.Handler {
	api := server.New(server.Options{
		Engine: k.engine, Store: k.store, Mint: k.mint, Clock: k.clock, Journal: k.journal, Version: Version(),
		Limits: k.engine.Policy.Rules.LimitsNames(), Password: k.config.Password,
		PIN: k.keys.PIN, Certificate: k.keys.Certificate, Resend: k.couriers.Resend, Advance: k.Advance, Health: k.health,
		Messages: func(ctx context.Context, phone msisdn.Number, limit int) ([]server.Message, error) {
			inbox := handset.Inbox{Store: k.store, Mint: k.mint, Owned: k.engine.Directory().Owned}
			list, err := inbox.Messages(ctx, phone, limit)
			messages := make([]server.Message, len(list))
			for i, m := range list {
				messages[i] = server.Message{At: m.At, From: "MPESA", Text: m.Text, Payment: m.Payment}
			}
			return messages, err
		},
		CallbackBody: k.couriers.Body,
	})
	mux := http.NewServeMux()
	mux.Handle("/metrics", k.metrics.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	operators := server.Guard(k.config.Password, mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/kivuko/") {
			api.ServeHTTP(w, r)
			return
		}
		operators.ServeHTTP(w, r)
	})
}

// health lists what doesn't work.
func (k *Kivuko) health(ctx context.Context) []server.Problem {
	var problems []server.Problem
	if err := k.store.Ping(ctx); err != nil {
		problems = append(problems, server.Problem{Name: "database", Detail: "it does not answer: " + err.Error()})
	}
	if err := k.engine.Health(); err != nil {
		problems = append(problems, server.Problem{Name: "writes", Detail: "the last unit of work was not kept: " + err.Error()})
	}
	return problems
}

// Version is the version of the module that the program was built from.
func Version() string {
	const module = "github.com/kivuko/kivuko"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if info.Main.Path == module {
		return info.Main.Version
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return dependency.Version
		}
	}
	return "(unknown)"
}

// Control is a client of the M-PESA's control API: phones, payments, callbacks, books, journal and clock.
func (k *Kivuko) Control() *control.Client { return k.client }
