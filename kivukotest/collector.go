package kivukotest

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// Request is a request that a collector received.
type Request struct {
	Method string
	Path   string // with the query, as it was sent
	Proto  string
	Header http.Header
	Host   string
	Body   []byte
	From   string // address of the connection: requests with the same came over the same one
}

func (r Request) String() string { return fmt.Sprintf("%s %s %s", r.Method, r.Path, r.Body) }

// Callback reads the body as an M-Pesa Express result.
func (r Request) Callback(t testing.TB) *daraja.STKCallback {
	t.Helper()
	c, err := daraja.ParseSTKCallback(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	return c
}

// Result reads the body as the result of an initiator's request.
func (r Request) Result(t testing.TB) *daraja.Result {
	t.Helper()
	result, err := daraja.ParseResult(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	return result
}

// C2BPayment reads the body as a validation or confirmation request.
func (r Request) C2BPayment(t testing.TB) *daraja.C2BPayment {
	t.Helper()
	p, err := daraja.ParseC2BPayment(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	return p
}

// Collector is a merchant's server that receives callbacks. It takes them with 200 until it is told otherwise.
type Collector struct {
	*httptest.Server
	requests Events[Request]
	released chan struct{}

	mu     sync.Mutex
	answer http.HandlerFunc
	paths  map[string]http.HandlerFunc
}

// Collect starts a collector that ends with the test.
func Collect(t testing.TB) *Collector { return collect(t, (*httptest.Server).Start) }

// CollectTLS starts a collector with a self-signed certificate.
func CollectTLS(t testing.TB) *Collector { return collect(t, (*httptest.Server).StartTLS) }

func collect(t testing.TB, start func(*httptest.Server)) *Collector {
	c := &Collector{released: make(chan struct{}), answer: Status(http.StatusOK), paths: map[string]http.HandlerFunc{}}
	c.Server = httptest.NewUnstartedServer(c)
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(c.Server)
	t.Cleanup(func() {
		close(c.released)
		c.CloseClientConnections()
		c.Close()
	})
	return c
}

// ServeHTTP notes the request, then behaves as told.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	answer := c.paths[r.URL.Path]
	if answer == nil {
		answer = c.answer
	}
	c.mu.Unlock()
	c.requests.Add(Request{Method: r.Method, Path: r.RequestURI, Proto: r.Proto, Header: r.Header, Host: r.Host, Body: body, From: r.RemoteAddr})
	answer(w, r)
}

// Answer tells how to answer from now on: one of Status, Say, Hang, CloseConnection, Redirect, or any other handler.
func (c *Collector) Answer(answer http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// AnswerAt tells how to answer at one path.
func (c *Collector) AnswerAt(path string, answer http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths[path] = answer
}

// Status answers with an HTTP status and what a merchant's body usually says.
func Status(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if status != http.StatusNoContent && status != http.StatusNotModified {
			io.WriteString(w, `{"ResultCode":0,"ResultDesc":"Accepted"}`)
		}
	}
}

// Say answers with HTTP 200 and a body.
func Say(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

// Redirect answers with HTTP 307 and another URL.
func Redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// CloseConnection breaks the connection off without an answer.
func CloseConnection(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Hang never answers. The connection ends with the collector.
func (c *Collector) Hang(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-c.released:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// Next waits for the next request that has not been taken.
func (c *Collector) Next(t testing.TB) Request {
	t.Helper()
	return c.requests.Take(t, "callback", func(Request) bool { return true })
}

// At waits for the next request to a path.
func (c *Collector) At(t testing.TB, path string) Request {
	t.Helper()
	return c.requests.Take(t, "callback at "+path, func(r Request) bool { return r.Path == path })
}

// About waits for the next request with an identifier in it.
func (c *Collector) About(t testing.TB, id string) Request {
	t.Helper()
	return c.requests.Take(t, "callback about "+id, func(r Request) bool { return bytes.Contains(r.Body, []byte(`"`+id+`"`)) })
}

// For waits for the callback about a push.
func (c *Collector) For(t testing.TB, checkoutRequestID string) *daraja.STKCallback {
	t.Helper()
	return c.About(t, checkoutRequestID).Callback(t)
}

// Left lists the requests that have come and were not taken.
func (c *Collector) Left() []Request { return c.requests.Left() }
