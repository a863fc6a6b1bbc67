package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

type orgStatement struct {
	orgFlags
	Account string `default:"working" placeholder:"${account}" help:"The account (default: working)."`
	From    string `placeholder:"2026-11-01" help:"The first day, in East Africa Time; without it thirty days before the last."`
	To      string `placeholder:"2026-11-30" help:"The last day; without it today."`
	Receipt string `placeholder:"RECEIPT" help:"Only the entries of this payment, in any account and at any time."`
	Phone   string `placeholder:"NUMBER" help:"Only those of this customer's payments."`
	Amount  string `placeholder:"1000.50" help:"Only those of this amount, in shillings."`
	After   string `placeholder:"PLACE" help:"Go on where an earlier list ended."`
	Limit   int    `default:"50" help:"List at most so many, from 1 to 1000."`
	CSV     bool   `name:"csv" help:"Print all of the account and period as CSV for other programs, whatever the limit."`
}

func (x *orgStatement) Run(ctx context.Context, out io.Writer) error {
	if x.CSV && (x.JSON || x.Receipt+x.Phone+x.Amount+x.After != "") {
		return usageError{errors.New("--csv has all of a period: it doesn't go with --json, --receipt, --phone, --amount or --after")}
	}
	q := control.StatementQuery{Account: control.AccountWord(x.Account), From: x.From, To: x.To, Receipt: x.Receipt, Phone: x.Phone, Amount: x.Amount, After: x.After, Limit: x.Limit}
	return x.call(func(c *control.Client) error {
		if x.CSV {
			return c.StatementCSV(ctx, x.Shortcode, q, out)
		}
		s, err := c.Statement(ctx, x.Shortcode, q)
		if err != nil {
			return err
		}
		return x.show(out, s, func(w io.Writer) {
			if x.Receipt != "" {
				writeEntriesOf(w, x.Receipt, s.Items)
			} else {
				writeStatement(w, s)
			}
		})
	})
}

func writeStatement(w io.Writer, s *control.Statement) {
	row(w, fmt.Sprintf("%s from %s to %s: %s at first, %s at last", s.Account, s.From, s.To, shillings(s.Opening), shillings(s.Closing)))
	table(w, s.Items, "no entries", "COMPLETED, RECEIPT, DETAILS, OTHER PARTY, PAID IN, WITHDRAWN, BALANCE", func(e *control.StatementEntry) {
		row(w, moment(e.At), e.Receipt, e.Details, e.Party, unlessZero(e.PaidIn), unlessZero(e.Withdrawn), shillings(e.Balance))
	})
	more(w, s.Next)
}

// writeEntriesOf prints a payment's entries, which may be of several accounts.
func writeEntriesOf(w io.Writer, receipt string, list []control.StatementEntry) {
	if len(list) == 0 {
		row(w, "no entries of "+receipt)
		return
	}
	row(w, "ACCOUNT", "COMPLETED", "DETAILS", "OTHER PARTY", "PAID IN", "WITHDRAWN", "BALANCE")
	for i := range list {
		e := &list[i]
		row(w, e.Account, moment(e.At), e.Details, e.Party, unlessZero(e.PaidIn), unlessZero(e.Withdrawn), shillings(e.Balance))
	}
}

func unlessZero(a control.Amount) string {
	if a == 0 {
		return ""
	}
	return shillings(a)
}

type orgInitiate struct {
	orgFlags
	onceFlag
	Task    string `arg:"" help:"What: BusinessPayment, SalaryPayment, BusinessPayBill, PayTaxToKRA, TransactionReversal, move, settle, withdraw or another."`
	From    string `placeholder:"ACCOUNT" help:"Of a move: working, utility, merchant or float."`
	To      string `placeholder:"NUMBER|ACCOUNT" help:"Who is paid: a customer's number or a shortcode; of a move, the account."`
	Amount  string `placeholder:"1000.50" help:"In shillings."`
	Account string `placeholder:"TEXT" help:"Number by which the receiver knows what it is for; of a tax, the payment registration number."`
	Receipt string `placeholder:"RECEIPT" help:"Of the payment that is taken back."`
	Remarks string `placeholder:"TEXT" help:"2 to 100 characters."`
}

// Help shows what the common tasks need.
func (orgInitiate) Help() string {
	return `What each needs ('kivuko task' then approves or rejects it):

  kivuko org initiate 600000 BusinessPayment --to 0712345678 --amount 250 --remarks 'a refund' --as clerk
  kivuko org initiate 600000 BusinessPayBill --to 600996 --amount 1000.50 --account INV-1 --as clerk
  kivuko org initiate 600000 TransactionReversal --receipt UKL13OWVY3 --as clerk
  kivuko org initiate 600000 move --from working --to utility --amount 5000 --as clerk
  kivuko org initiate 600000 settle --as clerk`
}

func (x *orgInitiate) Run(ctx context.Context, out io.Writer) error {
	return x.moved(out, func(c *control.Client) (*control.Task, error) {
		return c.Initiate(x.once(ctx), x.Shortcode, control.NewTask{Task: x.Task, From: control.AccountWord(x.From), To: x.To, Amount: x.Amount, Account: x.Account, Receipt: x.Receipt, Remarks: x.Remarks})
	})
}

type orgApproval struct {
	orgFlags
	Free   *control.Amount `placeholder:"1000" help:"A task of at most that needs nobody's approval; 0: every task needs somebody's."`
	Second *control.Amount `placeholder:"100000" help:"A task of more needs those of two operators; 0: none does."`
}

// Run shows or changes the policy.
func (x *orgApproval) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		p, err := c.Approval(ctx, x.Shortcode)
		if err != nil {
			return err
		}
		if x.Free != nil || x.Second != nil {
			for _, change := range []struct{ to, from *control.Amount }{{&p.Free, x.Free}, {&p.Second, x.Second}} {
				if change.from != nil {
					*change.to = *change.from
				}
			}
			if p, err = c.PutApproval(ctx, x.Shortcode, *p); err != nil {
				return err
			}
		}
		return x.show(out, p, func(w io.Writer) {
			if p.Free == 0 {
				row(w, "needs nobody's approval", "nothing")
			} else {
				row(w, "needs nobody's approval", "at most "+shillings(p.Free))
			}
			if p.Second != 0 {
				row(w, "needs two", "above "+shillings(p.Second))
			}
		})
	})
}

type orgTariffs struct{ orgFlags }

func (x *orgTariffs) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Tariffs, error) { return c.Tariffs(ctx, x.Shortcode) }, func(w io.Writer, list *control.Tariffs) {
		for i := range list.Tariffs {
			writeTariff(w, &list.Tariffs[i])
		}
	})
}

func writeTariff(w io.Writer, t *control.Tariff) {
	row(w, fmt.Sprintf("%s: %s since %s", t.Payments, t.Tariff.Name, t.Tariff.From))
	row(w, "  UP TO", "CUSTOMER", "BUSINESS")
	for _, b := range t.Tariff.Bands {
		business := shillings(b.Business)
		if b.BasisPoints != 0 {
			business = fmt.Sprintf("%d.%02d%%, at most %s", b.BasisPoints/100, b.BasisPoints%100, shillings(b.Cap))
		}
		row(w, "  "+shillings(b.UpTo), shillings(b.Customer), business)
	}
}
