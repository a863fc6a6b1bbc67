// Package gateway is the Daraja HTTP API: what a merchant's client talks to. Each API is a file; what all have in common is
// here: the order of the checks, the answers' form, the journal and the log.
//
// A request goes through path, method, token, product, spike arrest and quota, then its body is read and each field checked,
// and only then the engine is asked.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Options are what the gateway needs.
type Options struct {
	Engine   *engine.Engine
	Store    store.Reader
	Mint     *ids.Mint
	Clock    clock.Clock
	Journal  *journal.Journal
	Log      *slog.Logger
	Stats    Stats         // may be nil
	NewToken func() string // 28 characters of [A-Za-z0-9]

	Door        *access.Door        // which requests ServeHTTP answers; nil: all
	Flood       *access.Flood       // bounds the log's lines about requests that no app sent; nil: nothing does
	Credentials *credential.Checker // of initiators
	Rules       Rules
	Live        Rules // of production apps, whatever the profile
}

// Rules are what the profiles differ in, each settable by itself.
type Rules struct {
	SoleToken    bool   // a new token ends the app's older ones
	ClassicQuery bool   // the query of a pending payment answers 500 "The transaction is being processed"
	SpikeArrest  int64  // requests a second for apps without a number of their own; 0: none
	Quota        int64  // requests a day for apps without a number of their own; 0: none
	Profile      string // for explanations

	URLs weburl.Rules // of callbacks

	ForeignCredentials bool // a SecurityCredential that is encrypted for another certificate is taken unread
	RegisterOnce       bool // registered C2B URLs must be deleted before others can be registered
}

// rulesOf are the rules that an app is held to. This is the one place where a production app differs in them.
func (g *Gateway) rulesOf(app *mpesa.App) *Rules {
	if app.Production {
		return &g.Live
	}
	return &g.Rules
}

// inProduction says of what a production app is refused that its rules may be to blame.
const inProduction = " (the app is in production: production's rules hold for it, whatever the profile)"

// Stats hears of every request.
type Stats interface {
	Request(api, code string, took time.Duration)
}

// Gateway serves the APIs. It implements http.Handler.
type Gateway struct {
	Options
	apis   map[string]*api
	limits *limiter
	tries  tries
}

// api is one path, by the table.
type api struct {
	apis.API
	serve handler
}

// handler serves the requests to an API that were admitted.
type handler func(g *Gateway, c *call) (answer []byte, err error)

// handlers are by the names of the APIs.
func handlers() map[string]handler {
	return map[string]handler{
		apis.OAuth:             (*Gateway).issueToken,
		codes.APIExpress:       (*Gateway).push,
		codes.APIQuery:         (*Gateway).query,
		apis.C2BRegister:       (*Gateway).registerURLs,
		apis.C2BSimulate:       (*Gateway).simulate,
		codes.APIB2C:           (*Gateway).payOut,
		codes.APIPochi:         (*Gateway).payOut,
		codes.APIB2B:           (*Gateway).transfer,
		codes.APITax:           (*Gateway).transfer,
		codes.APIReversal:      (*Gateway).reverse,
		codes.APIStatus:        (*Gateway).transactionStatus,
		codes.APIBalance:       (*Gateway).accountBalance,
		apis.QR:                (*Gateway).generateQR,
		apis.PullRegister:      (*Gateway).registerPull,
		apis.PullQuery:         (*Gateway).queryPull,
		codes.APICheckout:      (*Gateway).checkOut,
		codes.APIStandingOrder: (*Gateway).createStandingOrder,
		apis.OrgInfo:           (*Gateway).orgInfo,
	}
}

// call is one request on its way through the gateway.
type call struct {
	ctx     context.Context
	request *http.Request
	api     *api
	token   *mpesa.Token
	app     *mpesa.App // that the token was issued to
	rules   *Rules     // that hold for it
	body    []byte
	note    journal.Entry
	refused string                                 // the token that was refused, which an answer may repeat
	written func(g *Gateway, e codes.Error) []byte // how the API writes a refusal; nil: as most do
}

// refusal is why a request is refused: what the wire says, and what people are told.
type refusal struct {
	wire   codes.Error
	reason string
}

func (r refusal) Error() string { return r.wire.Error() + ": " + r.reason }

