package controlapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/money"
)

func TestPhonesComeInPages(t *testing.T) {
	c := start(t)
	c.do(http.MethodPut, "/kivuko/v1/phones/0799999999", `{"name":"Amina","answers":"cancel","afterMs":5,"standing":"inactive","limits":"test-patient"}`)
	for range 3 {
		c.do(http.MethodPost, johns+"/balance", `{"pin":"9999"}`)
	}
	c.do(http.MethodPost, johns+"/hold", `{"seconds":20}`)
	var page control.Page[control.PhoneLine]
	c.get("/kivuko/v1/phones?limit=2").answers(http.StatusOK, &page)
	want := []control.PhoneLine{
		{MSISDN: "254705912645", Name: "Jane Roe", AfterMS: control.DefaultDelay},
		{MSISDN: "254708374149", Name: "John Doe", AfterMS: control.DefaultDelay, PINLocked: true, HeldUntil: control.At(controltest.Start.Add(20 * time.Second).UnixMilli())},
	}
	if len(page.Items) != 2 || page.Items[0] != want[0] || page.Items[1].HeldUntil.String() != want[1].HeldUntil.String() || !page.Items[1].PINLocked || page.Next == "" {
		t.Fatalf("got %+v", page)
	}
	c.get("/kivuko/v1/phones?after="+page.Next).answers(http.StatusOK, &page)
	amina := control.PhoneLine{MSISDN: "254799999999", Name: "Amina", Answers: "cancel", AfterMS: 5, Standing: "inactive", Limits: "test-patient"}
	if len(page.Items) != 1 || page.Items[0] != amina || page.Next != "" {
		t.Errorf("got %+v", page)
	}
	c.get("/kivuko/v1/phones?after=0799999999").answers(http.StatusOK, &page)
	if len(page.Items) != 0 || page.Next != "" {
		t.Errorf("behind the last are %+v", page)
	}
	c.get("/kivuko/v1/phones?after=12").refuses(http.StatusBadRequest, "bad-parameter", "after", "0708374149")
	c.get("/kivuko/v1/phones?limit=0").refuses(http.StatusBadRequest, "bad-parameter", "limit", "from 1 to 1000")
}

func TestTheMenuShowsTheBalanceForThePIN(t *testing.T) {
	c := start(t)
	c.do(http.MethodPost, "/kivuko/v1/phones/0705912645/send", `{"to":"0708374149","pochi":true,"amount":"20.50"}`)
	for _, body := range []string{`{"pin":"1234"}`, `{}`} {
		var got control.CustomerBalance
		c.do(http.MethodPost, johns+"/balance", body).answers(http.StatusOK, &got)
		want := []control.Account{
			{Name: "MMF Account For Customer", Current: control.Amount(money.Shillings(100_000)), Available: control.Amount(money.Shillings(100_000))},
			{Name: "Pochi Account For Customer", Current: 20_50, Available: 20_50},
		}
		if !got.Done() || len(got.Accounts) != 2 || got.Accounts[0] != want[0] || got.Accounts[1] != want[1] {
			t.Errorf("%s: got %+v", body, got)
		}
	}
}

func TestWrongPINsOnTheMenuLockIt(t *testing.T) {
	c := start(t)
	says := func(path, body, result, reason string) {
		t.Helper()
		var got control.MenuResult
		c.do(http.MethodPost, johns+path, body).answers(http.StatusOK, &got)
		if got.Result != result || !strings.Contains(got.Reason, reason) || got.ResultDesc == "" || got.Done() != (result == "0") {
			t.Errorf("%s %s: got %+v", path, body, got)
		}
	}
	says("/balance", `{"pin":"9999"}`, "2001", "number 1 in a row")
	says("/statement", `{"pin":"9999"}`, "2001", "number 2 in a row")
	says("/pin", `{"old":"9999","new":"4321"}`, "2001", "number 3 in a row")
	says("/balance", `{"pin":"1234"}`, "8006", "locked after 3")
	says("/statement", `{}`, "8006", "locked after 3")
	says("/pin", `{"new":"4321"}`, "8006", "locked after 3")
	var phone control.Phone
	if c.do(http.MethodPut, johns, `{"pinLocked":false}`).answers(http.StatusOK, &phone); phone.PINLocked || phone.WrongPINs != 0 {
		t.Errorf("unlocked it is %+v", phone)
	}
	says("/balance", `{"pin":"1234"}`, "0", "")
	c.do(http.MethodPut, johns, `{"pinLocked":true}`).refuses(http.StatusBadRequest, "bad-field", "pinLocked", "has to be false")
}

func TestTheMenuChangesThePIN(t *testing.T) {
	c := start(t)
	var got control.MenuResult
	if c.do(http.MethodPost, johns+"/pin", `{"old":"1234","new":"4321"}`).answers(http.StatusOK, &got); !got.Done() {
		t.Fatalf("got %+v", got)
	}
	if p := c.Pay(t, controltest.John, 20, "4321"); p.Result != "0" {
		t.Errorf("the new PIN gives result %s: %s", p.Result, p.Reason)
	}
	for body, problem := range map[string][2]string{
		`{}`:                           {"new", "missing"},
		`{"new":"123"}`:                {"new", "four digits"},
		`{"new":4321}`:                 {"new", "four digits"},
		`{"new":"4321"}`:               {"new", "another PIN"},
		`{"old":"12345","new":"1111"}`: {"old", "four digits"},
		`{"pin":"4321","new":"1111"}`:  {"pin", "new, old"},
	} {
		c.do(http.MethodPost, johns+"/pin", body).refuses(http.StatusBadRequest, "bad-field", problem[0], problem[1])
	}
}

