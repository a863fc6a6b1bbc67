package ledger

import (
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

// AccountKind says what an account is for. The values are stored: add, never renumber.
type AccountKind int64

// The kinds of accounts (wire.md §18; MpesaExpressSimulate, account types).
const (
	Trust       AccountKind = 1  // the operator's money at the bank; negative by as much as everybody else holds
	Fees        AccountKind = 2  // the operator's income
	Wallet      AccountKind = 3  // a customer's M-PESA account
	Working     AccountKind = 4  // an organisation's MMF account
	Utility     AccountKind = 5  // receives pay bill payments, pays B2C
	ChargesPaid AccountKind = 6  // charges that the organisation owes: negative until settled
	Merchant    AccountKind = 7  // receives buy goods payments
	Settlement  AccountKind = 8  // passes revenue on
	Pochi       AccountKind = 9  // a customer's business wallet, Pochi la Biashara
	Float       AccountKind = 10 // an agency's
)

var accountNames = map[AccountKind]string{
	Trust: "Trust Account", Fees: "Fees Account", Wallet: "MMF Account For Customer", Working: "Working Account", Utility: "Utility Account",
	ChargesPaid: "Charges Paid Account", Merchant: "Merchant Account", Settlement: "Organization Settlement Account",
	Pochi: "Pochi Account For Customer", Float: "Float Account",
}

// String is the account's name on the wire.
func (k AccountKind) String() string { return accountNames[k] }

// MayOwe reports whether accounts of the kind may be below zero.
func (k AccountKind) MayOwe() bool { return k == Trust || k == ChargesPaid }

// AccountID names an account: a party's account of a kind.
type AccountID int64

// Account is the party's account of a kind. It need not exist to be named; it exists once something was posted to it.
func (p Party) Account(k AccountKind) AccountID { return AccountID(int64(p)<<4 | int64(k)) }

// Party is the account's owner.
func (a AccountID) Party() Party { return Party(a >> 4) }

// Kind is what the account is for.
func (a AccountID) Kind() AccountKind { return AccountKind(a & 15) }

func (a AccountID) String() string { return a.Party().String() + " " + a.Kind().String() }

// Accounts are the balances, beside the transfers.
var Accounts = unit.NewTable[AccountID, Account]("accounts")

// Account is what the books keep beside the transfers: a balance that can always be recomputed from them, what is reserved of
// it, and what the rules about an account's use need.
type Account struct {
	ID      AccountID
	Balance money.Amount
	Held    money.Amount // reserved, so that it can't be spent twice
	Entries int64        // how many transfers it has had
	EntryAt int64        // when it had the last of them, milliseconds

	// LastPayment is the number of the payment that ended last: of a wallet any of the customer's, of an organisation's account
	// the last that paid into it. Payments are chained through Payment.Previous and Payment.PayeePrevious.
	LastPayment int64

	// Of a customer's wallet only:
	Day          int64        // the day (clock.Day) that Spent and Received count for
	Spent        money.Amount // paid out of it on that day
	Received     money.Amount // paid into it by businesses and other customers on that day
	Recent       []Recent     // what was paid out of it in the last two minutes, oldest first
	LastAccepted int64        // when the last push for it was accepted, milliseconds
}

// Recent is a completed payment that the two-minute rule still remembers.
type Recent struct {
	Amount money.Amount
	At     int64 // milliseconds
}

// Available is what can be spent.
func (a Account) Available() money.Amount { return a.Balance - a.Held }

// On is the account with its counters as they stand on a day: they begin at zero with each. A clock that is behind, as another node's or
// after it was set back, counts on the last day that the account has seen.
func (a Account) On(day int64) Account {
	if day > a.Day {
		a.Day, a.Spent, a.Received = day, 0, 0
	}
	return a
}
