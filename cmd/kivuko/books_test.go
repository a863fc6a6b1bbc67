package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestBooks(t *testing.T) {
	k := startWorld(t)
	k.Pay(t, controltest.John, 1500, "1234")
	k.prints(`
		accounts             6
		transfers            5
		payments             3, of which 0 wait
		sum of all balances  KES 0.00
		found wrong          nothing
		`, "books")
	var got control.Books
	if k.json(&got, "books"); got.Transfers != 5 {
		t.Errorf("got %+v", got)
	}
}

func TestBooksThatDoNotBalanceAreAFailure(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"accounts":2,"sum":"0.01"}`))
	}))
	defer server.Close()
	if err := (terminal{t: t, url: server.URL}).fails("the books do not balance", "books"); !errors.Is(err, errUnbalanced) {
		t.Errorf("got %v", err)
	}
}
