package delivery

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// renderer writes bodies. What most of them say stands in the payment; the status of another payment is looked up.
type renderer struct {
	mint     *ids.Mint
	store    store.Reader
	internal string // base of the URL that results echo as QueueTimeoutURL (wire.md §7.2)
}

// The bases of the echoed QueueTimeoutURL, which is M-PESA's own and not the client's (wire.md §7.2).
const (
	InternalSandbox    = "https://internalsandbox.safaricom.co.ke"
	InternalProduction = "https://internalapi.safaricom.co.ke"
)

// result appends the result of an initiator's request (wire.md §7.2).
func (r *renderer) result(ctx context.Context, b []byte, p *mpesa.Payment) ([]byte, error) {
	e := &envelope{body: r.head(b, p)}
	if p.Result != codes.Success {
		r.failed(e, p)
		return append(e.body, "}}"...), nil
	}
	var err error
	switch p.Kind {
	case mpesa.B2C:
		r.paidOut(e, p)
	case mpesa.B2Pochi:
		r.paidPochi(e, p)
	case mpesa.B2B, mpesa.Tax:
		r.paidBusiness(e, p)
	case mpesa.Reversal:
		err = r.reversed(ctx, e, p)
	case mpesa.StatusQuery:
		err = r.status(ctx, e, p)
	case mpesa.BalanceQuery:
		r.balances(e, p)
	}
	return append(e.body, "}}"...), err
}

// queueTimeout appends what QueueTimeOutURL is told. Nobody has recorded a real one; this is the result's envelope without
// parameters (wire.md §7.4).
func (r *renderer) queueTimeout(b []byte, p *mpesa.Payment) []byte {
	return append(r.head(b, p), "}}"...)
}

// head appends what all results begin with.
func (r *renderer) head(b []byte, p *mpesa.Payment) []byte {
	b = append(b, `{"Result":{"ResultType":0,"ResultCode":`...)
	b = appendCode(b, p.Result)
	b = append(b, `,"ResultDesc":`...)
	b = appendString(b, p.Result.Desc(p.Kind.String()))
	b = append(b, `,"OriginatorConversationID":`...)
	b = appendText(b, r.mint.Originator(p.ID, p.Details.Originator))
	b = append(b, `,"ConversationID":"`...)
	b = append(b, r.mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))...)
	b = append(b, `","TransactionID":"`...)
	b = append(b, r.transactionID(p)...)
	return append(b, '"')
}

// transactionID is a receipt where money was to move, which failed payouts have too. Queries, and what fails before it is a
// payment, as in the queue, have the date and zeros (wire.md §7.3, §16).
func (r *renderer) transactionID(p *mpesa.Payment) string {
	finished := time.UnixMilli(p.FinishedAt)
	switch {
	case p.Details.TimedOut:
	case p.State == mpesa.Completed && p.Kind.MovesMoney(), p.Kind == mpesa.B2C, p.Kind == mpesa.B2Pochi:
		return r.mint.Receipt(p.ID, finished)
	}
	return ids.NoReceipt(finished)
}

// failed appends what a result says beside its code: little, and for each API something else.
func (r *renderer) failed(e *envelope, p *mpesa.Payment) {
	switch p.Kind {
	case mpesa.B2B, mpesa.Tax: // BusinessPayBill, unsuccessful result body; observed today: no parameters
		e.open("ResultParameters", "ResultParameter")
		e.stamp("BOCompletedTime", p.FinishedAt)
		e.close()
		r.echo(e, "abresults")
	case mpesa.BalanceQuery: // wire.md §7.3
		e.open("ResultParameters", "ResultParameter")
		if p.Result == codes.CredentialLocked {
			e.text("ActionType", mpesa.AccountBalance)
			e.text("ErrorMsg", "API Password is locked. ")
		}
		e.stamp("BOCompletedTime", p.FinishedAt)
		e.close()
		e.open("ReferenceData", "ReferenceItem")
		e.text("QueueTimeoutURL", "")
		e.close()
	case mpesa.StatusQuery:
		r.occasion(e, p)
	case mpesa.Reversal:
		r.echo(e, "reversalresults")
	default:
		r.echo(e, "b2cresults")
	}
}

// echo appends the reference data of most results.
func (r *renderer) echo(e *envelope, results string) {
	e.open("ReferenceData", "ReferenceItem")
	r.timeoutURL(e, results)
	e.close()
}

func (r *renderer) timeoutURL(e *envelope, results string) {
	e.text("QueueTimeoutURL", r.internal+"/mpesa/"+results+"/v1/submit")
}

func (r *renderer) occasion(e *envelope, p *mpesa.Payment) {
	e.open("ReferenceData", "ReferenceItem")
	e.text("Occasion", p.Details.Occasion)
	e.close()
}

