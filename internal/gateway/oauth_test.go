package gateway_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

func basic(credentials string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
}

// wrongKey is the refusal of a wrong consumer key or secret: HTTP 400 with nothing in it.
var wrongKey = codes.Error{Status: http.StatusBadRequest}

// TestTokenRequests has the rows of wire.md §3, over a real connection.
func TestTokenRequests(t *testing.T) {
	b := newBench(t)
	server := httptest.NewServer(b.gateway)
	t.Cleanup(server.Close)
	const good, query = "kivuko-key:kivuko-secret", "?grant_type=client_credentials"
	for name, test := range map[string]struct {
		method, query, authorization string
		want                         codes.Error
		explains                     string
	}{
		"right":                    {"GET", query, basic(good), codes.Error{}, ""},
		"scheme in lower case":     {"GET", query, strings.Replace(basic(good), "B", "b", 1), codes.Error{}, ""},
		"more parameters":          {"GET", query + "&x=1", basic(good), codes.Error{}, ""},
		"no header":                {"GET", query, "", codes.BadAuthentication, "Authorization"},
		"misspelled scheme":        {"GET", query, strings.Replace(basic(good), "Basic", "Baerer", 1), codes.BadAuthentication, "Baerer"},
		"bearer":                   {"GET", query, "Bearer c9SQxWWhmdVRlyh0zh8gZDTkubVF", codes.BadAuthentication, "Bearer"},
		"scheme only":              {"GET", query, "Basic", codes.BadAuthentication, ""},
		"not encoded":              {"GET", query, "Basic " + good, codes.BadAuthentication, ""},
		"no colon":                 {"GET", query, basic("kivuko-key"), codes.BadAuthentication, ""},
		"no grant type":            {"GET", "", basic(good), codes.BadGrantType, `""`},
		"empty grant type":         {"GET", "?grant_type=", basic(good), codes.BadGrantType, ""},
		"another grant type":       {"GET", "?grant_type=password", basic(good), codes.BadGrantType, "password"},
		"space after grant type":   {"GET", query + "%20", basic(good), codes.BadGrantType, "client_credentials "},
		"newline after grant type": {"GET", query + "%0A", basic(good), codes.BadGrantType, ""},
		"grant type in capitals":   {"GET", "?grant_type=CLIENT_CREDENTIALS", basic(good), codes.BadGrantType, ""},
		"wrong secret":             {"GET", query, basic("kivuko-key:kivuko-secre"), wrongKey, "secret"},
		"secret of another case":   {"GET", query, basic("kivuko-key:Kivuko-secret"), wrongKey, "secret"},
		"no secret":                {"GET", query, basic("kivuko-key:"), wrongKey, "secret"},
		"wrong key":                {"GET", query, basic("kivuko:kivuko-secret"), wrongKey, "6 characters"},
		"swapped":                  {"GET", query, basic("kivuko-secret:kivuko-key"), wrongKey, "swapped"},
		"secret as the key":        {"GET", query, basic("kivuko-secret:kivuko-secret"), wrongKey, `13 characters and begins with "kivu"`},
		"neither":                  {"GET", query, basic(":"), wrongKey, ""},
		"POST":                     {"POST", query, basic(good), codes.BadAuthHeader, "POST"},
		"PUT":                      {"PUT", query, basic(good), codes.BadAuthHeader, "PUT"},
		"POST without anything":    {"POST", "", "", codes.BadAuthHeader, ""},
		"wrong in every way":       {"GET", "", basic("x:y"), codes.BadGrantType, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := testworld.NewMerchant(server.URL, "")
			r := m.Request(t, test.method, "/oauth/v1/generate"+test.query, nil)
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			a := m.Do(t, r)
			switch test.want {
			case codes.Error{}:
				if a.Status != 200 || !regexp.MustCompile(`^{"access_token":"[A-Za-z0-9]{28}","expires_in":"3599"}$`).Match(a.Body) ||
					a.Header.Get("Content-Type") != "application/json;charset=UTF-8" {
					t.Errorf("HTTP %d %v %s", a.Status, a.Header, a.Body)
				}
			case wrongKey:
				if a.Status != 400 || len(a.Body) != 0 || a.Header.Get("Content-Length") != "0" || a.Header.Get("Content-Type") != "text/plain" {
					t.Errorf("HTTP %d %v %q", a.Status, a.Header, a.Body)
				}
				b.explained(t, wrongKey, test.explains)
			default:
				b.refused(t, a, test.want, test.explains)
			}
		})
	}
}

