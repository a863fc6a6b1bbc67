// Package app assembles a Kivuko: it has the parts, the order in which they start and stop, and what binds them to one another.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/keys"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/metrics"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/news"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/usage"
	"github.com/kivuko/kivuko/internal/waiting"
	"github.com/kivuko/kivuko/internal/weburl"
)

// App is an M-PESA. Make one with New, and Start it.
type App struct {
	lifecycle.Runner
	config   Options
	parts    lifecycle.List
	store    store.Store
	keys     *keys.Keys
	mint     *ids.Mint
	clock    *clock.Shifted
	moving   sync.Mutex    // held while the clock is moved
	moved    chan struct{} // by another node
	skew     atomic.Int64  // nanoseconds that this machine's clock is ahead of the database's
	engine   *engine.Engine
	waiting  *waiting.Watcher
	sender   *delivery.Sender
	journal  *journal.Journal
	hub      *news.Hub
	door     *access.Door
	flood    access.Flood // of lines in the log that strangers cause
	metrics  *metrics.Metrics
	usage    *usage.Usage
	listener *bounds.Listener
	server   *server
	client   *control.Client
	began    beginning
	random   func(n int) string // n characters of [A-Za-z0-9]
	failed   chan error
}

// How long Stop lets what is under way come to its end: requests first, then callbacks.
const (
	drainRequests  = 1 * time.Second
	drainCallbacks = 2 * time.Second
	drainUnits     = 3 * time.Second
)

// New returns an M-PESA that doesn't run yet. It opens nothing.
func New(config Options) (*App, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	k := &App{config: config, clock: &clock.Shifted{}, journal: journal.New(journal.Size), hub: &news.Hub{}, metrics: metrics.New(), usage: usage.New(), failed: make(chan error, 1), moved: make(chan struct{}, 1)}
	k.parts = lifecycle.List{
		lifecycle.Step(k.listen, k.closeListener),
		lifecycle.Step(k.openStore, k.closeStore),
		lifecycle.Step(k.loadKeys, nil),
		lifecycle.Step(k.setClock, nil),
		lifecycle.Loop(k.keepAnchors), // the last one when everything else has stopped
		lifecycle.Step(k.makeCore, nil),
		lifecycle.Within(drainUnits, lifecycle.Later(&k.engine)),
		lifecycle.Step(k.createWorld, nil),
		lifecycle.Step(k.setChance, nil),
		lifecycle.Within(drainCallbacks, lifecycle.Later(&k.sender)),
		lifecycle.Later(&k.waiting),
		lifecycle.Loop(k.followClock),
		lifecycle.Step(k.makeServer, nil),
		lifecycle.Within(drainRequests, lifecycle.Later(&k.server)),
		k.hub, // the streams of pages end before the server waits for them
	}
	return k, nil
}

// Start implements lifecycle.Part: it returns when the M-PESA answers.
func (k *App) Start(ctx context.Context) error { return k.Begin(ctx, k.parts.Start) }

// Stop implements lifecycle.Part. It takes a few seconds at most: it refuses new requests, lets those under way and their callbacks come to an
// end, and leaves what is still open in the database, where the next start finds it.
func (k *App) Stop(ctx context.Context) error {
	if k == nil {
		return nil
	}
	return errors.Join(k.End(ctx, nil), k.parts.Stop(ctx)) // first the start, if it is under way
}

// Failed delivers the error that ended the HTTP server, should it end before Stop.
func (k *App) Failed() <-chan error { return k.failed }

// listen takes the address, and decides what depends on it: the world of a new database, and who is let in.
func (k *App) listen(context.Context) error {
	l, err := net.Listen("tcp", k.config.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", k.config.Listen, err)
	}
	k.listener = bounds.Listen(l, bounds.Clients())
	k.door = k.config.door(l.Addr())
	if err := k.chooseWorld(); err != nil {
		l.Close()
		return err
	}
	return nil
}

func (k *App) closeListener(context.Context) error {
	k.listener.Close() // the server has, if it was started
	return nil
}

