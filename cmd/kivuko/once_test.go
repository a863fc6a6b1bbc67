package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
)

// Every command whose request moves money takes a key and sends it.
func TestCommandsThatMoveMoneySendTheirKey(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "bulk.csv")
	if err := os.WriteFile(file, []byte("phone,amount\n0708374149,100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"phone pay 0708374149 300584 100", "phone send 0708374149 0705912645 100", "phone withdraw 0708374149 100", "phone deposit 0708374149 100",
		"phone pochi 0708374149 100", "answer 0708374149 --pin 1234", "answer 0708374149 --cancel",
		"org settle 174379", "org move 174379 working utility 10", "org withdraw 174379 10", "org deposit 174379 10", "org initiate 174379 settle",
		"task approve 174379 1", "task reject 174379 1 no", "bulk submit 174379 " + file,
	} {
		header = nil
		for _, key := range []string{"", "k 1"} {
			args := append(strings.Fields(line), "--url", server.URL)
			if key != "" {
				args = append(args, "--idempotency-key", key)
			}
			_ = runClient(t, t.Context(), strings.NewReader(""), t.Output(), args...) // what "{}" comes to is no matter here
			if got := header.Get(control.IdempotencyHeader); header == nil || got != key {
				t.Errorf("kivuko %s sends the key %q, want %q", line, got, key)
			}
		}
	}
}
