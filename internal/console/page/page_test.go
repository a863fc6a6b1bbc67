package page_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/access/accesstest"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/news"
)

// yard is a console with one room.
type yard struct {
	*page.Kit
	hub     *news.Hub
	calls   []string // of the control API: method, path, operator, body
	keys    []string // of the calls
	refusal *control.Problem
}

// newYard makes one. Its control API takes everything, or refuses it.
func newYard(t *testing.T, password string, routes map[string]page.Handler) *yard {
	t.Helper()
	y := &yard{hub: &news.Hub{}}
	room := page.Room{Name: "yard", Title: "Yard", Routes: routes, Files: fstest.MapFS{
		"templates/form.html": {Data: []byte(`{{define "title"}}Pay{{end}}{{define "main"}}<form method="post">{{template "once"}}` +
			`{{template "field" (.Form.Field "amount" "Amount")}}{{template "field" (.Form.Field "pin" "PIN" "type" "password")}}{{template "refusal" .Form}}</form>{{template "list" .}}{{end}}`)},
		"templates/parts/list.html": {Data: []byte(`{{define "list"}}<p id="list">{{.Data}}</p>{{end}}`)},
		"assets/yard.css":           {Data: []byte("p {}")},
	}, Nav: func(*page.Request) []page.Link {
		return []page.Link{{Path: "/yard", Title: "All"}, {Path: "/yard/pay", Title: "Pay"}}
	}}
	y.Kit = page.New(page.Options{API: http.HandlerFunc(y.api), Hub: y.hub, Log: slog.New(slog.DiscardHandler), Now: time.Now, Version: "test",
		Door:     &access.Door{Password: access.NewPassword(password), Names: []string{"kivuko.test"}},
		Sessions: access.NewSessions([]byte("key"), &accesstest.Ledger{}, slog.New(slog.DiscardHandler))}, room)
	return y
}

func (y *yard) api(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	y.calls = append(y.calls, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get(control.OperatorHeader)+" "+string(body)))
	y.keys = append(y.keys, r.Header.Get(control.IdempotencyHeader))
	if y.refusal != nil {
		w.Header().Set("Content-Type", control.ProblemType)
		w.WriteHeader(y.refusal.Status)
		json.NewEncoder(w).Encode(y.refusal)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(`{}`))
}

// pay is a page with a form.
func pay(q *page.Request) error {
	f := q.Form()
	if !f.Posted() {
		return q.Show("form", "<b>all</b>")
	}
	if err := q.Call(http.MethodPost, "pay", f.Fields("amount", "pin"), &struct{}{}); err != nil {
		return q.Refused("form", nil, err)
	}
	q.Flash("Paid & done.")
	return q.Redirect("/yard")
}

var paying = map[string]page.Handler{"GET /yard": pay, "GET /yard/pay": pay, "POST /yard/pay": pay}

// ask sends a request from this machine, with pairs of headers.
func ask(h http.Handler, method, path, form string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:7070"
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		if headers[i] == "From" {
			r.RemoteAddr = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func has(t *testing.T, w *httptest.ResponseRecorder, status int, parts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("HTTP %d; want %d: %s", w.Code, status, w.Body)
	}
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("there is no %s in %s", part, w.Body)
		}
	}
}

func TestAPageStandsInTheFrame(t *testing.T) {
	y := newYard(t, "", paying)
	has(t, ask(y, "GET", "/yard/pay", ""), http.StatusOK, "<!doctype html>", "<title>Pay · Kivuko</title>", "&lt;b&gt;all&lt;/b&gt;",
		`<a href="/yard" aria-current="true">Yard</a>`, `<a href="/yard/pay" aria-current="page">Pay</a>`, `/assets/yard/yard.css?v=`)
}

func TestHTMXGetsThePartThatItAsksFor(t *testing.T) {
	y := newYard(t, "", paying)
	if got := ask(y, "GET", "/yard/pay", "", "HX-Request", "true", "HX-Target", "list").Body.String(); got != `<p id="list">&lt;b&gt;all&lt;/b&gt;</p>` {
		t.Errorf("it gets %s", got)
	}
	if got := ask(y, "GET", "/yard/pay", "", "HX-Request", "true", "HX-Target", "other").Body.String(); !strings.HasPrefix(got, "<form") {
		t.Errorf("for a target of another name it gets %s", got)
	}
}