// makeCore makes everything behind the HTTP server.
func (k *App) makeCore(context.Context) error {
	policy, err := k.policy()
	if err != nil {
		return err
	}
	k.mint = ids.New(k.keys.Identifiers())
	k.engine = engine.New(engine.Options{Store: k.store, Clock: k.clock, Policy: policy, Log: k.config.Log, Stats: k.metrics, Common: k.heed})
	k.engine.Listen(k.metrics.Listen)
	k.engine.Listen(k.usage.Listen)
	k.journal.Listen(k.usage.Note)
	k.engine.Listen(k.hub.Committed)
	k.journal.Listen(k.hub.Requested)
	k.waiting = waiting.New(waiting.Options{Engine: k.engine, Store: k.store, Clock: k.clock, Log: k.config.Log})
	k.sender = delivery.New(delivery.Options{Engine: k.engine, Store: k.store, Mint: k.mint, Clock: k.clock, Log: k.config.Log,
		Stats: k.metrics, Reach: k.reach(), Timeout: k.config.CallbackTimeout})
	k.gauges()
	return nil
}

// handler is everything that is served.
func (k *App) handler() mounts {
	credentials := credential.New(k.keys.Decrypt, k.clock.Now)
	boxes := collector.New(collector.Options{Clock: k.clock, Sign: k.keys.Sign, Heard: func(box string) { k.hub.Publish(news.Collected(box)) }})
	daraja := gateway.New(gateway.Options{Engine: k.engine, Store: k.store, Mint: k.mint, Clock: k.clock, Journal: k.journal,
		Log: k.config.Log, Stats: k.metrics, Door: k.door, Flood: &k.flood, NewToken: func() string { return k.random(tokenLength) },
		Rules: k.config.rules(), Live: k.config.liveRules(), Credentials: credentials})
	api, console := k.controlAPI(daraja, credentials, boxes)
	return k.mounts(daraja, boxes, api, console)
}

func (k *App) gauges() {
	k.metrics.Gauge("kivuko_queue_commands", "Commands that wait for a unit of work.", func() float64 { return float64(k.engine.Waiting()) })
	k.metrics.Gauge("kivuko_unit_oldest_seconds", "For how long the oldest unit of work has been under way or in doubt.", func() float64 { return k.engine.Oldest().Seconds() })
	k.metrics.Gauge("kivuko_queue_payments", "Payments that wait: for an answer, for their turn or for their end.", func() float64 { return float64(k.waiting.Queue().Len()) })
	k.metrics.Gauge("kivuko_queue_callbacks", "Results that wait for their first attempt or are under way.", func() float64 { return float64(k.sender.Backlog()) })
	k.metrics.Gauge("kivuko_queue_retries", "Results that wait for another attempt.", func() float64 { return float64(k.sender.Retries().Len()) })
}

// URL is where the M-PESA answers: the base URL for clients.
// Where it listens on every address of the machine that is a loopback one; see Addresses.
func (k *App) URL() string {
	if at := k.listener.Addr().(*net.TCPAddr); at.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port)
	}
	return "http://" + k.listener.Addr().String()
}

// Database is where the books are: a path, ":memory:" or a URL, without its password.
func (k *App) Database() string {
	u, err := url.Parse(k.config.DB)
	if err != nil || !isPostgres(k.config.DB) {
		return k.config.DB
	}
	q := u.Query()
	for _, secret := range []string{"password", "sslpassword"} { // which PostgreSQL's URLs may have there
		if q.Has(secret) {
			q.Set(secret, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// callbackBase is where callbacks reach Kivuko's own collector; "" where the profile's rules forbid to call this machine.
func (k *App) callbackBase() string {
	if k.config.Profile == Strict {
		return ""
	}
	own, err := url.Parse(k.ownURL())
	if err != nil {
		return ""
	}
	own.User = nil
	return own.String()
}

// reach is where requests that are sent for somebody may go.
func (k *App) reach() weburl.Reach {
	return weburl.Reach{PublicOnly: k.config.Profile == Strict, Own: k.listener.Addr().(*net.TCPAddr).AddrPort(), OwnPaths: collector.Root}
}

// ownURL is where this process reaches the control API, whatever address it listens on.
func (k *App) ownURL() string {
	at := *k.listener.Addr().(*net.TCPAddr)
	if at.IP.IsUnspecified() {
		at.IP = net.IPv4(127, 0, 0, 1)
	}
	u := url.URL{Scheme: "http", Host: at.String()}
	if k.config.Password != "" {
		u.User = url.UserPassword("", k.config.Password)
	}
	return u.String()
}

// Do runs a command in a unit of work and returns when it is on disk.
func (k *App) Do(ctx context.Context, c mpesa.Command) error { return k.engine.Do(ctx, c) }

var discard = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))
