package ledger

import (
	"cmp"
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

// Move is an amount to be moved from an account to another.
type Move struct {
	Debit, Credit AccountID
	Amount        money.Amount
	Kind          TransferKind // 0: Principal
}

// Move is a move for a reason.
func (k TransferKind) Move(debit, credit AccountID, amount money.Amount) Move {
	return Move{debit, credit, amount, k}
}

// maxTransfers is how many transfers a payment may have: a transfer's number is the payment's and a count.
const maxTransfers = 16

// Of returns an account as it stands; one that nothing was ever posted to is empty.
func Of(v unit.Viewer, id AccountID) Account {
	a, ok := Accounts.Get(v, id)
	if !ok {
		a.ID = id
	}
	return a
}

// Post moves amounts for the payment with a number, in one go; of nothing it makes no transfer. That the debited accounts can bear it is the
// rules' to check before: a posting that would leave one below what is reserved of it is a defect and panics, which abandons the unit of work.
// The entries of an account follow each other in time, whatever the clocks of the nodes say: one that comes from behind has the time of the
// one before.
func Post(v unit.Viewer, payment int64, now time.Time, moves ...Move) {
	n := int64(0)
	for _, m := range moves {
		if m.Amount == 0 {
			continue
		}
		if m.Amount < 0 || m.Debit == m.Credit || n == maxTransfers {
			panic(fmt.Sprintf("ledger: transfer %d of payment %d: %s from %s to %s", n, payment, m.Amount, m.Debit, m.Credit))
		}
		post(v, payment<<4|n, m, now)
		n++
	}
}

func post(v unit.Viewer, id int64, m Move, now time.Time) {
	from, to := Of(v, m.Debit), Of(v, m.Credit)
	from.Balance -= m.Amount
	to.Balance += m.Amount
	from.Entries++
	to.Entries++
	at := max(now.UnixMilli(), from.EntryAt, to.EntryAt)
	from.EntryAt, to.EntryAt = at, at
	if from.Balance < from.Held && !m.Debit.Kind().MayOwe() {
		panic(fmt.Sprintf("ledger: payment %d would leave %s with %s", id>>4, m.Debit, from.Available()))
	}
	Accounts.Put(v, m.Debit, from)
	Accounts.Put(v, m.Credit, to)
	Transfers.Add(v, Transfer{
		ID: id, Debit: m.Debit, Credit: m.Credit, Amount: m.Amount, Kind: cmp.Or(m.Kind, Principal), At: at,
		DebitAfter: from.Balance, CreditAfter: to.Balance, DebitEntry: from.Entries, CreditEntry: to.Entries,
	})
}
