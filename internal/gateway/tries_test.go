package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
)

// A loop of wrong secrets is stopped; who has shown the right one is not, wherever else others guess.
func TestWrongSecretsAreBounded(t *testing.T) {
	b := newBench(t)
	ask := func(from, credentials string) int {
		r := httptest.NewRequest("GET", "/oauth/v1/generate?grant_type=client_credentials", nil)
		r.RemoteAddr = from
		r.Header.Set("Authorization", basic(credentials))
		w := httptest.NewRecorder()
		b.gateway.ServeHTTP(w, r)
		return w.Code
	}
	const right, wrong = "kivuko-key:kivuko-secret", "kivuko-key:x"
	for i := range 101 {
		if status := ask("198.51.100.1:1", wrong); status != http.StatusBadRequest {
			t.Fatalf("wrong secret %d: HTTP %d", i+1, status)
		}
	}
	if status := ask("198.51.100.1:2", right); status != codes.SpikeArrest.Status {
		t.Errorf("the right one, after too many wrong ones: HTTP %d", status)
	}
	b.explained(t, codes.SpikeArrest, "198.51.100.1", "wait")
	if status := ask("198.51.100.2:1", right); status != http.StatusOK {
		t.Errorf("from another address: HTTP %d", status)
	}
	b.Clock.Advance(2 * time.Second)
	if status := ask("198.51.100.1:3", right); status != http.StatusOK {
		t.Errorf("a moment later: HTTP %d", status)
	}
	for range 300 {
		ask("198.51.100.1:4", wrong)
	}
	if status := ask("198.51.100.1:5", right); status != http.StatusOK {
		t.Errorf("the right one, from where it came before: HTTP %d", status)
	}

	for i := range 3000 { // of a network of IPv6 in which each has an address, and of many others
		ask(fmt.Sprintf("[2001:db8::%x]:1", i), wrong)
		ask(fmt.Sprintf("[2001:db8:%x::1]:1", i), wrong)
	}
	if status := ask("[2001:db8:ffff::2]:1", right); status != codes.SpikeArrest.Status {
		t.Errorf("from a new address, while many guess: HTTP %d", status)
	}
	if status := ask("198.51.100.1:6", right); status != http.StatusOK {
		t.Errorf("from a known address, while many guess: HTTP %d", status)
	}
}
