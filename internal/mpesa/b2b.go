package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
)

// needTransfer names what a payment to a business moves.
func (v *View) needTransfer(p *Payment) {
	v.needMove(p.Payer, p.Payee, p.operation())
}

func (v *View) needMove(payer, payee Party, op Operation) {
	Accounts.Need(v, payer.Account(op.From))
	Accounts.Need(v, payee.Account(op.To))
	Accounts.Need(v, payer.Account(ChargesPaid))
	Accounts.Need(v, Provider.Account(Fees))
}

// payBusiness moves money from one organisation's account to another's, or between its own, or says what forbids it
// (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9).
func (v *View) payBusiness(p *Payment, now time.Time) (codes.Result, string) {
	return v.payFrom(p, p.Business, p.operation(), now)
}

// payFrom makes a payment out of a business's account to another's, by an operation's rules.
func (v *View) payFrom(p *Payment, business Shortcode, op Operation, now time.Time) (codes.Result, string) {
	payer, own := Organisations.Get(v, business), business.Party()
	receiver := Organisations.Get(v, Shortcode(p.Payee))
	if result, reason := receivingBusiness(p, own, op, receiver); result != codes.Success {
		return result, reason
	}
	from, to, most := v.Account(own.Account(op.From)), v.Account(p.Payee.Account(op.To)), receiver.MaxBalance
	if op.Own {
		most = 0 // it is a limit of what others pay in
	}
	charge, result, reason := v.Charged(payer.Moves, op, p.Amount, now)
	if result == codes.Success {
		result, reason = affordable(from, p.Amount)
	}
	if result == codes.Success {
		result, reason = v.roomFor(to, p.Amount, most, now)
	}
	if result != codes.Success {
		return result, reason
	}
	v.post(p, now,
		Principal.Move(from.ID, to.ID, p.Amount),
		BusinessCharge.Move(own.Account(ChargesPaid), Provider.Account(Fees), charge))
	v.chainPayee(p, to.ID)
	p.Details.Payer, p.Details.Payee = payer.Name, receiver.Name
	p.Details.Charge, p.Details.Funds = charge, v.funds(own, op.From)
	return codes.Success, ""
}

// receivingBusiness reports whether the business in PartyB can be paid by the operation, out of accounts of own.
func receivingBusiness(p *Payment, own Party, op Operation, receiver *Organisation) (codes.Result, string) {
	switch {
	case receiver == nil:
		return codes.OperatorNotFound, fmt.Sprintf("PartyB %s is nobody's shortcode", p.Payee)
	case op.Own && p.Payee != own:
		return codes.NotPermitted, fmt.Sprintf("%s moves money between an organisation's own accounts, and PartyB %s isn't PartyA", op.Command, p.Payee)
	case !op.Own && p.Payee == own:
		return codes.NotPermitted, fmt.Sprintf("%s pays another organisation, and PartyB is PartyA", op.Command)
	case receiver.Standing == Frozen:
		return codes.AccountNotAllowed, fmt.Sprintf("the accounts of PartyB %s are frozen", p.Payee)
	case op.Kind == B2B && !op.Own && !receiver.Has(op.Product):
		return codes.NotPermitted, fmt.Sprintf("PartyB %s is not assigned the product %s", p.Payee, op.Product)
	case op.Till && receiver.Kind == PayBill, op.Command == BusinessPayBill && receiver.Kind != PayBill:
		return codes.NotPermitted, fmt.Sprintf("PartyB %s is a %s, which %s doesn't pay", p.Payee, receiver.Kind, op.Command)
	}
	return codes.Success, ""
}
