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

	"github.com/go-json-experiment/json"

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

// Rules are what the profiles differ in.
type Rules = apis.Rules

// rulesOf are the rules that an app is held to. This is the one place where a production app differs in them.
func (g *Gateway) rulesOf(app *mpesa.App) *Rules {
	if app.Production {
		return &g.Live
	}
	return &g.Rules
}

// Stats hears of every request.
type Stats interface {
	Request(api, code string, took time.Duration)
}

// Gateway serves the APIs. It implements http.Handler.
type Gateway struct {
	Options
	services apis.Services
	paths    map[string]*apis.Path
	limits   *limiter
	tries    tries
}

// call is one request on its way through the gateway.
type call struct {
	apis.Call
	request *http.Request
	refused string // the token that was refused, which an answer may repeat
	serving bool   // the API has the request: it may have its own way of refusing
}

const (
	contentType = "application/json;charset=UTF-8"
	maxBody     = 256 << 10 // bytes; the largest documented body has a few hundred
	maxNote     = 1000      // bytes of a path or an explanation that are noted
)

// New makes a gateway that has every path of the table.
func New(o Options) *Gateway {
	g := &Gateway{Options: o, limits: newLimiter(), paths: map[string]*apis.Path{},
		services: apis.Services{Engine: o.Engine, Store: o.Store, Mint: o.Mint, Clock: o.Clock, Credentials: o.Credentials}}
	for _, p := range apis.Paths() {
		g.paths[p.Path] = p
	}
	return g
}

// ServeHTTP answers one request, notes it in the journal and logs a line.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.Door != nil {
		if refused := g.Door.RefuseCall(r); refused != nil {
			g.answer(w, r, apis.Refuse(codes.NotForPages, "%s", refused.Text))
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
	c := &call{request: r, Call: apis.Call{Services: &g.services, Context: context.WithoutCancel(r.Context()), Path: g.paths[r.URL.Path]}}
	c.Note = journal.Entry{At: g.Clock.Now(), Method: clip(r.Method), Path: clip(r.URL.Path), Remote: r.RemoteAddr}
	name := "unknown"
	var answer []byte
	err := refused
	if c.Path != nil {
		name = c.Path.Name
		c.Note.API = name
	}
	switch {
	case refused != nil:
	case c.Path != nil:
		answer, err = g.admit(c)
	default:
		err = apis.Refuse(codes.NotFound(family(r.URL.Path)), "no API has the path %s", r.URL.Path)
	}
	c.Note.Status = http.StatusOK
	if err != nil {
		answer = g.explain(c, err)
	}
	header := w.Header()
	header["Content-Type"] = jsonHeader
	if c.Note.Status == http.StatusBadRequest && len(answer) == 0 {
		header["Content-Type"] = textHeader
	}
	w.WriteHeader(c.Note.Status)
	w.Write(answer)

	c.Note.Took = time.Since(start)
	c.Note.Request, c.Note.Answer = c.Body, c.untold(answer)
	if g.Stats != nil {
		g.Stats.Request(name, c.Note.Code, c.Note.Took)
	}
	level := slog.LevelInfo
	if refused != nil {
		level = slog.LevelWarn
	}
	g.log(c, name, level)
	c.Note.ID = g.Journal.Add(c.Note)
	return c.Note
}

var (
	jsonHeader = []string{contentType}
	textHeader = []string{"text/plain"}
)

// log writes the request's one line: a warning where the door refused it.
func (g *Gateway) log(c *call, api string, level slog.Level) {
	if !g.Log.Enabled(c.Context, level) || c.Note.App == "" && g.Flood != nil && !g.Flood.Allow(g.Log) {
		return
	}
	attrs := []slog.Attr{
		slog.String("api", api), slog.String("from", c.Note.Remote), slog.String("method", c.Note.Method), slog.String("path", c.Note.Path),
		slog.Int("status", c.Note.Status), slog.Duration("took", c.Note.Took), slog.String("app", c.Note.App),
	}
	if c.Note.Payment != 0 {
		attrs = append(attrs, slog.Int64("payment", c.Note.Payment))
	}
	if c.Note.Code != "" {
		attrs = append(attrs, slog.String("code", c.Note.Code), slog.String("why", c.Note.Explanation))
	}
	g.Log.LogAttrs(c.Context, level, "request", attrs...)
}

// untold is an answer as it is noted: without the refused token that it may repeat, which may be a secret in the token's place.
func (c *call) untold(answer []byte) []byte {
	if c.refused == "" {
		return answer
	}
	repeated := apis.Quote(c.refused)
	return bytes.ReplaceAll(answer, repeated[1:len(repeated)-1], []byte("***"))
}