func refuse(e codes.Error, format string, args ...any) error {
	return refusal{e, fmt.Sprintf(format, args...)}
}

const (
	contentType = "application/json;charset=UTF-8"
	maxBody     = 256 << 10 // bytes; the largest documented body has a few hundred
	maxNote     = 1000      // bytes of a path or an explanation that are noted
)

// New makes a gateway that has every API of the table. It panics when it can't serve one.
func New(o Options) *Gateway {
	g := &Gateway{Options: o, limits: newLimiter(), apis: map[string]*api{}}
	serving := handlers()
	for _, a := range apis.APIs() {
		if serving[a.Name] == nil {
			panic("gateway: nothing serves " + a.Name)
		}
		g.apis[a.Path] = &api{a, serving[a.Name]}
	}
	return g
}

// ServeHTTP answers one request, notes it in the journal and logs a line.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.Door != nil {
		if refused := g.Door.RefuseCall(r); refused != nil {
			g.answer(w, r, refuse(codes.NotForPages, "%s", refused.Text))
			return
		}
	}
	g.answer(w, r, nil)
}

// Answer is ServeHTTP for callers in this process, who get what was noted.
func (g *Gateway) Answer(w http.ResponseWriter, r *http.Request) journal.Entry {
	return g.answer(w, r, nil)
}

// answer answers a request, with a refusal where there is one already.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, refused error) journal.Entry {
	start := time.Now()
	// A client that closes its half of the connection, or goes away, doesn't take back what it asked for.
	c := &call{ctx: context.WithoutCancel(r.Context()), request: r}
	c.note = journal.Entry{At: g.Clock.Now(), Method: clip(r.Method), Path: clip(r.URL.Path), Remote: r.RemoteAddr}
	name := "unknown"
	var answer []byte
	err := refused
	if c.api = g.apis[r.URL.Path]; c.api != nil {
		name = c.api.Name
		c.note.API = name
	}
	switch {
	case refused != nil:
	case c.api != nil:
		answer, err = g.admit(c)
	default:
		err = refuse(codes.NotFound(family(r.URL.Path)), "no API has the path %s", r.URL.Path)
	}
	c.note.Status = http.StatusOK
	if err != nil {
		answer = g.explain(c, err)
	}
	header := w.Header()
	header["Content-Type"] = jsonHeader
	if c.note.Status == http.StatusBadRequest && len(answer) == 0 {
		header["Content-Type"] = textHeader
	}
	w.WriteHeader(c.note.Status)
	w.Write(answer)

	c.note.Took = time.Since(start)
	c.note.Request, c.note.Answer = c.body, c.untold(answer)
	if g.Stats != nil {
		g.Stats.Request(name, c.note.Code, c.note.Took)
	}
	g.log(c, name)
	c.note.ID = g.Journal.Add(c.note)
	return c.note
}

var (
	jsonHeader = []string{contentType}
	textHeader = []string{"text/plain"}
)

// log writes the request's one line.
func (g *Gateway) log(c *call, api string) {
	if !g.Log.Enabled(c.ctx, slog.LevelInfo) || c.note.App == "" && g.Flood != nil && !g.Flood.Allow(g.Log) {
		return
	}
	attrs := []slog.Attr{
		slog.String("api", api), slog.String("method", c.note.Method), slog.String("path", c.note.Path),
		slog.Int("status", c.note.Status), slog.Duration("took", c.note.Took), slog.String("app", c.note.App),
	}
	if c.note.Payment != 0 {
		attrs = append(attrs, slog.Int64("payment", c.note.Payment))
	}
	if c.note.Code != "" {
		attrs = append(attrs, slog.String("code", c.note.Code), slog.String("why", c.note.Explanation))
	}
	g.Log.LogAttrs(c.ctx, slog.LevelInfo, "request", attrs...)
}

// untold is an answer as it is noted: without the refused token that it may repeat, which may be a secret in the token's place.
func (c *call) untold(answer []byte) []byte {
	if c.refused == "" {
		return answer
	}
	repeated := quote(c.refused)
	return bytes.ReplaceAll(answer, repeated[1:len(repeated)-1], []byte("***"))
}

