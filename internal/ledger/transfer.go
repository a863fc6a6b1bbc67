package ledger

import (
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

// TransferKind says why money moved. The values are stored: add, never renumber.
type TransferKind int64

// The kinds of transfers.
const (
	Principal      TransferKind = 1 // the payment's own amount
	CustomerCharge TransferKind = 2 // the customer's share of the charge
	BusinessCharge TransferKind = 3 // the organisation's share of the charge
)

var transferNames = map[TransferKind]string{Principal: "principal", CustomerCharge: "customer charge", BusinessCharge: "business charge"}

func (k TransferKind) String() string { return transferNames[k] }

// Transfers are the entries of the books.
var Transfers = unit.NewLog[Transfer]("transfers")

// Transfer is an immutable entry of the books: an amount moved from one account to another, and what both then held.
type Transfer struct {
	ID          int64 // payment number × 16 + a count from 0
	Debit       AccountID
	Credit      AccountID
	Amount      money.Amount
	Kind        TransferKind
	At          int64 // milliseconds
	DebitAfter  money.Amount
	CreditAfter money.Amount
	DebitEntry  int64 // which entry of the debited account it is, from 1
	CreditEntry int64 // which entry of the credited account it is, from 1
}

// Payment is the number of the payment that the transfer belongs to.
func (t Transfer) Payment() int64 { return t.ID >> 4 }