func TestTheMiniStatementHasTheLastFiveMovements(t *testing.T) {
	c := start(t)
	c.do(http.MethodPost, johns+"/send", `{"to":"0705912645","amount":7}`)
	c.do(http.MethodPost, johns+"/pay", `{"shortcode":"174379","account":"INV-7","amount":"100.50"}`)
	c.do(http.MethodPost, johns+"/pay", `{"shortcode":"300584","amount":20}`)
	c.do(http.MethodPost, johns+"/pay", `{"shortcode":"174379","account":"A","amount":999999}`).paid("failed", "3", "")
	c.Ignore(t, controltest.John)
	c.do(http.MethodPost, "/kivuko/v1/phones/0705912645/send", `{"to":"0708374149","amount":30}`)
	c.do(http.MethodPost, johns+"/withdraw", `{"amount":100}`)
	c.do(http.MethodPost, johns+"/deposit", `{"amount":1000}`)
	var got control.CustomerStatement
	c.do(http.MethodPost, johns+"/statement", `{"pin":"1234"}`).answers(http.StatusOK, &got)
	want := []control.Movement{
		{Details: "Deposit of Funds at Agent Till", PaidIn: 1000_00},
		{Details: "Customer Withdrawal at Agent Till", Withdrawn: 100_00, Charge: 11_00},
		{Details: "Funds received from 0705912645 Jane Roe", PaidIn: 30_00},
		{Details: "Merchant Payment to 300584 Test Till", Withdrawn: 20_00},
		{Details: "Pay Bill to 174379 Test Shop Acc. INV-7", Withdrawn: 100_50, Charge: 0},
	}
	if len(got.Movements) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i, m := range got.Movements {
		if m.Details != want[i].Details || m.PaidIn != want[i].PaidIn || m.Withdrawn != want[i].Withdrawn || m.Receipt == "" || m.At.IsZero() || m.Payment == 0 {
			t.Errorf("line %d is %+v, want %+v", i, m, want[i])
		}
		if i > 0 {
			after := got.Movements[i-1]
			if m.Balance+after.PaidIn-after.Withdrawn-after.Charge != after.Balance {
				t.Errorf("line %d has the balance %s, and the one after it %s", i, m.Balance, after.Balance)
			}
		}
	}
	var phone control.Phone
	if c.get(johns).answers(http.StatusOK, &phone); phone.Balance != got.Movements[0].Balance {
		t.Errorf("the statement ends with %s, the wallet holds %s", got.Movements[0].Balance, phone.Balance)
	}
}

func TestAHeldPhoneWaitsForItsHolder(t *testing.T) {
	c := start(t)
	var phone control.Phone
	c.do(http.MethodPost, johns+"/hold", `{"seconds":20}`).answers(http.StatusOK, &phone)
	if want := control.At(controltest.Start.Add(20 * time.Second).UnixMilli()); phone.HeldUntil.String() != want.String() {
		t.Errorf("it is held until %s, want %s", phone.HeldUntil, want)
	}
	var down control.Phone
	if c.do(http.MethodPost, johns+"/hold", `{"seconds":0}`).answers(http.StatusOK, &down); !down.HeldUntil.IsZero() {
		t.Errorf("put down, it is held until %s", down.HeldUntil)
	}
	page := func(seconds int, holder string) (p control.Phone) {
		t.Helper()
		c.do(http.MethodPost, johns+"/hold", fmt.Sprintf(`{"seconds":%d,"holder":%q}`, seconds, holder)).answers(http.StatusOK, &p)
		return p
	}
	page(60, "old-page")
	page(75, "New_page7")
	if left := page(0, "old-page"); left.HeldUntil.String() != control.At(controltest.Start.Add(75*time.Second).UnixMilli()).String() {
		t.Errorf("after the other has put it down, it is held until %s", left.HeldUntil)
	}
	if down := page(0, "New_page7"); !down.HeldUntil.IsZero() {
		t.Errorf("put down by both, it is held until %s", down.HeldUntil)
	}
	for _, holder := range []string{`7`, `"a b"`, `"a=1"`, `"é"`, `"` + strings.Repeat("a", 33) + `"`} {
		c.do(http.MethodPost, johns+"/hold", `{"seconds":1,"holder":`+holder+`}`).refuses(http.StatusBadRequest, "bad-field", "holder", "")
	}
	for _, body := range []string{`{"seconds":-1}`, `{"seconds":601}`, `{"seconds":"20"}`, `{"seconds":1.5}`, `{}`} {
		c.do(http.MethodPost, johns+"/hold", body).refuses(http.StatusBadRequest, "bad-field", "seconds", "")
	}
}

func TestNobodysPhoneHasNoMenu(t *testing.T) {
	c := start(t)
	for path, body := range map[string]string{"balance": `{}`, "statement": `{}`, "pin": `{"new":"4321"}`, "hold": `{"seconds":1}`} {
		c.do(http.MethodPost, "/kivuko/v1/phones/0799999999/"+path, body).refuses(http.StatusNotFound, "not-found", "", "254799999999 is no customer's number")
		c.do(http.MethodPost, "/kivuko/v1/phones/12/"+path, body).refuses(http.StatusBadRequest, "bad-parameter", "msisdn", "0708374149")
	}
}