// admit makes the checks that all APIs share but the one that gives tokens, then serves. A panic becomes the answer that clients know.
func (g *Gateway) admit(c *call) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			g.Log.Error("panic", "path", c.request.URL.Path, "panic", p, "stack", string(debug.Stack()))
			answer, err = nil, refuse(codes.InternalError, "a defect in Kivuko: %v", p)
		}
	}()
	if c.api.Name == apis.OAuth {
		return c.api.serve(g, c)
	}
	if c.request.Method != c.api.Method {
		return nil, refuse(codes.MethodNotAllowed(c.request.Method), "the API takes %s and got %s", c.api.Method, c.request.Method)
	}
	if err := g.authenticate(c.api, c); err != nil {
		return nil, err
	}
	if err := g.limit(c); err != nil {
		return nil, err
	}
	if err := g.readBody(c); err != nil {
		return nil, err
	}
	return c.api.serve(g, c)
}

func (g *Gateway) readBody(c *call) error {
	r := c.request
	if r.ContentLength > maxBody {
		return refuse(codes.BadPayload, "the body has %d bytes; the gateway reads %d", r.ContentLength, maxBody)
	}
	if r.ContentLength >= 0 && r.ContentLength <= bounds.Small {
		c.body = make([]byte, r.ContentLength)
		n, err := io.ReadFull(r.Body, c.body)
		c.body = c.body[:n]
		if err != nil {
			return refuse(codes.BadPayload, "the body ended after %d of %d bytes", n, r.ContentLength)
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	c.body = body
	if errors.Is(err, bounds.ErrBusy) {
		return err
	}
	if err != nil {
		return refuse(codes.BadPayload, "the body could not be read: %v", err)
	}
	if r.ContentLength > int64(len(body)) {
		return refuse(codes.BadPayload, "the body ended after %d of %d bytes", len(body), r.ContentLength)
	}
	if len(body) > maxBody {
		return refuse(codes.BadPayload, "the body has more than %d bytes", maxBody)
	}
	return nil
}

// explain renders a refusal and notes why. It is the one place that turns errors into the wire.
func (g *Gateway) explain(c *call, err error) []byte {
	var r refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, engine.ErrUnknown):
		r = refusal{codes.InternalError, "outcome unknown: the database did not answer for half a minute, and it may have been kept. " +
			"A request with an OriginatorConversationID may be sent again with the same one"}
	case errors.Is(err, bounds.ErrBusy), errors.Is(err, engine.ErrBusy), errors.Is(err, engine.ErrStopped), errors.Is(err, engine.ErrUnstored), errors.Is(err, store.ErrUnread):
		r = refusal{codes.SystemBusy, err.Error()}
	default:
		g.Log.Error("request failed", "path", c.request.URL.Path, "error", err)
		r = refusal{codes.InternalError, err.Error()}
	}
	c.note.Status, c.note.Code, c.note.Explanation = r.wire.Status, r.wire.Code, clip(r.reason)
	if c.app != nil && c.app.Production {
		c.note.Explanation += inProduction
	}
	c.note.Cause, c.note.Mend = r.wire.Cause, r.wire.Mend
	if r.wire.Code == "" {
		return nil // wrong consumer key or secret: an empty body (wire.md §3)
	}
	if c.written != nil {
		return c.written(g, r.wire)
	}
	return fmt.Appendf(nil, `{"requestId":"%s","errorCode":"%s","errorMessage":%s}`, g.Mint.Refused(), r.wire.Code, quote(r.wire.Message))
}

// clip shortens what a client may have made long, for people to read.
func clip(s string) string {
	if len(s) <= maxNote {
		return s
	}
	return strings.ToValidUTF8(s[:maxNote], "") + "…"
}

// family is whose error codes an unknown path gets.
func family(path string) codes.Family {
	part := strings.TrimPrefix(path, "/mpesa/")
	for prefix, f := range map[string]codes.Family{
		"b2c/": codes.Payments, "b2pochi/": codes.Payments, "b2b/": codes.Payments, "accountbalance/": codes.Payments,
		"c2b/": codes.C2B, "transactionstatus/": codes.C2B,
	} {
		if strings.HasPrefix(part, prefix) {
			return f
		}
	}
	return codes.STK
}
