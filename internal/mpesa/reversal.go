package mpesa

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
)

// reversalKey is the key by which a payment is reversed once.
func reversalKey(original int64) IdempotencyKey {
	return IdempotencyKey{Provider, "reversal of " + strconv.FormatInt(original, 10)}
}

// needReversal names the payment to be taken back and the accounts that it credited and debited.
func (v *View) needReversal(n *Needs, p *Payment) {
	v.needOriginal(n, p)
	original, ok := v.original(p)
	if !ok {
		return
	}
	v.needIdempotency(n, reversalKey(original.ID))
	if debited, credited, ok := original.principal(); ok {
		v.needAccount(n, debited)
		v.needAccount(n, credited)
	}
	if phone, ok := original.Payer.Phone(); ok {
		v.needRecipient(n, phone)
	} else if payer, ok := original.Payer.Shortcode(); ok {
		v.needOrganisation(n, payer)
	}
}

// principal is the accounts that the payment's own amount was debited from and credited to; ok is false for kinds that can't be
// reversed.
func (p *Payment) principal() (debited, credited AccountID, ok bool) {
	switch p.Kind {
	case Express, C2B:
		return p.Payer.Account(Wallet), p.Payee.Account(receives(p.Details.TransactionType)), true
	case B2B:
		op := p.operation()
		return p.Payer.Account(op.From), p.Payee.Account(op.To), !op.Own
	}
	return 0, 0, false
}

// reverse gives back what the organisation was paid, once and in full, without the charges, or says what forbids it
// (DarajaTutorial, Reversal; wire.md §12).
func (v *View) reverse(p *Payment, now time.Time) (codes.Result, string) {
	original, debited, credited, reason := v.reversible(p)
	if reason != "" {
		return codes.NotReversible, reason
	}
	if by, there := v.Idempotency.Get(reversalKey(original.ID)); there {
		return codes.AlreadyReversed, fmt.Sprintf("payment %d was reversed by payment %d", original.ID, by)
	}
	payee := original.Payer.String()
	if phone, ok := original.Payer.Phone(); ok {
		s, _ := v.Subscribers.Get(phone)
		if s.Standing == Inactive {
			return codes.AccountNotAllowed, fmt.Sprintf("the account of %s is suspended", phone)
		}
		if result, reason := v.receivable(s, debited, p.Amount, now); result != codes.Success {
			return result, reason
		}
		payee = s.Name
	} else if o := v.Organisations[Shortcode(original.Payer)]; o != nil {
		if o.Standing == Frozen {
			return codes.AccountNotAllowed, fmt.Sprintf("the accounts of %s are frozen", o.Shortcode)
		}
		payee = o.Name
	}
	from := v.account(credited)
	if result, reason := affordable(from, p.Amount); result != codes.Success {
		return result, reason
	}
	p.Payee = original.Payer
	v.postAll(p, now, move{credited, debited, p.Amount, Principal})
	if _, ok := p.Payee.Phone(); ok {
		v.receive(p.Payee, p.Amount, now)
	}
	v.chainPayee(p, debited)
	v.Idempotency.Put(reversalKey(original.ID), p.ID)
	p.Details.Payer, p.Details.Payee = v.Organisations[p.Business].Name, payee
	p.Details.Funds = v.funds(p.Payer, credited.Kind())
	return codes.Success, ""
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
	case original.State != Completed:
		reason = fmt.Sprintf("payment %d is %s", original.ID, original.State)
	case original.Payee != p.Payer:
		reason = fmt.Sprintf("payment %d was paid to %s, not to %s", original.ID, original.Payee, p.Payer)
	case original.Amount != p.Amount:
		reason = fmt.Sprintf("payment %d was %s; the amount to be reversed is %s", original.ID, original.Amount, p.Amount)
	}
	return original, debited, credited, reason
}
