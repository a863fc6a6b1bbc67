package control_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/control"
	"github.com/kivuko/kivuko/internal/gate"
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
		"program on this machine":                  {from: local, host: "127.0.0.1:7070"},
		"IPv6":                                     {from: "[::1]:50000", host: "[::1]:7070"},
		"IPv4 in IPv6":                             {from: "[::ffff:127.0.0.1]:50000", host: "localhost"},
		"localhost":                                {from: local, host: "LocalHost:7070"},
		"localhost with a dot":                     {from: local, host: "localhost.:7070"},
		"a name that Kivuko knows":                 {from: local, host: "Kivuko.test:7070"},
		"change from a program":                    {from: local, host: "localhost:7070", method: http.MethodPut},
		"change from its own page":                 {from: local, host: "localhost:7070", method: http.MethodPut, headers: headers{"Origin": "http://localhost:7070", "Sec-Fetch-Site": "same-origin"}},
		"with a password, from this machine":       {password: "pw", from: local, host: "localhost:7070"},
		"with a password, from elsewhere":          {password: "pw", from: foreign, host: "192.168.1.2:7070", headers: basic("pw")},
		"with a password, by a proxy":              {password: "pw", from: local, host: "kivuko.example", headers: basic("pw")},
		"another machine":                          {from: foreign, host: "localhost:7070", problem: "foreign-client"},
		"another machine that guesses":             {from: foreign, host: "localhost:7070", headers: basic(""), problem: "foreign-client"},
		"nonsense for an address":                  {from: "@", host: "localhost:7070", problem: "foreign-client"},
		"a proxy on this machine":                  {from: local, host: "localhost:7070", headers: headers{"X-Forwarded-For": "203.0.113.9"}, problem: "foreign-client"},
		"a proxy on this machine, RFC 7239":        {from: local, host: "localhost:7070", headers: headers{"Forwarded": "for=203.0.113.9"}, problem: "foreign-client"},
		"password missing":                         {password: "pw", from: foreign, host: "localhost:7070", problem: "wrong-password"},
		"password wrong":                           {password: "pw", from: foreign, host: "localhost:7070", headers: basic("pwx"), problem: "wrong-password"},
		"password empty":                           {password: "pw", from: foreign, host: "localhost:7070", headers: basic(""), problem: "wrong-password"},
		"password by another scheme":               {password: "pw", from: foreign, host: "localhost:7070", headers: headers{"Authorization": "Bearer pw"}, problem: "wrong-password"},
		"rebound name":                             {from: local, host: "evil.example:7070", problem: "foreign-host"},
		"rebound name with a password set":         {password: "pw", from: local, host: "evil.example:7070", problem: "foreign-host"},
		"name that only looks like this machine's": {from: local, host: "localhost.evil.example", problem: "foreign-host"},
		"name that begins with a loopback address": {from: local, host: "127.0.0.1.evil.example", problem: "foreign-host"},
		"no host":                       {from: local, host: "", problem: "foreign-host"},
		"another machine's address":     {from: local, host: "192.168.1.2:7070", problem: "foreign-host"},
		"change caused by another site": {from: local, host: "localhost:7070", method: http.MethodPost, headers: headers{"Sec-Fetch-Site": "cross-site"}, problem: "cross-origin"},
		"change caused by another port": {from: local, host: "localhost:7070", method: http.MethodPut, headers: headers{"Origin": "http://localhost:3000"}, problem: "cross-origin"},
		"change caused by another site, password in": {password: "pw", from: foreign, host: "kivuko.example", method: http.MethodPost,
			headers: headers{"Sec-Fetch-Site": "cross-site", "Authorization": basic("pw")["Authorization"]}, problem: "cross-origin"},
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := gate.NewPassword(x.password)
			if err != nil {
				t.Fatal(err)
			}
			passed := false
			guard := control.Guard(kept, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }), "kivuko.test")
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
			var p api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Type != "urn:kivuko:problem:"+x.problem || p.Status != w.Code {
				t.Errorf("got %s (%v), want %s", w.Body, err, x.problem)
			}
			if asks := w.Header().Get("WWW-Authenticate") != ""; asks != (w.Code == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate is %q with HTTP %d", w.Header().Get("WWW-Authenticate"), w.Code)
			}
		})
	}
}

func TestTheAPIIsGuarded(t *testing.T) {
	password, err := gate.NewPassword("pw")
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, func(o *control.Options) { o.Password = password })
	for path := range control.Routes() {
		w := httptest.NewRecorder()
		c.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil)) // from 192.0.2.1
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s answers %d to a stranger", path, w.Code)
		}
	}
}
