package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

// books adds all transfers up and fails unless the books balance.
type books struct{ clientFlags }

var errUnbalanced = errors.New("the books do not balance")

// Run shows the sums.
func (b *books) Run(ctx context.Context, out io.Writer) error {
	return b.call(func(c *control.Client) error {
		sums, err := c.Books(ctx)
		if err != nil {
			return err
		}
		err = b.show(out, sums, func(w io.Writer) {
			row(w, "accounts", sums.Accounts)
			row(w, "transfers", sums.Transfers)
			row(w, "payments", fmt.Sprintf("%d, of which %d wait", sums.Payments, sums.Open))
			row(w, "sum of all balances", shillings(sums.Sum))
			row(w, "balances that differ from their transfers", sums.Mismatches)
			row(w, "accounts overdrawn", sums.Overdrawn)
			row(w, "payments and transfers without each other", sums.Orphans)
			row(w, "reserved without a waiting payment", shillings(sums.Stray))
		})
		if err == nil && !sums.Balanced() {
			err = errUnbalanced
		}
		return err
	})
}
