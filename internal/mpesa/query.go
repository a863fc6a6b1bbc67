package mpesa

import (
	"fmt"

	"github.com/kivuko/kivuko/daraja/codes"
)

// needOriginal names the payment that a request is about.
func (v *View) needOriginal(p *Payment) {
	if id := p.Details.Original; id != 0 {
		Payments.Need(v, id)
	}
}

// original is the payment that a request is about.
func (v *View) original(p *Payment) (Payment, bool) {
	if p.Details.Original == 0 || !Payments.Loaded(v, p.Details.Original) {
		return Payment{}, false
	}
	return Payments.Get(v, p.Details.Original)
}

// lookUp notes how the payment stands that a status query is about. An organisation sees payments that it is a party of
// (wire.md §10).
func (v *View) lookUp(p *Payment) (codes.Result, string) {
	original, ok := v.original(p)
	missing := codes.ReceiptUnknown
	if p.Details.ByOriginator {
		missing = codes.OriginatorUnknown
	}
	own := p.Business.Party()
	switch {
	case !ok:
		return missing, fmt.Sprintf("no payment has the identifier %q", p.Details.OriginalID)
	case original.Payer != own && original.Payee != own && original.Business != p.Business:
		return missing, fmt.Sprintf("payment %d is not one of %s", original.ID, p.Business)
	}
	p.Details.OriginalState = original.State
	return codes.Success, ""
}

// OrganisationAccounts lists the accounts that an organisation has, in the order of wire.md §11.
func OrganisationAccounts() []AccountKind {
	return []AccountKind{Working, Float, Utility, ChargesPaid, Merchant, Settlement}
}

// needBalances names the accounts that a balance query tells of.
func (v *View) needBalances(p *Payment) {
	for _, kind := range OrganisationAccounts() {
		Accounts.Need(v, p.Payer.Account(kind))
	}
}

// readBalances notes what the organisation's accounts hold.
func (v *View) readBalances(p *Payment) {
	p.Details.Funds = v.funds(p.Payer, OrganisationAccounts()...)
}
