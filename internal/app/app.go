// Package app assembles a Kivuko: it has the parts, the order in which they start and stop, and what binds them to one another.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
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
	"github.com/kivuko/kivuko/internal/metrics"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/news"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/usage"
	"github.com/kivuko/kivuko/internal/waiting"
	"github.com/kivuko/kivuko/internal/weburl"
)

// App is a running M-PESA. Make one with Start.
type App struct {
	config    Options
	store     store.Store
	keys      *keys.Keys
	mint      *ids.Mint
	clock     *clock.Shifted
	moving    sync.Mutex    // held while the clock is moved
	moved     chan struct{} // by another node
	skew      atomic.Int64  // nanoseconds that this machine's clock is ahead of the database's
	engine    *engine.Engine
	waiting   *waiting.Watcher
	sender    *delivery.Sender
	journal   *journal.Journal
	hub       *news.Hub
	door      *access.Door
	flood     access.Flood // of lines in the log that strangers cause
	metrics   *metrics.Metrics
	usage     *usage.Usage
	listener  *bounds.Listener
	server    *http.Server
	client    *control.Client
	began     beginning
	random    func(n int) string // n characters of [A-Za-z0-9]
	stopTicks context.CancelFunc
	failed    chan error
	closing   sync.Once
	closed    error // what closing came to
}

// How long Close lets what is under way come to its end: requests first, then callbacks.
const (
	drainRequests  = 1 * time.Second
	drainCallbacks = 2 * time.Second
	drainUnits     = 3 * time.Second
)

// Start starts an M-PESA and returns when it answers. ctx bounds the start only; Close ends it.
func Start(ctx context.Context, config Options) (_ *App, err error) {
	if config, err = config.complete(); err != nil {
		return nil, err
	}
	k := &App{config: config, clock: &clock.Shifted{}, journal: journal.New(journal.Size), hub: &news.Hub{}, metrics: metrics.New(), usage: usage.New(), failed: make(chan error, 1), moved: make(chan struct{}, 1)}
	started := cleanup{}
	defer func() {
		if err != nil {
			started.run()
		}
	}()
	system, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", config.Listen, err)
	}
	k.listener = bounds.Listen(system, bounds.Clients())
	started.add(func() { k.listener.Close() })
	if err := k.chooseWorld(); err != nil {
		return nil, err
	}
	k.door = config.door(k.listener.Addr())
	if err := config.checkKeyFile(); err != nil {
		return nil, err
	}
	if k.store, err = k.openStore(ctx); err != nil {
		return nil, err
	}
	started.add(func() { k.store.Close() })
	if err := k.loadKeys(ctx); err != nil {
		return nil, err
	}
	if err := k.startCore(ctx, &started); err != nil {
		return nil, err
	}
	k.serve()
	k.client = control.New(k.ownURL())
	return k, nil
}

// startCore starts everything behind the HTTP server.
func (k *App) startCore(ctx context.Context, started *cleanup) error {
	policy, err := k.policy()
	if err != nil {
		return err
	}
	if err := k.readClock(ctx); err != nil {
		return err
	}
	if err := k.checkClock(); err != nil {
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
	k.engine.Start()
	started.add(k.engine.Stop)
	if err := k.createWorld(ctx); err != nil {
		return err
	}
	if k.random, err = k.chance(ctx); err != nil {
		return err
	}
	if err := k.sender.Start(ctx); err != nil {
		return err
	}
	started.add(func() { k.sender.Stop(ctx) })
	if err := k.waiting.Start(ctx); err != nil {
		return err
	}
	k.gauges()
	ticks, stop := context.WithCancel(context.Background())
	k.stopTicks = stop
	if k.store.Shared() {
		go k.followClock(ticks)
	}
	return nil
}

// serve begins to answer HTTP.
func (k *App) serve() {
	k.server = &http.Server{
		Handler: k.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(k.config.Log.Handler(), slog.LevelDebug),
	}
	k.listener.Configure(k.server)
	k.server.RegisterOnShutdown(k.hub.Close)
	go func() {
		if err := k.server.Serve(k.listener); !errors.Is(err, http.ErrServerClosed) {
			k.failed <- err
		}
	}()
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

// Failed delivers the error that ended the HTTP server, should it end before Close.
func (k *App) Failed() <-chan error { return k.failed }

// Close stops the M-PESA within a few seconds: it refuses new requests, lets those under way and their callbacks come to an
// end, and leaves what is still open in the database, where the next start finds it.
//
// It may be called any number of times, also at once: each call returns when the M-PESA has stopped, with the error of the first.
func (k *App) Close() error {
	k.closing.Do(func() { k.closed = k.stop() })
	return k.closed
}

func (k *App) stop() error {
	k.closeServer()
	k.stopTicks()
	k.waiting.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), drainCallbacks)
	defer cancel()
	k.sender.Stop(ctx)
	defer time.AfterFunc(drainUnits, k.engine.Abandon).Stop()
	k.engine.Stop()
	return k.store.Close()
}

// cleanup undoes in reverse order.
type cleanup []func()

func (c *cleanup) add(f func()) { *c = append(*c, f) }

func (c *cleanup) run() {
	for i := len(*c) - 1; i >= 0; i-- {
		(*c)[i]()
	}
}

var discard = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))
