package delivery

import (
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// checkoutCallback appends the callback of a B2B Express checkout, which is flat and all text (wire.md §14.2). The one that is printed
// for a payment that was not made is of one that was cancelled; others have its form.
func (r *renderer) checkoutCallback(b []byte, p *mpesa.Payment) []byte {
	code := p.Result
	if code == codes.CancelledByUser {
		code = codes.CheckoutCancelled
	}
	b = append(b, `{"resultCode":"`...)
	b = append(b, code...)
	b = append(b, `","resultDesc":`...)
	b = appendString(b, code.Desc(p.Kind.String()))
	request := r.mint.Originator(p.ID, p.Details.Originator)
	if code != codes.Success {
		b = append(b, `,"requestId":`...)
		b = appendString(b, request)
		b = append(append(append(b, `,"amount":"`...), tenths(p.Amount)...), `","paymentReference":`...)
		b = appendString(b, p.Details.Reference)
		return append(b, '}')
	}
	b = append(append(append(b, `,"amount":"`...), tenths(p.Amount)...), `","requestId":`...)
	b = appendString(b, request)
	b = append(b, `,"resultType":"0","conversationID":"`...)
	b = append(b, r.mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))...)
	b = append(b, `","transactionId":"`...)
	b = append(b, r.mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt()))...)
	return append(b, `","status":"SUCCESS"}`...)
}

// tenths writes whole shillings as this API does: "71.0".
func tenths(a money.Amount) string {
	if whole, ok := a.Whole(); ok {
		return strconv.FormatInt(whole, 10) + ".0"
	}
	return a.String()
}
