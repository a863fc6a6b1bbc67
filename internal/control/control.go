// Package control is the JSON API that drives the world in tests and shows what happened in it: phones, payments, callbacks,
// books, journal and clock. One file a resource; openapi.json describes it all, and the tests hold it to that.
package control

import (
	"context"
	"net/http"
	"path"
	"time"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Options are what the API shows and drives. All functions are needed.
type Options struct {
	Engine  *engine.Engine
	Store   store.Reader
	Mint    *ids.Mint
	Clock   clock.Clock
	Journal *journal.Journal
	Version string
	Limits  []string // names of the limits that a phone can be given besides the standard ones

	Password string   // see Guard
	Names    []string // see Guard

	PIN          func(phone msisdn.Number, pin string) mpesa.PINDigest
	Certificate  func(context.Context) (pem []byte, err error)
	Messages     func(ctx context.Context, phone msisdn.Number, limit int) ([]Message, error) // newest first
	Resend       func(ctx context.Context, delivery int64) (found bool, err error)
	CallbackBody func(context.Context, mpesa.Delivery) ([]byte, error)
	Advance      func(ctx context.Context, by time.Duration) (now time.Time, err error)
	Health       func(context.Context) []Problem // none: all is well
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
func New(o Options) http.Handler {
	s := &server{o}
	mux := http.NewServeMux()
	for path, methods := range s.routes() {
		mux.Handle(path, methods)
	}
	mux.HandleFunc("/", unknownPath)
	return Guard(o.Password, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // such as phones//answer: a mux would redirect it to something else
			unknownPath(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), o.Names...)
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	write(w, refusal(notFound.problem("nothing is served at %s; %sopenapi.json lists what is", r.URL.Path, api.Root)))
}

type server struct{ Options }

// routes lists every path with its methods; openapi.json has the same.
func (s *server) routes() map[string]methods {
	return map[string]methods{
		api.Root + "openapi.json":                                          {http.MethodGet: s.openAPI},
		api.Root + "health":                                                {http.MethodGet: s.health},
		api.Root + "certificate":                                           {http.MethodGet: s.certificate},
		api.Root + "phones/{msisdn}":                                       {http.MethodGet: s.getPhone, http.MethodPut: s.putPhone},
		api.Root + "phones/{msisdn}/answer":                                {http.MethodPost: s.answerPrompt},
		api.Root + "phones/{msisdn}/messages":                              {http.MethodGet: s.listMessages},
		api.Root + "phones/{msisdn}/pay":                                   {http.MethodPost: s.pay},
		api.Root + "phones/{msisdn}/send":                                  {http.MethodPost: s.sendMoney},
		api.Root + "phones/{msisdn}/withdraw":                              {http.MethodPost: s.withdrawCash},
		api.Root + "phones/{msisdn}/deposit":                               {http.MethodPost: s.depositCash},
		api.Root + "phones/{msisdn}/pochi":                                 {http.MethodPost: s.emptyPochi},
		api.Root + "organisations":                                         {http.MethodGet: s.listOrganisations},
		api.Root + "organisations/{shortcode}":                             {http.MethodGet: s.getOrganisation, http.MethodPut: s.putOrganisation},
		api.Root + "organisations/{shortcode}/urls":                        {http.MethodGet: s.getURLs, http.MethodPut: s.putURLs, http.MethodDelete: s.deleteURLs},
		api.Root + "organisations/{shortcode}/settle":                      {http.MethodPost: s.settle},
		api.Root + "organisations/{shortcode}/move":                        {http.MethodPost: s.moveFunds},
		api.Root + "organisations/{shortcode}/withdraw":                    {http.MethodPost: s.withdrawToBank},
		api.Root + "organisations/{shortcode}/deposit":                     {http.MethodPost: s.depositFromBank},
		api.Root + "organisations/{shortcode}/operators":                   {http.MethodGet: s.listOperators},
		api.Root + "organisations/{shortcode}/operators/{username}":        {http.MethodGet: s.getOperator, http.MethodPut: s.putOperator, http.MethodDelete: s.deleteOperator},
		api.Root + "organisations/{shortcode}/operators/{username}/unlock": {http.MethodPost: s.unlock},
		api.Root + "apps/{key}":                                            {http.MethodGet: s.getApp, http.MethodPut: s.putApp},
		api.Root + "catalogue":                                             {http.MethodGet: s.getCatalogue},
		api.Root + "books":                                                 {http.MethodGet: s.getBooks},
		api.Root + "payments":                                              {http.MethodGet: s.listPayments},
		api.Root + "payments/{id}":                                         {http.MethodGet: s.getPayment},
		api.Root + "callbacks":                                             {http.MethodGet: s.listCallbacks},
		api.Root + "callbacks/{id}":                                        {http.MethodGet: s.getCallback},
		api.Root + "callbacks/{id}/resend":                                 {http.MethodPost: s.resend},
		api.Root + "journal":                                               {http.MethodGet: s.listJournal},
		api.Root + "clock/advance":                                         {http.MethodPost: s.advance},
	}
}
