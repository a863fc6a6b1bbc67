package tables

import (
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Order is how far a unit has come in the order of locking rows on a database that nodes share: by the table (All), and by key within it.
// The zero Order is that of a unit that holds nothing.
type Order struct{ last int } // the place of the last table of which rows are locked; 0: of none

// Take notes that the unit is about to lock rows, all in one go: those that its view wants and doesn't have. Their tables must come after
// those of which it holds rows, or else it is store.ErrOrder.
func (o *Order) Take(v *unit.View) error {
	last := o.last
	for i, table := range All {
		switch {
		case !table.Of().Lock || !table.Wants(v):
		case i+1 <= o.last:
			return store.ErrOrder
		default:
			last = i + 1
		}
	}
	o.last = last
	return nil
}
