package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// RegisterURLs registers an organisation's URLs for what customers pay to it (wire.md §6.1).
type RegisterURLs struct {
	Shortcode Shortcode
	URLs      C2BURLs
	Once      bool // what is registered must be deleted before it can be registered anew

	Refused *codes.Error
	Reason  string
}

// Need names the organisation.
func (c *RegisterURLs) Need(v *View) { Registry.Need(v, c.Shortcode) }

// Decide registers, or refuses.
func (c *RegisterURLs) Decide(v *View, _ time.Time) {
	c.Refused, c.Reason = nil, ""
	o, ok := Registry.Get(v, c.Shortcode)
	switch {
	case !ok:
		c.Refused, c.Reason = new(codes.InvalidField("ShortCode")), fmt.Sprintf("%s is nobody's shortcode", c.Shortcode)
	case c.Once && o.URLs.Confirmation != "":
		c.Refused, c.Reason = new(codes.AlreadyRegistered), fmt.Sprintf("%s has registered %s and %s", c.Shortcode, o.URLs.Validation, o.URLs.Confirmation)
	default:
		o.URLs = c.URLs
		Registry.Put(v, c.Shortcode, o)
	}
}

// PayBusiness pays a business for a customer, unasked: from the phone's menu, or as the C2B API simulates it (wire.md §6.2).
type PayBusiness struct {
	Phone     msisdn.Number
	Business  Shortcode
	Type      string // CustomerPayBillOnline or CustomerBuyGoodsOnline
	Amount    money.Amount
	Reference string     // account number
	PIN       *PINDigest // nil: not asked for, as in the simulator

	Payment Payment
	Unknown bool // the number is no customer's, and the policy registers nobody
}

// Need names the customer, and the business with its accounts.
func (c *PayBusiness) Need(v *View) {
	v.needCustomer(c.Phone)
	Organisations.Need(v, c.Business)
	v.needCustomerPayment(&Payment{Header: Header{Payer: CustomerParty(c.Phone), Payee: c.Business.Party()}, Details: Details{TransactionType: c.Type, Reference: c.Reference}})
}

// Decide pays, or holds the money while the business is asked, or fails.
func (c *PayBusiness) Decide(v *View, now time.Time) {
	c.Payment = Payment{}
	s, known := v.Customer(c.Phone, now)
	if c.Unknown = !known; c.Unknown {
		return
	}
	p := Payment{Header: Header{ID: v.NewID(), Kind: C2B, Payer: s.Party(), Payee: c.Business.Party(), Business: c.Business, Amount: c.Amount,
		AcceptedAt: now.UnixMilli()}, Details: Details{TransactionType: c.Type, Reference: c.Reference}}
	if c.PIN != nil {
		result, reason := v.checkPIN(&s, *c.PIN == s.PIN, now)
		p.answered(v, s, result, reason, now)
	} else {
		v.approve(&p, s, now)
	}
	c.Payment = p
}

// validationTime is how long a payment waits for the business's word: eight seconds for its server (wire.md §6.3; DarajaTutorial,
// Register URL), and two for the request to leave and its answer to be noted.
const validationTime = 10 * time.Second

// hold reserves the payer's money and asks the business.
func (v *View) hold(p *Payment, receiver *Organisation, s Subscriber, total money.Amount, now time.Time) {
	ledger.Reserve(v, p.ID, ledger.Reservation{Account: p.Payer.Account(Wallet), Amount: total})
	p.State, p.DueAt = Validating, now.Add(validationTime).UnixMilli()
	p.Details.ValidatedAt = now.UnixMilli()
	v.introduce(p, receiver, s)
	v.PutPayment(p)
	v.deliver(&p.Header, Validation, receiver.URLs.Validation, now)
}

// Verdict is a business's answer to a validation request (wire.md §6.3).
type Verdict struct {
	Answered     bool
	Code         string // "0" accepts, anything else rejects
	ThirdPartyID string // ThirdPartyTransID
	Reason       string // why there was no answer, or none that could be read
}

// validated ends a payment by the business's word, or without one by what it has registered for that.
func (v *View) validated(p *Payment, verdict Verdict, now time.Time) {
	ledger.Release(v, p.ID)
	receiver := Organisations.Get(v, Shortcode(p.Payee))
	switch {
	case verdict.Answered && verdict.Code == "0":
		p.Details.ThirdPartyID = verdict.ThirdPartyID
		v.settle(p, now)
	case verdict.Answered:
		v.Fail(p, codes.ValidationFailed, now, fmt.Sprintf("%s rejected the payment with ResultCode %s", p.Business, verdict.Code))
	case receiver.URLs.ResponseType == ResponseCompleted:
		v.settle(p, now)
	default:
		v.Fail(p, codes.ValidationFailed, now, fmt.Sprintf("%s; ResponseType is %s", verdict.Reason, receiver.URLs.ResponseType))
	}
}

// settle completes a payment that its payer and the business want, unless a rule has come to forbid it since it was approved.
func (v *View) settle(p *Payment, now time.Time) {
	phone, _ := p.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	if plan, result, reason := v.check(*p, s, now); result != codes.Success {
		v.Fail(p, result, now, reason)
	} else {
		v.complete(p, plan, s, now)
	}
}
