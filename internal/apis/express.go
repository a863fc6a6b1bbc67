package apis

import (
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// M-Pesa Express: a customer is asked by a prompt to pay (MpesaExpressSimulate; wire.md §4).

// LiveExpress is what production apps need.
const LiveExpress = "Lipa Na M-Pesa Production"

func express() *API {
	reference := noted(plain(Text, "AccountReference"), "documented: 12 characters at most; longer ones may give result 1025").example(exampleBill)
	reference.What = "text that the customer sees, at most 12 characters"
	return &API{
		Name: codes.APIExpress, Title: "M-Pesa Express", Product: ProductExpress, Live: expressProduct(),
		Family: codes.STK, Foreign: &codes.MerchantUnknown, Source: "MpesaExpressSimulate, request parameters",
		Kind:      mpesa.Express,
		Callbacks: []Callback{{Kind: mpesa.ExpressResult, About: "the result of M-Pesa Express, to CallBackURL", Body: of(expressCallback)}},
		Paths: []Path{{Path: "/mpesa/stkpush/v1/processrequest", Serve: push, Fields: []Field{
			expressShortcode(), password(), plain(Timestamp, "Timestamp"),
			choice("TransactionType", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline), plain(Amount, "Amount"),
			plain(Phone, "PartyA"), plain(Shortcode, "PartyB").example(MarkExpress), plain(Phone, "PhoneNumber"), plain(URL, "CallBackURL"), reference,
			optional(lines(plain(Text, "TransactionDesc")), "documented: 13 characters at most").example("Payment"),
		}}},
		Parts: Parts{seedworld.Payer: {"PartyA", "PhoneNumber"}, seedworld.Payee: {"BusinessShortCode", "PartyB"}},
		Outcomes: slices.Concat(on(fromCustomers(), map[codes.Result]with{codes.AboveMaximum: {"Amount": "250001"}}), prompting(), []Outcome{
			cancelled(),
			ends(codes.RuleLimited, "the customer completed a payment of the same amount less than two minutes ago"),
			ends(codes.NotPermitted, "TransactionType doesn't fit the kind of PartyB, PartyB isn't the business's own, or the customer may not pay businesses").
				try(Try{Fields: with{"TransactionType": mpesa.CustomerBuyGoodsOnline}}),
			ends(codes.OperatorNotFound, "PartyB is nobody's shortcode, or the customer's record names no operator").try(Try{Fields: with{"PartyB": nobody}}),
			refused(codes.MerchantUnknown, "BusinessShortCode is nobody's, or has no passkey, or isn't the one that the app went live with").try(Try{Fields: with{"BusinessShortCode": nobody}}),
			refused(codes.WrongCredentials, "Password isn't base64(BusinessShortCode + passkey + Timestamp)").try(Try{Fields: with{"Password": "d3Jvbmc="}}),
			refused(codes.SubscriberBusy, "another prompt is open on the phone").try(Try{Times: 2}),
			refused(codes.SubscriberUnknown, "strict profile: the number is no customer's").by("in the strict profile, push to a number that no phone has"),
		}),
		Tests: []Test{
			{Name: "express-paid", Title: "The customer enters the PIN and pays", How: "Push, and enter the right PIN on the phone", Result: codes.Success},
			{Name: "express-balance", Title: "The customer has too little money", How: "Push for more than the customer has", Result: codes.InsufficientFunds, Part: seedworld.Payer},
			{Name: "express-pin", Title: "The customer enters a wrong PIN", How: "Push, and enter another PIN", Result: codes.InvalidInitiator, Part: seedworld.Payer},
			{Name: "express-cancelled", Title: "The customer cancels", How: "Push, and press cancel on the phone", Result: codes.CancelledByUser, Part: seedworld.Payer},
			{Name: "express-timeout", Title: "The customer can't be reached or does not answer", How: "Push to a phone that is off, or let the prompt stand", Result: codes.Unreachable, Part: seedworld.Payer},
			{Name: "express-twice", Title: "A second push while the first prompt is open", How: "Push twice to a phone that asks its owner", Refusal: &codes.SubscriberBusy},
			{Name: "express-password", Title: "The password is wrong", How: "Make Password with another passkey or another Timestamp", Of: []string{codes.APIExpress, codes.APIQuery}, Refusal: &codes.WrongCredentials},
			malformed("express-invalid"),
		},
	}
}

// expressShortcode is the shortcode of the business that has customers asked.
func expressShortcode() Field { return asking("BusinessShortCode").example(MarkExpress) }

func password() Field {
	return noted(plain(Password, "Password"), "base64 of shortcode, passkey and Timestamp; a missing one gives Wrong credentials too")
}

// push accepts an M-Pesa Express request: POST /mpesa/stkpush/v1/processrequest (MpesaExpressSimulate; wire.md §4).
func push(c *Call) (any, error) {
	business := c.shortcode("BusinessShortCode")
	if err := c.checkPassword(business, c.text("Password"), c.text("Timestamp")); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptPush{Business: business, Receiver: c.shortcode("PartyB"), Phone: c.phone("PhoneNumber"), PartyA: c.phone("PartyA"),
		Type: c.text("TransactionType"), Amount: c.amount("Amount"), CallBackURL: c.text("CallBackURL"), Reference: c.text("AccountReference"),
		Description: c.text("TransactionDesc")}
	if err := c.Engine.Do(c.Context, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, Refusal{*accept.Refused, accept.Reason}
	}
	p := &accept.Payment
	c.Note.Payment = p.ID
	b := make([]byte, 0, 280)
	b = append(b, `{"MerchantRequestID":"`...)
	b = append(b, c.Mint.MerchantRequest(p.ID)...)
	b = append(b, `","CheckoutRequestID":"`...)
	b = append(b, checkoutRequest(p)...)
	return Raw(append(b, `","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}`...)), nil
}

// checkPassword sees that the shortcode is a merchant's and that Password is base64(shortcode + passkey + timestamp).
func (c *Call) checkPassword(business mpesa.Shortcode, password, timestamp string) error {
	merchant, err := c.Engine.Directory().Organisation(c.Context, business)
	if err != nil {
		return err
	}
	passkey := ""
	if merchant != nil {
		passkey = passkeyOf(merchant, c.App)
	}
	if passkey == "" {
		return Refuse(codes.MerchantUnknown, "BusinessShortCode %s is nobody's, or has no passkey", business)
	}
	expected := business.String() + passkey + timestamp
	decoded, err := base64.StdEncoding.DecodeString(password)
	switch {
	case password == "":
		return Refuse(codes.WrongCredentials, "Password is missing")
	case err != nil:
		return Refuse(codes.WrongCredentials, "Password is not base64: %v", err)
	case subtle.ConstantTimeCompare(decoded, []byte(expected)) == 1:
		return nil
	}
	return Refuse(codes.WrongCredentials, "%s", wrongPassword(string(decoded), business.String(), passkey, timestamp))
}

// passkeyOf is the merchant's passkey: for production it has one of its own (MpesaExpressSimulate, getting started).
func passkeyOf(merchant *mpesa.Organisation, app *mpesa.App) string {
	if app.Production {
		return merchant.LivePasskey
	}
	return merchant.Passkey
}

// wrongPassword says which of the password's three parts is wrong, without showing the passkey.
func wrongPassword(decoded, shortcode, passkey, timestamp string) string {
	rest, ok := strings.CutPrefix(decoded, shortcode)
	if !ok {
		return "Password doesn't begin with the BusinessShortCode " + shortcode
	}
	if len(rest) < 14 {
		return "Password has no passkey and Timestamp after the BusinessShortCode"
	}
	middle, end := rest[:len(rest)-14], rest[len(rest)-14:]
	switch {
	case middle != passkey:
		return "Password doesn't hold the passkey of " + shortcode + " between the BusinessShortCode and the Timestamp"
	default:
		return "Password decodes to " + shortcode + "|…|" + end + " but Timestamp says " + timestamp
	}
}

func checkoutRequest(p *mpesa.Payment) string {
	phone, _ := p.Payer.Phone()
	return ids.CheckoutRequest(time.UnixMilli(p.AcceptedAt), phone)
}

// expressCallback writes the callback of M-Pesa Express: keys, order and types as in MpesaExpressSimulate, callback payload,
// with the Balance that has no Value in every real one (wire.md §4.4, §21 row 8).
func expressCallback(w *Writer, p *mpesa.Payment) error {
	finished := time.UnixMilli(p.ReceiptAt())
	phone, _ := p.Payer.Phone()
	b := append(w.body, `{"Body":{"stkCallback":{"MerchantRequestID":"`...)
	b = append(b, w.Mint.MerchantRequest(p.ID)...)
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
		b = append(b, w.Mint.Receipt(p.ID, finished)...)
		b = append(b, `"},{"Name":"Balance"},{"Name":"TransactionDate","Value":`...)
		b = clock.AppendStamp(b, finished)
		b = append(b, `},{"Name":"PhoneNumber","Value":`...)
		b = strconv.AppendInt(b, int64(phone), 10)
		b = append(b, `}]}`...)
	}
	w.body = append(b, `}}}`...)
	return nil
}

// expressProduct is that of the API and its query.
func expressProduct() golive.Product {
	return golive.Product{Name: LiveExpress, About: "M-Pesa Express and its query: customers are asked on the phone", Needs: mpesa.ProductC2B, Passkey: true}
}
