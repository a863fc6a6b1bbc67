package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kivuko/kivuko/control"
)

type phoneList struct {
	clientFlags
	After string `placeholder:"NUMBER" help:"List only those after this one."`
	Limit int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

func (x *phoneList) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Page[control.PhoneLine], error) {
		return c.Phones(ctx, control.ListQuery{After: x.After, Limit: x.Limit})
	}, writePhones)
}

func writePhones(w io.Writer, list *control.Page[control.PhoneLine]) {
	table(w, list.Items, "no phones", "NUMBER, NAME, ANSWERS, STATE", func(p *control.PhoneLine) {
		row(w, p.MSISDN, p.Name, answering(string(p.Answers), p.AfterMS), phoneState(p))
	})
	more(w, list.Next)
}

// phoneState says what is unusual about a phone; "" when nothing is.
func phoneState(p *control.PhoneLine) string {
	switch {
	case p.Standing != "":
		return string(p.Standing)
	case p.PINLocked:
		return "PIN locked"
	case !p.BlockedUntil.IsZero():
		return "blocked until " + moment(p.BlockedUntil)
	case !p.HeldUntil.IsZero():
		return "held until " + moment(p.HeldUntil)
	}
	return p.Limits
}

// errNotShown makes it a failure of a command that the menu refused what it asked for.
var errNotShown = errors.New("the menu did nothing")

// asked shows what the menu answered, and fails when it refused.
func (f clientFlags) asked(out io.Writer, answer any, result control.MenuResult, human func(io.Writer)) error {
	err := f.show(out, answer, func(w io.Writer) {
		if result.Done() {
			human(w)
			return
		}
		row(w, fmt.Sprintf("failed with %s %s (%s)", result.Result, result.ResultDesc, result.Reason))
	})
	if err == nil && !result.Done() {
		err = errNotShown
	}
	return err
}

type phoneBalance struct {
	numberFlags
	pinFlag
}

func (x *phoneBalance) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		b, err := c.AskBalance(ctx, x.Number, string(x.PIN))
		if err != nil {
			return err
		}
		return x.asked(out, b, b.MenuResult, func(w io.Writer) {
			for _, a := range b.Accounts {
				row(w, a.Name, shillings(a.Current))
			}
		})
	})
}

type phoneStatement struct {
	numberFlags
	pinFlag
}

func (x *phoneStatement) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		s, err := c.AskStatement(ctx, x.Number, string(x.PIN))
		if err != nil {
			return err
		}
		return x.asked(out, s, s.MenuResult, func(w io.Writer) { writeMovements(w, s.Movements) })
	})
}

func writeMovements(w io.Writer, list []control.Movement) {
	table(w, list, "no movements", "TIME, RECEIPT, PAID IN, WITHDRAWN, CHARGE, BALANCE, DETAILS", func(m *control.Movement) {
		row(w, moment(m.At), m.Receipt, m.PaidIn.Grouped(), m.Withdrawn.Grouped(), m.Charge.Grouped(), m.Balance.Grouped(), m.Details)
	})
}

type phonePIN struct {
	numberFlags
	New secretText `arg:"" help:"The new PIN: four digits; ${stdin}"`
	Old secretText `placeholder:"1234|-" help:"Enter this one as the old PIN (default: the owner enters the right one); ${stdin}"`
}

func (x *phonePIN) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		r, err := c.ChangePIN(ctx, x.Number, control.NewPIN{Old: string(x.Old), New: string(x.New)})
		if err != nil {
			return err
		}
		return x.asked(out, r, *r, func(w io.Writer) { row(w, "the PIN was changed") })
	})
}

type phoneHold struct {
	numberFlags
	For time.Duration `arg:"" optional:"" default:"1m" help:"How long from now on, in whole seconds and at most 10m; 0s puts it down (default: 1m)."`
}

func (x *phoneHold) Run(ctx context.Context, out io.Writer) error {
	if x.For%time.Second != 0 || x.For < 0 || x.For > control.MaxHold {
		return usageError{fmt.Errorf("%s: it has to be whole seconds, such as 30s, and at most %s", x.For, control.MaxHold)}
	}
	return shown(x, out, func(c *control.Client) (*control.Phone, error) { return c.Hold(ctx, x.Number, int(x.For/time.Second)) },
		func(w io.Writer, p *control.Phone) { writePhone(w, p, false) })
}
