package portal

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What no Daraja API offers: an organisation moves its own money, on the portal. Like what customers do by themselves (cash.go) such a
// payment is final at once, and when a rule forbids it, it has failed and moved nothing.

// SettleRevenue passes on what customers have paid: everything in Utility and Merchant goes through the Settlement account, clears
// what Charges Paid owes, and the rest becomes Working (BusinessToPochi, account types). With no revenue the result is 1.
type SettleRevenue struct {
	Business mpesa.Shortcode
	From     string // the address that Kivuko's administrator asks from, for the audit

	Payment mpesa.Payment // as it ended
	Unknown bool          // Business is nobody's shortcode: there is no payment
}

// task is the settlement of an organisation's revenue.
func (c *SettleRevenue) task() mpesa.Payment { return mpesa.SettlementTask(c.Business) }

// Need names the organisation and its accounts.
func (c *SettleRevenue) Need(v *mpesa.View) { v.NeedTask(new(c.task())) }

// Decide settles.
func (c *SettleRevenue) Decide(v *mpesa.View, now time.Time) {
	c.Payment, c.Unknown = direct(v, c.task(), c.From, now, v.Carry)
}

// MoveFunds moves money between an organisation's own accounts, along one of OwnRoutes; on any other way the result is 2028.
type MoveFunds struct {
	Business mpesa.Shortcode
	Route    mpesa.OwnRoute
	Amount   money.Amount
	From     string // the address that Kivuko's administrator asks from, for the audit

	Payment mpesa.Payment // as it ended
	Unknown bool          // Business is nobody's shortcode: there is no payment
}

// task is the move.
func (c *MoveFunds) task() mpesa.Payment { return mpesa.MoveTask(c.Business, c.Route, c.Amount) }

// Need names the organisation and the two accounts.
func (c *MoveFunds) Need(v *mpesa.View) { v.NeedTask(new(c.task())) }

// Decide moves the money.
func (c *MoveFunds) Decide(v *mpesa.View, now time.Time) {
	c.Payment, c.Unknown = direct(v, c.task(), c.From, now, v.Carry)
}

// WithdrawToBank takes money out of an organisation's Working account to its bank. What Charges Paid owes has to be settled first
// (BusinessToPochi, account types): the result is 2006 otherwise.
type WithdrawToBank struct {
	Business mpesa.Shortcode
	Amount   money.Amount
	From     string // the address that Kivuko's administrator asks from, for the audit

	Payment mpesa.Payment // as it ended
	Unknown bool          // Business is nobody's shortcode: there is no payment
}

// task is the withdrawal.
func (c *WithdrawToBank) task() mpesa.Payment { return mpesa.WithdrawalTask(c.Business, c.Amount) }

// Need names the organisation and its accounts, and the provider's trust account.
func (c *WithdrawToBank) Need(v *mpesa.View) { v.NeedTask(new(c.task())) }

// Decide withdraws.
func (c *WithdrawToBank) Decide(v *mpesa.View, now time.Time) {
	c.Payment, c.Unknown = direct(v, c.task(), c.From, now, v.Carry)
}

// DepositFromBank pays money from outside into an organisation's account.
type DepositFromBank struct {
	Business mpesa.Shortcode
	To       mpesa.AccountKind // one of DepositAccounts; into any other the result is 2028
	Amount   money.Amount
	From     string // the address that Kivuko's administrator asks from, for the audit

	Payment mpesa.Payment // as it ended
	Unknown bool          // Business is nobody's shortcode: there is no payment
}

// Need names the organisation and its account, and the provider's trust account.
func (c *DepositFromBank) Need(v *mpesa.View) {
	v.NeedOwn(c.Business, c.To)
	mpesa.Accounts.Need(v, mpesa.Provider.Account(mpesa.Trust))
}

// Decide deposits.
func (c *DepositFromBank) Decide(v *mpesa.View, now time.Time) {
	p := mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Deposit, Business: c.Business, Payer: mpesa.Provider, Payee: c.Business.Party(), Amount: c.Amount},
		Details: mpesa.Details{TransactionType: mpesa.BankDeposit, Route: mpesa.OwnRoute{To: c.To}}}
	c.Payment, c.Unknown = direct(v, p, c.From, now, v.Carry)
}

// direct makes a payment of an organisation's that Kivuko's administrator asks for, unless there is no such organisation. carry moves its
// money, or says what forbids it and has moved nothing.
func direct(v *mpesa.View, p mpesa.Payment, from string, now time.Time, carry func(*mpesa.Payment, time.Time) (codes.Result, string)) (_ mpesa.Payment, unknown bool) {
	o := mpesa.Organisations.Get(v, p.Business)
	if o == nil {
		return mpesa.Payment{}, true
	}
	p.ID, p.AcceptedAt = v.NewID(), now.UnixMilli()
	result, reason := o.Barred()
	if result == codes.Success {
		result, reason = carry(&p, now)
	}
	v.Conclude(&p, result, reason, now)
	v.Audit(runner(p.Business, from), initiates+p.Kind.String(), describe(&p), reason, now)
	return p, false
}
