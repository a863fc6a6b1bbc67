package main

import (
	"testing"

	"github.com/kivuko/kivuko/internal/control/api"
	"github.com/kivuko/kivuko/internal/control/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestPayments(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		no payments
		`, "payments", "--shortcode", "174379")
	paid := k.Pay(t, controltest.John, 1500, "1234")
	k.Pay(t, controltest.John, 20, "0000")
	k.Push(t, controltest.Jane, 30)
	k.prints(``, "payments", "--shortcode", "174379")
	k.prints(``, "payments", "--limit", "1", "--phone", "0708374149", "--state", "failed")
	k.Attempt(t, paid, mpesa.Attempt{At: controltest.Start.UnixMilli(), Status: 200, Micros: 1250})
	k.prints(``, "payments", "100003")
	k.prints(``, "payments", "100005")
	var list api.Payments
	if k.json(&list, "payments", "--result", "2001"); len(list.Payments) != 1 {
		t.Errorf("got %+v", list)
	}
	k.fails(`"UKK0000000" is no payment's number`, "payments", "UKK0000000")
	k.fails(`state: it has to be one of`, "payments", "--state", "open")
}
