package controlapi_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// paid fails the test unless the answer is a payment that ended so.
func (r response) paid(state control.State, result, reason string) control.Payment {
	r.t.Helper()
	var p control.Payment
	r.answers(http.StatusOK, &p)
	if p.State != state || p.Result != result || !strings.Contains(p.Reason, reason) || (len(p.Transfers) > 0) != (state == "completed") {
		r.t.Errorf("got %+v, want %s with result %q (%s)", p, state, result, reason)
	}
	return p
}

func TestACustomerPaysFromTheMenu(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ body, state, result, reason string }{
		{`{"shortcode":"174379","account":"INV-7","amount":"100.50","pin":"1234"}`, "completed", "0", ""},
		{`{"shortcode":"174379","account":"INV-7","amount":100}`, "completed", "0", ""},
		{`{"shortcode":"300584","amount":100}`, "completed", "0", ""},
		{`{"shortcode":"300585","amount":100}`, "failed", "2028", "300585 is a store"},
		{`{"shortcode":"600123","amount":100}`, "failed", "SFC_IC0003", "600123 is nobody's shortcode"},
		{`{"shortcode":"174379","account":"INV-7","amount":100,"pin":"9999"}`, "failed", "2001", "wrong PIN"},
		{`{"shortcode":"174379","account":"INV-7","amount":250001}`, "failed", "3", "more than the maximum"},
	} {
		p := c.do(http.MethodPost, johns+"/pay", x.body).paid(control.State(x.state), x.result, x.reason)
		if p.Kind != "c2b" || p.Payer != "254708374149" || p.OriginatorID == "" {
			t.Errorf("%s: got %+v", x.body, p)
		}
	}
}

func TestALockedPINIsNotTheRightOneEither(t *testing.T) {
	c := start(t)
	for range 3 {
		c.do(http.MethodPost, johns+"/withdraw", `{"amount":100,"pin":"9999"}`).paid("failed", "2001", "wrong PIN")
	}
	for path, body := range map[string]string{
		"/pay": `{"shortcode":"174379","account":"A","amount":10}`, "/send": `{"to":"0705912645","amount":10}`,
		"/withdraw": `{"amount":100}`, "/pochi": `{"amount":10}`,
	} {
		c.do(http.MethodPost, johns+path, body).paid("failed", "8006", "locked after 3")
	}
	c.do(http.MethodPost, johns+"/deposit", `{"amount":100}`).paid("completed", "0", "")
}

func TestMoneyBetweenCustomersAndCash(t *testing.T) {
	c := start(t)
	c.do(http.MethodPost, johns+"/send", `{"to":"0705912645","amount":1500,"pin":"1234"}`).paid("completed", "0", "")
	c.do(http.MethodPost, johns+"/send", `{"to":"+254705912645","pochi":true,"amount":"101"}`).paid("completed", "0", "")
	c.do(http.MethodPost, johns+"/send", `{"to":"0708374149","amount":10}`).paid("failed", "2028", "would pay itself")
	c.do(http.MethodPost, johns+"/send", `{"to":"0799999999","amount":10}`).paid("failed", "SFC_IC0003", "no customer's number")
	const janes = "/kivuko/v1/phones/254705912645"
	c.do(http.MethodPost, janes+"/pochi", `{"amount":90}`).paid("completed", "0", "")
	c.do(http.MethodPost, janes+"/withdraw", `{"amount":49}`).paid("failed", "2", "less than the minimum of 50.00")
	c.do(http.MethodPost, janes+"/withdraw", `{"amount":50}`).paid("completed", "0", "")
	var jane control.Phone
	if c.get(janes).answers(http.StatusOK, &jane); jane.Balance != control.Shillings(100_000+1500+90-50-11) || jane.Pochi != control.Shillings(11) {
		t.Errorf("Jane has %s, and %s in the business wallet", jane.Balance, jane.Pochi)
	}
	var b control.Books
	if c.get("/kivuko/v1/books").answers(http.StatusOK, &b); !b.Balanced() {
		t.Errorf("the books are %+v", b)
	}
}

func TestNobodysPhoneMovesNoMoney(t *testing.T) {
	c := start(t)
	var before, after control.Books
	c.get("/kivuko/v1/books").answers(http.StatusOK, &before)
	for path, body := range map[string]string{
		"pay": `{"shortcode":"174379","account":"A","amount":10}`, "send": `{"to":"0705912645","amount":10}`, "withdraw": `{"amount":100}`,
		"pochi": `{"amount":10}`, "deposit": `{"amount":10}`,
	} {
		c.do(http.MethodPost, "/kivuko/v1/phones/0799999999/"+path, body).refuses(http.StatusNotFound, "not-found", "", "254799999999 is no customer's number")
	}
	if c.get("/kivuko/v1/books").answers(http.StatusOK, &after); !reflect.DeepEqual(before, after) {
		t.Errorf("the books were %+v and are %+v", before, after)
	}
}

