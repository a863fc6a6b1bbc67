package access_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/access"
)

// logged serves requests to handle and gives what is in the log afterwards.
func logged(handle func(ctx context.Context, w http.ResponseWriter), requests ...*http.Request) string {
	var b bytes.Buffer
	trail := &access.Trail{Log: slog.New(slog.NewTextHandler(&b, nil)), Door: &access.Door{}, Flood: new(access.Flood)}
	h := trail.Handler("control API", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(r.Context(), w) }))
	for _, r := range requests {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	return b.String()
}

func TestARequestLeavesALine(t *testing.T) {
	r := httptest.NewRequest("POST", "/a%0ab?secret=s3cret", strings.NewReader("s3cret"))
	r.RemoteAddr = "192.0.2.7:5000"
	r.SetBasicAuth("", "s3cret")
	got := logged(func(ctx context.Context, w http.ResponseWriter) {
		access.Known(ctx)
		access.Named(ctx, "clerk")
		w.WriteHeader(http.StatusTeapot)
	}, r)
	for _, word := range []string{"level=INFO", `part="control API"`, "from=192.0.2.7", "method=POST", `path="/a\nb"`, "status=418", "took=", "operator=clerk"} {
		if !strings.Contains(got, word) {
			t.Errorf("it has no %s: %s", word, got)
		}
	}
	if strings.Contains(got, "s3cret") || strings.Count(got, "\n") != 1 {
		t.Errorf("it is %q", got)
	}
	got = logged(func(ctx context.Context, w http.ResponseWriter) { access.Refused(ctx, "the password is wrong") }, r)
	if !strings.Contains(got, "level=WARN") || !strings.Contains(got, `refused="the password is wrong"`) {
		t.Errorf("a refusal is %s", got)
	}
}

func TestStrangersDoNotFillTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests []*http.Request
		for range 1000 {
			requests = append(requests, httptest.NewRequest("GET", "/", nil))
		}
		n := 0
		got := logged(func(ctx context.Context, w http.ResponseWriter) {
			if n++; n == 999 {
				time.Sleep(time.Second)
			}
			access.Refused(ctx, "no")
		}, requests...)
		if lines := strings.Count(got, "\n"); lines != 20+1+2 || !strings.Contains(got, "unlogged=978") {
			t.Errorf("%d lines: %s", lines, got)
		}
		if lines := strings.Count(logged(func(ctx context.Context, w http.ResponseWriter) { access.Known(ctx) }, requests...), "\n"); lines != 1000 {
			t.Errorf("of those who were let in %d lines", lines)
		}
	})
}
