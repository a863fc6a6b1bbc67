package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// What customers do without any business: cash at an agent, money to each other, and out of the own business wallet.

// The TransactionTypes of such payments, as statements call them.
const (
	CashDeposit    = "Deposit of Funds at Agent Till"
	CashWithdrawal = "Customer Withdrawal at Agent Till"
	SendToWallet   = "Customer Transfer of Funds"
	SendToPochi    = "Customer Payment to Small Business"
	TakeFromPochi  = "Transfer from Pochi to Own Account"
)

// The tariffs of such payments (wire.md §19).
const (
	withdrawalTariff = "agent-withdrawal"
	sendTariff       = "p2p"
)

// DepositCash pays cash into a customer's wallet, at no charge.
type DepositCash struct {
	Phone  msisdn.Number
	Amount money.Amount

	Payment Payment // as it ended
	Unknown bool    // Phone is no customer's, and the policy registers nobody: there is no payment
}

// Need names the customer and the provider's trust account.
func (c *DepositCash) Need(v *View) {
	v.needCustomer(c.Phone)
	Accounts.Need(v, Provider.Account(Trust))
}

// Decide deposits.
func (c *DepositCash) Decide(v *View, now time.Time) {
	p := Payment{Header: Header{Kind: Deposit, Payer: Provider, Payee: CustomerParty(c.Phone), Amount: c.Amount}, Details: Details{TransactionType: CashDeposit}}
	c.Payment, c.Unknown = v.counter(c.Phone, p, now, func(p *Payment, s Subscriber) (codes.Result, string) {
		wallet := p.Payee.Account(Wallet)
		if result, reason := v.bounded(s, wallet, p.Amount, now); result != codes.Success {
			return result, reason
		}
		v.post(p, now, Principal.Move(Provider.Account(Trust), wallet, p.Amount))
		v.chainPayee(p, wallet)
		return codes.Success, ""
	})
}

// WithdrawCash takes cash out of a customer's wallet at an agent; the customer pays the charge (wire.md §19).
type WithdrawCash struct {
	Phone  msisdn.Number
	Amount money.Amount
	PIN    *PINDigest // nil: the right one

	Payment Payment // as it ended
	Unknown bool    // Phone is no customer's, and the policy registers nobody: there is no payment
}

// Need names the customer, and the provider's trust and fees.
func (c *WithdrawCash) Need(v *View) {
	v.needCustomer(c.Phone)
	Accounts.Need(v, Provider.Account(Trust))
	Accounts.Need(v, Provider.Account(Fees))
}

// Decide withdraws.
func (c *WithdrawCash) Decide(v *View, now time.Time) {
	p := Payment{Header: Header{Kind: Withdrawal, Payer: CustomerParty(c.Phone), Payee: Provider, Amount: c.Amount}, Details: Details{TransactionType: CashWithdrawal}}
	c.Payment, c.Unknown = v.counter(c.Phone, p, now, func(p *Payment, s Subscriber) (codes.Result, string) {
		least := v.Policy.Rules.Limits(s.Limits, now).WithdrawalMinimum
		charge, result, reason := v.permitted(p, &s, c.PIN, withdrawalTariff, least, now)
		if result != codes.Success {
			return result, reason
		}
		v.pay(p, Provider.Account(Trust), charge, now)
		return codes.Success, ""
	})
}

// SendToCustomer sends money to another customer, or into their business wallet; the sender pays the charge (wire.md §19).
type SendToCustomer struct {
	Phone  msisdn.Number
	To     msisdn.Number
	Pochi  bool // into the business wallet
	Amount money.Amount
	PIN    *PINDigest // nil: the right one

	Payment Payment // as it ended
	Unknown bool    // Phone is no customer's, and the policy registers nobody: there is no payment
}

// Need names both customers and the provider's fees.
func (c *SendToCustomer) Need(v *View) {
	v.needCustomer(c.Phone)
	v.needCustomer(c.To)
	Accounts.Need(v, CustomerParty(c.To).Account(Pochi))
	Accounts.Need(v, Provider.Account(Fees))
}

