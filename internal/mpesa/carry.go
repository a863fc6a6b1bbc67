package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
)

// Allowed tells whether the organisation's standing and products let it have the task done.
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

// Carry moves the money of a task, or of what Kivuko's administrator has an organisation do.
func (v *View) Carry(p *Payment, now time.Time) (codes.Result, string) {
	switch p.Kind {
	case OwnMove:
		return v.moveFunds(p, now)
	case RevenueSettled:
		return v.settleRevenue(p, now)
	case Withdrawal:
		return v.withdraw(p, now)
	case Deposit:
		return v.deposit(p, now)
	default:
		return v.carryOut(p, now)
	}
}

// Reserves lists what a task takes out of which of the organisation's accounts.
func (v *View) Reserves(p *Payment) ([]Funds, codes.Result, string) {
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
	result, reason := affordable(v.Account(p.Payer.Account(from)), p.Amount)
	return []Funds{{Kind: from, Balance: p.Amount}}, result, reason
}

// total adds up what is in accounts.
func total(list []Funds) (sum money.Amount) {
	for _, f := range list {
		sum += f.Balance
	}
	return sum
}
