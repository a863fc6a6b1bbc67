package gateway_test

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/testworld"
)

func TestRequestThatCannotBeKeptGetsSystemBusy(t *testing.T) {
	b := newBench(t)
	b.Push(t, nil)
	b.enter(t, testworld.John, testworld.PIN)
	b.nothingMoved(t)
	lifecycletest.Stop(t, b.Engine)
	b.refused(t, b.Push(t, fields{"Amount": 11}), codes.SystemBusy, "stopped")
	if a := b.Query(t, "x", nil); a.Message() != codes.TransactionUnknown.Message {
		t.Errorf("a query, which keeps nothing: HTTP %d %s", a.Status, a.Body)
	}
	r := b.Request(t, "GET", testworld.TokenPath, nil)
	r.SetBasicAuth(testworld.Key, testworld.Secret)
	b.refused(t, b.Merchant.Do(t, r), codes.SystemBusy)
}

func TestDefectIsAnsweredAndLogged(t *testing.T) {
	var log bytes.Buffer
	broken := false
	b := newBench(t, func(o *gateway.Options) {
		make := o.NewToken
		o.NewToken = func() string {
			if broken {
				panic("no more tokens")
			}
			return make()
		}
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	broken = true
	r := b.Request(t, "GET", testworld.TokenPath, nil)
	r.SetBasicAuth(testworld.Key, testworld.Secret)
	b.refused(t, b.Merchant.Do(t, r), codes.InternalError, "no more tokens")
	if !strings.Contains(log.String(), "goroutine") {
		t.Errorf("the log has no stack: %s", &log)
	}
}

type request struct {
	api, code string
	took      time.Duration
}

// heard is a gateway.Stats.
type heard []request

func (h *heard) Request(api, code string, took time.Duration) {
	*h = append(*h, request{api, code, took})
}

func TestWhatTheDoorRefusesIsAWarning(t *testing.T) {
	var o gateway.Options
	newBench(t, func(options *gateway.Options) { o = *options })
	var log bytes.Buffer
	o.Log, o.Door = slog.New(slog.NewTextHandler(&log, nil)), &access.Door{}
	gateway.New(o).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://elsewhere.example"+testworld.TokenPath, nil))
	for _, word := range []string{"level=WARN", "from=192.0.2.1:1234", "status=403", `why="the host \"elsewhere.example\"`} {
		if !strings.Contains(log.String(), word) {
			t.Errorf("it has no %s: %s", word, &log)
		}
	}
}

func TestEachRequestIsLoggedOnceAndWithoutSecrets(t *testing.T) {
	var log bytes.Buffer
	var stats heard
	b := newBench(t, func(o *gateway.Options) { o.Log, o.Stats = slog.New(slog.NewJSONHandler(&log, nil)), &stats })
	b.Push(t, nil)
	b.Push(t, nil)
	b.Query(t, "x", fields{"Password": "wrong"})
	b.Merchant.Do(t, b.Request(t, "GET", "/nothing?here=1", nil))
	r := b.Request(t, "POST", testworld.PushPath, nil)
	r.Header.Set("Authorization", b.Token(t))
	b.Merchant.Do(t, r)
	r = b.Request(t, "GET", testworld.TokenPath, nil)
	r.Header.Set("Authorization", strings.TrimPrefix(basic("kivuko-key:kivuko-secret"), "Basic "))
	b.Merchant.Do(t, r)
	r = b.Request(t, "POST", testworld.B2CPath, nil)
	r.Header.Set("Authorization", basic("kivuko-key:kivuko-secret"))
	b.Merchant.Do(t, r)
	want := []request{{api: "oauth"}, {api: "stkpush"}, {api: "stkpush", code: "500.001.1001"}, {api: "stkquery", code: "500.001.1001"}, {api: "unknown", code: "404.001.01"},
		{api: "stkpush", code: "404.001.03"}, {api: "oauth", code: "400.008.01"}, {api: "b2c", code: "401.002.01"}}
	if len(stats) != len(want) {
		t.Fatalf("heard of %+v", stats)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d requests have %d lines:\n%s", len(want), len(lines), &log)
	}
	for i := range want {
		if stats[i].api != want[i].api || stats[i].code != want[i].code || stats[i].took <= 0 {
			t.Errorf("heard of %+v; want %+v", stats[i], want[i])
		}
		if !strings.Contains(lines[i], `"api":"`+want[i].api+`"`) || (want[i].code != "") != strings.Contains(lines[i], `"why":`) {
			t.Errorf("line %d is %s", i, lines[i])
		}
	}
	explanations := log.String()
	for _, e := range b.journal.Entries(0, 0, 100, nil) {
		explanations += e.Explanation + e.Path + string(e.Answer)
	}
	for _, secret := range []string{b.Token(t), testworld.Secret, testworld.Passkey, basic("kivuko-key:kivuko-secret")[len("Basic "):]} {
		if strings.Contains(explanations, secret) {
			t.Errorf("the log or an explanation gives %q away:\n%s", secret, explanations)
		}
	}
}
