package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/unit"
)

// Command is one thing that happens: a push is accepted, a phone answers, a callback was attempted. Decide is a pure function
// of the rows in the view and the time. It leaves in the command whatever its sender wants to know, and may be called again
// with a fresh view when the first one could not be committed.
type Command interface {
	// Need names the rows that Decide will read, as far as the view tells by now. It is called until it names none that isn't loaded.
	Need(v *View)
	Decide(v *View, now time.Time)
}

// View has the rows of a unit of work, and what the rules go by.
type View struct {
	unit.View
	Policy Policy
}

// NewView makes an empty view. newID gives numbers for payments, each once.
func NewView(p Policy, newID func() int64) *View {
	return &View{View: unit.View{NewID: newID}, Policy: p}
}

// Account is the account as it stands; one that nothing was ever posted to is empty.
func (v *View) Account(id AccountID) Account { return ledger.Of(v, id) }

// post moves amounts for a payment.
func (v *View) post(p *Payment, now time.Time, moves ...ledger.Move) {
	ledger.Post(v, p.ID, now, moves...)
}
