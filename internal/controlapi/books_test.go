package controlapi_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
)

func TestBooksAreRecomputed(t *testing.T) {
	c := start(t)
	c.Pay(t, controltest.John, 1500, "1234")
	c.Pay(t, controltest.John, 20, "0000")
	c.Push(t, controltest.Jane, 30)
	var got control.Books
	r := c.get("/kivuko/v1/books")
	r.answers(http.StatusOK, &got)
	// Two deposits; then principal, the customer's charge and the business's. Accounts: trust, fees, two wallets, Utility, Charges Paid.
	want := control.Books{Accounts: 6, Transfers: 5, Payments: 5, Open: 1, Wrong: []control.Discrepancy{}}
	if !reflect.DeepEqual(got, want) || !got.Balanced() {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !strings.Contains(string(r.body), `"sum": "0.00"`) {
		t.Errorf("the sum isn't text with two decimals: %s", r.body)
	}
}

func TestARefusedUnitOfWorkIsBusy(t *testing.T) {
	c := start(t)
	lifecycletest.Stop(t, c.Engine)
	c.do(http.MethodPut, johns, `{"name":"x"}`).refuses(http.StatusServiceUnavailable, "busy", "", "Nothing was kept. Try again.")
	c.do(http.MethodPost, johns+"/answer", `{"cancel":true}`).refuses(http.StatusServiceUnavailable, "busy", "", "Nothing was kept. Try again.")
}
