package controlapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/news"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// simulate sends a request to the gateway as an app would: it gets a token with the app's key and secret, then asks with it. Both
// requests are in the journal like any other. Where the token is refused, that is the answer.
func (s *server) simulate(r *request[none, control.Simulate]) (*control.Simulated, error) {
	target, err := findAPI(r.Body.Path)
	if err != nil {
		return nil, err
	}
	app, err := s.givenApp(r.Request, r.Body.App)
	if err != nil {
		return nil, err
	}
	x := simulation{api: target, body: string(r.Body.Body), password: r.Body.Password}
	if err := s.fillIn(r.Request, &x); err != nil {
		return nil, err
	}
	noted, err := s.send(r.Request, app, &x)
	if err != nil {
		return nil, err
	}
	return simulated(noted), nil
}

// simulated shows what came of a request.
func simulated(noted journal.Entry) *control.Simulated {
	return &control.Simulated{Entry: entry(noted), Answer: readable(noted.Answer)}
}

// simulation is a request that is to be sent.
type simulation struct {
	api      *apis.Path
	body     string
	password string // of the initiator
}

// findAPI finds the API with a path, which may have the query that it needs after it.
func findAPI(path string) (*apis.Path, error) {
	path, _, _ = strings.Cut(path, "?")
	for _, p := range apis.Paths() {
		if p.Path == path {
			return p, nil
		}
	}
	return nil, errors.New("no API of the gateway has that path; the catalogue lists them")
}

// uniqueLength is how many characters {{unique}} stands for: enough that none comes twice.
const uniqueLength = 16

// fillIn puts values in the place of the marks that are filled in anew with each request. A password is made for the shortcode and the
// time that stand in the body, right or wrong: what the gateway says of them is its own affair.
func (s *server) fillIn(r *http.Request, x *simulation) error {
	for _, fill := range []struct {
		mark  apis.Mark
		value func() (string, error)
	}{
		{apis.MarkTimestamp, func() (string, error) { return clock.Stamp(s.Clock.Now()), nil }},
		{apis.MarkUnique, func() (string, error) { return s.Random(uniqueLength), nil }},
		{apis.MarkPassword, func() (string, error) { return s.expressPassword(r, x.body) }},
		{apis.MarkCredential, func() (string, error) { return s.initiatorCredential(r, x.password) }},
	} {
		if !strings.Contains(x.body, string(fill.mark)) {
			continue
		}
		value, err := fill.value()
		if err != nil {
			return err
		}
		x.body = strings.ReplaceAll(x.body, string(fill.mark), value)
	}
	return nil
}

// expressPassword makes the Password of a body: base64 of its BusinessShortCode, that organisation's passkey and its Timestamp
// (wire.md §15). What the body lacks is left out.
func (s *server) expressPassword(r *http.Request, body string) (string, error) {
	var given struct{ BusinessShortCode, Timestamp daraja.Value }
	_ = json.Unmarshal([]byte(body), &given) // the gateway says what is wrong with it
	passkey := ""
	if code, ok := mpesa.ParseShortcode(string(given.BusinessShortCode)); ok {
		var err error
		if passkey, err = s.passkey(r, code); err != nil {
			return "", err
		}
	}
	return base64.StdEncoding.EncodeToString([]byte(string(given.BusinessShortCode) + passkey + string(given.Timestamp))), nil
}

// initiatorCredential encrypts an initiator's password: the given one, or the test credentials'.
func (s *server) initiatorCredential(r *http.Request, password string) (string, error) {
	if password == "" {
		w, err := seedworld.Read()
		if err != nil {
			return "", err
		}
		by, err := s.players(r.Context())
		if err != nil {
			return "", err
		}
		if password, err = s.testPassword(r, w, by[apis.MarkShortcode1], by[apis.MarkInitiator]); err != nil {
			return "", err
		}
		if password == "" {
			return "", badField.of("password", "the password of the test initiator isn't the published one: enter it")
		}
	}
	return s.encrypt(r, password)
}

const tokenPath = "/oauth/v1/generate"

// send gets a token for an app and asks with it.
func (s *server) send(r *http.Request, app *mpesa.App, x *simulation) (journal.Entry, error) {
	tokens, err := findAPI(tokenPath)
	if err != nil {
		return journal.Entry{}, err
	}
	entry, err := s.ask(r, tokens, "", func(q *http.Request) { q.SetBasicAuth(app.Key, app.Secret) })
	if err != nil || entry.Status != http.StatusOK || x.api.Path == tokens.Path {
		return entry, err
	}
	var token daraja.TokenResponse
	if err := json.Unmarshal(entry.Answer, &token); err != nil {
		return journal.Entry{}, err
	}
	return s.ask(r, x.api, x.body, func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token.AccessToken) })
}

// ask sends a request to the gateway, which is in this process.
func (s *server) ask(r *http.Request, to *apis.Path, body string, authorize func(*http.Request)) (journal.Entry, error) {
	target := to.Path
	if to.Query != "" {
		target += "?" + to.Query
	}
	q, err := http.NewRequestWithContext(r.Context(), to.Method, target, strings.NewReader(body))
	if err != nil { // only one of the catalogue's may be anything: a simulation's is a table's
		return journal.Entry{}, badField.of("try", "no such request can be sent: %v", err)
	}
	q.RemoteAddr = r.RemoteAddr
	q.Header.Set("Content-Type", "application/json")
	authorize(q)
	return s.Gateway(nowhere{}, q), nil
}

// nowhere is where an answer goes that is read from the journal's entry.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) WriteHeader(int)             {}
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

// collectedQuery selects what came to an app's own URL.
type collectedQuery struct {
	App   string `query:"app" is:"appKey" jsonschema:"required" doc:"A consumer key."`
	Since int64  `query:"since" doc:"Only those with IDs above this one."`
	limited
}

// collected lists what came to an app's own URL for callbacks.
func (s *server) collected(r *request[collectedQuery, none]) (*control.Collected, error) {
	app := r.Query.App
	if app == "" {
		return nil, badParameter.of("app", "it is missing: whose callbacks?")
	}
	box := s.Collector.Box(app)
	shown := &control.Collected{URL: s.callbackURL(app), Topic: news.Collected(box), Callbacks: []control.Received{}}
	for _, c := range s.Collector.List(box, r.Query.Since, r.Query.Limit) {
		shown.Callbacks = append(shown.Callbacks, control.Received{ID: c.ID, At: control.Time{Time: c.At}, Type: c.Type, Body: readable(c.Body)})
	}
	return shown, nil
}

// callbackURL is an app's own URL for callbacks; "" where callbacks may not go to this machine.
func (s *server) callbackURL(app string) string {
	if s.CallbackBase == "" {
		return ""
	}
	return s.CallbackBase + collector.Root + s.Collector.Box(app)
}
