package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
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
func (v *View) Account(id AccountID) Account {
	a, ok := Accounts.Get(v, id)
	if !ok {
		a.ID = id
	}
	return a
}

// post moves an amount for a payment. That the debited account can bear it is the rules' to check before: a posting that
// would leave it below zero is a defect and panics, which abandons the unit. The entries of an account follow each other in time, whatever
// the clocks of the nodes say: one that comes from behind has the time of the one before.
func (v *View) post(payment int64, n int, debit, credit AccountID, amount money.Amount, kind TransferKind, now time.Time) {
	if amount <= 0 || debit == credit || n > 15 {
		panic(fmt.Sprintf("mpesa: transfer %d of payment %d: %s from %s to %s", n, payment, amount, debit, credit))
	}
	from, to := v.Account(debit), v.Account(credit)
	from.Balance -= amount
	to.Balance += amount
	from.Entries++
	to.Entries++
	at := max(now.UnixMilli(), from.EntryAt, to.EntryAt)
	from.EntryAt, to.EntryAt = at, at
	if from.Balance < from.Held && !debit.Kind().MayOwe() {
		panic(fmt.Sprintf("mpesa: payment %d would leave %s with %s", payment, debit, from.Available()))
	}
	Accounts.Put(v, debit, from)
	Accounts.Put(v, credit, to)
	Transfers.Add(v, Transfer{
		ID: payment<<4 | int64(n), Debit: debit, Credit: credit, Amount: amount, Kind: kind, At: at,
		DebitAfter: from.Balance, CreditAfter: to.Balance, DebitEntry: from.Entries, CreditEntry: to.Entries,
	})
}
