package portal

import (
	"slices"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// TaskField is a field of the form by which a task is initiated.
type TaskField string

// The fields.
const (
	FieldFrom    TaskField = "from"    // an account of the organisation's own
	FieldTo      TaskField = "to"      // the receiver: a customer, a business or an own account
	FieldAmount  TaskField = "amount"  //
	FieldAccount TaskField = "account" // number by which the receiver knows what it is for
	FieldReceipt TaskField = "receipt" // of the payment that is taken back
	FieldRemarks TaskField = "remarks" // may be left out
)

// TaskKind is something that operators can initiate: a line of My Functions → Initiate Transaction.
type TaskKind struct {
	Name    string // a CommandID, or "move", "settle" or "withdraw"
	Title   string
	Kind    mpesa.Kind
	Command string // TransactionType of the payment
	Product mpesa.Product
	Fields  []TaskField
	Right   Right
}

// TaskKinds lists what operators can initiate: the operations of initiators that move money, for which the portal has the same rules,
// and what no API offers. Moves between an organisation's own accounts are one kind with several ways (PortalRoutes), each with a title.
func TaskKinds() (list []TaskKind) {
	for _, op := range mpesa.Operations() {
		if !op.Own && op.Kind.MovesMoney() {
			list = append(list, TaskKind{Name: op.Command, Title: op.Title(), Kind: op.Kind, Command: op.Command, Product: op.Product})
		}
	}
	list = append(list,
		TaskKind{Name: "move", Title: "Move Funds between Own Accounts", Kind: mpesa.OwnMove, Command: mpesa.FundsMove},
		TaskKind{Name: "settle", Title: "Revenue Settlement", Kind: mpesa.RevenueSettled, Command: mpesa.RevenueSettlement},
		TaskKind{Name: "withdraw", Title: "Withdrawal of Funds to Bank", Kind: mpesa.Withdrawal, Command: mpesa.BankWithdrawal})
	for i := range list {
		list[i].Fields, list[i].Right = taskFields[list[i].Kind], initiating(list[i].Kind)
	}
	return list
}

// initiating is the right that it takes to initiate a task of the kind.
func initiating(k mpesa.Kind) Right {
	switch k {
	case mpesa.Withdrawal:
		return InitiateBank
	case mpesa.Bulk:
		return InitiateBulk
	}
	return InitiateTasks
}

// taskFields are the fields of tasks by their kind.
var taskFields = map[mpesa.Kind][]TaskField{
	mpesa.B2C:            {FieldTo, FieldAmount, FieldRemarks},
	mpesa.B2Pochi:        {FieldTo, FieldAmount, FieldRemarks},
	mpesa.B2B:            {FieldTo, FieldAccount, FieldAmount, FieldRemarks},
	mpesa.Tax:            {FieldAccount, FieldAmount, FieldRemarks}, // the account is the payment registration number
	mpesa.Reversal:       {FieldReceipt, FieldRemarks},
	mpesa.OwnMove:        {FieldFrom, FieldTo, FieldAmount, FieldRemarks},
	mpesa.RevenueSettled: {FieldRemarks},
	mpesa.Withdrawal:     {FieldAmount, FieldRemarks},
}

// Takes reports whether the form of the kind has the field.
func (k *TaskKind) Takes(f TaskField) bool { return slices.Contains(k.Fields, f) }

// Needs reports whether the field is mandatory.
func (k *TaskKind) Needs(f TaskField) bool {
	switch f {
	case FieldRemarks:
		return false
	case FieldAccount:
		return k.Kind == mpesa.Tax || k.Command == mpesa.BusinessPayBill // BusinessPayBill, request parameters: AccountReference
	}
	return k.Takes(f)
}

// FindTaskKind finds the kind of a task. A move has its route's title.
func FindTaskKind(p *mpesa.Payment) (TaskKind, bool) {
	list := TaskKinds()
	i := slices.IndexFunc(list, func(k TaskKind) bool {
		return k.Kind == p.Kind && k.Command == p.Details.TransactionType
	})
	if i < 0 {
		return TaskKind{}, false
	}
	if p.Kind == mpesa.OwnMove {
		list[i].Title = p.Details.Route.Title()
	}
	return list[i], true
}
