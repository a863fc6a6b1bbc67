package apis

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// B2B Express checkout: the owner of a business is asked, on the phone, to pay a vendor (wire.md §14.2).

func b2bExpress() *API {
	// The caller's own id of the request has one name in the portal's sample and another in its table.
	request := noted(identifier("RequestRefID", "an identifier"), "RequestRefId is read too").example(MarkUnique)
	request.Also = "RequestRefId"
	return &API{
		Name: codes.APICheckout, Title: "B2B Express", Product: "B2B Express Sandbox",
		Live:   golive.Product{Name: "B2B Express Production", About: "Businesses are asked on their owners' phones", Needs: mpesa.ProductC2B},
		Family: codes.Checkout, Kind: mpesa.B2BExpress, Source: "wire.md §14.2", Refuse: ussdRefusal,
		Callbacks: []Callback{{Kind: mpesa.CheckoutResult, About: "the result of B2B Express checkout, to callbackUrl", Body: of(checkoutCallback)}},
		Paths: []Path{{Path: "/v1/ussdpush/get-msisdn", Serve: checkOut, Fields: []Field{
			plain(Shortcode, "primaryShortCode").example(MarkTill), noted(asking("receiverShortCode"), "another than primaryShortCode").example(MarkExpress),
			plain(Shillings, "amount"), identifier("paymentRef", "text that the payer sees").example(exampleBill), plain(URL, "callbackUrl"),
			identifier("partnerName", "the name that the payer knows the vendor by").example(exampleName), request,
		}}},
		Parts: Parts{seedworld.Payee: {"receiverShortCode"}},
		Outcomes: append(prompting(),
			ends(codes.Success, "the owner's PIN was right and every rule was met: the money moved"),
			ends(codes.InsufficientFunds, "the amount is more than what is available in the Working Account of primaryShortCode").by(emptyFirst),
			ends(codes.AboveBalanceLimit, "the account of receiverShortCode would hold more than its limit"),
			ends(codes.DebitPartyInvalid, "primaryShortCode is suspended").by("suspend a pay bill that has an owner, then ask"),
			ends(codes.AccountNotAllowed, "the accounts of primaryShortCode or receiverShortCode are frozen"),
			ends(codes.NotPermitted, "primaryShortCode or receiverShortCode is not assigned B2B"),
			ends(codes.CheckoutCancelled, "the owner of the paying organisation pressed cancel").by("open the owner's phone, ask, and press cancel"),
			refused(codes.NoNominatedNumber, "B2B Express: the paying organisation has no owner's phone number, or one that is no customer's").
				try(Try{Fields: with{"primaryShortCode": string(MarkShortcode2)}}),
			refused(codes.KYCFailed, "B2B Express: primaryShortCode or receiverShortCode is nobody's").try(Try{Fields: with{"receiverShortCode": nobody}}),
			refused(codes.USSDException, "B2B Express: another prompt is open on the owner's phone").try(Try{Times: 2})),
		Tests: []Test{
			{Name: "b2bexpress-paid", Title: "The business pays", How: "Ask, and enter the right PIN on its owner's phone", Result: codes.Success},
			{Name: "b2bexpress-cancelled", Title: "Its owner cancels", How: "Ask, and press cancel on its owner's phone", Result: codes.CheckoutCancelled},
			malformed("b2bexpress-invalid"),
		},
	}
}

// checkOut asks the owner of a business, on the phone, to pay a vendor: POST /v1/ussdpush/get-msisdn (wire.md §14.2).
func checkOut(c *Call) (any, error) {
	accept := &mpesa.AcceptCheckout{
		From: c.shortcode("primaryShortCode"), To: c.shortcode("receiverShortCode"), Amount: c.amount("amount"), Reference: c.text("paymentRef"),
		CallBackURL: c.text("callbackUrl"), Partner: c.text("partnerName"), RequestID: c.text("RequestRefID"),
	}
	if accept.From == accept.To {
		return nil, wrong("receiverShortCode", "%s is primaryShortCode too", accept.To)
	}
	if err := c.Engine.Do(c.Context, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, Refusal{*accept.Refused, accept.Reason}
	}
	c.Note.Payment = accept.Payment.ID
	return daraja.B2BExpressResponse{Code: "0", Status: "USSD Initiated Successfully"}, nil
}

// ussdRefusal is how this API says that nobody was prompted, with HTTP 200.
func ussdRefusal(_ *Call, e codes.Error) Raw {
	if e.Status != http.StatusOK {
		return nil
	}
	return fmt.Appendf(nil, `{"code":"%s","status":%s}`, e.Code, Quote(e.Message))
}

// checkoutCallback writes the callback of a B2B Express checkout, which is flat and all text (wire.md §14.2). The one that is printed
// for a payment that was not made is of one that was cancelled; others have its form.
func checkoutCallback(w *Writer, p *mpesa.Payment) error {
	code := p.Result
	if code == codes.CancelledByUser {
		code = codes.CheckoutCancelled
	}
	b := append(w.body, `{"resultCode":"`...)
	b = append(b, code...)
	b = append(b, `","resultDesc":`...)
	b = appendString(b, code.Desc(p.Kind.String()))
	request := w.Mint.Originator(p.ID, p.Details.Originator)
	if code != codes.Success {
		b = append(b, `,"requestId":`...)
		b = appendString(b, request)
		b = append(append(append(b, `,"amount":"`...), tenths(p.Amount)...), `","paymentReference":`...)
		b = appendString(b, p.Details.Reference)
		w.body = append(b, '}')
		return nil
	}
	b = append(append(append(b, `,"amount":"`...), tenths(p.Amount)...), `","requestId":`...)
	b = appendString(b, request)
	b = append(b, `,"resultType":"0","conversationID":"`...)
	b = append(b, w.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))...)
	b = append(b, `","transactionId":"`...)
	b = append(b, w.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt()))...)
	w.body = append(b, `","status":"SUCCESS"}`...)
	return nil
}

// tenths writes whole shillings as this API does: "71.0".
func tenths(a money.Amount) string {
	if whole, ok := a.Whole(); ok {
		return strconv.FormatInt(whole, 10) + ".0"
	}
	return a.String()
}