func TestTheMenuIsHeldToItsFields(t *testing.T) {
	c := start(t)
	var before, after control.Books
	c.get("/kivuko/v1/books").answers(http.StatusOK, &before)
	for _, x := range []struct{ path, body, field, says string }{
		{"/pay", `{"amount":10}`, "shortcode", "it is missing; shortcode, amount are needed"},
		{"/pay", `{"shortcode":"174379"}`, "amount", "missing"},
		{"/pay", `{"shortcode":"174379","amount":10}`, "account", "174379 is a pay bill, which takes an account number of 1 to 20 characters"},
		{"/pay", `{"shortcode":"300584","account":"A","amount":10}`, "account", "300584 is a till, which takes no account number"},
		{"/pay", `{"shortcode":174379,"account":"A","amount":10}`, "shortcode", "text"},
		{"/pay", `{"shortcode":"1743","account":"A","amount":10}`, "shortcode", "five to seven digits"},
		{"/pay", `{"shortcode":"174379","account":"","amount":10}`, "account", "1 to 20 characters"},
		{"/pay", `{"shortcode":"174379","account":"` + strings.Repeat("x", 21) + `","amount":10}`, "account", "1 to 20 characters"},
		{"/pay", `{"shortcode":"174379","account":"A","amount":10,"pin":"12"}`, "pin", "four digits"},
		{"/pay", `{"shortcode":"174379","account":"A","amount":10,"callback":"x"}`, "callback", "account, amount, pin, shortcode"},
		{"/send", `{"amount":10}`, "to", "missing"},
		{"/send", `{"to":"12","amount":10}`, "to", "0708374149"},
		{"/send", `{"to":"0705912645","amount":10,"pochi":1}`, "pochi", "true or false"},
		{"/withdraw", `{"amount":0}`, "amount", "more than 0"},
		{"/withdraw", `{"amount":"-5"}`, "amount", "more than 0"},
		{"/withdraw", `{"amount":1.5}`, "amount", "at most two decimals"},
		{"/withdraw", `{"amount":"1.005"}`, "amount", "at most two decimals"},
		{"/withdraw", `{"amount":"1000000000.01"}`, "amount", "at most 1000000000.00"},
		{"/withdraw", `{"amount":null}`, "amount", "shillings"},
		{"/withdraw", `{}`, "amount", "missing"},
		{"/deposit", `{"amount":10,"pin":"1234"}`, "pin", "there is no such field; there are amount"},
		{"/pochi", `{"amount":"x"}`, "amount", "shillings"},
	} {
		c.do(http.MethodPost, johns+x.path, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	if c.get("/kivuko/v1/books").answers(http.StatusOK, &after); !reflect.DeepEqual(before, after) {
		t.Errorf("the books were %+v and are %+v", before, after)
	}
}

// An organisation that validates holds the money until it has said whether it takes it.
func TestAPaymentThatWaitsForValidation(t *testing.T) {
	c := start(t)
	const shop = "/kivuko/v1/organisations/174379"
	c.do(http.MethodPut, shop+"/urls", `{"responseType":"Completed","confirmation":"http://127.0.0.1:9/c","validation":"http://127.0.0.1:9/v"}`).answers(http.StatusOK, new(any))
	c.do(http.MethodPut, shop, `{"validates":true}`).answers(http.StatusOK, new(any))
	p := c.do(http.MethodPost, johns+"/pay", `{"shortcode":"174379","account":"A","amount":10}`).paid("validating", "", "")
	if p.Receipt == "" || len(p.Callbacks) != 1 || p.Callbacks[0].Kind != "validation" {
		t.Fatalf("got %+v", p)
	}
	var found control.Payment
	if c.get("/kivuko/v1/payments/"+p.Receipt).answers(http.StatusOK, &found); found.ID != p.ID {
		t.Errorf("its receipt finds %+v", found)
	}
	c.Do(t, &mpesa.Attempted{Delivery: p.Callbacks[0].ID, Attempt: mpesa.Attempt{At: 1, Status: 200}, Verdict: &mpesa.Verdict{Answered: true, Code: "0", ThirdPartyID: "T-1"}})
	c.get("/kivuko/v1/payments/"+p.Receipt).answers(http.StatusOK, &found)
	if found.State != "completed" || found.ThirdPartyID != "T-1" || len(found.Callbacks) != 2 || found.Receipt != p.Receipt {
		t.Errorf("got %+v", found)
	}
}
