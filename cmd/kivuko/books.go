package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// books adds all transfers up, compares, goes through the chain, and fails unless the books are right.
type books struct {
	clientFlags
	Anchor string `placeholder:"HASH" help:"Check also that an anchor that was written down is part of the chain: its 64 digits, with or without spaces."`
}

var errUnbalanced = errors.New("the books do not balance")

func (b *books) Run(ctx context.Context, out io.Writer) error {
	return b.call(func(c *control.Client) error {
		sums, err := c.BooksSince(ctx, b.Anchor)
		if err != nil {
			return err
		}
		err = b.show(out, sums, func(w io.Writer) {
			row(w, "accounts", sums.Accounts)
			row(w, "transfers", sums.Transfers)
			row(w, "payments", fmt.Sprintf("%d, of which %d wait", sums.Payments, sums.Open))
			row(w, "sum of all balances", shillings(sums.Sum))
			if a := sums.Anchor; a != nil {
				row(w, fmt.Sprintf("anchor %d, %s", a.Number, moment(a.At)), a.Hash)
			}
			if len(sums.Wrong) == 0 {
				row(w, "found wrong", "nothing")
			}
			for _, d := range sums.Wrong {
				row(w, d.Check, fmt.Sprintf("%d: %s", d.Count, strings.Join(d.Rows, ", ")))
			}
		})
		if err == nil && !sums.Balanced() {
			err = errUnbalanced
		}
		return err
	})
}
