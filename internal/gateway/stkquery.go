package gateway

import (
	"strconv"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// query tells how an M-Pesa Express payment ended: POST /mpesa/stkpushquery/v1/query (wire.md §5).
func (g *Gateway) query(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	business, checkout := v.shortcode("BusinessShortCode"), v.text("CheckoutRequestID")
	if err := g.checkPassword(c, business, v.text("Password"), v.text("Timestamp")); err != nil {
		return nil, err
	}
	at, phone, ok := ids.ParseCheckoutRequest(checkout)
	if !ok {
		return nil, refuse(codes.TransactionUnknown, "CheckoutRequestID %q was not issued here", checkout)
	}
	p, err := g.Store.PaymentAcceptedAt(c.ctx, at.UnixMilli(), mpesa.CustomerParty(phone))
	if err != nil {
		return nil, err
	}
	if p == nil || p.Business != business {
		return nil, refuse(codes.TransactionUnknown, "%s has no payment with the CheckoutRequestID %s", business, checkout)
	}
	c.note.Payment = p.ID
	result := p.Result
	if !p.State.Final() {
		if c.rules.ClassicQuery {
			return nil, refuse(codes.BeingProcessed, "payment %d waits for the customer", p.ID)
		}
		result = codes.StillProcessing
	}
	b := make([]byte, 0, 320)
	b = append(b, `{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successfully","MerchantRequestID":"`...)
	b = append(b, g.Mint.MerchantRequest(p.ID)...)
	b = append(b, `","CheckoutRequestID":"`...)
	b = append(b, checkout...)
	b = append(b, `","ResultCode":"`...)
	b = append(b, result...)
	b = append(b, `","ResultDesc":`...)
	b = strconv.AppendQuote(b, result.Query()) // of the catalogue: plain text
	return append(b, '}'), nil
}
