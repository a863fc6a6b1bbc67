package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/bounds"
)

// counted is a body that counts how much of it is read.
type counted struct {
	io.Reader
	read int
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

// Whatever takes a body, the control API's operations and the console's forms: of a stranger's nothing is read but a small form with the
// password.
func TestStrangersBodiesAreNotRead(t *testing.T) {
	k := start(t, Options{Password: "a long enough password"})
	paths := []string{"/sign-in", "/sign-out", "/", "/events", "/phones/answer", "/organisation/sign-in", "/organisation/bulk", "/organisation/bulk/new", "/developer/simulator",
		"/oauth/v1/generate", "/mpesa/stkpush/v1/processrequest", "/mpesa/b2c/v3/paymentrequest", "/metrics", "/debug/pprof/profile"}
	var api struct{ Paths map[string]any }
	if err := k.Control().Call(t.Context(), http.MethodGet, "openapi.json", nil, &api); err != nil {
		t.Fatal(err)
	}
	for path := range api.Paths {
		paths = append(paths, strings.NewReplacer("{", "", "}", "").Replace(path))
	}
	if len(paths) < 60 {
		t.Fatalf("only %d paths", len(paths))
	}
	for _, path := range paths {
		most := 0
		if path == "/sign-in" {
			most = bounds.Small + 1 // which shows that there is more
		}
		body := &counted{Reader: strings.NewReader(strings.Repeat("x=1&", 4<<20))}
		r := httptest.NewRequest(http.MethodPost, path, body)
		r.RemoteAddr = "203.0.113.9:5000"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		k.server.Handler.ServeHTTP(w, r)
		if body.read > most || w.Code == http.StatusOK {
			t.Errorf("%s: %d bytes are read, and HTTP %d", path, body.read, w.Code)
		}
	}
}
