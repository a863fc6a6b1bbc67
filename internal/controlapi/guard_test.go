package controlapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/controlapi"
)

func TestGuard(t *testing.T) {
	type headers map[string]string
	const local, foreign = "127.0.0.1:50000", "192.168.1.7:50000"
	basic := func(password string) headers {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetBasicAuth("anybody", password)
		return headers{"Authorization": r.Header.Get("Authorization")}
	}
	for name, x := range map[string]struct {
		password, from, host, method string
		headers                      headers
		problem                      string // "" is let through
	}{
		"program on this machine":          {from: local, host: "127.0.0.1:7070"},
		"a name that Kivuko knows":         {from: local, host: "Kivuko.test:7070"},
		"change from a program":            {from: local, host: "localhost:7070", method: http.MethodPut},
		"with a password, from elsewhere":  {password: "pw", from: foreign, host: "192.168.1.2:7070", headers: basic("pw")},
		"with a password, by a proxy":      {password: "pw", from: local, host: "kivuko.example", headers: basic("pw")},
		"another machine":                  {from: foreign, host: "localhost:7070", problem: "foreign-client"},
		"another machine that guesses":     {from: foreign, host: "localhost:7070", headers: basic(""), problem: "foreign-client"},
		"a proxy on this machine":          {from: local, host: "localhost:7070", headers: headers{"X-Forwarded-For": "203.0.113.9"}, problem: "foreign-client"},
		"password missing on this machine": {password: "pw", from: local, host: "localhost:7070", problem: "wrong-password"},
		"password wrong on this machine":   {password: "pw", from: local, host: "localhost:7070", headers: basic("pwx"), problem: "wrong-password"},
		"password empty":                   {password: "pw", from: foreign, host: "localhost:7070", headers: basic(""), problem: "wrong-password"},
		"password by another scheme":       {password: "pw", from: foreign, host: "localhost:7070", headers: headers{"Authorization": "Bearer pw"}, problem: "wrong-password"},
		"rebound name":                     {from: local, host: "evil.example:7070", problem: "foreign-host"},
		"rebound name with a password set": {password: "pw", from: local, host: "evil.example:7070", problem: "wrong-password"},
		"change caused by another site":    {from: local, host: "localhost:7070", method: http.MethodPost, headers: headers{"Sec-Fetch-Site": "cross-site"}, problem: "cross-origin"},
		"a callback":                       {from: local, host: "localhost:7070", method: http.MethodPost, headers: headers{access.CourierHeader: "1"}, problem: "from-courier"},
		"a callback that has the password": {password: "pw", from: local, host: "localhost:7070", method: http.MethodPost, headers: headers{access.CourierHeader: "1", "Authorization": basic("pw")["Authorization"]}, problem: "from-courier"},
		"a change by another site, password in": {password: "pw", from: foreign, host: "kivuko.example", method: http.MethodPost,
			headers: headers{"Sec-Fetch-Site": "cross-site", "Authorization": basic("pw")["Authorization"]}, problem: "cross-origin"},
	} {
		t.Run(name, func(t *testing.T) {
			passed := false
			door := &access.Door{Password: access.NewPassword(x.password), Names: []string{"kivuko.test"}}
			guard := controlapi.Guard(door, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }))
			if x.method == "" {
				x.method = http.MethodGet
			}
			r := httptest.NewRequest(x.method, "/kivuko/v1/books", nil)
			r.RemoteAddr, r.Host = x.from, x.host
			for header, value := range x.headers {
				r.Header.Set(header, value)
			}
			w := httptest.NewRecorder()
			guard.ServeHTTP(w, r)
			if passed != (x.problem == "") {
				t.Fatalf("let through is %t: %d %s", passed, w.Code, w.Body)
			}
			if passed {
				return
			}
			var p control.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Type != "urn:kivuko:problem:"+x.problem || p.Status != w.Code {
				t.Errorf("got %s (%v), want %s", w.Body, err, x.problem)
			}
			if asks := w.Header().Get("WWW-Authenticate") != ""; asks != (w.Code == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate is %q with HTTP %d", w.Header().Get("WWW-Authenticate"), w.Code)
			}
		})
	}
}

// The audit has the address of the connection or, behind a trusted proxy, of its client: never one that a client made up.
func TestTheCallerIsWhereTheConnectionIsFrom(t *testing.T) {
	door := &access.Door{Password: access.NewPassword("pw"), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	for from, want := range map[string]string{"127.0.0.1:5000": "203.0.113.9", "192.168.1.7:5000": "192.168.1.7"} {
		var got access.Caller
		guard := controlapi.Guard(door, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = access.CallerOf(r.Context()) }))
		r := httptest.NewRequest(http.MethodGet, "/kivuko/v1/books", nil)
		r.RemoteAddr = from
		r.SetBasicAuth("", "pw")
		r.Header.Set("X-Forwarded-For", "8.8.8.8, 203.0.113.9")
		r.Header.Set("Kivuko-From", "8.8.4.4")
		guard.ServeHTTP(httptest.NewRecorder(), r)
		if got.From != want || got.SignedIn {
			t.Errorf("from %s it is %+v; want %s", from, got, want)
		}
	}
}

func TestNoOtherOriginsPageCausesAnything(t *testing.T) {
	for site, want := range map[string]int{"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, "same-origin": http.StatusOK, "none": http.StatusOK, "": http.StatusOK} {
		r := httptest.NewRequest(http.MethodGet, "/debug/pprof/profile", nil)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		controlapi.SameOrigin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: HTTP %d, want %d", site, w.Code, want)
		}
	}
}

func TestTheAPIIsGuarded(t *testing.T) {
	c := start(t, func(o *controlapi.Options) { o.Door.Password = access.NewPassword("pw") })
	for path := range controlapi.Served() {
		w := httptest.NewRecorder()
		c.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil)) // from 192.0.2.1
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s answers %d to a stranger", path, w.Code)
		}
	}
}
