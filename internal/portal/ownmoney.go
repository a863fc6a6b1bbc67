package portal

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// DepositFromBank pays money from outside into an organisation's account. Like what customers do by themselves (mpesa.DepositCash) the payment
// is final at once, and when a rule forbids it, it has failed and moved nothing. What an organisation does with the money that it has is
// initiated: see Initiate.
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
	c.Payment = mpesa.Payment{}
	o := mpesa.Organisations.Get(v, c.Business)
	if c.Unknown = o == nil; c.Unknown {
		return
	}
	p := mpesa.Payment{Header: mpesa.Header{ID: v.NewID(), Kind: mpesa.Deposit, Business: c.Business, Payer: mpesa.Provider, Payee: c.Business.Party(), Amount: c.Amount, AcceptedAt: now.UnixMilli()}, Details: mpesa.Details{TransactionType: mpesa.BankDeposit, Route: mpesa.OwnRoute{To: c.To}}}
	result, reason := o.Barred()
	if result == codes.Success {
		result, reason = v.Carry(&p, nil, now)
	}
	v.Conclude(&p, result, reason, now)
	v.AuditPayment(p.ID, runner(c.Business, c.From), "initiate "+p.Kind.String(), describe(&p), reason, now)
	c.Payment = p
}