// paidOut has the order of BusinessToCustomer, successful result.
func (r *renderer) paidOut(e *envelope, p *mpesa.Payment) {
	e.open("ResultParameters", "ResultParameter")
	e.shillings("TransactionAmount", p.Amount)
	e.text("TransactionReceipt", r.transactionID(p))
	e.text("B2CRecipientIsRegisteredCustomer", registered(p))
	e.amount("B2CChargesPaidAccountAvailableFunds", funds(p, mpesa.ChargesPaid))
	e.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	e.text("TransactionCompletedDateTime", completed(p))
	e.amount("B2CUtilityAccountAvailableFunds", funds(p, mpesa.Utility))
	e.amount("B2CWorkingAccountAvailableFunds", funds(p, mpesa.Working))
	e.close()
	r.echo(e, "b2cresults")
}

// paidPochi has the order of BusinessToPochi, callback payload.
func (r *renderer) paidPochi(e *envelope, p *mpesa.Payment) {
	e.open("ResultParameters", "ResultParameter")
	e.shillings("TransactionAmount", p.Amount)
	e.text("TransactionReceipt", r.transactionID(p))
	e.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	e.text("TransactionCompletedDateTime", completed(p))
	e.amount("B2CUtilityAccountAvailableFunds", funds(p, mpesa.Utility))
	e.amount("B2CWorkingAccountAvailableFunds", funds(p, mpesa.Working))
	e.text("B2CRecipientIsRegisteredCustomer", registered(p))
	e.amount("B2CChargesPaidAccountAvailableFunds", funds(p, mpesa.ChargesPaid))
	e.close()
	r.echo(e, "b2cresults")
}

func registered(p *mpesa.Payment) string {
	if p.Details.Unknown {
		return "N"
	}
	return "Y"
}

// completed is when the payment ended, as payouts write it: 19.12.2019 11:45:50 in EAT.
func completed(p *mpesa.Payment) string {
	return time.UnixMilli(p.FinishedAt).In(clock.EAT).Format("02.01.2006 15:04:05")
}

func funds(p *mpesa.Payment, kind mpesa.AccountKind) money.Amount {
	f, _ := p.Details.Of(kind)
	return f.Available()
}

// publicName is a party's number and name: "254708374149 - John Doe".
func publicName(party mpesa.Party, name string) string { return party.String() + " - " + name }

// segment is an account as balances are written: name, currency, current, available, reserved and uncleared (wire.md §11).
func segment(f mpesa.Funds) string {
	return f.Kind.String() + "|KES|" + f.Balance.String() + "|" + f.Available().String() + "|" + f.Held.String() + "|0.00"
}

// paidBusiness has the order of BusinessPayBill, successful result body, with the key for the debited account that its table and
// every recorded result have (wire.md §9.2, §21 row 15).
func (r *renderer) paidBusiness(e *envelope, p *mpesa.Payment) {
	op, _ := mpesa.FindOperation(p.Kind, p.Details.TransactionType)
	from, _ := p.Details.Of(op.From)
	current := "{Amount={CurrencyCode=KES, MinimumAmount=" + cents(from.Available()) + ", BasicAmount=" + from.Available().String() + "}}"
	e.open("ResultParameters", "ResultParameter")
	e.text("DebitAccountCurrentBalance", current)
	e.shillings("Amount", p.Amount)
	e.text("DebitPartyAffectedAccountBalance", segment(from))
	e.stamp("TransCompletedTime", p.FinishedAt)
	e.text("DebitPartyCharges", charge(op.Charge, p.Details.Charge))
	e.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	e.text("Currency", "KES")
	e.text("InitiatorAccountCurrentBalance", current)
	e.close()
	e.open("ReferenceData", "ReferenceItem")
	if p.Details.Reference != "" {
		e.text("BillReferenceNumber", p.Details.Reference)
	}
	r.timeoutURL(e, "b2bresults")
	e.close()
}

// charge is a charge as results write it; none is empty.
func charge(name string, amount money.Amount) string {
	if amount == 0 {
		return ""
	}
	return name + "|KES|" + amount.String()
}

// balances tells what the organisation's accounts held (wire.md §11).
func (r *renderer) balances(e *envelope, p *mpesa.Payment) {
	text := ""
	for _, f := range p.Details.Funds {
		if text != "" {
			text += "&"
		}
		text += segment(f)
	}
	e.open("ResultParameters", "ResultParameter")
	e.text("ActionType", mpesa.AccountBalance)
	e.text("AccountBalance", text)
	e.stamp("BOCompletedTime", p.FinishedAt)
	e.close()
	r.echo(e, "abresults")
}
