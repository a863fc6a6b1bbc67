package apis

import (
	"strconv"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The query of M-Pesa Express: how a payment ended (wire.md §5).

func expressQuery() *API {
	checkout := plain(Text, "CheckoutRequestID").example(MarkCheckout)
	checkout.What = "a CheckoutRequestID"
	return &API{
		Name: codes.APIQuery, Title: "M-Pesa Express query", Product: ProductExpress, Live: expressProduct(),
		Family: codes.STK, Foreign: &codes.MerchantUnknown, Source: "wire.md §5",
		Paths: []Path{{Path: "/mpesa/stkpushquery/v1/query", Serve: queryExpress, Fields: []Field{expressShortcode(), password(), plain(Timestamp, "Timestamp"), checkout}}},
		Outcomes: []Outcome{
			ends(codes.StillProcessing, "the customer has not answered yet").by("push to a phone that waits for a person, and ask the query before anybody answers"),
			refused(codes.BeingProcessed, "query of a payment that has no result yet, with the classic answer switched on").
				by("start Kivuko with --classic-query, push to a phone that waits for a person, and ask the query before anybody answers"),
			refused(codes.TransactionUnknown, "query of a CheckoutRequestID that isn't this shortcode's").try(Try{Fields: with{"CheckoutRequestID": "ws_CO_nobody's"}}),
		},
		Tests: []Test{
			{Name: "express-query", Title: "What became of a push is asked", How: "Query with the CheckoutRequestID of a push"},
		},
	}
}

// queryExpress tells how an M-Pesa Express payment ended: POST /mpesa/stkpushquery/v1/query (wire.md §5).
func queryExpress(c *Call) (any, error) {
	business, checkout := c.shortcode("BusinessShortCode"), c.text("CheckoutRequestID")
	if err := c.checkPassword(business, c.text("Password"), c.text("Timestamp")); err != nil {
		return nil, err
	}
	at, phone, ok := ids.ParseCheckoutRequest(checkout)
	if !ok {
		return nil, Refuse(codes.TransactionUnknown, "CheckoutRequestID %q was not issued here", checkout)
	}
	p, err := c.Store.PaymentAcceptedAt(c.Context, at.UnixMilli(), mpesa.CustomerParty(phone))
	if err != nil {
		return nil, err
	}
	if p == nil || p.Business != business {
		return nil, Refuse(codes.TransactionUnknown, "%s has no payment with the CheckoutRequestID %s", business, checkout)
	}
	c.Note.Payment = p.ID
	result := p.Result
	if !p.State.Final() {
		if c.Rules.ClassicQuery {
			return nil, Refuse(codes.BeingProcessed, "payment %d waits for the customer", p.ID)
		}
		result = codes.StillProcessing
	}
	b := make([]byte, 0, 320)
	b = append(b, `{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successfully","MerchantRequestID":"`...)
	b = append(b, c.Mint.MerchantRequest(p.ID)...)
	b = append(b, `","CheckoutRequestID":"`...)
	b = append(b, checkout...)
	b = append(b, `","ResultCode":"`...)
	b = append(b, result...)
	b = append(b, `","ResultDesc":`...)
	b = strconv.AppendQuote(b, result.Query()) // of the catalogue: plain text
	return Raw(append(b, '}')), nil
}
