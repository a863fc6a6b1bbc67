package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

// answer answers the prompt that is open on a phone, as the person who holds it would.
type answer struct {
	clientFlags
	Number string `arg:"" help:"The phone's number: 0708374149, 254708374149 or +254708374149."`
	PIN    string `name:"pin" xor:"answer" placeholder:"1234" help:"Enter this PIN."`
	Cancel bool   `xor:"answer" help:"Press cancel."`
}

// Run answers and shows what became of the payment.
func (a *answer) Run(ctx context.Context, out io.Writer) error {
	if a.PIN == "" && !a.Cancel {
		return usageError{errors.New("say how to answer: --pin 1234 or --cancel")}
	}
	return a.call(func(c *control.Client) (err error) {
		var p *control.Payment
		if a.Cancel {
			p, err = c.Cancel(ctx, a.Number)
		} else {
			p, err = c.Answer(ctx, a.Number, a.PIN)
		}
		if err != nil {
			return err
		}
		return a.show(out, p, func(w io.Writer) { row(w, outcome(p)) })
	})
}

// outcome says in a line what became of a payment.
func outcome(p *control.Payment) string {
	what := fmt.Sprintf("payment %d of %s to %s", p.ID, shillings(p.Amount), p.Payee)
	switch {
	case p.State == "completed":
		return what + " completed, receipt " + p.Receipt
	case p.State == "queued":
		return what + " waits for its turn"
	case p.Result == "":
		return what + " waits for an answer"
	case p.Reason == "":
		return what + " failed with " + p.Result + " " + p.ResultDesc
	}
	return what + " failed with " + p.Result + " " + p.ResultDesc + " (" + p.Reason + ")"
}