// Decide sends.
func (c *SendToCustomer) Decide(v *View, now time.Time) {
	p := Payment{Header: Header{Kind: SendMoney, Payer: CustomerParty(c.Phone), Payee: CustomerParty(c.To), Amount: c.Amount}, Details: Details{TransactionType: SendToWallet}}
	credit := p.Payee.Account(Wallet)
	if c.Pochi {
		p.Details.TransactionType, credit = SendToPochi, p.Payee.Account(Pochi)
	}
	c.Payment, c.Unknown = v.counter(c.Phone, p, now, func(p *Payment, s Subscriber) (codes.Result, string) {
		charge, result, reason := v.permitted(p, &s, c.PIN, sendTariff, v.Policy.Rules.Limits(s.Limits, now).Minimum, now)
		if result != codes.Success {
			return result, reason
		}
		if result, reason := v.reachable(p, credit, now); result != codes.Success {
			return result, reason
		}
		v.pay(p, credit, charge, now)
		v.receive(p.Payee, p.Amount, now)
		v.chainPayee(p, p.Payee.Account(Wallet))
		return codes.Success, ""
	})
}

// reachable reports whether the customer who is paid can have the money.
func (v *View) reachable(p *Payment, credit AccountID, now time.Time) (codes.Result, string) {
	phone, _ := p.Payee.Phone()
	if p.Payee == p.Payer {
		return codes.NotPermitted, fmt.Sprintf("%s would pay itself", phone)
	}
	s, known := v.Customer(phone, now)
	if !known {
		return NoCustomer(phone)
	}
	if result, reason := s.payable(credit.Kind()); result != codes.Success {
		return result, reason
	}
	return v.receivable(s, credit, p.Amount, now)
}

// EmptyPochi moves money from a customer's business wallet into the customer's own, at what it would cost to send it.
type EmptyPochi struct {
	Phone  msisdn.Number
	Amount money.Amount
	PIN    *PINDigest // nil: the right one

	Payment Payment // as it ended
	Unknown bool    // Phone is no customer's, and the policy registers nobody: there is no payment
}

// Need names the customer with both wallets, and the provider's fees.
func (c *EmptyPochi) Need(v *View) {
	v.needCustomer(c.Phone)
	Accounts.Need(v, CustomerParty(c.Phone).Account(Pochi))
	Accounts.Need(v, Provider.Account(Fees))
}

// Decide moves the money. It has been received once: it counts towards no day's limit again.
func (c *EmptyPochi) Decide(v *View, now time.Time) {
	own := CustomerParty(c.Phone)
	p := Payment{Header: Header{Kind: SendMoney, Payer: own, Payee: own, Amount: c.Amount}, Details: Details{TransactionType: TakeFromPochi}}
	c.Payment, c.Unknown = v.counter(c.Phone, p, now, func(p *Payment, s Subscriber) (codes.Result, string) {
		pochi, wallet := v.Account(own.Account(Pochi)), own.Account(Wallet)
		charge, err := v.customerCharge(sendTariff, p.Amount, now)
		if err != nil {
			return codes.NotPermitted, err.Error()
		}
		if result, reason := v.checkPIN(&s, c.PIN == nil || *c.PIN == s.PIN, now); result != codes.Success {
			return result, reason
		}
		if result, reason := v.bounded(s, wallet, p.Amount, now); result != codes.Success {
			return result, reason
		}
		if p.Amount+charge > pochi.Available() {
			return codes.InsufficientFunds, fmt.Sprintf("%s and a charge of %s are more than the %s in %s", p.Amount, charge, pochi.Available(), pochi.ID)
		}
		v.post(p, now,
			Principal.Move(pochi.ID, wallet, p.Amount),
			CustomerCharge.Move(pochi.ID, Provider.Account(Fees), charge))
		return codes.Success, ""
	})
}

