package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/controlapi"
)

// mount is a part of what is served. Each is behind a guard, but for those that TestNoDoorIsForgotten lists.
type mount struct {
	name    string
	serves  func(path string) bool
	handler http.Handler
}

// mounts are the parts; a path is the first one's that serves it.
type mounts []mount

// ServeHTTP implements http.Handler.
func (m mounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for i := range m {
		if m[i].serves(r.URL.Path) {
			m[i].handler.ServeHTTP(w, r)
			return
		}
	}
}

func below(prefix string) func(string) bool {
	return func(path string) bool { return strings.HasPrefix(path, prefix) }
}

func only(at string) func(string) bool { return func(path string) bool { return path == at } }

func everything(string) bool { return true }

// mounts lists the parts.
func (k *App) mounts(daraja, boxes, api http.Handler, console *page.Kit) mounts {
	logged := (&access.Trail{Log: k.config.Log, Door: k.door, Flood: &k.flood}).Handler
	list := mounts{
		{"Daraja API", below("/mpesa/"), daraja},             // first, since most requests are for it
		{"callback collector", below(collector.Root), boxes}, // who knows a box may post to it
		{"control API", below("/kivuko/"), logged("control API", controlapi.Guard(k.door, api))},
		{"metrics", only("/metrics"), logged("metrics", controlapi.Guard(k.door, k.metrics.Handler()))},
		{"liveness", only("/healthz"), probe(func(context.Context) bool { return true })},
		{"readiness", only("/readyz"), probe(k.ready())},
		{"console", console.Serves, logged("console", console)},
	}
	if k.config.Pprof {
		list = append(list, mount{"profiles", below("/debug/pprof/"), logged("profiles", controlapi.Guard(k.door, controlapi.SameOrigin(profiles())))})
	}
	return append(list, mount{"Daraja API", everything, daraja})
}

// profiles serves Go's profiles of the process.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// probe answers a load balancer or an orchestrator, who needs no password: one word, and nothing about what is wrong.
func probe(well func(context.Context) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, word := http.StatusOK, "ok\n"
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			status, word = http.StatusMethodNotAllowed, "no\n"
		case !well(r.Context()):
			status, word = http.StatusServiceUnavailable, "unavailable\n"
		}
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, word)
	})
}

// probePause is for how long an answer about the database is good for the next one who asks: anybody may ask.
const probePause = time.Second

// ready reports whether requests can be served.
func (k *App) ready() func(context.Context) bool {
	var mu sync.Mutex
	var at time.Time
	var well bool
	return func(ctx context.Context) bool {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(at) >= probePause {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*probePause)
			defer cancel()
			well, at = len(k.health(ctx)) == 0, time.Now()
		}
		return well
	}
}

// door says who is let in to where a listener is.
func (c Options) door(listener net.Addr) *access.Door {
	return &access.Door{
		Password: access.NewPassword(c.Password).Within(bounds.Clients()), Trust: c.Trust, Proxies: c.TrustedProxies, Names: c.Names,
		Addresses: !netip.MustParseAddrPort(listener.String()).Addr().Unmap().IsLoopback(),
	}
}
