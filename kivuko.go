// Package kivuko is a whole M-PESA in a process: the Daraja API, the books behind it and the customers' phones.
//
//	k, err := kivuko.Start(ctx, kivuko.Config{})
//	defer k.Close()
//	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret")
//
// Several can run in one process; each has its own database, in memory unless told otherwise.
package kivuko

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/app"
)

// The profiles.
const (
	Sandbox = app.Sandbox // kind: plain HTTP and localhost callbacks, customers registered on first use, no spike arrest
	Strict  = app.Strict  // production's rules
)

// What Config.World can be besides the path of a file in the format of internal/seedworld/world.json.
const (
	WorldSample = app.WorldSample // the published one: app kivuko-key, passkeys and passwords that stand in the documentation
	WorldRandom = app.WorldRandom // the same apps, organisations and people, with secrets of the installation's own
	WorldNone   = app.WorldNone   // nothing but the provider's accounts
)

// Config configures an M-PESA. The zero value is a sandbox in memory on a free port of 127.0.0.1, whose phones approve
// at once.
type Config struct {
	Listen  string // host:port; "": 127.0.0.1:0
	DB      string // a path, ":memory:" or postgres://…; "": ":memory:"
	Profile string // Sandbox or Strict; "": Sandbox

	Phones      string        // how a phone without a way of its own answers: approve or ask; "": approve
	AnswerAfter time.Duration // how long it takes to
	PromptLife  time.Duration // how long a prompt stays open; 0: 90 seconds

	ResultAfter time.Duration // how long an initiator's request waits at least before it is processed; 0: 50 ms; negative: no time
	QueueTime   time.Duration // how long it may wait: then its QueueTimeOutURL is told; 0: 60 seconds

	World            string // what a new database begins with: WorldSample, WorldRandom, WorldNone or the path of a file; "": WorldRandom in the strict profile and where other machines reach Listen, or else WorldSample
	PublishedSecrets bool   // serve the sample's secrets where that is refused: in the strict profile, and where other machines reach Listen

	Seed     *int64 // for tests: identifiers, secrets and chance repeat with it; nil: they differ each time
	KeyFile  string // where the secrets are kept; "": beside the SQLite file, or in PostgreSQL's database
	AnchorTo string // "file:PATH": where each anchor of the books is appended too; "": nowhere
	Password string // that everybody is asked for: by the console, where one signs in with it, the control API and metrics, as HTTP Basic; "": only this machine is let in

	Trust          []netip.Prefix // addresses that count as this machine, where there is no password: a container network's
	TrustedProxies []netip.Prefix // addresses of proxies whose X-Forwarded-For says where a request comes from
	Names          []string       // hosts that are this machine's besides localhost and the loopback addresses, such as "kivuko"
	Pprof          bool           // serves Go's profiles of the process below /debug/pprof/

	ClassicQuery    bool          // the query of a pending payment answers HTTP 500 instead of 4999
	IgnoredResult   int           // of a prompt that nobody answered: 1037 or 1032; 0: 1037
	SpikeArrest     int64         // requests a second an app may send; 0: the profile's; negative: any number
	Quota           int64         // requests a day an app may send; 0: the profile's; negative: any number
	Retries         []Retry       // when attempts at callbacks are made again; of a callback that is not in it one attempt is made
	CallbackTimeout time.Duration // of one attempt; 0: 10 seconds

	Log *slog.Logger // nil: nothing is logged
}

// Retry says when attempts at a kind of callback are made again: its Callback is one of Callbacks, and its Pauses come before the second
// attempt, the third and so on.
type Retry = app.Retry

// Callback is the name of a kind of callback.
type Callback = app.Callback

// Callbacks lists the kinds of callback that can be tried again: "stkpush", "result", "timeout", "confirmation", "b2bexpress" and "ratiba".
func Callbacks() []Callback { return app.Callbacks() }

// Secret is one that was made for a new database: whose it is, what it is, and its value.
type Secret = app.Secret

// Tryout is what a first payment can be made with: what the database holds now, whatever it began with. What it has none of is "".
type Tryout = app.Tryout

// Kivuko is a running M-PESA. Make one with Start.
type Kivuko struct{ app *app.App }

// Start starts an M-PESA and returns when it answers. ctx bounds the start only; Close ends it.
func Start(ctx context.Context, config Config) (*Kivuko, error) {
	a, err := app.New(app.Options(config))
	if err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		a.Stop(context.WithoutCancel(ctx))
		return nil, err
	}
	return &Kivuko{a}, nil
}

// URL returns where the M-PESA answers: the base URL for clients. Where it listens on every address of the machine that is a loopback
// one; see Addresses.
func (k *Kivuko) URL() string { return k.app.URL() }

// Addresses lists where else the M-PESA answers when it listens on every address of the machine: those that other machines reach.
func (k *Kivuko) Addresses() []string { return k.app.Addresses() }

// Database returns where the books are: a path, ":memory:" or a URL, without its password.
func (k *Kivuko) Database() string { return k.app.Database() }

// Control returns a client of the M-PESA's control API: phones, payments, callbacks, books, journal and clock.
func (k *Kivuko) Control() *control.Client { return k.app.Control() }

// Made returns the secrets that this start has made for a new database. Passwords and PINs among them can't be had again: their hashes
// are all that is kept. The others are shown by the control API.
func (k *Kivuko) Made() []Secret { return k.app.Made() }

// Tryout looks for what a first payment can be made with.
func (k *Kivuko) Tryout(ctx context.Context) (Tryout, error) { return k.app.Tryout(ctx) }

// Advance moves the clock forward and returns when everything that fell due on the way has happened. Each step is stored before
// it is made: after a crash the clock never shows an earlier time than what happened before.
func (k *Kivuko) Advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	return k.app.Advance(ctx, by)
}

// Failed delivers the error that ended the HTTP server, should it end before Close.
func (k *Kivuko) Failed() <-chan error { return k.app.Failed() }

// Close stops the M-PESA within a few seconds: it refuses new requests, lets those under way and their callbacks come to an
// end, and leaves what is still open in the database, where the next start finds it. It may be called any number of times; each call
// returns when the M-PESA has stopped, with the error of the first. A nil Kivuko has nothing to close.
func (k *Kivuko) Close() error {
	if k == nil {
		return nil
	}
	return k.app.Stop(context.Background())
}

// Version returns the version of the module that the program was built from.
func Version() string { return app.Version() }
