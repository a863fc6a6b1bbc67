package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

// callbacks lists callbacks, shows one, or sends it again.
type callbacks struct {
	clientFlags
	ID        int64  `arg:"" optional:"" help:"Show this one, with its body and every attempt."`
	Resend    bool   `help:"Send it once more, whatever came of it before."`
	Shortcode string `help:"List only those of this business."`
	State     string `placeholder:"pending|delivered|failed" help:"List only those in this state."`
	Limit     int    `default:"20" help:"List at most so many, from 1 to 1000."`
}

// Run lists, shows or sends.
func (x *callbacks) Run(ctx context.Context, out io.Writer) error {
	if x.Resend && x.ID == 0 {
		return usageError{errors.New("say which callback to send again: kivuko callbacks ID --resend")}
	}
	return x.call(func(c *control.Client) error {
		if x.ID == 0 {
			list, err := c.Callbacks(ctx, control.CallbackFilter{Limit: x.Limit, Shortcode: x.Shortcode, State: x.State})
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

func (x *callbacks) one(ctx context.Context, c *control.Client) (*control.Callback, error) {
	if x.Resend {
		return c.Resend(ctx, x.ID)
	}
	return c.Callback(ctx, x.ID)
}

func writeCallbacks(w io.Writer, list *control.Callbacks) {
	if len(list.Callbacks) == 0 {
		row(w, "no callbacks")
		return
	}
	row(w, "NUMBER", "PAYMENT", "STATE", "ATTEMPTS", "URL")
	for _, x := range list.Callbacks {
		row(w, x.ID, x.Payment, x.State, tries(x), x.URL)
	}
	if list.Next != nil {
		row(w, "(there are more)")
	}
}

func writeCallback(w io.Writer, x *control.Callback) {
	row(w, fmt.Sprintf("callback %d of payment %d is %s", x.ID, x.Payment, x.State))
	row(w, "  URL", x.URL)
	fact(w, "  due", moment(x.DueAt))
	for _, a := range x.Attempts {
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
		return fmt.Sprintf("%d, last %s", n, attempted(x.Attempts[n-1]))
	}
}

func attempted(a control.Attempt) string {
	if a.Status == 0 {
		return a.Error + " after " + milliseconds(a.TookMS)
	}
	return fmt.Sprintf("HTTP %d in %s", a.Status, milliseconds(a.TookMS))
}
