package store

import (
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/unit"
)

// Order is the one order in which units lock rows on a database that nodes share: by the table, and by key within it. A unit that waits
// for a row then holds only rows before it, so units never wait for each other in a circle. The zero Order is that of a unit that
// holds nothing.
type Order struct{ last int } // the place of the last table of which rows are locked; 0: of none

// Take notes that the unit is about to lock rows, all in one go: those that its view wants and doesn't have. Their tables must come after
// those of which it holds rows, or else it is ErrOrder.
func (o *Order) Take(v *unit.View) error {
	last := o.last
	for i, table := range locked() {
		switch {
		case !table.Wants(v):
		case i+1 <= o.last:
			return ErrOrder
		default:
			last = i + 1
		}
	}
	o.last = last
	return nil
}

// locked lists the tables of which rows are locked, in the order of locking. The rows that many want come last, and are held for
// the shortest time. Idempotency keys and open prompts are read without a lock: a key's unique index decides who gets it, and what
// prompt is open on a phone changes only with the customer's row locked.
func locked() [8]interface{ Wants(unit.Viewer) bool } {
	return [...]interface{ Wants(unit.Viewer) bool }{
		mpesa.Registry, mpesa.Apps, mpesa.Operators, mpesa.Subscribers, mpesa.Payments, mpesa.BulkRows, mpesa.Deliveries, mpesa.Accounts,
	}
}
