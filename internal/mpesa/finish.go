package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
)

// fail ends a payment without moving anything.
func (v *View) fail(p *Payment, result codes.Result, now time.Time, reason string) {
	p.Details.Reason = reason
	v.finish(p, Failed, result, now)
}

// finish gives a payment its result and owes the business word of it.
func (v *View) finish(p *Payment, state State, result codes.Result, now time.Time) {
	p.State, p.Result, p.FinishedAt, p.DueAt = state, result, max(now.UnixMilli(), p.AcceptedAt), 0
	v.chainPayer(p)
	v.putPayment(p)
	if v.Open[p.Payer] == p.ID {
		v.Open[p.Payer] = 0
	}
	switch {
	case p.Kind == Express:
		v.deliver(*p, ExpressResult, p.Details.CallBackURL, now)
	case p.Kind == B2BExpress:
		v.deliver(*p, CheckoutResult, p.Details.CallBackURL, now)
	case p.Kind == StandingOrder:
		v.deliver(*p, OrderResult, p.Details.CallBackURL, now)
	case p.Details.TimedOut:
		v.deliver(*p, QueueTimeout, p.Details.TimeoutURL, now)
	case p.Kind.Initiated():
		v.deliver(*p, Result, p.Details.CallBackURL, now)
	}
	if state == Completed && (p.Kind == Express || p.Kind == C2B) {
		if receiver := v.Organisations[Shortcode(p.Payee)]; receiver.URLs.Confirmation != "" {
			v.deliver(*p, Confirmation, receiver.URLs.Confirmation, now)
		}
	}
}

func (v *View) putPayment(p *Payment) {
	if v.Payments.Loaded(p.ID) {
		v.Payments.Put(p.ID, *p)
	} else {
		v.Payments.Create(p.ID, *p)
	}
}

// chainPayer puts the payment at the head of its payer's chain, when a customer pays: whatever came of it, he may get a message.
func (v *View) chainPayer(p *Payment) {
	if _, ok := p.Payer.Phone(); !ok {
		return
	}
	wallet := v.account(p.Payer.Account(Wallet))
	p.Previous, wallet.LastPayment = wallet.LastPayment, p.ID
	if p.Kind == Express {
		wallet.LastAccepted = max(wallet.LastAccepted, p.AcceptedAt)
	}
	v.Accounts.Put(wallet.ID, wallet)
}

// chainPayee puts the payment at the head of the chain of a customer's wallet, or of the account of a business that it paid into.
func (v *View) chainPayee(p *Payment, head AccountID) {
	a := v.account(head)
	p.PayeePrevious, a.LastPayment = a.LastPayment, p.ID
	v.Accounts.Put(head, a)
}
