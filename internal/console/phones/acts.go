package phones

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/outcome"
)

// says confirms with the same words for everybody.
func says(text string) func(*page.Request, string) (string, error) {
	return func(*page.Request, string) (string, error) { return text, nil }
}

func confirmSend(q *page.Request, _ string) (string, error) {
	to := q.Form().Get("to")
	n, err := msisdn.ParseLoose(to)
	if err != nil {
		return "", err
	}
	name := ""
	phone, err := q.API().Phone(q.HTTP.Context(), n.String())
	switch p, ok := errors.AsType[*control.Problem](err); {
	case err == nil:
		name = phone.Name + " "
	case !ok || p.Status != http.StatusNotFound: // somebody who isn't a customer yet may become one
		return "", err
	}
	what := "Send"
	if q.Value("item") == "pochi" {
		what = "Pay"
	}
	return fmt.Sprintf("%s Ksh%s to %s%s? Enter M-PESA PIN:", what, typedAmount(q), name, n.Local()), nil
}

func confirmWithdraw(q *page.Request, _ string) (string, error) {
	return fmt.Sprintf("Withdraw Ksh%s from M-PESA Agent? Enter M-PESA PIN:", typedAmount(q)), nil
}

func confirmEmpty(q *page.Request, _ string) (string, error) {
	return fmt.Sprintf("Move Ksh%s from your business account to M-PESA? Enter M-PESA PIN:", typedAmount(q)), nil
}

func confirmPay(q *page.Request, _ string) (string, error) {
	f := q.Form()
	to := f.Get("shortcode")
	o, err := q.API().Organisation(q.HTTP.Context(), to)
	switch p, ok := errors.AsType[*control.Problem](err); {
	case err == nil:
		to = o.Name
	case !ok || p.Status != http.StatusNotFound: // M-PESA says so itself
		return "", err
	}
	account := ""
	if f.Get("account") != "" {
		account = " Account no. " + f.Get("account")
	}
	return fmt.Sprintf("Do you want to pay Ksh%s to %s%s? Enter M-PESA PIN:", typedAmount(q), to, account), nil
}

// typedAmount is the amount that was typed, which has been checked, as people read it.
func typedAmount(q *page.Request) string {
	a, err := control.ParseAmount(q.Form().Get("amount"))
	if err != nil {
		return q.Form().Get("amount")
	}
	return a.Grouped()
}

// pays makes a payment by an action of the control API's phones, with the fields that it takes.
func pays(action string, fields ...string) func(*page.Request, string) (screen, error) {
	return func(q *page.Request, number string) (screen, error) {
		return pay(q, number, action, q.Form().Fields(append(fields, "pin")...))
	}
}

// payPochi pays into a customer's business wallet.
func payPochi(q *page.Request, number string) (screen, error) {
	in := q.Form().Fields("to", "amount", "pin")
	in["pochi"] = true
	return pay(q, number, "send", in)
}

func pay(q *page.Request, number, action string, in map[string]any) (screen, error) {
	if in["pin"] == nil {
		return screen{}, noPIN()
	}
	var p control.Payment
	if err := q.Call(http.MethodPost, "phones/"+url.PathEscape(number)+"/"+action, in, &p); err != nil {
		return screen{}, err
	}
	return paid(&p), nil
}

// noPIN refuses an empty PIN: to the control API none is the right one, but a person has to enter theirs.
func noPIN() error {
	return &control.Problem{Status: http.StatusBadRequest, Title: "The PIN is missing", Detail: "Enter the four digits of the PIN.", Field: "pin"}
}

// paid is the screen for a payment as it then is. What else there is to say comes by SMS.
func paid(p *control.Payment) screen {
	o := outcome.Of(p)
	return screen{Outcome: &result{State: o.Tone, Title: o.Title, Text: o.Text, Reason: o.Reason}}
}

// refused is the screen for what the control API refuses, unless that is Kivuko's own fault.
func refused(err error) (screen, error) {
	p, ok := errors.AsType[*control.Problem](err)
	if !ok || p.Status >= http.StatusInternalServerError {
		return screen{}, err
	}
	return screen{Outcome: &result{State: "bad", Title: p.Title, Text: p.Detail}}, nil
}

// notDone is the screen for what the menu refuses.
func notDone(r control.MenuResult) screen {
	return screen{Outcome: &result{State: "bad", Title: "Not done", Text: r.ResultDesc, Reason: r.Reason}}
}

func showBalance(q *page.Request, number string) (screen, error) {
	pin := q.Form().Get("pin")
	if pin == "" {
		return screen{}, noPIN()
	}
	b, err := q.API().AskBalance(q.HTTP.Context(), number, pin)
	if err != nil {
		return screen{}, err
	}
	if !b.Done() {
		return notDone(b.MenuResult), nil
	}
	return screen{Outcome: &result{State: "good", Title: "Your balance", Accounts: b.Accounts}}, nil
}

func showStatement(q *page.Request, number string) (screen, error) {
	pin := q.Form().Get("pin")
	if pin == "" {
		return screen{}, noPIN()
	}
	s, err := q.API().AskStatement(q.HTTP.Context(), number, pin)
	if err != nil {
		return screen{}, err
	}
	if !s.Done() {
		return notDone(s.MenuResult), nil
	}
	o := &result{State: "good", Title: "Your last transactions", Movements: s.Movements}
	if len(s.Movements) == 0 {
		o.Text = "There are none yet."
	}
	return screen{Outcome: o}, nil
}

func changePIN(q *page.Request, number string) (screen, error) {
	f := q.Form()
	if f.Get("old") == "" {
		return screen{}, &control.Problem{Status: http.StatusBadRequest, Detail: "Enter the four digits of the PIN.", Field: "old"}
	}
	if f.Get("new") != f.Get("again") {
		return screen{}, &control.Problem{Status: http.StatusBadRequest, Detail: "The new PIN and its repetition differ.", Field: "new"}
	}
	r, err := q.API().ChangePIN(q.HTTP.Context(), number, control.NewPIN{Old: f.Get("old"), New: f.Get("new")})
	if err != nil {
		return screen{}, err
	}
	if !r.Done() {
		return notDone(*r), nil
	}
	return screen{Outcome: &result{State: "good", Title: "Done", Text: "Your M-PESA PIN has been changed."}}, nil
}
