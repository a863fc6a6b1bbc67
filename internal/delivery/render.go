package delivery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Body renders what a delivery says. What it tells of has happened, so it always says the same.
func (s *Sender) Body(ctx context.Context, d mpesa.Delivery) ([]byte, error) {
	p, err := s.Store.Payment(ctx, d.Payment())
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, fmt.Errorf("payment %d of delivery %d is not there", d.Payment(), d.ID)
	}
	return s.render.body(ctx, nil, p, d.Kind)
}

// body appends what a delivery of a kind says of a payment.
func (r *renderer) body(ctx context.Context, b []byte, p *mpesa.Payment, kind mpesa.DeliveryKind) ([]byte, error) {
	switch kind {
	case mpesa.ExpressResult:
		return expressCallback(b, r.mint, p), nil
	case mpesa.QueueTimeout:
		return r.queueTimeout(b, p), nil
	case mpesa.Result:
		return r.result(ctx, b, p)
	case mpesa.CheckoutResult:
		return r.checkoutCallback(b, p), nil
	case mpesa.OrderResult:
		return r.orderCallback(b, p), nil
	default:
		return r.notification(b, p, kind), nil
	}
}

// expressCallback appends the callback of M-Pesa Express: keys, order and types as in MpesaExpressSimulate, callback payload,
// with the Balance that has no Value in every real one (wire.md §4.4, §21 row 8).
func expressCallback(b []byte, mint *ids.Mint, p *mpesa.Payment) []byte {
	finished := time.UnixMilli(p.ReceiptAt())
	phone, _ := p.Payer.Phone()
	b = append(b, `{"Body":{"stkCallback":{"MerchantRequestID":"`...)
	b = append(b, mint.MerchantRequest(p.ID)...)
	b = append(b, `","CheckoutRequestID":"`...)
	b = append(b, ids.CheckoutRequest(time.UnixMilli(p.AcceptedAt), phone)...)
	b = append(b, `","ResultCode":`...)
	b = appendCode(b, p.Result)
	b = append(b, `,"ResultDesc":`...)
	b = strconv.AppendQuote(b, p.Result.Callback()) // of the catalogue: plain text
	if p.Result == codes.Success {
		b = append(b, `,"CallbackMetadata":{"Item":[{"Name":"Amount","Value":`...)
		b = p.Amount.Append(b)
		b = append(b, `},{"Name":"MpesaReceiptNumber","Value":"`...)
		b = append(b, mint.Receipt(p.ID, finished)...)
		b = append(b, `"},{"Name":"Balance"},{"Name":"TransactionDate","Value":`...)
		b = clock.AppendStamp(b, finished)
		b = append(b, `},{"Name":"PhoneNumber","Value":`...)
		b = strconv.AppendInt(b, int64(phone), 10)
		b = append(b, `}]}`...)
	}
	return append(b, `}}}`...)
}

// appendCode writes a code as a number where it is digits, and as text where not (wire.md §1).
func appendCode(b []byte, r codes.Result) []byte {
	if r.Numeric() {
		return append(b, r...)
	}
	return strconv.AppendQuote(b, string(r))
}
