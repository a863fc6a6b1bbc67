package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// payoutFunds are the accounts that the result of a payout tells of (BusinessToCustomer, successful result).
var payoutFunds = []AccountKind{Utility, Working, ChargesPaid}

// NeedPayout names what a payment to a customer moves and tells of.
func (v *View) NeedPayout(p *Payment) {
	phone, _ := p.Payee.Phone()
	v.NeedRecipient(phone)
	if p.Kind == B2Pochi {
		Accounts.Need(v, p.Payee.Account(Pochi))
	}
	for _, kind := range payoutFunds {
		Accounts.Need(v, p.Payer.Account(kind))
	}
	Accounts.Need(v, Provider.Account(Fees))
}

// PayOut pays a customer out of the organisation's Utility account, or says what forbids it (BusinessToPochi, result codes).
func (v *View) PayOut(p *Payment, now time.Time) (codes.Result, string) {
	op := p.operation()
	phone, _ := p.Payee.Phone()
	s, known := v.Customer(phone, now)
	if !known {
		return NoCustomer(phone)
	}
	if result, reason := v.CustomerTakes(s, op, p.Amount, 0, now); result != codes.Success {
		return result, reason
	}
	charge, result, reason := v.Charged(Organisations.Get(v, p.Business).Payouts, op, p.Amount, now)
	if result != codes.Success {
		return result, reason
	}
	from := v.Account(p.Payer.Account(op.From))
	if result, reason := affordable(from, p.Amount); result != codes.Success {
		return result, reason
	}
	v.post(p, now,
		Principal.Move(from.ID, p.Payee.Account(op.To), p.Amount),
		BusinessCharge.Move(p.Payer.Account(ChargesPaid), Provider.Account(Fees), charge))
	v.receive(p.Payee, p.Amount, now)
	v.chainPayee(p, p.Payee.Account(Wallet))
	p.Details.Payee, p.Details.Unknown = s.Name, s.Standing == Unregistered
	p.Details.Charge, p.Details.Funds = charge, v.funds(p.Payer, payoutFunds...)
	return codes.Success, ""
}

// NoCustomer is the result of a payment to a number that nobody has.
func NoCustomer(phone msisdn.Number) (codes.Result, string) {
	return codes.OperatorNotFound, NotACustomer(phone)
}

// NotACustomer says why a number that nobody has becomes no customer on first use.
func NotACustomer(phone msisdn.Number) string {
	if StandsForResult(phone) {
		return fmt.Sprintf("%s stands for a result code that no customer's state gives, and becomes no customer on first use: see which numbers give "+
			"which result (docs/codes.md, the world's numbers), or create an ordinary customer (kivuko phone %s --balance 1000)", phone, phone)
	}
	return fmt.Sprintf("%s is no customer's number, and the strict profile registers nobody on first use", phone)
}

// CustomerTakes reports whether a customer can be paid an amount by an operation, as far as that is up to the customer, who has got an amount before
// that isn't in the books yet.
func (v *View) CustomerTakes(s Subscriber, op Operation, amount, before money.Amount, now time.Time) (codes.Result, string) {
	if result, reason := recipient(s, op); result != codes.Success {
		return result, reason
	}
	limits := v.Policy.Rules.Limits(s.Limits, now)
	if result, reason := limits.within(amount, max(limits.PayoutMinimum, limits.Minimum)); result != codes.Success {
		return result, reason
	}
	return v.receivable(s, s.Party().Account(op.To), before+amount, now)
}

// recipient reports whether the customer can be paid by the operation at all (BusinessToCustomer, CommandID).
func recipient(s Subscriber, op Operation) (codes.Result, string) {
	if s.Standing == Unregistered && op.Command == SalaryPayment {
		return codes.Success, "" // it is the only one that reaches those who aren't registered
	}
	return s.payable(op.To)
}

// payable reports whether the customer can be paid into an account of a kind (BusinessToPochi, prerequisites 9).
func (s Subscriber) payable(into AccountKind) (codes.Result, string) {
	if s.Standing == NoPochi && into == Pochi {
		return codes.RecipientType, fmt.Sprintf("%s has no business wallet", s.MSISDN)
	}
	return s.barred()
}

// within applies the limits of a single payment, of which the least may be another than the customer's own.
func (l Limits) within(amount, least money.Amount) (codes.Result, string) {
	switch {
	case amount < least:
		return codes.BelowMinimum, fmt.Sprintf("%s is less than the minimum of %s", amount, least)
	case amount > l.Maximum:
		return codes.AboveMaximum, fmt.Sprintf("%s is more than the maximum of %s", amount, l.Maximum)
	}
	return codes.Success, ""
}

// holdable applies the limit of what a customer's account may hold.
func (l Limits) holdable(a Account, amount money.Amount) (codes.Result, string) {
	if after := a.Balance + amount; after > l.MaxBalance {
		return codes.AboveBalanceLimit, fmt.Sprintf("%s would hold %s, more than its limit of %s", a.ID, after, l.MaxBalance)
	}
	return codes.Success, ""
}

// receivable applies the limits of what a customer may receive in a day, and hold (BusinessToPochi, FAQ 10).
func (v *View) receivable(s Subscriber, credit AccountID, amount money.Amount, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	if received := v.Account(s.Party().Account(Wallet)).On(clock.Day(now)).Received; received+amount > limits.Daily {
		return codes.AboveDailyLimit, fmt.Sprintf("%s received today and %s are more than the %s of a day", received, amount, limits.Daily)
	}
	return limits.holdable(v.Account(credit), amount)
}

// receive counts what a customer got towards the limits.
func (v *View) receive(customer Party, amount money.Amount, now time.Time) {
	wallet := v.Account(customer.Account(Wallet)).On(clock.Day(now))
	wallet.Received += amount
	Accounts.Put(v, wallet.ID, wallet)
}

// Charged is what the organisation pays for an operation, by a tariff of its own or else the operation's.
func (v *View) Charged(own string, op Operation, amount money.Amount, now time.Time) (money.Amount, codes.Result, string) {
	tariff := op.Tariff
	if tariff != "" && own != "" {
		tariff = own
	}
	if tariff == "" {
		return 0, codes.Success, ""
	}
	_, charge, err := v.Policy.Rules.Charges(tariff, amount, now)
	if err != nil {
		return 0, codes.NotPermitted, err.Error()
	}
	return charge, codes.Success, ""
}
