package developer

import (
	"errors"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// showPayments lists payments, of all apps and phones.
func showPayments(q *page.Request) error {
	l := newLogPage(q, "payments", control.PaymentsTopic)
	if err := l.nameChoices(q); err != nil {
		return err
	}
	if id := q.Form().Get("id"); id != "" {
		p, err := q.API().PaymentOf(q.HTTP.Context(), q.Form().Get("shortcode"), id)
		if err != nil {
			return q.Refused("payments", l, refusedAt("id", err))
		}
		l.Payments = []control.Payment{*p}
		return q.Show("payments", l)
	}
	var list control.Page[control.Payment]
	if err := q.Call(http.MethodGet, "payments?brief=true&"+asked(q.Form(), "phone", "shortcode", "kind", "state", "result"), nil, &list); err != nil {
		return q.Refused("payments", l, err)
	}
	l.Payments, l.Older = list.Items, older(q, list.Next)
	return q.Show("payments", l)
}

// refusedAt has a problem stand at a field, where it names none.
func refusedAt(field string, err error) error {
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Field == "" {
		at := *p
		at.Field = field
		return &at
	}
	return err
}

// latest are the most attempts that the list shows of a callback.
const latest = 5

// showCallbacks lists callbacks.
func showCallbacks(q *page.Request) error {
	l := newLogPage(q, "callbacks", control.CallbacksTopic)
	var list control.Page[control.Callback]
	if err := q.Call(http.MethodGet, "callbacks?"+asked(q.Form(), "shortcode", "state"), nil, &list); err != nil {
		return q.Refused("callbacks", l, err)
	}
	for i := range list.Items {
		c := &list.Items[i]
		c.Attempts = c.Attempts[max(0, len(c.Attempts)-latest):]
	}
	l.Callbacks, l.Older = list.Items, older(q, list.Next)
	return q.Show("callbacks", l)
}

// resend sends a callback again, and shows the payment that it tells of.
func resend(q *page.Request) error {
	var sent control.Callback
	if err := q.Call(http.MethodPost, "callbacks/"+q.Value("id")+"/resend", nil, &sent); err != nil {
		return err
	}
	q.Flash("The callback is being sent again.")
	return q.Redirect(paymentPath(sent.Payment) + "#callbacks")
}

// giveUp has no more attempts made at a callback, and shows the payment that it tells of.
func giveUp(q *page.Request) error {
	var given control.Callback
	if err := q.Call(http.MethodPost, "callbacks/"+q.Value("id")+"/give-up", nil, &given); err != nil {
		return err
	}
	q.Flash("The callback is given up: no more attempts are made unless it is sent again.")
	return q.Redirect(paymentPath(given.Payment) + "#callbacks")
}
