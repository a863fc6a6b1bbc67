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

func (x *audit) Run(ctx context.Context, out io.Writer) error {
	filter := control.AuditFilter{Username: x.Operator, Action: x.Action, Refused: x.Refused, After: x.After, Limit: x.Limit}
	return shown(orgFlags{clientFlags: x.clientFlags, As: x.As}, out, func(c *control.Client) (*control.Page[control.AuditEntry], error) {
		return c.Audit(ctx, x.Shortcode, filter)
	}, func(w io.Writer, list *control.Page[control.AuditEntry]) {
		table(w, list.Items, "no entries", "NUMBER, TIME, OPERATOR, FROM, ACTION, SUBJECT, REFUSED", func(e *control.AuditEntry) {
			row(w, e.ID, moment(e.At), actor(e), e.From, e.Action, e.Subject, e.Refused)
		})
		more(w, list.Next)
	})
}

// actor is who did something, and where another program only said so.
func actor(e *control.AuditEntry) string {
	if e.Via != "" {
		return e.Username + " (by the " + e.Via + ")"
	}
	return person(e.Username)
}
