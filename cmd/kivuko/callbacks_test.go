package main

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/internal/control/api"
	"github.com/kivuko/kivuko/internal/control/controltest"
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
	k.prints(``, "callbacks")
	k.prints(``, "callbacks", "--state", "failed", "--limit", "1")
	k.prints(``, "callbacks", "1600048")
	var x api.Callback
	if k.json(&x, "callbacks", "1600048", "--resend"); x.State != "pending" || !slices.Equal(k.Resent, []int64{1600048}) {
		t.Errorf("got %+v, sent again were %v", x, k.Resent)
	}
	k.fails(`"7" is no callback's number`, "callbacks", "7")
	if err := k.fails("kivuko callbacks ID --resend", "callbacks", "--resend"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
}
