package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/kivuko/kivuko/control"
)

// callbacks is what is done with callbacks.
type callbacks struct {
	Show callbacksShow `cmd:"" default:"withargs" help:"List callbacks, show one, send it again or give it up: 'show' can be left out."`
	Test callbacksTest `cmd:"" help:"Try a URL that callbacks are to be sent to, such as https://example.com/callback."`
}

// callbacksShow lists callbacks, shows one, sends it again or gives it up.
type callbacksShow struct {
	clientFlags
	ID        string `arg:"" optional:"" help:"Show this one, with its body and every attempt."`
	Resend    bool   `xor:"do" help:"Send it once more, whatever came of it before; once a second at most."`
	GiveUp    bool   `xor:"do" help:"Make no more attempts at it, until it is sent again."`
	Shortcode string `help:"List only those of this business."`
	State     string `placeholder:"${callback_state}" help:"List only those in this state."`
	Limit     int    `default:"20" help:"List at most so many, from 1 to 1000."`
}

// Run lists, shows, sends or gives up.
func (x *callbacksShow) Run(ctx context.Context, out io.Writer) error {
	if x.Resend && x.ID == "" {
		return usageError{errors.New("say which callback to send again: kivuko callbacks ID --resend")}
	}
	if x.GiveUp && x.ID == "" {
		return usageError{errors.New("say which callback to give up: kivuko callbacks ID --give-up")}
	}
	return x.call(func(c *control.Client) error {
		if x.ID == "" {
			list, err := c.Callbacks(ctx, control.CallbackFilter{Limit: x.Limit, Shortcode: x.Shortcode, State: control.CallbackState(x.State)})
			if err != nil {
				return err
			}
			return x.show(out, list, func(w io.Writer) { writeCallbacks(w, list) })
		}
		shown, err := x.one(ctx, c)
		if err != nil {
			return err
		}
		return x.show(out, shown, func(w io.Writer) { writeCallback(w, shown) })
	})
}

func (x *callbacksShow) one(ctx context.Context, c *control.Client) (*control.Callback, error) {
	id, err := strconv.ParseInt(x.ID, 10, 64)
	switch {
	case err != nil:
		return nil, usageError{fmt.Errorf("%q is no callback's number", x.ID)}
	case x.Resend:
		return c.Resend(ctx, id)
	case x.GiveUp:
		return c.GiveUp(ctx, id)
	}
	return c.Callback(ctx, id)
}

func writeCallbacks(w io.Writer, list *control.Page[control.Callback]) {
	table(w, list.Items, "no callbacks", "NUMBER, PAYMENT, STATE, ATTEMPTS, URL", func(x *control.Callback) {
		row(w, x.ID, x.Payment, x.State, tries(*x), x.URL)
	})
	if list.Next != "" {
		row(w, "(there are more)")
	}
}

func writeCallback(w io.Writer, x *control.Callback) {
	row(w, fmt.Sprintf("callback %d of payment %d is %s", x.ID, x.Payment, x.State))
	row(w, "  URL", x.URL)
	fact(w, "  due", moment(x.DueAt))
	for i, a := range x.Attempts {
		if left := x.Tried - len(x.Attempts); left > 0 && i == len(x.Attempts)/2 {
			row(w, "", fmt.Sprintf("(%d more attempts, which are not kept)", left))
		}
		row(w, "  "+moment(a.At), attempted(a))
	}
	if len(x.Body) > 0 {
		indented, err := json.MarshalIndent(x.Body, "  ", "  ")
		if err != nil {
			panic(err) // it was just read from JSON
		}
		fmt.Fprintf(w, "  %s\n", indented)
	}
}

// tries says how many attempts were made and how the last one ended.
func tries(x control.Callback) string {
	switch n := len(x.Attempts); n {
	case 0:
		return "not tried yet"
	case 1:
		return "1: " + attempted(x.Attempts[0])
	default:
		return fmt.Sprintf("%d, last %s", x.Tried, attempted(x.Attempts[n-1]))
	}
}

func attempted(a control.Attempt) string {
	if a.Status == 0 {
		return a.Error + " after " + milliseconds(a.TookMS)
	}
	return fmt.Sprintf("HTTP %d in %s", a.Status, milliseconds(a.TookMS))
}
