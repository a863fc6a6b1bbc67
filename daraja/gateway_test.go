package daraja_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

const (
	key     = "consumer-key"
	secret  = "consumer-secret"
	passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
)

// Bodies of the wire, from MpesaExpressSimulate and wire.md §2, §4 and §5.
const (
	pushAccepted = `{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_1007202409152617172396192",` +
		`"ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing",` +
		`"CustomerMessage":"Success. Request accepted for processing"}`
	queryPending = `{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successfully",` +
		`"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_1007202409152617172396192",` +
		`"ResultCode":"4999","ResultDesc":"The transaction is still under processing"}`
	invalidField = `{"requestId":"1c5b-4ba8-815c-ac45c57a3db01495926","errorCode":"400.002.02",` +
		`"errorMessage":"Bad Request - Invalid BusinessShortCode"}`
	invalidToken404 = `{"requestId":"16740-34861180-1","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}`
	invalidToken401 = `{"requestId":"16740-34861180-1","errorCode":"401.002.01",` +
		`"errorMessage":"Error Occurred - Invalid Access Token - "}`
	invalidToken400 = `{"requestId":"16740-34861180-1","errorCode":"400.003.01","errorMessage":"Invalid Access Token"}`
)

// answer is one answer of the gateway.
type answer struct {
	status int
	body   string
}

// call is one request that reached an API with a valid token.
type call struct {
	path, contentType, body string
}

// gateway is a Daraja host as wire.md describes it: a new token makes the one before it invalid. Its APIs answer what the
// test says.
type gateway struct {
	URL string

	mu        sync.Mutex
	expiresIn string // JSON; what a token's expires_in says
	oauth     answer // instead of a token, when its status is set
	refusal   answer // for a token that is not valid
	api       answer
	issued    int // tokens so far; the last is the valid one
	calls     []call
	header    http.Header // of the latest call
}

func newGateway(t testing.TB) *gateway {
	g := &gateway{
		expiresIn: `"3599"`,
		refusal:   answer{404, invalidToken404},
		api:       answer{200, pushAccepted},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/v1/generate", g.generate)
	mux.HandleFunc("POST /", g.serve)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

func (g *gateway) client(opts ...daraja.Option) *daraja.Client {
	return daraja.New(g.URL, key, secret, opts...)
}

// set changes the gateway under its lock.
func (g *gateway) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

// tokens is how many tokens were issued.
func (g *gateway) tokens() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.issued
}

// served is how many calls reached an API.
func (g *gateway) served() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.calls)
}

// last is the latest call that reached an API.
func (g *gateway) last(t *testing.T) call {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.calls) == 0 {
		t.Fatal("no call reached the API")
	}
	return g.calls[len(g.calls)-1]
}

// appKey is Bill Manager's key in the latest call that reached an API.
func (g *gateway) appKey() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.header.Get("appKey")
}

func (g *gateway) generate(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	user, pass, _ := r.BasicAuth()
	switch {
	case g.oauth.status != 0:
		g.oauth.write(w)
	case r.URL.Query().Get("grant_type") != "client_credentials":
		answer{400, `{"requestId":"11259-2330641-1","errorCode":"400.008.02","errorMessage":"Invalid grant type passed"}`}.write(w)
	case user != key || pass != secret:
		w.WriteHeader(http.StatusBadRequest)
	default:
		g.issued++
		answer{200, fmt.Sprintf(`{"access_token":"token%d","expires_in":%s}`, g.issued, g.expiresIn)}.write(w)
	}
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token%d", g.issued) {
		g.refusal.write(w)
		return
	}
	g.header = r.Header
	g.calls = append(g.calls, call{r.URL.Path, r.Header.Get("Content-Type"), string(body)})
	g.api.write(w)
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// swap replaces each old text in s, which has it, with the new one after it.
func swap(s string, oldnew ...string) string { return strings.NewReplacer(oldnew...).Replace(s) }
