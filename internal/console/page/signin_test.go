package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithAPasswordOneSignsIn(t *testing.T) {
	y := newYard(t, "bahari", paying)
	server := httptest.NewServer(y)
	defer server.Close()
	client := browser(t)

	if status, location, _ := get(t, client, server.URL+"/yard/pay?amount=1"); status != http.StatusSeeOther || location != "/sign-in?to=%2Fyard%2Fpay%3Famount%3D1" {
		t.Fatalf("before that: HTTP %d to %s", status, location)
	}
	if status, _, body := get(t, client, server.URL+"/sign-in?to=/yard/pay"); status != http.StatusOK || strings.Contains(body, ">Yard<") {
		t.Errorf("the page to sign in: HTTP %d %s", status, body)
	}
	if resp, body := post(t, client, server.URL+"/sign-in", url.Values{"password": {"wrong"}, "to": {"/yard/pay"}}); resp.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "the password is wrong") || strings.Contains(body, `"wrong"`) || !strings.Contains(body, `value="/yard/pay"`) {
		t.Errorf("with a wrong one: HTTP %d %s", resp.StatusCode, body)
	}
	resp, _ := post(t, client, server.URL+"/sign-in", url.Values{"password": {"bahari"}, "to": {"/yard/pay"}})
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/yard/pay" {
		t.Fatalf("with the right one: HTTP %d to %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if c := resp.Cookies()[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 12*60*60 || strings.Contains(c.Value, "bahari") {
		t.Errorf("the cookie is %v", c)
	}
	status, _, body := get(t, client, server.URL+"/yard")
	if status != http.StatusOK || !strings.Contains(body, "Sign out") {
		t.Errorf("then: HTTP %d %s", status, body)
	}
	kept := client.Jar.Cookies(resp.Request.URL)[0].String()
	post(t, client, server.URL+"/sign-out", nil)
	if status, _, _ := get(t, client, server.URL+"/yard"); status != http.StatusSeeOther {
		t.Errorf("after signing out: HTTP %d", status)
	}
	if w := ask(y, "GET", "/yard", "", "Cookie", kept); w.Code != http.StatusSeeOther {
		t.Errorf("with the cookie of before: HTTP %d", w.Code)
	}
}

func TestGuessesAreSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, "bahari", paying)
		start := time.Now()
		for range 12 {
			has(t, ask(y, "POST", "/sign-in", "password=wrong"), http.StatusUnprocessableEntity, "the password is wrong")
		}
		if w := ask(y, "POST", "/sign-in", "password=bahari"); w.Code != http.StatusSeeOther || time.Since(start) < 4*time.Second {
			t.Errorf("the right one: HTTP %d after %s", w.Code, time.Since(start))
		}
	})
}

func TestASessionGoesOnWhileThePageIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, "bahari", paying)
		cookie := ask(y, "POST", "/sign-in", "password=bahari").Result().Cookies()[0].String()
		later := func(status int, path string, headers ...string) (renewed string) {
			t.Helper()
			time.Sleep(10 * time.Minute)
			w := ask(y, "GET", path, "", append(headers, "Cookie", cookie)...)
			if w.Code != status {
				t.Fatalf("%s: HTTP %d; want %d", path, w.Code, status)
			}
			for _, c := range w.Result().Cookies() {
				renewed = c.String()
			}
			return renewed
		}
		for range 5 {
			if cookie = later(http.StatusOK, "/yard"); cookie == "" {
				t.Fatal("the session is not renewed")
			}
		}
		if renewed := later(http.StatusOK, "/yard", "Kivuko-Live", "1", "HX-Request", "true"); renewed != "" {
			t.Error("a part that asks by itself renews the session")
		}
		later(http.StatusSeeOther, "/yard")
	})
}

func TestACallbackDoesNotReachThePages(t *testing.T) {
	for _, password := range []string{"", "bahari"} {
		y := newYard(t, password, paying)
		for _, path := range []string{"/yard/pay", "/sign-in", "/sign-out", "/assets/page/tokens.css", "/events?topic=journal"} {
			has(t, ask(y, "POST", path, "amount=1", "Kivuko-Courier", "1"), http.StatusForbidden, "A callback of Kivuko's own may not come here")
		}
	}
}

func TestNobodyGetsByWithoutSigningIn(t *testing.T) {
	y := newYard(t, "bahari", paying)
	for _, x := range []struct {
		method, path string
		headers      []string
		status       int
	}{
		{"GET", "/", nil, http.StatusSeeOther},
		{"POST", "/yard/pay", nil, http.StatusSeeOther},
		{"GET", "/yard", []string{"HX-Request", "true"}, http.StatusUnauthorized},
		{"GET", "/events?topic=journal", nil, http.StatusUnauthorized},
		{"GET", "/yard", []string{"Cookie", "kivuko-session=b3duZXI"}, http.StatusSeeOther},
		{"POST", "/sign-in", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"GET", "/assets/page/tokens.css", nil, http.StatusOK},
	} {
		if w := ask(y, x.method, x.path, "", x.headers...); w.Code != x.status || x.status == http.StatusUnauthorized && w.Header().Get("Hx-Redirect") == "" && x.headers != nil {
			t.Errorf("%s %s: HTTP %d, %v; want %d", x.method, x.path, w.Code, w.Header(), x.status)
		}
	}
	if len(y.calls) > 0 {
		t.Errorf("the control API was asked: %q", y.calls)
	}
}

// A part that asks when the session has ended leads back to the page that it is on.
func TestAPartLeadsBackToItsPage(t *testing.T) {
	y := newYard(t, "bahari", paying)
	for current, want := range map[string]string{"http://localhost:7070/yard/pay?amount=1": "/sign-in?to=%2Fyard%2Fpay%3Famount%3D1", "http://localhost:7070/": "/sign-in", "": "/sign-in", "%zz": "/sign-in"} {
		if got := ask(y, "GET", "/yard", "", "HX-Request", "true", "HX-Current-URL", current).Header().Get("Hx-Redirect"); got != want {
			t.Errorf("from %q it leads to %s; want %s", current, got, want)
		}
	}
}

func TestALinkToTheSignInPageLeadsNowhereElse(t *testing.T) {
	for _, to := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "yard", "/%zz"} {
		y := newYard(t, "bahari", paying)
		if w := ask(y, "POST", "/sign-in", url.Values{"password": {"bahari"}, "to": {to}}.Encode()); w.Header().Get("Location") != "/" {
			t.Errorf("%s leads to %s", to, w.Header().Get("Location"))
		}
	}
}

func TestTheCookieIsForTLSWhereThereIsTLS(t *testing.T) {
	y := newYard(t, "bahari", paying)
	if c := ask(y, "POST", "/sign-in", "password=bahari", "X-Forwarded-Proto", "https").Result().Cookies()[0]; !c.Secure {
		t.Errorf("the cookie is %v", c)
	}
}
