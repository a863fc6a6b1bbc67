package main

import (
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestAnswer(t *testing.T) {
	k := startWorld(t)
	k.Push(t, controltest.John, 1500)
	k.prints(`
		payment 100003 of KES 1,500.00 to 174379 completed, receipt UKKCSA2CWC
		`, "answer", "0708374149", "--pin", "1234")
	k.Push(t, controltest.John, 20)
	k.prints(`
		payment 100004 of KES 20.00 to 174379 failed with 2001 The initiator information is invalid. (wrong PIN, number 1 in a row)
		`, "answer", "0708374149", "--pin", "0000")
	k.Push(t, controltest.John, 20)
	var p control.Payment
	k.json(&p, "answer", "0708374149", "--cancel")
	if p.Result != "1032" {
		t.Errorf("got %+v", p)
	}
	k.fails("no payment is waiting for an answer of 254708374149", "answer", "0708374149", "--cancel")
}

func TestAnswerTakesAPINOrCancel(t *testing.T) {
	k := startWorld(t)
	if err := k.fails("--pin 1234, --pin - or --cancel", "answer", "0708374149"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
	k.fails("can't be used together", "answer", "0708374149", "--cancel", "--pin", "1234")
}
