package controlapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// mover is a request that moves money.
type mover struct {
	by     string // the operator; "" is Kivuko's administrator
	path   string
	body   string
	other  string // a body that asks for something else
	status int

	before func(c caller) (path string) // makes what the request is about; the path is the request's, if it has one of its own
}

func cash(path string) mover {
	return mover{path: path, body: `{"amount":100}`, other: `{"amount":101}`, status: http.StatusOK}
}

// movers are all requests that move money, by their operations.
func movers() map[string]mover {
	task := `{"task":"move","from":"working","to":"utility","amount":"100","remarks":"for salaries"}`
	decide := func(how, body string) mover {
		return mover{by: "wanjiru", body: body, other: `{"reason":"another"}`, status: http.StatusOK, before: func(c caller) string {
			return fmt.Sprintf("%s/tasks/%d/%s", shop, c.initiates("njeri", task).ID, how)
		}}
	}
	move := `{"from":"working","to":"utility","amount":10}`
	return map[string]mover{
		"pay":          {path: johns + "/pay", body: `{"shortcode":"174379","account":"A","amount":100}`, other: `{"shortcode":"174379","account":"B","amount":100}`, status: http.StatusOK},
		"send":         {path: johns + "/send", body: `{"to":"254705912645","amount":100}`, other: `{"to":"254705912645","amount":101}`, status: http.StatusOK},
		"withdrawCash": cash(johns + "/withdraw"),
		"depositCash":  cash(johns + "/deposit"),
		"emptyPochi":   cash(johns + "/pochi"),
		"answer": {path: johns + "/answer", body: `{"pin":"1234"}`, other: `{"cancel":true}`, status: http.StatusOK, before: func(c caller) string {
			c.Push(c.t, controltest.John, 100)
			return ""
		}},
		"settle":          {path: shop + "/settle", body: `{}`, other: ` {}`, status: http.StatusOK},
		"move":            {path: shop + "/move", body: move, other: strings.Replace(move, "10", "11", 1), status: http.StatusOK},
		"withdrawToBank":  cash(shop + "/withdraw"),
		"depositFromBank": cash(shop + "/deposit"),
		"initiate":        {by: "njeri", path: shop + "/tasks", body: task, other: strings.Replace(task, "100", "101", 1), status: http.StatusCreated},
		"approveTask":     decide("approve", ""),
		"rejectTask":      decide("reject", `{"reason":"no"}`),
		"submitBulk": {by: "njeri", path: shop + "/bulk", status: http.StatusCreated,
			body:  `{"command":"BusinessPayment","name":"June","rows":[{"phone":"254708374149","amount":"100"}]}`,
			other: `{"command":"BusinessPayment","name":"July","rows":[{"phone":"254708374149","amount":"101"}]}`},
	}
}

// moving starts a world in which a mover can do its work.
func moving(t *testing.T, m mover) (c caller, send func(key, body string) response) {
	c = openShop(t)
	c.Do(t, &portal.DepositFromBank{Business: controltest.PayBill, To: mpesa.Utility, Amount: money.Shillings(5000)})
	if m.before != nil {
		if path := m.before(c); path != "" {
			m.path = path
		}
	}
	return c, func(key, body string) response {
		header := http.Header{}
		if m.by != "" {
			header.Set(control.OperatorHeader, m.by)
		}
		if key != "" {
			header.Set(control.IdempotencyHeader, key)
		}
		return c.with(header, http.MethodPost, m.path, body)
	}
}

func TestRequestsThatMoveMoneyAreDescribedWithAKey(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	have := movers()
	for path, item := range d.Paths.Map() {
		for method, operation := range item.Operations() {
			keyed := operation.Parameters.GetByInAndName("header", control.IdempotencyHeader) != nil
			if _, known := have[operation.OperationID]; keyed != known {
				t.Errorf("%s %s (%s): takes a key: %v; is in the tests: %v", method, path, operation.OperationID, keyed, known)
			}
		}
	}
}

// count is how many payments there are, and how many have ended.
func (c caller) count() (n, done int) {
	c.t.Helper()
	var list control.Page[control.Payment]
	c.get("/kivuko/v1/payments?limit=1000").answers(http.StatusOK, &list)
	for _, p := range list.Items {
		if p.State == "completed" || p.State == "failed" {
			done++
		}
	}
	return len(list.Items), done
}

