package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

// payoutFunds are the accounts that the result of a payout tells of (BusinessToCustomer, successful result).
var payoutFunds = []AccountKind{Utility, Working, ChargesPaid}

// needPayout names what a payment to a customer moves and tells of.
func (v *View) needPayout(n *Needs, p *Payment) {
	phone, _ := p.Payee.Phone()
	v.needRecipient(n, phone)
	if p.Kind == B2Pochi {
		v.needAccount(n, p.Payee.Account(Pochi))
	}
	for _, kind := range payoutFunds {
		v.needAccount(n, p.Payer.Account(kind))
	}
	v.needAccount(n, Provider.Account(Fees))
}

// payOut pays a customer out of the organisation's Utility account, or says what forbids it (BusinessToPochi, result codes).
func (v *View) payOut(p *Payment, now time.Time) (codes.Result, string) {
	op := p.operation()
	phone, _ := p.Payee.Phone()
	s, known := v.customer(phone, now)
	if !known {
		return codes.OperatorNotFound, fmt.Sprintf("%s is no customer's number, and the strict profile registers nobody on first use", phone)
	}
	if result, reason := recipient(s, op); result != codes.Success {
		return result, reason
	}
	credit := p.Payee.Account(op.To)
	if result, reason := v.receivable(s, credit, p.Amount, true, now); result != codes.Success {
		return result, reason
	}
	charge, result, reason := v.charged(v.Organisations[p.Business].Payouts, op, p.Amount, now)
	if result != codes.Success {
		return result, reason
	}
	from := v.account(p.Payer.Account(op.From))
	if result, reason := affordable(from, p.Amount); result != codes.Success {
		return result, reason
	}
	v.postAll(p, now,
		move{from.ID, credit, p.Amount, Principal},
		move{p.Payer.Account(ChargesPaid), Provider.Account(Fees), charge, BusinessCharge})
	v.receive(p.Payee, p.Amount, now)
	v.chainPayee(p, p.Payee.Account(Wallet))
	p.Details.Payee, p.Details.Unknown = s.Name, s.Standing == Unregistered
	p.Details.Charge, p.Details.Funds = charge, v.funds(p.Payer, payoutFunds...)
	return codes.Success, ""
}

// recipient tells whether the customer can be paid at all (BusinessToCustomer, CommandID; BusinessToPochi, prerequisites 9).
func recipient(s Subscriber, op Operation) (codes.Result, string) {
	switch {
	case s.Standing == Unregistered && op.Command != SalaryPayment:
		return codes.RecipientType, fmt.Sprintf("%s is not a registered customer, whom only a %s reaches", s.MSISDN, SalaryPayment)
	case s.Standing == NoPochi && op.To == Pochi:
		return codes.RecipientType, fmt.Sprintf("%s has no business wallet", s.MSISDN)
	case s.Standing == NoOperator:
		return codes.OperatorNotFound, fmt.Sprintf("the record of %s names an operator that doesn't exist", s.MSISDN)
	case s.Standing == Inactive:
		return codes.AccountNotAllowed, fmt.Sprintf("the account of %s is suspended", s.MSISDN)
	}
	return codes.Success, ""
}

// receivable applies the limits of what a customer may receive (BusinessToPochi, FAQ 10). bounded: the limits of a single payment
// hold too.
func (v *View) receivable(s Subscriber, credit AccountID, amount money.Amount, bounded bool, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	least := max(limits.PayoutMinimum, limits.Minimum)
	received := v.account(s.Party().Account(Wallet)).On(clock.Day(now)).Received
	switch after := v.account(credit).Balance + amount; {
	case bounded && amount < least:
		return codes.BelowMinimum, fmt.Sprintf("%s is less than the minimum of %s", amount, least)
	case bounded && amount > limits.Maximum:
		return codes.AboveMaximum, fmt.Sprintf("%s is more than the maximum of %s", amount, limits.Maximum)
	case received+amount > limits.Daily:
		return codes.AboveDailyLimit, fmt.Sprintf("%s received today and %s are more than the %s of a day", received, amount, limits.Daily)
	case after > limits.MaxBalance:
		return codes.AboveBalanceLimit, fmt.Sprintf("%s would hold %s, more than its limit of %s", credit, after, limits.MaxBalance)
	}
	return codes.Success, ""
}

// receive counts what a customer got towards the limits.
func (v *View) receive(customer Party, amount money.Amount, now time.Time) {
	wallet := v.account(customer.Account(Wallet)).On(clock.Day(now))
	wallet.Received += amount
	v.Accounts.Put(wallet.ID, wallet)
}

// charged is what the organisation pays for an operation, by a tariff of its own or else the operation's.
func (v *View) charged(own string, op Operation, amount money.Amount, now time.Time) (money.Amount, codes.Result, string) {
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
