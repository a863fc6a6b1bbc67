package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
)

// AcceptCheckout accepts a B2B Express checkout: a vendor asks another business for money, and the owner of that business says yes
// or no by a prompt on the phone (wire.md §14.2). The real prompt asks for an operator's ID and PIN; here the owner's M-PESA PIN is both.
type AcceptCheckout struct {
	From        Shortcode // primaryShortCode: the business that pays
	To          Shortcode // receiverShortCode: the vendor
	Amount      money.Amount
	CallBackURL string
	Reference   string // paymentRef
	Partner     string // partnerName: what the payer knows the vendor as
	RequestID   string // RequestRefID

	Payment Payment      // as accepted
	Refused *codes.Error // or why not; nothing has changed then
	Reason  string       // more about the refusal, for people
}

// Need names both businesses and the payer's owner.
func (c *AcceptCheckout) Need(v *View) {
	Organisations.Lead(v, c.From)
	Organisations.Need(v, c.To)
	if from := Organisations.Get(v, c.From); from != nil && from.Owner != 0 {
		v.needCustomer(from.Owner)
	}
}

// Decide refuses, or opens a prompt on the owner's phone, or ends the payment at once where no prompt can reach it.
func (c *AcceptCheckout) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Reason = Payment{}, nil, ""
	from := Organisations.Get(v, c.From)
	switch {
	case from == nil:
		c.refuse(codes.KYCFailed, "primaryShortCode %s is nobody's", c.From)
		return
	case Organisations.Get(v, c.To) == nil:
		c.refuse(codes.KYCFailed, "receiverShortCode %s is nobody's", c.To)
		return
	case from.Owner == 0:
		c.refuse(codes.NoNominatedNumber, "%s has no owner whose phone could be prompted", c.From)
		return
	}
	s, known := v.Customer(from.Owner, now)
	switch {
	case !known:
		c.refuse(codes.NoNominatedNumber, "the owner's number %s of %s is no customer's", from.Owner, c.From)
		return
	case OpenPrompts.Get(v, s.Party()) != 0:
		c.refuse(codes.USSDException, "payment %d is waiting for an answer on %s", OpenPrompts.Get(v, s.Party()), from.Owner)
		return
	}
	p := Payment{
		Header: Header{ID: v.NewID(), Kind: B2BExpress, State: Prompting, Payer: s.Party(), Payee: c.To.Party(), Business: c.To, Amount: c.Amount,
			AcceptedAt: now.UnixMilli()},
		Details: Details{From: c.From, CallBackURL: c.CallBackURL, Reference: c.Reference, Description: c.Partner, Originator: c.RequestID},
	}
	v.ask(&p, s, now)
	c.Payment = p
}

func (c *AcceptCheckout) refuse(e codes.Error, format string, args ...any) {
	c.Refused, c.Reason = &e, fmt.Sprintf(format, args...)
}

// checkoutPrompt has the words of the portal (B2B Express checkout, merchant input details).
func checkoutPrompt(p *Payment) string {
	return fmt.Sprintf("You are about to send Ksh %s to %s for payment reference: %s. Enter M-PESA PIN:",
		p.Amount.Grouped(), p.Details.Description, p.Details.Reference)
}

// needCheckout names what an approved checkout moves.
func (v *View) needCheckout(p *Payment) {
	Organisations.Need(v, p.Details.From)
	Organisations.Lead(v, p.Business)
	if receiver := Organisations.Get(v, p.Business); receiver != nil {
		v.needMove(p.Details.From.Party(), p.Payee, checkoutOperation(receiver))
	}
}

// checkoutOperation is what a checkout is a form of.
func checkoutOperation(receiver *Organisation) Operation {
	command := BusinessBuyGoods
	if receiver.Kind == PayBill {
		command = BusinessPayBill
	}
	op, _ := FindOperation(B2B, command)
	return op
}

// checkOut pays the vendor out of the Working account, by the rules of Business Pay Bill or Business Buy Goods.
func (v *View) checkOut(p *Payment, now time.Time) {
	from := Organisations.Get(v, p.Details.From)
	op := checkoutOperation(Organisations.Get(v, p.Business))
	result, reason := from.mayPay(op)
	if result == codes.Success {
		result, reason = v.payFrom(p, from.Shortcode, op, now)
	}
	p.Details.Settled = result == codes.Success
	v.Conclude(p, result, reason, now)
}
