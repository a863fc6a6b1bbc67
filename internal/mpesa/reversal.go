package mpesa

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// reversalKey is the key by which a payment is reversed once.
func reversalKey(original int64) IdempotencyKey {
	return IdempotencyKey{Provider, "reversal of " + strconv.FormatInt(original, 10)}
}

// needReversal names the payment to be taken back and the accounts that it credited and debited.
func (v *View) needReversal(p *Payment) {
	original, ok := v.original(p)
	if !ok {
		if id := p.Details.Original; id != 0 {
			Payments.Lead(v, id)
			Idempotency.Need(v, reversalKey(id)) // the payment may be made in this unit: a task that becomes it has named the rest
		}
		return
	}
	Idempotency.Need(v, reversalKey(original.ID))
	if debited, credited, ok := original.principal(); ok {
		Accounts.Need(v, debited)
		Accounts.Need(v, credited)
	}
	if phone, ok := original.customer(); ok {
		v.NeedRecipient(phone)
	} else if payer, ok := original.Payer.Shortcode(); ok {
		Organisations.Need(v, payer)
	}
}

// original is the payment that a reversal is about.
func (v *View) original(p *Payment) (Payment, bool) {
	return loaded(v, Payments, p.Details.Original)
}

// customer is who paid a business, or was paid by one.
func (p *Payment) customer() (msisdn.Number, bool) {
	if phone, ok := p.Payer.Phone(); ok {
		return phone, true
	}
	return p.Payee.Phone()
}

// AboutOriginal gives a reversal that is initiated on the portal the amount of its original. Where that is a payout, the customer is who
// pays it back.
func (v *View) AboutOriginal(p *Payment) {
	original, ok := v.original(p)
	if !ok {
		return
	}
	p.Amount = original.Amount
	if own := p.Business.Party(); original.paysOut() && original.Payer == own {
		p.Payer, p.Payee = original.Payee, own
	}
}

// paysOut reports whether a business pays a customer with it.
func (p *Payment) paysOut() bool { return p.Kind == B2C || p.Kind == B2Pochi }

// principal is the accounts that the payment's own amount was debited from and credited to; ok is false for kinds that can't be
// reversed.
func (p *Payment) principal() (debited, credited AccountID, ok bool) {
	switch p.Kind {
	case Express, C2B:
		return p.Payer.Account(Wallet), p.Payee.Account(receives(p.Details.TransactionType)), true
	case B2C, B2Pochi, B2B:
		op := p.operation()
		return p.Payer.Account(op.From), p.Payee.Account(op.To), !op.Own
	}
	return 0, 0, false
}

// reverse gives back what the organisation was paid, once and in full, without the charges, or says what forbids it
// (DarajaTutorial, Reversal API; wire.md §12). On the portal the organisation also takes back what it has paid a customer, while the customer has
// it (BusinessToPochi, FAQ 18).
func (v *View) reverse(p *Payment, now time.Time) (codes.Result, string) {
	original, debited, credited, reason := v.reversible(p)
	if reason != "" {
		return codes.NotReversible, reason
	}
	if by, there := Idempotency.Get(v, reversalKey(original.ID)); there {
		return codes.AlreadyReversed, fmt.Sprintf("payment %d was reversed by payment %d", original.ID, by.Payment)
	}
	if phone, ok := original.customer(); ok {
		s, _ := Subscribers.Get(v, phone)
		if s.Standing == Inactive {
			return codes.AccountNotAllowed, fmt.Sprintf("the account of %s is suspended", phone)
		}
		if result, reason := v.receivable(s, debited, p.Amount, now); !original.paysOut() && result != codes.Success {
			return result, reason
		}
	}
	if o := Organisations.Get(v, Shortcode(original.Payer)); o != nil && o.Standing == Frozen {
		return codes.AccountNotAllowed, fmt.Sprintf("the accounts of %s are frozen", o.Shortcode)
	}
	if result, reason := v.returnable(&original, credited); result != codes.Success {
		return result, reason
	}
	p.Payee = original.Payer
	v.post(p, now, Principal.Move(credited, debited, p.Amount))
	if _, ok := p.Payee.Phone(); ok {
		v.receive(p.Payee, p.Amount, now)
	}
	v.chainPayee(p, debited)
	v.Claim(reversalKey(original.ID), p.ID)
	p.Details.Payer, p.Details.Payee = v.nameOf(p.Payer), v.nameOf(p.Payee)
	p.Details.Funds = v.funds(p.Payer, credited.Kind())
	return codes.Success, ""
}

// returnable reports whether the receiver still has what a payment brought. What else a customer has is nobody's business.
func (v *View) returnable(original *Payment, credited AccountID) (codes.Result, string) {
	result, reason := affordable(v.Account(credited), original.Amount)
	if result != codes.Success && original.paysOut() {
		reason = fmt.Sprintf("%s no longer has the %s in the account that they were paid into", original.Payee, original.Amount)
	}
	return result, reason
}

// nameOf is the name of somebody whose row was needed.
func (v *View) nameOf(p Party) string {
	if phone, ok := p.Phone(); ok {
		s, _ := Subscribers.Get(v, phone)
		return s.Name
	}
	if o := Organisations.Get(v, Shortcode(p)); o != nil {
		return o.Name
	}
	return p.String()
}

// reversible finds the payment to be taken back, or says why there is none that can be.
func (v *View) reversible(p *Payment) (original Payment, debited, credited AccountID, reason string) {
	original, ok := v.original(p)
	if !ok {
		return original, 0, 0, fmt.Sprintf("no payment has the receipt %q", p.Details.OriginalID)
	}
	debited, credited, ok = original.principal()
	switch {
	case !ok:
		reason = fmt.Sprintf("payment %d is a %s, which can't be reversed", original.ID, original.Kind)
	case original.paysOut() && original.Payer != p.Business.Party():
		reason = fmt.Sprintf("payment %d was paid by %s, not by %s", original.ID, original.Payer, p.Business)
	case original.paysOut() && original.Payee != p.Payer: // BusinessToPochi, FAQ 18
		reason = fmt.Sprintf("payment %d is a %s, which can't be reversed by API but on the portal", original.ID, original.Kind)
	case original.State != Completed:
		reason = fmt.Sprintf("payment %d is %s", original.ID, original.State)
	case original.Payee != p.Payer: // never of a payout
		reason = fmt.Sprintf("payment %d was paid to %s, not to %s", original.ID, original.Payee, p.Payer)
	case original.Amount != p.Amount:
		reason = fmt.Sprintf("payment %d was %s; the amount to be reversed is %s", original.ID, original.Amount, p.Amount)
	}
	return original, debited, credited, reason
}
