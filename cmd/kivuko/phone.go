package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/kivuko/kivuko/control"
)

// phoneShow shows a customer's phone, or changes it.
type phoneShow struct {
	clientFlags
	Number string `arg:"" help:"Its number: 0708374149, 254708374149 or +254708374149."`

	Name     *string           `help:"Name the customer."`
	PIN      *secretText       `name:"pin" placeholder:"1234|-" help:"Set the PIN, and unlock it; ${stdin}"`
	Balance  *string           `placeholder:"100.50" help:"Set the balance, in shillings."`
	Answers  *control.Answers  `placeholder:"${answers}" help:"How it answers prompts when nobody holds it."`
	After    *string           `placeholder:"2s|default" help:"How long it takes to answer, at most 10m."`
	Limits   *string           `help:"Set the customer's limits by their name."`
	Standing *control.Standing `placeholder:"${standing}" help:"What the customer is allowed."`
	Unblock  bool              `help:"Let prompts through again after too many that nobody answered."`
	Unlock   bool              `help:"Forget wrong PINs, so that the PIN is locked no longer."`
	SwapSIM  bool              `name:"swap-sim" help:"Give the number another SIM, now."`
	Messages bool              `help:"Show the SMS that it got, newest first."`
}

// Run changes what flags say and shows what came of it.
func (p *phoneShow) Run(ctx context.Context, out io.Writer) error {
	change, err := p.change()
	if err != nil {
		return usageError{err}
	}
	return p.call(func(c *control.Client) error {
		var shown *control.Phone
		created := false
		if change != (control.PhoneChange{}) {
			shown, created, err = c.PutPhone(ctx, p.Number, change)
		} else if !p.Messages {
			shown, err = c.Phone(ctx, p.Number)
		}
		if err != nil {
			return err
		}
		if p.Messages {
			return p.showMessages(ctx, out, c)
		}
		return p.show(out, shown, func(w io.Writer) { writePhone(w, shown, created) })
	})
}

// change is what the flags ask for.
func (p *phoneShow) change() (change control.PhoneChange, err error) {
	change = control.PhoneChange{Name: p.Name, PIN: (*string)(p.PIN), Answers: empty(p.Answers, byDefault), Limits: empty(p.Limits, "standard"),
		Standing: empty(p.Standing, inGoodStanding)}
	if p.Unblock {
		change.Blocked = new(false)
	}
	change.SIMSwapped = p.SwapSIM
	if p.Unlock {
		change.PINLocked = new(false)
	}
	if p.Balance != nil {
		amount, err := control.ParseAmount(*p.Balance)
		if err != nil {
			return change, fmt.Errorf("--balance %s: %w", *p.Balance, err)
		}
		change.Balance = &amount
	}
	if p.After != nil {
		after, err := delay(*p.After)
		if err != nil {
			return change, err
		}
		change.AfterMS = &after
	}
	return change, nil
}

func delay(s string) (control.Delay, error) {
	if s == "default" {
		return control.DefaultDelay, nil
	}
	after, err := time.ParseDuration(s)
	if err != nil || after < 0 || after > control.MaxDelay.Duration() {
		return 0, fmt.Errorf("--after %s: it has to be a time such as 2s, at most %s, or default", s, control.MaxDelay.Duration())
	}
	return control.Delay(after.Milliseconds()), nil
}

// empty is the flag's value with the word for nothing of its own replaced by "".
func empty[T ~string](value *T, word T) *T {
	if value != nil && *value == word {
		return new(T(""))
	}
	return value
}

func writePhone(w io.Writer, p *control.Phone, created bool) {
	title := p.MSISDN + ", " + p.Name
	if created {
		title += " (new)"
	}
	row(w, title)
	balance := shillings(p.Balance)
	if p.Available != p.Balance {
		balance += ", available " + shillings(p.Available)
	}
	row(w, "  balance", balance)
	if p.Pochi != 0 {
		row(w, "  business wallet", shillings(p.Pochi))
	}
	row(w, "  spent today", shillings(p.SpentToday))
	row(w, "  answers", answering(string(p.Answers), p.AfterMS))
	row(w, "  PIN", pinState(p))
	fact(w, "  held until", moment(p.HeldUntil))
	if p.Unfinished > 0 {
		row(w, "  unfinished", fmt.Sprintf("%d prompts in a row", p.Unfinished))
	}
	if !p.BlockedUntil.IsZero() {
		row(w, "  blocked", "until "+moment(p.BlockedUntil)+": too many prompts in a row came to no payment; --unblock lets them through")
	}
	fact(w, "  SIM swapped", moment(p.SIMSwappedAt))
	fact(w, "  limits", p.Limits)
	fact(w, "  standing", string(p.Standing))
	if x := p.Prompt; x != nil {
		row(w, "  prompt", x.Text)
		row(w, "", fmt.Sprintf("payment %d, since %s, due %s", x.Payment, moment(x.OpenedAt), moment(x.DueAt)))
	}
}

// answering says how the phone answers when nobody holds it; default is as the service was started.
func answering(answers string, after control.Delay) string {
	how := cmp.Or(answers, "default")
	if after >= 0 {
		how += " after " + after.Duration().String()
	}
	return how
}

func pinState(p *control.Phone) string {
	switch {
	case p.PINLocked:
		return fmt.Sprintf("locked after %d wrong ones; --unlock forgets them, --pin sets a new one", p.WrongPINs)
	case p.WrongPINs > 0:
		return fmt.Sprintf("wrong %d times in a row", p.WrongPINs)
	}
	return "not locked"
}

func (p *phoneShow) showMessages(ctx context.Context, out io.Writer, c *control.Client) error {
	list, err := c.Messages(ctx, p.Number, 0)
	if err != nil {
		return err
	}
	return p.show(out, control.Messages{Messages: list}, func(w io.Writer) {
		for _, m := range list {
			row(w, moment(m.At), m.From, m.Text)
		}
		if len(list) == 0 {
			row(w, "no messages")
		}
	})
}
