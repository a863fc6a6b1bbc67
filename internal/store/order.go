package store

import (
	"slices"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Order is the one order in which units lock rows on a database that nodes share: by the table, and by key within it. A unit that waits
// for a row then holds only rows before it, so units never wait for each other in a circle. The zero Order is that of a unit that
// holds nothing.
type Order struct{ last int } // the place of the last table of which rows are locked; 0: of none

// Take notes that the unit is about to lock rows, all in one go: those that its view doesn't have. Their tables must come after those
// of which it holds rows, or else it is ErrOrder.
func (o *Order) Take(n *mpesa.Needs, v *mpesa.View) error {
	last := o.last
	for i, wanted := range places(n, v) {
		switch {
		case !wanted:
		case i+1 <= o.last:
			return ErrOrder
		default:
			last = i + 1
		}
	}
	o.last = last
	return nil
}

// places tells of each table whether rows are to be locked, in the order of locking. The rows that many want come last, and are held for
// the shortest time. Idempotency keys and open prompts are read without a lock: a key's unique index decides who gets it, and what
// prompt is open on a phone changes only with the customer's row locked.
func places(n *mpesa.Needs, v *mpesa.View) [8]bool {
	return [...]bool{
		wants(n.Registry, &v.Registry), wants(n.Apps, &v.Apps), wants(n.Operators, &v.Operators), wants(n.Subscribers, &v.Subscribers),
		wants(n.Payments, &v.Payments), wants(n.BulkRows, &v.BulkRows), wants(n.Deliveries, &v.Deliveries), wants(n.Accounts, &v.Accounts),
	}
}

func wants[K comparable, T any](keys []K, rows *mpesa.Rows[K, T]) bool {
	return slices.ContainsFunc(keys, func(k K) bool { return !rows.Loaded(k) })
}
