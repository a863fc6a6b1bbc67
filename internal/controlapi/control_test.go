package controlapi_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

// caller asks the API as a program on the same machine does, and holds every exchange to openapi.json.
type caller struct {
	*controltest.World
	t testing.TB
}

func start(t testing.TB, changes ...func(*controlapi.Options)) caller {
	return caller{controltest.New(t, changes...), t}
}

type response struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// do sends a request. Without a body there is none, rather than an empty one.
func (c caller) do(method, path, body string) response {
	c.t.Helper()
	return c.with(nil, method, path, body)
}

// with sends a request with headers.
func (c caller) with(header http.Header, method, path, body string) response {
	c.t.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:7070"+path, sent)
	r.RemoteAddr = "127.0.0.1:50000"
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	got := response{c.t, w.Code, w.Result().Header, w.Body.Bytes()}
	conforms(c.t, r, body, got)
	return got
}

func (c caller) get(path string) response {
	c.t.Helper()
	return c.do(http.MethodGet, path, "")
}

// answers fails the test unless the status is the wanted one, and reads the body into v.
func (r response) answers(status int, v any) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("got HTTP %d, want %d: %s", r.status, status, r.body)
	}
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
}

// refuses fails the test unless the answer is a problem of the kind, with a field if there is to be one, that says what is
// allowed.
func (r response) refuses(status int, kind, field, says string) {
	r.t.Helper()
	var p control.Problem
	r.answers(status, &p)
	if want := "urn:kivuko:problem:" + kind; p.Type != want || p.Field != field || p.Status != status || p.Title == "" {
		r.t.Errorf("got %+v, want %s about field %q", p, want, field)
	}
	if !strings.Contains(p.Detail, says) {
		r.t.Errorf("the detail %q doesn't say %q", p.Detail, says)
	}
}

func TestUnknownPath(t *testing.T) {
	c := start(t)
	for _, path := range []string{"/kivuko/v1/", "/kivuko/v1/phone", "/kivuko/v1/phones/", "/kivuko/v1/phones/254708374149/",
		"/kivuko/v1/phones//answer", "/kivuko/v1/payments/..", "//kivuko/v1/health", "/kivuko/v2/health", "/"} {
		c.get(path).refuses(http.StatusNotFound, "not-found", "", "openapi.json")
	}
}

func TestWrongMethod(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ method, path, allow string }{
		{http.MethodPost, "/kivuko/v1/health", "GET, HEAD"},
		{http.MethodDelete, "/kivuko/v1/phones/254708374149", "GET, HEAD, PUT"},
		{http.MethodGet, "/kivuko/v1/phones/254708374149/answer", "POST"},
		{http.MethodOptions, "/kivuko/v1/clock/advance", "POST"},
		{"NONSENSE", "/kivuko/v1/books", "GET, HEAD"},
	} {
		got := c.do(x.method, x.path, "")
		got.refuses(http.StatusMethodNotAllowed, "method-not-allowed", "", x.allow)
		if allow := got.header.Get("Allow"); allow != x.allow {
			t.Errorf("%s %s: Allow is %q, want %q", x.method, x.path, allow, x.allow)
		}
	}
}

func TestHead(t *testing.T) {
	c := start(t)
	url := c.Serve(t)
	resp, err := http.Head(url + "/kivuko/v1/books")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %v", resp.Status, resp.Header)
	}
}
