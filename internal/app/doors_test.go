package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
)

const sesame = "bahari-ya-hindi" // the password of these tests

// public are the parts that are without a guard, and why.
var public = map[string]string{
	"Daraja API":         "has credentials of its own, and refuses pages",
	"callback collector": "who knows a box may post to it",
	"liveness":           "says one word",
	"readiness":          "says one word",
}

// guarded are paths of each part that has a guard.
var guarded = map[string][]string{
	"control API": {"/kivuko/", "/kivuko/v1/", "/kivuko/v1/about", "/kivuko/v1/health", "/kivuko/v1/openapi.json", "/kivuko/v1/phones/254708374149", "/kivuko/v1/apps/kivuko-key?secrets=1",
		"/kivuko/v1/organisations/600000/settle", "/kivuko/v1/clock/advance", "/kivuko/v1/nothing", "/kivuko/v2/", "/kivuko/callback"},
	"metrics":  {"/metrics"},
	"console":  {"/", "/phones", "/phones/254708374149", "/developer", "/developer/apps/kivuko-key", "/organisation", "/organisation/sign-in", "/events?topic=journal", "/phones/nothing"},
	"profiles": {"/debug/pprof/", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=2"},
}

// visitor is how somebody comes to a door.
type visitor struct {
	name   string
	change func(r *http.Request)
	open   bool // the door lets them in when Kivuko has no password
	known  bool // and when it has one
}

func visitors() []visitor {
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	right := func(r *http.Request) { r.SetBasicAuth("", sesame) }
	wrong := 0
	list := []visitor{
		{"here", func(*http.Request) {}, true, false},
		{"here, with the password", right, true, true},
		{"here, with a wrong one", func(r *http.Request) { // from another address each time, so that nobody has to wait
			wrong++
			r.RemoteAddr = fmt.Sprintf("127.1.%d.%d:4000", wrong/250, wrong%250)
			r.SetBasicAuth("", "wrong")
		}, true, false},
		{"elsewhere", func(r *http.Request) { r.RemoteAddr = "203.0.113.9:4000" }, false, false},
		{"elsewhere, with the password", func(r *http.Request) { r.RemoteAddr = "203.0.113.9:4000"; right(r) }, false, true},
		{"rebound", func(r *http.Request) { r.Host = "evil.example:7070" }, false, false},
		{"by HTTP/1.0", func(r *http.Request) { r.Proto, r.ProtoMinor = "HTTP/1.0", 0 }, false, false},
		{"courier", set(access.CourierHeader, "1"), false, false},
		{"courier with the password", func(r *http.Request) { r.Header.Set(access.CourierHeader, "1"); right(r) }, false, false},
	}
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via", "Cf-Connecting-Ip", "True-Client-Ip"} {
		list = append(list, visitor{header, set(header, "127.0.0.1"), false, false})
	}
	return list
}

// start starts an M-PESA.
func start(t *testing.T, config Options) *App {
	t.Helper()
	k, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	lifecycletest.Run(t, k)
	return k
}

// startFor starts an M-PESA and gives what it serves.
func startFor(t *testing.T, config Options) mounts { return start(t, config).handler() }