func TestTokensLiveAnHour(t *testing.T) {
	b := newBench(t)
	b.Clock.Advance(time.Hour - time.Millisecond)
	if a := b.Push(t, nil); a.Status != 200 {
		t.Errorf("a millisecond before its end: HTTP %d %s", a.Status, a.Body)
	}
	b.nothingMoved(t)
	b.Clock.Advance(time.Millisecond)
	b.refused(t, b.Push(t, nil), codes.InvalidToken(codes.STK, ""), "expired")
	b.refused(t, b.Query(t, "x", nil), codes.InvalidToken(codes.STK, ""), "expired")
}

func TestTokensAreRefusedBeforeTheBodyIsRead(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	token := b.Token(t)
	for name, header := range map[string]string{
		"absent": "", "empty": " ", "scheme only": "Bearer", "scheme and space": "Bearer ", "no scheme": token, "misspelled": "Baerer " + token, "basic": basic("kivuko-key:kivuko-secret"),
		"foreign": "Bearer c9SQxWWhmdVRlyh0zh8gZDTkubVF", "shortened": "Bearer " + token[:27], "lengthened": "Bearer " + token + "x", "quoted": `Bearer "` + token + `"`,
		"twice": "Bearer " + token + " " + token, "of another case": "Bearer " + strings.ToUpper(token), "very long": "Bearer " + strings.Repeat("x", 10_000), "injection": "Bearer ' OR 1=1 --",
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{testworld.PushPath, testworld.QueryPath} {
				r := b.Request(t, http.MethodPost, path, []byte("not even JSON"))
				if header != "" {
					r.Header.Set("Authorization", header)
				}
				b.refused(t, b.Merchant.Do(t, r), codes.InvalidToken(codes.STK, ""))
				if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Request != nil || strings.Contains(e.Explanation, token) {
					t.Errorf("the journal has %q of the body and explains %q", e.Request, e.Explanation)
				}
			}
		})
	}
	for name, header := range map[string]string{"lower case": "bearer " + token, "two spaces": "Bearer  " + token} {
		r := b.Request(t, http.MethodPost, testworld.PushPath, []byte("{}"))
		r.Header.Set("Authorization", header)
		r.Header.Set("Content-Type", "application/json")
		if a := b.Merchant.Do(t, r); a.Code() != "400.002.02" {
			t.Errorf("%s: HTTP %d %s", name, a.Status, a.Body)
		}
	}
}

// A token has the products that its app had when it was issued (wire.md §2.3).
func TestTokensKnowTheProductsOfTheirDay(t *testing.T) {
	b := newBench(t)
	app, err := store.Get(t.Context(), b.Store, mpesa.Apps, testworld.Key)
	if err != nil {
		t.Fatal(err)
	}
	changed := *app
	changed.Products = []string{apis.ProductMpesa}
	b.do(t, putApp{changed})
	if a := b.Push(t, nil); a.Status != 200 {
		t.Errorf("a token from before the product was taken away: HTTP %d %s", a.Status, a.Body)
	}
	b.nothingMoved(t)
	b.Renew(t)
	b.refused(t, b.Push(t, nil), codes.NoProduct(codes.STK), "Lipa Na M-Pesa Sandbox", "M-Pesa Sandbox")
	b.do(t, putApp{*app})
	b.refused(t, b.Push(t, nil), codes.NoProduct(codes.STK)) // a new product needs a new token
	b.Renew(t)
	if a := b.Query(t, "x", nil); a.Message() != codes.TransactionUnknown.Message {
		t.Errorf("a token from after it was given back: HTTP %d %s", a.Status, a.Body)
	}
}

// putApp changes an app.
type putApp struct{ app mpesa.App }

func (c putApp) Need(v *mpesa.View) {
	mpesa.Apps.Need(v, c.app.Key)
}

func (c putApp) Decide(v *mpesa.View, _ time.Time) { mpesa.Apps.Put(v, c.app.Key, c.app) }

func TestNewTokenEndsTheOldOneWhereTokensAreSole(t *testing.T) {
	for _, sole := range []bool{false, true} {
		b := newBench(t, func(o *gateway.Options) { o.Rules.SoleToken = sole })
		old := b.Token(t)
		if a := b.Query(t, "x", nil); a.Message() != codes.TransactionUnknown.Message {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
		b.Renew(t)
		if old == b.Token(t) {
			t.Error("the new token is the old one")
		}
		r := b.Request(t, http.MethodPost, testworld.PushPath, []byte("{}"))
		r.Header.Set("Authorization", "Bearer "+old)
		r.Header.Set("Content-Type", "application/json")
		want := codes.InvalidField("BusinessShortCode")
		if sole {
			want = codes.InvalidToken(codes.STK, "")
		}
		b.refused(t, b.Merchant.Do(t, r), want)
		b.refused(t, b.Push(t, fields{"Amount": 0}), codes.InvalidField("Amount")) // the new one works
	}
}
