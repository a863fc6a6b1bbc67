package main

import (
	"context"
	"io"

	"github.com/kivuko/kivuko/control"
)

// audit shows what was done with an organisation or, without one, with the installation.
type audit struct {
	clientFlags
	As        string `placeholder:"USERNAME" help:"Ask as this operator may."`
	Shortcode string `arg:"" optional:"" help:"An organisation's shortcode; without one, what the person who runs Kivuko did that is no organisation's."`

	Operator string `placeholder:"USERNAME" help:"Only what this operator did, or was said to do."`
	Action   string `help:"Only this, such as 'sign in' or 'approve'."`
	Refused  bool   `help:"Only what was refused."`
	After    string `placeholder:"PLACE" help:"Go on where an earlier list ended."`
	Limit    int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

// Run lists.
func (x *audit) Run(ctx context.Context, out io.Writer) error {
	return orgFlags{clientFlags: x.clientFlags, As: x.As}.call(func(c *control.Client) error {
		list, err := c.Audit(ctx, x.Shortcode, control.AuditFilter{Username: x.Operator, Action: x.Action, Refused: x.Refused, After: x.After, Limit: x.Limit})
		if err != nil {
			return err
		}
		return x.show(out, list, func(w io.Writer) {
			if len(list.Items) == 0 {
				row(w, "no entries")
			} else {
				row(w, "NUMBER", "TIME", "OPERATOR", "FROM", "ACTION", "SUBJECT", "REFUSED")
			}
			for _, e := range list.Items {
				row(w, e.ID, moment(e.At), actor(&e), e.From, e.Action, e.Subject, e.Refused)
			}
			if list.Next != "" {
				row(w, "(there are more: --after "+list.Next+")")
			}
		})
	})
}

// actor is who did something, and where another program only said so.
func actor(e *control.AuditEntry) string {
	if e.Via != "" {
		return e.Username + " (by the " + e.Via + ")"
	}
	return person(e.Username)
}