func ask(h http.Handler, method, path string, change func(*http.Request)) *httptest.ResponseRecorder {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // of a stream of events or a profile the beginning is enough
	r := httptest.NewRequestWithContext(ctx, method, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:7070"
	change(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// let reports whether a part answered, and not its guard.
func let(w *httptest.ResponseRecorder) bool {
	if w.Code == http.StatusSeeOther {
		return !strings.HasPrefix(w.Header().Get("Location"), "/sign-in")
	}
	return w.Code != http.StatusUnauthorized && w.Code != http.StatusForbidden
}

// Every part that is mounted has a guard, and each guard refuses the same visitors.
func TestNoDoorIsForgotten(t *testing.T) {
	for _, config := range []Options{{Pprof: true}, {Pprof: true, Password: sesame}} {
		served := startFor(t, config)
		for _, m := range served {
			if public[m.name] != "" {
				continue
			}
			if len(guarded[m.name]) == 0 {
				t.Errorf("nothing knocks at %s", m.name)
			}
			for _, path := range guarded[m.name] {
				if at, _, _ := strings.Cut(path, "?"); !m.serves(at) {
					t.Errorf("%s doesn't serve %s", m.name, path)
				}
				for _, v := range visitors() {
					want := config.Password == "" && v.open || config.Password != "" && v.known && m.name != "console" // where one signs in
					for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, "BREW"} {
						if m.name == "profiles" && want && strings.Contains(path, "seconds") {
							continue // takes a second
						}
						if w := ask(served, method, path, v.change); let(w) != want {
							t.Errorf("password %t, %s: %s %s answers HTTP %d", config.Password != "", v.name, method, path, w.Code)
						}
					}
				}
			}
		}
	}
}

// No page of another origin has an effect, whatever it knows: the browser may know the password.
func TestNoOtherOriginGetsThroughADoor(t *testing.T) {
	for _, config := range []Options{{Pprof: true}, {Pprof: true, Password: sesame}} {
		served := startFor(t, config)
		for name, paths := range guarded {
			for _, path := range paths {
				for _, site := range []string{"cross-site", "same-site"} {
					foreign := func(r *http.Request) {
						r.SetBasicAuth("", sesame)
						r.Header.Set("Sec-Fetch-Site", site)
					}
					methods := []string{http.MethodPost, http.MethodPut, http.MethodDelete}
					if name == "profiles" { // which GET starts
						methods = append(methods, http.MethodGet)
					}
					for _, method := range methods {
						if w := ask(served, method, path, foreign); w.Code != http.StatusForbidden {
							t.Errorf("%s %s by %s: HTTP %d", method, path, site, w.Code)
						}
					}
				}
			}
		}
	}
}

func TestTrustedNetworksAndNamesAreLetIn(t *testing.T) {
	served := startFor(t, Options{Trust: []netip.Prefix{netip.MustParsePrefix("172.17.0.0/16")}, Names: []string{"kivuko"}})
	container := func(r *http.Request) { r.RemoteAddr, r.Host = "172.17.0.5:4000", "kivuko:7070" }
	for _, path := range []string{"/kivuko/v1/about", "/metrics", "/", "/phones"} {
		if w := ask(served, http.MethodGet, path, container); !let(w) {
			t.Errorf("%s: HTTP %d %s", path, w.Code, w.Body)
		}
		if w := ask(served, http.MethodGet, path, func(r *http.Request) { container(r); r.Header.Set("X-Forwarded-For", "172.17.0.5") }); let(w) {
			t.Errorf("%s, forwarded: HTTP %d", path, w.Code)
		}
	}
}

func TestProfilesAreServedWhereTheyAreWanted(t *testing.T) {
	for wanted, status := range map[bool]int{false: http.StatusNotFound, true: http.StatusOK} {
		if w := ask(startFor(t, Options{Pprof: wanted}), http.MethodGet, "/debug/pprof/heap", func(*http.Request) {}); w.Code != status {
			t.Errorf("%t: HTTP %d", wanted, w.Code)
		}
	}
}

// Load balancers know no password, and nobody learns anything.
func TestProbesAnswerEverybody(t *testing.T) {
	k := start(t, Options{Password: sesame})
	served := k.handler()
	anybody := func(r *http.Request) {
		r.RemoteAddr, r.Host = "203.0.113.9:4000", "10.0.0.7"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
	}
	expect := func(method, path string, status int, body string) {
		t.Helper()
		if w := ask(served, method, path, anybody); w.Code != status || w.Body.String() != body {
			t.Errorf("%s %s: HTTP %d %q; want %d %q", method, path, w.Code, w.Body, status, body)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		expect(http.MethodGet, path, http.StatusOK, "ok\n")
		expect(http.MethodPost, path, http.StatusMethodNotAllowed, "no\n")
	}
	lifecycletest.Stop(t, k)
	again := probe(k.ready())
	if w := ask(again, http.MethodGet, "/readyz", anybody); w.Code != http.StatusServiceUnavailable || w.Body.String() != "unavailable\n" {
		t.Errorf("without a database: HTTP %d %q", w.Code, w.Body)
	}
}

func TestConfigsThatCannotBeMeantAreRefused(t *testing.T) {
	for want, c := range map[string]Options{
		"8":                      {Password: "short"},
		"guessed first":          {Password: "password1"},
		"the whole world":        {Trust: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}},
		"network ::/0":           {TrustedProxies: []netip.Prefix{netip.MustParsePrefix("::/0")}},
		"network invalid Prefix": {Trust: []netip.Prefix{{}}},
		`name "kivuko:7070"`:     {Names: []string{"kivuko:7070"}},

		`retries of "validation": the callbacks that can be tried again are stkpush, result,`: {Retries: []Retry{{Callback: "validation"}}},
		`two retries of "result"`: {Retries: []Retry{{Callback: "result"}, {Callback: "result"}}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