func TestARefusedFormSaysWhereAndKeepsWhatWasTyped(t *testing.T) {
	y := newYard(t, "", paying)
	y.refusal = &control.Problem{Status: http.StatusBadRequest, Title: "No", Field: "amount", Detail: "it has to be <more>"}
	w := ask(y, "POST", "/yard/pay", "amount=%3Cscript%3E1&pin=1234")
	has(t, w, http.StatusUnprocessableEntity, `it has to be &lt;more&gt;`, `value="&lt;script&gt;1"`, `aria-invalid="true"`)
	if strings.Contains(w.Body.String(), "1234") {
		t.Error("the PIN is sent back")
	}
	y.refusal = &control.Problem{Status: http.StatusConflict, Title: "No", Detail: "not today"}
	has(t, ask(y, "POST", "/yard/pay", "amount=1"), http.StatusUnprocessableEntity, `<p class="refusal" role="alert">not today</p>`)
	y.refusal = &control.Problem{Status: http.StatusBadRequest, Title: "No", Field: "account", Detail: "it is missing"}
	has(t, ask(y, "POST", "/yard/pay", "amount=1"), http.StatusUnprocessableEntity, "account: it is missing")
	y.refusal = &control.Problem{Status: http.StatusServiceUnavailable, Title: "Busy", Detail: "try again"}
	has(t, ask(y, "POST", "/yard/pay", "amount=1"), http.StatusServiceUnavailable, "<h1>Busy</h1>", "try again")
}

func TestADoubleClickActsOnce(t *testing.T) {
	y := newYard(t, "", paying)
	first, second := ask(y, "POST", "/yard/pay", "amount=1&_once=abc"), ask(y, "POST", "/yard/pay", "amount=1&_once=abc")
	for _, w := range []*httptest.ResponseRecorder{first, second} {
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/yard" {
			t.Errorf("HTTP %d to %q", w.Code, w.Header().Get("Location"))
		}
	}
	ask(y, "POST", "/yard/pay", "amount=1&_once=def")
	if want := "POST /kivuko/v1/pay  {\"amount\":\"1\"}"; len(y.calls) != 2 || y.calls[0] != want {
		t.Errorf("it calls %q; want two of %q", y.calls, want)
	}
}

// Strangers, who can post to the page for signing in, don't have the forms of others forgotten.
func TestStrangersFormsAreNotRemembered(t *testing.T) {
	y := newYard(t, "bahari", paying)
	cookie := ask(y, "POST", "/sign-in", "password=bahari").Result().Cookies()[0]
	pay := func() *httptest.ResponseRecorder {
		return ask(y, "POST", "/yard/pay", "amount=1&_once=abc", "Cookie", cookie.Name+"="+cookie.Value)
	}
	has(t, pay(), http.StatusSeeOther)
	for path, form := range map[string]string{"/sign-in": "password=bahari", "/sign-out": "", "/yard/pay": "amount=1", "/nothing": "", "/events": ""} {
		for i := range 2000 {
			ask(y, "POST", path, fmt.Sprintf("%s&_once=%d", form, i))
		}
	}
	has(t, pay(), http.StatusSeeOther)
	if len(y.calls) != 1 {
		t.Errorf("it acts %d times", len(y.calls))
	}
}

// A form's calls have a key, which is the same when the form is sent again after its answer was lost, and at another node.
func TestAFormMovesMoneyOnce(t *testing.T) {
	y, other := newYard(t, "", paying), newYard(t, "", paying)
	y.refusal = &control.Problem{Status: http.StatusGatewayTimeout, Title: "Unknown", Detail: "look before trying again"}
	for _, form := range []string{"amount=1&_once=abc", "amount=1&_once=abc", "amount=2&_once=abc", "amount=1&_once=def", "amount=1"} {
		ask(y, "POST", "/yard/pay", form)
	}
	ask(other, "POST", "/yard/pay", "amount=1&_once=abc")
	first, second, changed, another, without := y.keys[0], y.keys[1], y.keys[2], y.keys[3], y.keys[4]
	if len(first) != 64 || second != first || changed == first || another == first || without != "" || other.keys[0] != first {
		t.Errorf("the keys are %q, and %q on another node", y.keys, other.keys)
	}
}

// What Kivuko failed at may be sent again, and a form that was changed is another one.
func TestAFormThatCameToNothingMayBeSentAgain(t *testing.T) {
	y := newYard(t, "", paying)
	y.refusal = &control.Problem{Status: http.StatusServiceUnavailable, Title: "Busy", Detail: "try again"}
	has(t, ask(y, "POST", "/yard/pay", "amount=1&_once=abc"), http.StatusServiceUnavailable)
	y.refusal = nil
	for range 2 {
		has(t, ask(y, "POST", "/yard/pay", "amount=1&_once=abc"), http.StatusSeeOther)
	}
	has(t, ask(y, "POST", "/yard/pay", "amount=2&_once=abc"), http.StatusSeeOther)
	if want := []string{`POST /kivuko/v1/pay  {"amount":"1"}`, `POST /kivuko/v1/pay  {"amount":"1"}`, `POST /kivuko/v1/pay  {"amount":"2"}`}; !slices.Equal(y.calls, want) {
		t.Errorf("it calls %q; want %q", y.calls, want)
	}
}

