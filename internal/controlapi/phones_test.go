package controlapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

const johns = "/kivuko/v1/phones/254708374149"

func TestPhoneIsFoundByEveryWayToWriteItsNumber(t *testing.T) {
	c := start(t)
	for _, number := range []string{"254708374149", "+254708374149", "%2B254708374149", "0708374149", "708374149"} {
		var got control.Phone
		c.get("/kivuko/v1/phones/"+number).answers(http.StatusOK, &got)
		want := control.Phone{MSISDN: "254708374149", Name: "John Doe", Balance: control.Shillings(100_000), Available: control.Shillings(100_000),
			AfterMS: control.DefaultDelay}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", number, got, want)
		}
	}
	c.get("/kivuko/v1/phones/0799999999").refuses(http.StatusNotFound, "not-found", "", "254799999999 is no customer's number")
	c.get("/kivuko/v1/phones/12345").refuses(http.StatusBadRequest, "bad-parameter", "msisdn", "0708374149")
}

func TestPutCreatesAPhone(t *testing.T) {
	c := start(t)
	var got control.Phone
	c.do(http.MethodPut, "/kivuko/v1/phones/0799999999", `{"name":"Amina","pin":"4321","balance":"100.5","answers":"cancel","afterMs":0}`).
		answers(http.StatusCreated, &got)
	want := control.Phone{MSISDN: "254799999999", Name: "Amina", Balance: 100_50, Available: 100_50, Answers: "cancel"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if p := c.Pay(t, controltest.Nobody, 20, "4321"); p.Result != "0" {
		t.Errorf("its PIN gives result %s: %s", p.Result, p.Reason)
	}
}

func TestPutChangesWhatIsGiven(t *testing.T) {
	c := start(t)
	for body, change := range map[string]func(*control.Phone){
		`{}`:                                     func(*control.Phone) {},
		`{"name":"Mwalimu wa Chuo"}`:             func(p *control.Phone) { p.Name = "Mwalimu wa Chuo" },
		`{"balance":"0"}`:                        func(p *control.Phone) { p.Balance, p.Available = 0, 0 },
		`{"balance":250}`:                        func(p *control.Phone) { p.Balance, p.Available = 250_00, 250_00 },
		`{"balance":"1000000000.00"}`:            func(p *control.Phone) { p.Balance, p.Available = 1e11, 1e11 },
		`{"answers":"off"}`:                      func(p *control.Phone) { p.Answers = "off" },
		`{"answers":""}`:                         func(p *control.Phone) { p.Answers = "" },
		`{"afterMs":600000}`:                     func(p *control.Phone) { p.AfterMS = 600_000 },
		`{"afterMs":null}`:                       func(p *control.Phone) { p.AfterMS = control.DefaultDelay },
		`{"limits":"test-patient"}`:              func(p *control.Phone) { p.Limits = "test-patient" },
		`{"limits":""}`:                          func(p *control.Phone) { p.Limits = "" },
		`{"standing":"no-products"}`:             func(p *control.Phone) { p.Standing = "no-products" },
		` {"pin":"0000","blocked":false}` + "\n": func(*control.Phone) {},
	} {
		c.do(http.MethodPut, johns, `{"name":"John","standing":"","answers":"ignore","afterMs":5,"limits":"standard","balance":"77"}`)
		want := control.Phone{MSISDN: "254708374149", Name: "John", Balance: 77_00, Available: 77_00, Answers: "ignore", AfterMS: 5, Limits: "standard"}
		change(&want)
		var put, got control.Phone
		c.do(http.MethodPut, johns, body).answers(http.StatusOK, &put)
		c.get(johns).answers(http.StatusOK, &got)
		if put != want || got != want {
			t.Errorf("%s: answers %+v and then shows %+v, want %+v", body, put, got, want)
		}
	}
}

func TestABalanceComesFromSomewhere(t *testing.T) {
	c := start(t)
	for _, balance := range []string{"1", "500000.25", "3"} {
		c.do(http.MethodPut, johns, `{"balance":"`+balance+`"}`)
	}
	var b control.Books
	c.get("/kivuko/v1/books").answers(http.StatusOK, &b)
	if !b.Balanced() {
		t.Errorf("the books are %+v", b)
	}
}

func TestPhoneShowsItsOpenPrompt(t *testing.T) {
	c := start(t)
	p := c.Push(t, controltest.John, 1500)
	var got control.Phone
	c.get(johns).answers(http.StatusOK, &got)
	want := control.Prompt{Payment: p.ID, CheckoutRequestID: "ws_CO_20112026120000125708374149",
		Text:   "Do you want to pay Ksh1,500.00 to Test Shop Account no. INV-7? Enter M-PESA PIN:",
		Amount: control.Shillings(1500), Organisation: "174379"}
	if got.Prompt == nil {
		t.Fatal("there is no prompt")
	}
	if opened := got.Prompt.OpenedAt.String(); opened != "2026-11-20T12:00:00.125+03:00" {
		t.Errorf("it was opened at %s", opened)
	}
	if life := got.Prompt.DueAt.Sub(got.Prompt.OpenedAt.Time); life != 90*time.Second {
		t.Errorf("it is due after %s", life)
	}
	got.Prompt.OpenedAt, got.Prompt.DueAt = control.Time{}, control.Time{}
	if *got.Prompt != want {
		t.Errorf("got %+v, want %+v", *got.Prompt, want)
	}
}

func TestAnswerWithThePIN(t *testing.T) {
	c := start(t)
	c.Push(t, controltest.John, 200)
	var p control.Payment
	c.do(http.MethodPost, johns+"/answer", `{"pin":"1234"}`).answers(http.StatusOK, &p)
	if p.State != "completed" || p.Result != "0" || p.Receipt == "" || len(p.Transfers) == 0 {
		t.Errorf("the payment is %+v", p)
	}
	var phone control.Phone
	c.get(johns).answers(http.StatusOK, &phone)
	if phone.Prompt != nil || phone.SpentToday != control.Shillings(200) || phone.Balance != control.Shillings(99_795) {
		t.Errorf("the phone is %+v", phone)
	}
}

func TestAnswerWithCancel(t *testing.T) {
	c := start(t)
	c.Push(t, controltest.John, 200)
	var p control.Payment
	c.do(http.MethodPost, johns+"/answer", `{"cancel":true}`).answers(http.StatusOK, &p)
	if p.State != "failed" || p.Result != "1032" || p.ResultDesc != "Request cancelled by user" || !strings.Contains(p.Reason, "cancel") {
		t.Errorf("the payment is %+v", p)
	}
}

func TestAnAnswerIsForThePromptThatWasSeen(t *testing.T) {
	c := start(t)
	seen := c.Pay(t, controltest.John, 200, "1234")
	open := c.Push(t, controltest.John, 300)
	for _, answer := range []string{`"pin":"1234"`, `"cancel":true`} {
		c.do(http.MethodPost, johns+"/answer", fmt.Sprintf(`{%s,"payment":%d}`, answer, seen.ID)).refuses(http.StatusConflict, "no-prompt", "", "waiting for an answer")
	}
	c.do(http.MethodPost, johns+"/answer", `{"pin":"1234","payment":0}`).refuses(http.StatusBadRequest, "bad-field", "payment", "whole number")
	var p control.Payment
	c.do(http.MethodPost, johns+"/answer", fmt.Sprintf(`{"pin":"1234","payment":%d}`, open.ID)).answers(http.StatusOK, &p)
	if p.ID != open.ID || p.State != "completed" {
		t.Errorf("the payment is %+v", p)
	}
}

func TestThreeWrongPINsLockThePhoneAndANewOneUnlocksIt(t *testing.T) {
	c := start(t)
	var phone control.Phone
	for wrong := range int64(3) {
		if c.get(johns).answers(http.StatusOK, &phone); phone.PINLocked || phone.WrongPINs != wrong {
			t.Errorf("after %d wrong PINs the phone is %+v", wrong, phone)
		}
		c.Push(t, controltest.John, 10+wrong)
		var p control.Payment
		if c.do(http.MethodPost, johns+"/answer", `{"pin":"9999"}`).answers(http.StatusOK, &p); p.Result != "2001" {
			t.Errorf("the payment is %+v", p)
		}
	}
	if c.get(johns).answers(http.StatusOK, &phone); !phone.PINLocked {
		t.Errorf("after three wrong PINs the phone is %+v", phone)
	}
	if c.do(http.MethodPut, johns, `{"pin":"4321"}`).answers(http.StatusOK, &phone); phone.PINLocked {
		t.Errorf("after a new PIN the phone is %+v", phone)
	}
}

func TestUnfinishedPromptsBlockThePhoneForADay(t *testing.T) {
	c := start(t)
	var phone control.Phone
	for n := range int64(5) {
		if c.get(johns).answers(http.StatusOK, &phone); phone.Unfinished != n || !phone.BlockedUntil.IsZero() {
			t.Errorf("after %d the phone is %+v", n, phone)
		}
		c.Ignore(t, controltest.John)
	}
	c.get(johns).answers(http.StatusOK, &phone)
	if want := controltest.Start.Add(5*90*time.Second + 24*time.Hour); !phone.BlockedUntil.Equal(want) {
		t.Errorf("it is blocked until %s, want %s", phone.BlockedUntil, want)
	}
	c.Clock.Advance(24 * time.Hour)
	if body := c.get(johns).body; strings.Contains(string(body), "blockedUntil") {
		t.Errorf("a day later it shows %s", body)
	}
}

func TestUnblock(t *testing.T) {
	c := start(t)
	for range 5 {
		c.Ignore(t, controltest.John)
	}
	var phone control.Phone
	if c.do(http.MethodPut, johns, `{"blocked":false}`).answers(http.StatusOK, &phone); !phone.BlockedUntil.IsZero() {
		t.Errorf("got %+v", phone)
	}
	c.Push(t, controltest.John, 10)
	if c.get(johns).answers(http.StatusOK, &phone); phone.Prompt == nil {
		t.Error("no prompt gets through")
	}
}

func TestAnswerWithoutAPrompt(t *testing.T) {
	c := start(t)
	c.do(http.MethodPost, johns+"/answer", `{"pin":"1234"}`).refuses(http.StatusConflict, "no-prompt", "", "254708374149")
	c.do(http.MethodPost, "/kivuko/v1/phones/0799999999/answer", `{"cancel":true}`).refuses(http.StatusNotFound, "not-found", "", "254799999999")
}

func TestMessages(t *testing.T) {
	c := start(t)
	var got control.Messages
	c.get(johns+"/messages").answers(http.StatusOK, &got)
	if len(got.Messages) != 2 || got.Messages[0].Text != "UKK3H1Z08B Confirmed." || got.Messages[0].From != "MPESA" || got.Messages[0].Payment != 100_003 {
		t.Errorf("got %+v", got)
	}
	c.get(johns+"/messages?limit=1").answers(http.StatusOK, &got)
	if len(got.Messages) != 1 {
		t.Errorf("one message was asked for, got %+v", got)
	}
	c.get("/kivuko/v1/phones/0799999999/messages").refuses(http.StatusNotFound, "not-found", "", "254799999999")
}

func TestASIMIsSwapped(t *testing.T) {
	c := start(t)
	var got control.Phone
	if c.get(johns).answers(http.StatusOK, &got); !got.SIMSwappedAt.IsZero() {
		t.Errorf("the SIM of a new phone was swapped at %v", got.SIMSwappedAt)
	}
	c.do(http.MethodPut, johns, `{"simSwapped":true}`).answers(http.StatusOK, &got)
	if !got.SIMSwappedAt.Equal(controltest.Start) {
		t.Errorf("the SIM was swapped at %v", got.SIMSwappedAt)
	}
	c.do(http.MethodPut, johns, `{"simSwapped":false}`).refuses(http.StatusBadRequest, "bad-field", "simSwapped", "stays so")
	c.do(http.MethodPut, johns, `{"name":"John"}`).answers(http.StatusOK, &got)
	if !got.SIMSwappedAt.Equal(controltest.Start) {
		t.Errorf("another change has set it to %v", got.SIMSwappedAt)
	}
}