// admit makes the checks that all APIs share but the one that gives tokens, then serves. A panic becomes the answer that clients know.
func (g *Gateway) admit(c *call) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			g.Log.Error("panic", "path", c.request.URL.Path, "panic", p, "stack", string(debug.Stack()))
			answer, err = nil, apis.Refuse(codes.InternalError, "a defect in Kivuko: %v", p)
		}
	}()
	if c.Path.Name == apis.OAuth {
		return g.issueToken(c)
	}
	if c.request.Method != c.Path.Method {
		return nil, apis.Refuse(codes.MethodNotAllowed(c.request.Method), "the API takes %s and got %s", c.Path.Method, c.request.Method)
	}
	if err := g.authenticate(c); err != nil {
		return nil, err
	}
	if err := g.limit(c); err != nil {
		return nil, err
	}
	if err := g.readBody(c); err != nil {
		return nil, err
	}
	return c.serve()
}

// serve has the API answer.
func (c *call) serve() ([]byte, error) {
	c.serving = true
	c.ContentType = c.request.Header.Get("Content-Type")
	if err := c.Read(); err != nil {
		return nil, err
	}
	answer, err := c.Path.Serve(&c.Call)
	if err != nil {
		return nil, err
	}
	return written(answer)
}

// written returns an answer as JSON.
func written(answer any) ([]byte, error) {
	if raw, ok := answer.(apis.Raw); ok {
		return raw, nil
	}
	return json.Marshal(answer)
}

func (g *Gateway) readBody(c *call) error {
	r := c.request
	if r.ContentLength > maxBody {
		return apis.Refuse(codes.BadPayload, "the body has %d bytes; the gateway reads %d", r.ContentLength, maxBody)
	}
	if r.ContentLength >= 0 && r.ContentLength <= bounds.Small {
		c.Body = make([]byte, r.ContentLength)
		n, err := io.ReadFull(r.Body, c.Body)
		c.Body = c.Body[:n]
		if err != nil {
			return apis.Refuse(codes.BadPayload, "the body ended after %d of %d bytes", n, r.ContentLength)
		}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	c.Body = body
	if errors.Is(err, bounds.ErrBusy) {
		return err
	}
	if err != nil {
		return apis.Refuse(codes.BadPayload, "the body could not be read: %v", err)
	}
	if r.ContentLength > int64(len(body)) {
		return apis.Refuse(codes.BadPayload, "the body ended after %d of %d bytes", len(body), r.ContentLength)
	}
	if len(body) > maxBody {
		return apis.Refuse(codes.BadPayload, "the body has more than %d bytes", maxBody)
	}
	return nil
}

// explain renders a refusal and notes why. It is the one place that turns errors into the wire.
func (g *Gateway) explain(c *call, err error) []byte {
	var r apis.Refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, engine.ErrUnknown):
		r = apis.Refusal{Wire: codes.InternalError, Reason: "outcome unknown: the database did not answer for half a minute, and it may have been kept. " +
			"A request with an OriginatorConversationID may be sent again with the same one"}
	case errors.Is(err, bounds.ErrBusy), errors.Is(err, engine.ErrBusy), errors.Is(err, engine.ErrStopped), errors.Is(err, engine.ErrUnstored), errors.Is(err, store.ErrUnread):
		r = apis.Refusal{Wire: codes.SystemBusy, Reason: err.Error()}
	default:
		g.Log.Error("request failed", "path", c.request.URL.Path, "error", err)
		r = apis.Refusal{Wire: codes.InternalError, Reason: err.Error()}
	}
	c.Note.Status, c.Note.Code, c.Note.Explanation = r.Wire.Status, r.Wire.Code, clip(r.Reason)
	if c.App != nil && c.App.Production {
		c.Note.Explanation += apis.InProduction
	}
	c.Note.Fix = r.Wire.Fix
	if o := apis.Refused(r.Wire); o != nil {
		c.Note.Cause = o.State
	}
	if r.Wire.Code == "" {
		return nil // wrong consumer key or secret: an empty body (wire.md §3)
	}
	if c.serving && c.Path.Refuse != nil {
		if body := c.Path.Refuse(&c.Call, r.Wire); body != nil {
			return body
		}
	}
	return fmt.Appendf(nil, `{"requestId":"%s","errorCode":"%s","errorMessage":%s}`, g.Mint.Refused(), r.Wire.Code, apis.Quote(r.Wire.Message))
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