// counter makes a payment that a customer asks for at a counter or on the phone, unless there is no such customer. carry moves the money, or says what
// forbids it and has moved nothing.
func (v *View) counter(phone msisdn.Number, p Payment, now time.Time, carry func(*Payment, Subscriber) (codes.Result, string)) (_ Payment, unknown bool) {
	s, known := v.Customer(phone, now)
	if !known {
		return Payment{}, true
	}
	p.ID, p.AcceptedAt = v.NewID(), now.UnixMilli()
	result, reason := s.barred()
	if result == codes.Success {
		result, reason = carry(&p, s)
	}
	v.Conclude(&p, result, reason, now)
	return p, false
}

// barred reports whether the customer's standing forbids that their money moves.
func (s Subscriber) barred() (codes.Result, string) {
	switch s.Standing {
	case NoOperator:
		return codes.OperatorNotFound, fmt.Sprintf("the record of %s names an operator that doesn't exist", s.MSISDN)
	case Unregistered:
		return codes.RecipientType, fmt.Sprintf("%s is not a registered customer", s.MSISDN)
	case Inactive:
		return codes.AccountNotAllowed, fmt.Sprintf("the account of %s is suspended", s.MSISDN)
	}
	return codes.Success, ""
}

// permitted checks the PIN of the customer who pays, the charge by a tariff, and the limits.
func (v *View) permitted(p *Payment, s *Subscriber, pin *PINDigest, tariff string, least money.Amount, now time.Time) (money.Amount, codes.Result, string) {
	if result, reason := v.checkPIN(s, pin == nil || *pin == s.PIN, now); result != codes.Success {
		return 0, result, reason
	}
	charge, err := v.customerCharge(tariff, p.Amount, now)
	if err != nil {
		return 0, codes.NotPermitted, err.Error()
	}
	result, reason := v.spendable(*p, *s, least, charge, now)
	return charge, result, reason
}

func (v *View) customerCharge(tariff string, amount money.Amount, now time.Time) (money.Amount, error) {
	charge, _, err := v.Policy.Rules.Charges(tariff, amount, now)
	return charge, err
}

// pay moves a payment and its charge out of the payer's wallet.
func (v *View) pay(p *Payment, credit AccountID, charge money.Amount, now time.Time) {
	wallet := p.Payer.Account(Wallet)
	v.post(p, now,
		Principal.Move(wallet, credit, p.Amount),
		CustomerCharge.Move(wallet, Provider.Account(Fees), charge))
	v.spend(wallet, p.Amount, now)
}

// bounded applies the limits of a single payment, and of what the account may hold with it.
func (v *View) bounded(s Subscriber, credit AccountID, amount money.Amount, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	if result, reason := limits.within(amount, limits.Minimum); result != codes.Success {
		return result, reason
	}
	return limits.holdable(v.Account(credit), amount)
}

// spendable applies the limits of what a customer pays, in the order of their codes but for the balance, which is looked at last.
func (v *View) spendable(p Payment, s Subscriber, least, charge money.Amount, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	if result, reason := limits.within(p.Amount, least); result != codes.Success {
		return result, reason
	}
	wallet := v.Account(p.Payer.Account(Wallet))
	switch spent := wallet.On(clock.Day(now)).Spent; {
	case spent+p.Amount > limits.Daily:
		return codes.AboveDailyLimit, fmt.Sprintf("%s paid today and %s are more than the %s of a day", spent, p.Amount, limits.Daily)
	case p.Kind == Express && repeats(recent(wallet, now), p.Amount) >= limits.SameAmount:
		return codes.RuleLimited, fmt.Sprintf("%s was paid by %s less than %s ago", p.Amount, s.MSISDN, sameAmountWindow)
	case p.Amount+charge > wallet.Available():
		return codes.InsufficientFunds, fmt.Sprintf("%s and a charge of %s are more than the %s that %s has", p.Amount, charge, wallet.Available(), s.MSISDN)
	}
	return codes.Success, ""
}