func TestAKeyMovesMoneyOnce(t *testing.T) {
	for name, m := range movers() {
		t.Run(name, func(t *testing.T) {
			c, send := moving(t, m)
			var all sync.WaitGroup
			replayed := make(chan bool, 8)
			for range cap(replayed) {
				all.Go(func() {
					r := send("key of "+name, m.body)
					if r.status != m.status {
						t.Errorf("HTTP %d: %s", r.status, r.body)
					}
					replayed <- r.header.Get(control.ReplayedHeader) == "true"
				})
			}
			all.Wait()
			close(replayed)
			first := 0
			for again := range replayed {
				if !again {
					first++
				}
			}
			if first != 1 {
				t.Errorf("%d of 8 answers at once are first ones", first)
			}
			payments, done := c.count()
			send("key of "+name, m.other).refuses(http.StatusConflict, "conflict", control.IdempotencyHeader, "another request")
			if r := send("key of "+name, m.body); r.status != m.status || r.header.Get(control.ReplayedHeader) != "true" {
				t.Errorf("later it is HTTP %d, %s", r.status, r.body)
			}
			if n, ended := c.count(); n != payments || ended != done {
				t.Errorf("%d payments, %d ended, became %d, %d", payments, done, n, ended)
			}
		})
	}
}

func TestKeysAreHeldToTheirForm(t *testing.T) {
	c := start(t)
	for _, key := range []string{"", strings.Repeat("k", 65), "a\tb", "é"} {
		header := http.Header{control.IdempotencyHeader: {key}}
		c.with(header, http.MethodPost, johns+"/deposit", `{"amount":1}`).refuses(http.StatusBadRequest, "bad-parameter", control.IdempotencyHeader, "1 to 64 printable")
	}
}

// What callers are told is what is known of the money, wherever an error arose.
func TestCallersAreToldWhatIsKnownOfTheMoney(t *testing.T) {
	for name, m := range movers() {
		t.Run(name, func(t *testing.T) {
			t.Run("kept and not read back", func(t *testing.T) {
				c, send := moving(t, m)
				c.Faults.Fail(controltest.Unread)
				if r := send("", m.body); r.status != m.status {
					t.Errorf("HTTP %d: %s", r.status, r.body)
				}
			})
			t.Run("not kept", func(t *testing.T) {
				c, send := moving(t, m)
				c.Faults.Fail(controltest.Unkept)
				r := send("", m.body)
				r.refuses(http.StatusServiceUnavailable, "busy", "", "Nothing was kept. Try again.")
				if r.header.Get("Retry-After") != "2" || strings.Contains(string(r.body), "10.1.2.3") {
					t.Errorf("%v %s", r.header, r.body)
				}
				c.Faults.Fail(controltest.Sound)
				if r := send("", m.body); r.status != m.status {
					t.Errorf("tried again it is HTTP %d: %s", r.status, r.body)
				}
			})
			t.Run("unknown", func(t *testing.T) {
				c, send := moving(t, m)
				c.Faults.Fail(controltest.Unknown)
				r := send("", m.body)
				r.refuses(http.StatusGatewayTimeout, "unknown-outcome", "", "before trying again")
				if strings.Contains(string(r.body), "10.1.2.3") || !strings.Contains(string(r.body), `"payment": 1`) {
					t.Errorf("%s", r.body)
				}
			})
		})
	}
}

// What was done is answered as done, though the audit or what the answer shows fails afterwards.
func TestWhatWasDoneIsAnsweredAsDone(t *testing.T) {
	for _, x := range []struct {
		method, path, body string
		status             int
		shows              string
		before             controltest.Fault // fails what comes after the deed
	}{
		{http.MethodPut, johns, `{"name":"John Moi"}`, http.StatusOK, `"name": "John Moi"`, controltest.Unread},
		{http.MethodPut, "/kivuko/v1/phones/254799999999", `{"balance":7}`, http.StatusCreated, `"balance": "7.00"`, controltest.Unread},
		{http.MethodPost, johns + "/hold", `{"seconds":60}`, http.StatusOK, `"balance": "100000.00"`, controltest.Unread},
		{http.MethodPost, "/kivuko/v1/clock/advance", `{"by":"90s"}`, http.StatusOK, "T12:01:30", controltest.Unkept},
		{http.MethodPost, "/kivuko/v1/callbacks/%d/give-up", "", http.StatusOK, `"state": "given-up"`, controltest.Unread},
		{http.MethodPost, "/kivuko/v1/callbacks/%d/give-up", "", http.StatusOK, `"state": "given-up"`, controltest.Unnoted},
		{http.MethodPost, "/kivuko/v1/callbacks/%d/resend", "", http.StatusAccepted, `"state": "pending"`, controltest.Unread},
		{http.MethodPost, "/kivuko/v1/callbacks/%d/resend", "", http.StatusAccepted, `"state": "pending"`, controltest.Unnoted},
	} {
		t.Run(fmt.Sprint(x.method, x.path, x.before), func(t *testing.T) {
			c := start(t)
			path := x.path
			if strings.Contains(path, "%d") {
				path = fmt.Sprintf(path, c.Pay(t, controltest.John, 10, "1234").ID<<4)
			}
			c.Faults.Fail(x.before)
			if r := c.do(x.method, path, x.body); r.status != x.status || !strings.Contains(string(r.body), x.shows) {
				t.Errorf("HTTP %d: %s", r.status, r.body)
			}
		})
	}
}
