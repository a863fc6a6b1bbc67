package main

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestCallbacks(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		no callbacks
		`, "callbacks")
	at := controltest.Start.UnixMilli()
	p := k.Pay(t, controltest.John, 10, "1234")
	k.Attempt(t, p, mpesa.Attempt{At: at, Micros: 400, Error: "connection refused\x1b[2J"})
	k.Attempt(t, p, mpesa.Attempt{At: at + 1000, Micros: 1250, Status: 500})
	k.Pay(t, controltest.John, 20, "1234")
	k.prints(`
		NUMBER   PAYMENT  STATE    ATTEMPTS                   URL
		1600064  100004   pending  not tried yet              http://127.0.0.1:9/callback?a=1&b=2
		1600048  100003   failed   2, last HTTP 500 in 1.2ms  http://127.0.0.1:9/callback?a=1&b=2
		`, "callbacks")
	k.prints(`
		NUMBER   PAYMENT  STATE   ATTEMPTS                   URL
		1600048  100003   failed  2, last HTTP 500 in 1.2ms  http://127.0.0.1:9/callback?a=1&b=2
		`, "callbacks", "--state", "failed", "--limit", "1")
	k.prints(`
		callback 1600048 of payment 100003 is failed
		  URL                  http://127.0.0.1:9/callback?a=1&b=2
		  2026-11-20 12:00:00  connection refused�[2J after 0.4ms
		  2026-11-20 12:00:01  HTTP 500 in 1.2ms
		  {
		    "Body": {
		      "stkCallback": {
		        "Balance": 10.00
		      }
		    }
		  }
		`, "callbacks", "1600048")
	var x control.Callback
	if k.json(&x, "callbacks", "1600048", "--resend"); x.State != "pending" || !slices.Equal(k.Resent, []int64{1600048}) {
		t.Errorf("got %+v, sent again were %v", x, k.Resent)
	}
	if k.json(&x, "callbacks", "1600064", "--give-up"); x.State != "given-up" {
		t.Errorf("got %+v", x)
	}
	k.fails("only a pending one can be given up", "callbacks", "1600064", "--give-up")
	k.fails("once a second at most", "callbacks", "1600048", "--resend")
	k.fails(`"7" is no callback's number`, "callbacks", "7")
	if err := k.fails("kivuko callbacks ID --resend", "callbacks", "--resend"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
}
