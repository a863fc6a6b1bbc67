package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/outcome"
)

// phone is what is done with a customer's phone.
type phone struct {
	Show     phoneShow     `cmd:"" default:"withargs" help:"Show a phone, or change it: 'show' can be left out."`
	Pay      phonePay      `cmd:"" help:"Pay a pay bill or a till from the phone's menu."`
	Send     phoneSend     `cmd:"" help:"Send money to another customer."`
	Withdraw phoneWithdraw `cmd:"" help:"Take cash out at an agent."`
	Deposit  phoneDeposit  `cmd:"" help:"Pay cash in at an agent."`
	Pochi    phonePochi    `cmd:"" help:"Move money from the business wallet (Pochi) into the own one."`

	List      phoneList      `cmd:"" help:"List customers' phones in the order of their numbers."`
	Balance   phoneBalance   `cmd:"" help:"Ask the phone's menu for the balance."`
	Statement phoneStatement `cmd:"" help:"Ask the phone's menu for the mini statement."`
	PIN       phonePIN       `cmd:"" name:"pin" help:"Choose another PIN on the phone's menu."`
	Hold      phoneHold      `cmd:"" help:"Hold a phone, so that its prompts wait for an answer, or put it down."`
}

// numberFlags are those of the commands about a phone.
type numberFlags struct {
	clientFlags
	Number string `arg:"" help:"The phone's number: 0708374149, 254708374149 or +254708374149."`
}

// moneyFlags are those of the commands that move a customer's money.
type moneyFlags struct {
	numberFlags
	onceFlag
}

// pinFlag is the PIN that is entered on the phone.
type pinFlag struct {
	PIN secretText `name:"pin" placeholder:"1234|-" help:"Enter this PIN (default: the owner enters the right one); ${stdin}"`
}

type phonePay struct {
	moneyFlags
	pinFlag
	Shortcode string `arg:"" help:"The pay bill's or the till's number."`
	Amount    string `arg:"" help:"In shillings: 100 or 100.50."`
	Account   string `placeholder:"INV-1" help:"Account number, which a pay bill needs and a till doesn't have."`
}

func (x *phonePay) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return c.Pay(x.once(ctx), x.Number, control.Pay{Shortcode: x.Shortcode, Account: x.Account, Amount: amount, PIN: string(x.PIN)})
	})
}

type phoneSend struct {
	moneyFlags
	pinFlag
	To     string `arg:"" help:"The number of the customer who gets it."`
	Amount string `arg:"" help:"In shillings: 100 or 100.50."`
	Pochi  bool   `help:"Into the other's business wallet."`
}

func (x *phoneSend) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return c.Send(x.once(ctx), x.Number, control.Send{To: x.To, Pochi: x.Pochi, Amount: amount, PIN: string(x.PIN)})
	})
}

type phoneWithdraw struct {
	moneyFlags
	pinFlag
	Amount string `arg:"" help:"In shillings, 50 at least."`
}

func (x *phoneWithdraw) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return c.WithdrawCash(x.once(ctx), x.Number, control.Cash{Amount: amount, PIN: string(x.PIN)})
	})
}

type phoneDeposit struct {
	moneyFlags
	Amount string `arg:"" help:"In shillings: 100 or 100.50."`
}

func (x *phoneDeposit) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return c.DepositCash(x.once(ctx), x.Number, amount)
	})
}

type phonePochi struct {
	moneyFlags
	pinFlag
	Amount string `arg:"" help:"In shillings: 100 or 100.50."`
}

func (x *phonePochi) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return c.EmptyPochi(x.once(ctx), x.Number, control.Cash{Amount: amount, PIN: string(x.PIN)})
	})
}

// errNothingMoved makes a payment that a rule forbids a failure of the command that asked for it.
var errNothingMoved = errors.New("nothing was moved")

// move has an amount moved and shows what came of it.
func (f clientFlags) move(out io.Writer, amount string, do func(*control.Client, control.Amount) (*control.Payment, error)) error {
	parsed, err := control.ParseAmount(amount)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", amount, err)}
	}
	return f.call(func(c *control.Client) error {
		p, err := do(c, parsed)
		if err != nil {
			return err
		}
		return f.showMoved(out, p)
	})
}

// showMoved shows a payment, and fails unless it went through or waits.
func (f clientFlags) showMoved(out io.Writer, p *control.Payment) error {
	err := f.show(out, p, func(w io.Writer) { row(w, came(p)) })
	if err == nil && outcome.Of(p).Tone == outcome.Bad {
		err = errNothingMoved
	}
	return err
}
