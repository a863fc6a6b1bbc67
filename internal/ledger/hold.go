package ledger

import (
	"fmt"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

// What waits may hold money meanwhile, so that it can't be spent twice: a payment while the business is asked, a task while it waits for an
// approval, a bulk file until its last row is paid. Reserve holds, Release gives back, and what is held is posted by Release and Post in
// one decision. Account.Held is the sum of an account's holds, which the account's row has beside: a sum over their rows would not see
// what the lock of the account waited for.

// Holds are what is reserved.
var Holds = unit.NewTable[HoldID, Hold]("holds")

// HoldID names a hold: the number of what has it × 16 + a count from 0.
type HoldID int64

// Number is the number of what has the hold.
func (id HoldID) Number() int64 { return int64(id) >> 4 }

// MostHolds is how many holds a number can have. A settlement of revenue has two: of Utility and of Merchant.
const MostHolds = 2

// holdOf names a hold of a number.
func holdOf(number int64, count int) HoldID { return HoldID(number<<4 | int64(count)) }

// Hold is that an amount of an account is reserved.
type Hold struct {
	ID HoldID
	Reservation
}

// Reservation is an amount of an account that is to be reserved, or was.
type Reservation struct {
	Account AccountID
	Amount  money.Amount
}

// NeedHolds names the holds of a number. Their accounts are named by what will be posted.
func NeedHolds(v unit.Viewer, number int64) {
	for n := range MostHolds {
		Holds.Need(v, holdOf(number, n))
	}
}

// Held lists what a number holds.
func Held(v unit.Viewer, number int64) (list []Reservation) {
	for n := range MostHolds {
		if h, there := Holds.Get(v, holdOf(number, n)); there {
			list = append(list, h.Reservation)
		}
	}
	return list
}

// Reserve holds amounts for a number that holds nothing. That the accounts have as much is the rules' to check before: it panics otherwise.
func Reserve(v unit.Viewer, number int64, list ...Reservation) {
	for n := range MostHolds {
		Holds.Missing(v, holdOf(number, n))
	}
	if held := Held(v, number); len(list) > MostHolds || len(held) > 0 {
		panic(fmt.Sprintf("ledger: %d has %v and would hold %v", number, held, list))
	}
	for n, r := range list {
		if left := Of(v, r.Account).Available(); r.Amount <= 0 || r.Amount > left {
			panic(fmt.Sprintf("ledger: %d would hold %s of the %s in %s", number, r.Amount, left, r.Account))
		}
		keep(v, r.Account, r.Amount)
		Holds.Put(v, holdOf(number, n), Hold{holdOf(number, n), r})
	}
}

// Reduce gives back a part of what a number holds of one account. When nothing is left, the hold is over.
func Reduce(v unit.Viewer, number int64, by money.Amount) {
	id := holdOf(number, 0)
	h, _ := Holds.Get(v, id)
	if by <= 0 || by > h.Amount {
		panic(fmt.Sprintf("ledger: %d holds %s, and would give back %s", number, h.Amount, by))
	}
	keep(v, h.Account, -by)
	if h.Amount -= by; h.Amount == 0 {
		Holds.Delete(v, id)
	} else {
		Holds.Put(v, id, h)
	}
}

// Release gives back what a number holds, and returns what that was.
func Release(v unit.Viewer, number int64) []Reservation {
	list := Held(v, number)
	for _, r := range list {
		keep(v, r.Account, -r.Amount)
	}
	for n := range MostHolds {
		Holds.Delete(v, holdOf(number, n))
	}
	return list
}

// keep notes that more of an account is held, or less.
func keep(v unit.Viewer, id AccountID, more money.Amount) {
	a := Of(v, id)
	a.Held += more
	Accounts.Put(v, id, a)
}
