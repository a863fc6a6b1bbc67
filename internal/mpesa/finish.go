package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/unit"
)

// Fail ends a payment without moving anything.
func (v *View) Fail(p *Payment, result codes.Result, now time.Time, reason string) {
	p.Reason = reason
	v.Finish(p, Failed, result, now)
}

// Finish gives a payment its result, and records the callback to the business.
func (v *View) Finish(p *Payment, state State, result codes.Result, now time.Time) {
	p.end(state, result, now)
	v.chainPayer(p)
	v.PutPayment(p)
	switch told, ok := p.told(); {
	case ok && p.Details.TimedOut:
		v.deliver(&p.Header, QueueTimeout, p.Details.TimeoutURL, now)
	case ok:
		v.deliver(&p.Header, told, p.Details.CallBackURL, now)
	}
	if state == Completed && (p.Kind == Express || p.Kind == C2B) {
		v.afterPayment(p, now)
	}
}

// told returns the kind of callback that tells the requester what came of the payment; ok is false where nobody is told.
func (p *Payment) told() (kind DeliveryKind, ok bool) {
	switch {
	case p.Kind == Express:
		return ExpressResult, true
	case p.Kind == B2BExpress:
		return CheckoutResult, true
	}
	return Result, p.Kind.Initiated() && p.Details.CallBackURL != "" // what is initiated on the portal has none
}

// Conclude ends a payment with the result that the rules came to.
func (v *View) Conclude(p *Payment, result codes.Result, reason string, now time.Time) {
	if result != codes.Success {
		v.Fail(p, result, now, reason)
	} else {
		v.Finish(p, Completed, codes.Success, now)
	}
}

// PutPayment keeps a payment. One that isn't prompting leaves the phone to others.
func (v *View) PutPayment(p *Payment) {
	v.leavePhone(&p.Header)
	keep(v, Payments, p.ID, *p)
}

// keep puts a row, or creates it.
func keep[T any](v *View, table *unit.Table[int64, T], id int64, row T) {
	if table.Loaded(v, id) {
		table.Put(v, id, row)
	} else {
		table.Create(v, id, row)
	}
}

// chainPayer puts the payment at the head of its payer's chain, when a customer pays: whatever came of it, they may get a message.
func (v *View) chainPayer(p *Payment) {
	if _, ok := p.Payer.Phone(); !ok {
		return
	}
	wallet := v.Account(p.Payer.Account(Wallet))
	p.Previous, wallet.LastPayment = wallet.LastPayment, p.ID
	if p.Kind == Express {
		wallet.LastAccepted = max(wallet.LastAccepted, p.AcceptedAt)
	}
	Accounts.Put(v, wallet.ID, wallet)
}

// chainPayee puts the payment at the head of the chain of a customer's wallet, or of the account of a business that it paid into.
func (v *View) chainPayee(p *Payment, head AccountID) {
	a := v.Account(head)
	p.PayeePrevious, a.LastPayment = a.LastPayment, p.ID
	Accounts.Put(v, head, a)
}