func TestTheNextPageSaysWhatWasDone(t *testing.T) {
	y := newYard(t, "", paying)
	cookie := ask(y, "POST", "/yard/pay", "amount=1").Result().Cookies()[0]
	w := ask(y, "GET", "/yard", "", "Cookie", cookie.Name+"="+cookie.Value)
	has(t, w, http.StatusOK, "Paid &amp; done.")
	if gone := w.Result().Cookies()[0]; gone.MaxAge >= 0 || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookies are %v and then %v", cookie, gone)
	}
}

func TestHTMXIsRedirectedByAHeader(t *testing.T) {
	y := newYard(t, "", paying)
	if w := ask(y, "POST", "/yard/pay", "amount=1", "HX-Request", "true"); w.Code != http.StatusNoContent || w.Header().Get("HX-Redirect") != "/yard" {
		t.Errorf("HTTP %d, %v", w.Code, w.Header())
	}
}

func TestACallSaysOnWhoseBehalf(t *testing.T) {
	y := newYard(t, "", map[string]page.Handler{"GET /yard": func(q *page.Request) error {
		q.ActAs("clerk")
		return q.Call(http.MethodGet, "organisations/1/accounts", nil, &struct{}{})
	}})
	if ask(y, "GET", "/yard", ""); y.calls[0] != "GET /kivuko/v1/organisations/1/accounts clerk" {
		t.Errorf("it calls %q", y.calls)
	}
}

func TestWhoIsKeptOut(t *testing.T) {
	y := newYard(t, "", paying)
	for name, x := range map[string]struct {
		method  string
		headers []string
		status  int
	}{
		"this machine":              {"GET", nil, http.StatusOK},
		"a name that it knows":      {"GET", []string{"Host", "kivuko.test"}, http.StatusOK},
		"another machine":           {"GET", []string{"From", "192.168.1.7:4000"}, http.StatusForbidden},
		"a proxy":                   {"GET", []string{"X-Forwarded-For", "203.0.113.9"}, http.StatusForbidden},
		"a rebound name":            {"GET", []string{"Host", "evil.example"}, http.StatusForbidden},
		"a form of another site":    {"POST", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a form of another port":    {"POST", []string{"Origin", "http://localhost:3000"}, http.StatusForbidden},
		"a form of its own":         {"POST", []string{"Origin", "http://localhost:7070", "Sec-Fetch-Site", "same-origin"}, http.StatusSeeOther},
		"a link from another site":  {"GET", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusOK},
		"the sign-in without a use": {"GET", nil, http.StatusOK},
	} {
		w := ask(y, x.method, "/yard/pay", map[string]string{"POST": "amount=1"}[x.method], x.headers...)
		if w.Code != x.status {
			t.Errorf("%s: HTTP %d; want %d", name, w.Code, x.status)
		}
		if p := w.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: the policy is %q", name, p)
		}
	}
}

func TestAFormIsBounded(t *testing.T) {
	y := newYard(t, "", paying)
	has(t, ask(y, "POST", "/yard/pay", "amount="+strings.Repeat("1", page.MaxForm)), http.StatusRequestEntityTooLarge, "At most 64 KB are taken.")
	has(t, ask(y, "POST", "/yard/pay", "amount=%zz"), http.StatusBadRequest, "The form could not be read")
}

func TestAnUnknownPageIsNotFound(t *testing.T) {
	y := newYard(t, "", paying)
	has(t, ask(y, "GET", "/yard/nothing", ""), http.StatusNotFound, "There is no page at /yard/nothing.")
	for path, want := range map[string]bool{"/": true, "/yard": true, "/yard/x": true, "/yards": false, "/oauth/v1/generate": false, "/events": true, "/assets/x": true, "/x": false, "//": false} {
		if y.Serves(path) != want {
			t.Errorf("it serves %s: %t", path, !want)
		}
	}
}

func TestAnAssetIsKeptForGoodUnderItsHash(t *testing.T) {
	y := newYard(t, "", paying)
	body := ask(y, "GET", "/yard", "").Body.String()
	at := strings.Index(body, "/assets/yard/yard.css")
	w := ask(y, "GET", body[at:at+strings.Index(body[at:], `"`)], "")
	has(t, w, http.StatusOK, "p {}")
	if cache := w.Header().Get("Cache-Control"); !strings.Contains(cache, "immutable") {
		t.Errorf("it is kept %q", cache)
	}
	w = ask(y, "GET", "/assets/yard/yard.css", "", "If-None-Match", w.Header().Get("Etag"))
	if w.Code != http.StatusNotModified || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("without its hash: HTTP %d, %q", w.Code, w.Header().Get("Cache-Control"))
	}
	has(t, ask(y, "GET", "/assets/yard/none.css", ""), http.StatusNotFound)
}

func TestRoutesOfTwoFilesMustDiffer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("they may not")
		}
	}()
	page.Merge(paying, paying)
}

// browser is a client with cookies that follows no redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, client *http.Client, url string) (status int, location, body string) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Location"), string(b)
}

func post(t *testing.T, client *http.Client, url string, form url.Values) (resp *http.Response, body string) {
	t.Helper()
	resp, err := client.PostForm(url, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp, string(b)
}
