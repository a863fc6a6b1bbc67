package phones

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/outcome"
)

// showSwitches shows how a phone answers, once somebody wants to see that on a wall.
func (r *room) showSwitches(q *page.Request) error {
	h, err := r.handset(q, q.Value("msisdn"))
	if err != nil {
		return err
	}
	if !q.Partial() {
		return q.Redirect(h.Path())
	}
	return q.Fragment("wall", "switches", h)
}

// setWay has a phone answer prompts in a way, and after some seconds.
func (r *room) setWay(q *page.Request) error {
	f := q.Form()
	change := map[string]any{"answers": f.Get("answers")}
	if typed := f.Get("seconds"); typed == "" && len(f.All("seconds")) > 0 {
		change["afterMs"] = nil
	} else if typed != "" {
		seconds, err := strconv.ParseFloat(typed, 64)
		if err != nil || !(seconds >= 0 && seconds <= control.MaxDelay.Duration().Seconds()) {
			return r.changed(q, "", &control.Problem{Field: "seconds", Detail: "It has to be seconds from 0 to 600, or nothing for the usual."})
		}
		change["afterMs"] = int64(math.Round(seconds * 1000))
	}
	return r.changed(q, "It answers so from now on.", r.put(q, change))
}

// setState lifts a lock or a block, swaps the SIM, or has cash paid in at an agent.
func (r *room) setState(q *page.Request) error {
	number := url.PathEscape(q.Value("msisdn"))
	switch q.Form().Get("do") {
	case "unlock":
		return r.changed(q, "The PIN is no longer locked.", r.put(q, map[string]any{"pinLocked": false}))
	case "unblock":
		return r.changed(q, "Prompts reach it again.", r.put(q, map[string]any{"blocked": false}))
	case "swap":
		return r.changed(q, "The number has another SIM.", r.put(q, map[string]any{"simSwapped": true}))
	case "deposit":
		var p control.Payment
		err := q.Call(http.MethodPost, "phones/"+number+"/deposit", q.Form().Fields("amount"), &p)
		if err != nil {
			return r.changed(q, "", err)
		}
		came := outcome.Of(&p)
		if came.Tone == outcome.Bad {
			err = &control.Problem{Field: "amount", Detail: came.Text + " (" + came.Reason + ")"}
		}
		return r.changed(q, came.Text, err)
	}
	return &control.Problem{Status: http.StatusBadRequest, Title: "There is no such switch", Detail: "A phone is unlocked, unblocked, given another SIM or paid into."}
}

func (r *room) put(q *page.Request, change map[string]any) error {
	return q.Call(http.MethodPut, "phones/"+url.PathEscape(q.Value("msisdn")), change, new(control.Phone))
}

// changed shows the switches after a change, or why there was none.
func (r *room) changed(q *page.Request, done string, err error) error {
	p, refused := errors.AsType[*control.Problem](err)
	if err != nil && (!refused || p.Status >= http.StatusInternalServerError || p.Status == http.StatusNotFound) {
		return err
	}
	h, err := r.handset(q, q.Value("msisdn"))
	if err != nil {
		return err
	}
	h.Form = q.Form()
	if h.Changed = done; refused {
		h.Changed, h.Form.Problem = "", p
	}
	if q.Partial() {
		return q.Fragment("wall", "switches", h)
	}
	return showSingle(q, h, page.Unique())
}

// Wrong is why a switch was refused; "" when it was not.
func (h *handset) Wrong(field string) string {
	if p := h.Form.Problem; p != nil && p.Field == field {
		return p.Detail
	}
	return ""
}

// Typed is what a switch's field shows: what was refused stays.
func (h *handset) Typed(field, value string) string {
	if h.Wrong(field) != "" {
		return h.Form.Get(field)
	}
	return value
}

// Refusal is why the switches were refused, when no field shows it; "" when they were not.
func (h *handset) Refusal() string {
	if p := h.Form.Problem; p != nil && p.Field != "seconds" && p.Field != "amount" {
		return p.Detail
	}
	return ""
}
