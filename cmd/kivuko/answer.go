package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/outcome"
)

// answer answers the prompt that is open on a phone, as the person who holds it would.
type answer struct {
	clientFlags
	onceFlag
	Number string     `arg:"" help:"The phone's number: 0708374149, 254708374149 or +254708374149."`
	PIN    secretText `name:"pin" xor:"answer" placeholder:"1234|-" help:"Enter this PIN; ${stdin}"`
	Cancel bool       `xor:"answer" help:"Press cancel."`
}

// Run answers and shows what became of the payment.
func (a *answer) Run(ctx context.Context, out io.Writer) error {
	if a.PIN == "" && !a.Cancel {
		return usageError{errors.New("say how to answer: --pin 1234, --pin - or --cancel")}
	}
	return a.call(func(c *control.Client) (err error) {
		var p *control.Payment
		if a.Cancel {
			p, err = c.Cancel(a.once(ctx), a.Number)
		} else {
			p, err = c.Answer(a.once(ctx), a.Number, string(a.PIN))
		}
		if err != nil {
			return err
		}
		return a.show(out, p, func(w io.Writer) { row(w, came(p)) })
	})
}

// came says in a line what came of a payment.
func came(p *control.Payment) string {
	return fmt.Sprintf("payment %d of %s to %s %s", p.ID, shillings(p.Amount), p.Payee, outcome.Of(p).Line)
}
