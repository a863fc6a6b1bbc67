// Package controlapi is the JSON API that drives the world in tests and shows what happened in it: phones, payments, callbacks,
// books, journal and clock. One file a resource; openapi.json describes it all, and the tests hold it to that.
package controlapi

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/catalogue"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/usage"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Options are what the API shows and drives. All functions are needed.
type Options struct {
	Engine  *engine.Engine
	Store   store.Reader
	Mint    *ids.Mint
	Clock   clock.Clock
	Journal *journal.Journal
	Version string
	Log     *slog.Logger
	Limits  []string // names of the limits that a phone can be given besides the standard ones

	Door *access.Door // see Guard; Unguarded has none

	PIN          func(phone msisdn.Number, pin string) mpesa.PINDigest
	Sign         func(text string) []byte // makes bytes that only this installation can make of a text
	Certificate  func(context.Context) (pem []byte, err error)
	Messages     func(ctx context.Context, phone msisdn.Number, limit int) ([]Message, error)   // newest first
	Resend       func(ctx context.Context, delivery int64) (wait time.Duration, err error)      // wait: it was resent just before
	GiveUp       func(ctx context.Context, delivery int64) (was mpesa.DeliveryState, err error) // only a pending one is changed
	CallbackBody func(context.Context, mpesa.Delivery) ([]byte, error)
	Advance      func(ctx context.Context, by time.Duration) (now time.Time, err error)
	Health       func(context.Context) []Problem // none: all is well
	About        func() control.About            // but for its version, time and profile

	Usage    *usage.Usage
	Prober   weburl.Prober  // of URLs for callbacks
	URLRules []weburl.Rules // of all profiles
	Profile  string         // the one that runs
	World    string         // the kind that the database began with, as package world has it; "": the sample

	Gateway      func(http.ResponseWriter, *http.Request) journal.Entry // answers a request to the gateway
	Credentials  *credential.Checker
	Collector    *collector.Collector
	CallbackBase string             // URL of this process, for the collector; "": callbacks may not go to it
	Random       func(n int) string // n characters of [A-Za-z0-9]
}

// Message is an SMS that a customer got.
type Message struct {
	At      time.Time
	From    string
	Text    string
	Payment int64 // 0: it tells of none
}

// Problem is a part of the server that doesn't work.
type Problem struct{ Name, Detail string }

// New makes the handler of everything below /kivuko/v1/, behind Guard.
func New(o Options) http.Handler { return Guard(o.Door, Unguarded(o)) }

// Unguarded is New without Guard, for callers in this process, who ask their own clients who they are.
func Unguarded(o Options) http.Handler {
	s := &server{o, sync.OnceValues(catalogue.New)}
	mux := http.NewServeMux()
	for path, methods := range s.methodsOf(Routes()) {
		mux.Handle(path, methods)
	}
	mux.HandleFunc("/", unknownPath)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // such as phones//answer: a mux would redirect it to something else
			unknownPath(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	write(w, refusal(notFound.problem("nothing is served at %s; %sopenapi.json lists what is", r.URL.Path, control.Root)))
}

type server struct {
	Options
	tables func() (*control.Catalogue, error) // gathered when they are first asked for; nobody changes them
}
