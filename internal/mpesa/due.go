package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/ledger"
)

// Due is the moment at which something happens to a waiting payment: an unattended phone answers its prompt, a request's turn
// in the queue has come, a business has not said in time whether it takes the money, or a time is simply over.
type Due struct {
	Payment int64
	Payer   Party
	Credits AccountID // as Payment.Credits says; 0: not known
}

// Need names the payment and what it would move.
func (c *Due) Need(v *View) {
	if phone, ok := c.Payer.Phone(); ok {
		v.needCustomer(phone)
	}
	if c.Credits != 0 && !Payments.Loaded(v, c.Payment) { // then the row leads to no more
		Payments.Need(v, c.Payment)
		v.needCredited(c.Credits)
		return
	}
	v.NeedPayment(c.Payment)
}

// Credits is the business's account that a payment by a customer is to be paid into, which with the payer says what it moves; 0 for
// payments of which more has to be known, such as what is held for them.
func (p *Payment) Credits() AccountID {
	if p.Kind != Express && p.Kind != C2B || p.State == Validating {
		return 0
	}
	return p.Payee.Account(receives(p.Details.TransactionType))
}

// Decide lets happen what falls due.
func (c *Due) Decide(v *View, now time.Time) {
	p, ok := Payments.Get(v, c.Payment)
	if !ok || p.State.Final() || now.UnixMilli() < p.DueAt {
		return // somebody was faster, or it was put off
	}
	switch p.State {
	case Prompting:
		phone, _ := p.Payer.Phone()
		s, _ := Subscribers.Get(v, phone)
		if result, reason, over := v.unattended(&p.Header, &s, now); over {
			p.answered(v, s, result, reason, now)
		} else {
			p.put(v)
		}
	case Queued:
		v.process(&p, now)
	case Validating:
		v.validated(&p, Verdict{Reason: "no answer of the validation URL was noted in time"}, now)
	}
}

// NeedPayment names a waiting payment and everything that ending it reads.
func (v *View) NeedPayment(id int64) {
	if !Payments.Loaded(v, id) {
		Payments.Lead(v, id)
		return
	}
	p, ok := Payments.Get(v, id)
	if !ok || p.State.Final() {
		return
	}
	if p.State == Validating {
		ledger.NeedHolds(v, id)
	}
	Organisations.Need(v, p.Business)
	if receiver, ok := p.Payee.Shortcode(); ok {
		Organisations.Need(v, receiver)
	}
	switch {
	case p.Kind.Initiated():
		v.needRequest(&p)
	case p.Kind == B2BExpress:
		v.needCheckout(&p)
	default:
		v.needCustomerPayment(&p)
	}
}

// needCustomerPayment names what a payment by a customer to a business moves.
func (v *View) needCustomerPayment(p *Payment) {
	if phone, ok := p.Payer.Phone(); ok {
		v.needCustomer(phone)
	}
	v.needCredited(p.Payee.Account(receives(p.Details.TransactionType)))
	v.needAfterPayment(p)
}

// needCredited names an account of a business that a customer pays into, and those of the charges.
func (v *View) needCredited(credited AccountID) {
	Accounts.Need(v, credited)
	Accounts.Need(v, credited.Party().Account(ChargesPaid))
	Accounts.Need(v, Provider.Account(Fees))
}
