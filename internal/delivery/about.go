package delivery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Results that tell of another payment: reversals and status queries.

// cents writes an amount in cents.
func cents(a money.Amount) string { return strconv.FormatInt(int64(a), 10) }

func (r *renderer) original(ctx context.Context, p *mpesa.Payment) (*mpesa.Payment, error) {
	original, err := r.store.Payment(ctx, p.Details.Original)
	if err == nil && original == nil {
		err = fmt.Errorf("payment %d, which payment %d is about, is not there", p.Details.Original, p.ID)
	}
	return original, err
}

// reversed tells of a payment that was taken back (wire.md §12).
func (r *renderer) reversed(ctx context.Context, e *envelope, p *mpesa.Payment) error {
	original, err := r.original(ctx, p)
	if err != nil {
		return err
	}
	e.open("ResultParameters", "ResultParameter")
	for _, f := range p.Details.Funds {
		e.text("DebitAccountBalance", segment(f))
	}
	e.amount("Amount", p.Amount)
	e.stamp("TransCompletedTime", p.FinishedAt)
	e.text("OriginalTransactionID", r.mint.Receipt(original.ID, time.UnixMilli(original.ReceiptAt())))
	e.amount("Charge", 0)
	e.text("CreditPartyPublicName", publicName(p.Payee, p.Details.Payee))
	e.text("DebitPartyPublicName", publicName(p.Payer, p.Details.Payer))
	e.close()
	r.echo(e, "reversalresults")
	return nil
}

// status tells how another payment stood when it was looked up (wire.md §10).
func (r *renderer) status(ctx context.Context, e *envelope, p *mpesa.Payment) error {
	x, err := r.original(ctx, p)
	if err != nil {
		return err
	}
	payer, err := r.name(ctx, x.Payer)
	if err != nil {
		return err
	}
	payee, err := r.name(ctx, x.Payee)
	if err != nil {
		return err
	}
	var transfers []mpesa.Transfer
	if p.Details.OriginalState == mpesa.Completed { // what has moved since is another answer's
		if transfers, err = r.store.Transfers(ctx, x.ID); err != nil {
			return err
		}
	}
	final := p.Details.OriginalState.Final()
	e.open("ResultParameters", "ResultParameter")
	e.text("DebitPartyName", publicName(x.Payer, payer))
	e.text("CreditPartyName", publicName(x.Payee, payee))
	e.text("OriginatorConversationID", r.mint.Originator(x.ID, x.Details.Originator))
	e.stamp("InitiatedTime", x.AcceptedAt)
	r.charges(e, x, transfers)
	e.text("DebitAccountType", debited(x, transfers))
	e.text("TransactionReason", x.Details.Description)
	e.text("ReasonType", reasonType(x))
	e.text("TransactionStatus", transactionStatus(p.Details.OriginalState, x))
	if final {
		e.stamp("FinalisedTime", x.FinishedAt)
	} else {
		e.text("FinalisedTime", "")
	}
	e.shillings("Amount", x.Amount)
	e.text("ConversationID", r.mint.Conversation(x.ID, time.UnixMilli(x.AcceptedAt)))
	if final {
		e.text("ReceiptNo", r.mint.Receipt(x.ID, time.UnixMilli(x.ReceiptAt())))
	} else {
		e.text("ReceiptNo", "")
	}
	e.close()
	r.occasion(e, p)
	return nil
}

// charges tells what the business paid for the payment: as its payer or as its payee.
func (r *renderer) charges(e *envelope, x *mpesa.Payment, transfers []mpesa.Transfer) {
	key, name := "CreditPartyCharges", "Pay Bill Charge"
	if _, ok := x.Payer.Shortcode(); ok {
		op, _ := mpesa.FindOperation(x.Kind, x.Details.TransactionType)
		key, name = "DebitPartyCharges", op.Charge
	}
	var paid money.Amount
	for _, t := range transfers {
		if t.Kind == mpesa.BusinessCharge {
			paid += t.Amount
		}
	}
	e.text(key, charge(name, paid))
}

// debited is the name of the account that the payment's amount came from, or would have.
func debited(x *mpesa.Payment, transfers []mpesa.Transfer) string {
	for _, t := range transfers {
		if t.Kind == mpesa.Principal {
			return t.Debit.Kind().String()
		}
	}
	if _, ok := x.Payer.Phone(); ok {
		return mpesa.Wallet.String()
	}
	op, _ := mpesa.FindOperation(x.Kind, x.Details.TransactionType)
	return op.From.String()
}

// reasonType names the sort of payment (wire.md §10).
func reasonType(x *mpesa.Payment) string {
	if op, ok := mpesa.FindOperation(x.Kind, x.Details.TransactionType); ok {
		if x.IsTask() {
			return op.Title() // it came from the portal, and not "via API"
		}
		return op.Reason
	}
	switch {
	case x.Details.TransactionType == mpesa.CustomerPayBillOnline && x.Kind == mpesa.Express:
		return "Pay Bill Online"
	case x.Details.TransactionType == mpesa.CustomerPayBillOnline:
		return "Pay Bill"
	case x.Details.TransactionType == mpesa.CustomerBuyGoodsOnline:
		return "Merchant Payment"
	}
	return x.Details.TransactionType // of what no API asks for
}

// transactionStatus is the state of a payment in the words of wire.md §10.
func transactionStatus(state mpesa.State, x *mpesa.Payment) string {
	switch state {
	case mpesa.Completed:
		return "Completed"
	case mpesa.Prompting:
		return "Initiated"
	case mpesa.Queued:
		return "Authorized"
	case mpesa.Validating, mpesa.Approving:
		return "Pending Authorized"
	}
	switch {
	case x.Result == codes.CancelledByUser, x.Result == codes.ValidationFailed:
		return "Cancelled"
	case x.Result == codes.Expired, x.Result == codes.AnswerLost, x.Result == codes.Unreachable, x.Details.TimedOut:
		return "Expired"
	}
	return "Declined"
}

// name is a party's public name; unknown parties have none.
func (r *renderer) name(ctx context.Context, party mpesa.Party) (string, error) {
	if phone, ok := party.Phone(); ok {
		return r.customer(ctx, phone)
	}
	shortcode, ok := party.Shortcode()
	if !ok {
		return "M-PESA", nil
	}
	o, err := r.store.Organisation(ctx, shortcode)
	if err != nil || o == nil {
		return "", err
	}
	return o.Name, nil
}

func (r *renderer) customer(ctx context.Context, phone msisdn.Number) (string, error) {
	s, err := r.store.Subscriber(ctx, phone)
	if err != nil || s == nil {
		return "", err
	}
	return s.Name, nil
}
