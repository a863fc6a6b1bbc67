package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
)

// Allowed reports whether the organisation's standing and products let it have the task done.
func (v *View) Allowed(p *Payment) (codes.Result, string) {
	o := Organisations.Get(v, p.Business)
	kind := p.Kind
	if kind == Bulk {
		kind = B2C // of its payments
	}
	if !kind.Initiated() {
		return o.Barred()
	}
	op, ok := FindOperation(kind, p.Details.TransactionType)
	if !ok {
		return codes.NotPermitted, fmt.Sprintf("there is no operation %q of the kind %s", p.Details.TransactionType, kind)
	}
	return o.mayPay(op)
}

// NeedTask names what carrying a task out reads.
func (v *View) NeedTask(p *Payment) {
	Organisations.Need(v, p.Business)
	if receiver, ok := p.Payee.Shortcode(); ok {
		Organisations.Need(v, receiver)
	}
	own := p.Business.Party()
	switch p.Kind {
	case OwnMove:
		Accounts.Need(v, own.Account(p.Details.Route.From))
		Accounts.Need(v, own.Account(p.Details.Route.To))
	case RevenueSettled:
		v.NeedOwn(p.Business, Utility, Merchant, Settlement, ChargesPaid, Working)
	case Withdrawal:
		v.NeedOwn(p.Business, Working, ChargesPaid)
		Accounts.Need(v, Provider.Account(Trust))
	case B2C, B2Pochi:
		v.NeedPayout(p)
	case Bulk:
		v.NeedOwn(p.Business, Utility)
	case B2B, Tax:
		v.needTransfer(p)
	case Reversal:
		v.needReversal(p)
	}
}

// Carry moves the money of a task, or of what Kivuko's administrator has an organisation do. held is what was reserved for it until now.
func (v *View) Carry(p *Payment, held []ledger.Reservation, now time.Time) (codes.Result, string) {
	switch p.Kind {
	case OwnMove:
		return v.moveFunds(p, now)
	case RevenueSettled:
		return v.settleRevenue(p, held, now)
	case Withdrawal:
		return v.withdraw(p, held, now)
	case Deposit:
		return v.deposit(p, now)
	default:
		return v.carryOut(p, now)
	}
}

// Reserves lists what a task takes out of which of the organisation's accounts.
func (v *View) Reserves(p *Payment) ([]ledger.Reservation, codes.Result, string) {
	var from AccountKind
	switch p.Kind {
	case RevenueSettled:
		return v.revenue(p)
	case OwnMove:
		from = p.Details.Route.From
	case Withdrawal:
		from = Working
	case Bulk:
		from = Utility
	case Reversal:
		_, _, credited, reason := v.reversible(p)
		if reason != "" {
			return nil, codes.NotReversible, reason
		}
		from = credited.Kind()
	default:
		from = p.operation().From
	}
	account := p.Payer.Account(from)
	result, reason := affordable(v.Account(account), p.Amount)
	return []ledger.Reservation{{Account: account, Amount: p.Amount}}, result, reason
}

// total adds up what is in accounts.
func total(list []ledger.Reservation) (sum money.Amount) {
	for _, r := range list {
		sum += r.Amount
	}
	return sum
}
