package gateway

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// push accepts an M-Pesa Express request: POST /mpesa/stkpush/v1/processrequest (MpesaExpressSimulate; wire.md §4).
func (g *Gateway) push(c *call) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	business := f.shortcode("BusinessShortCode")
	password, _ := f.optional("Password") // missing is as wrong as wrong: "Wrong credentials"
	timestamp := f.timestamp("Timestamp")
	kind := f.transactionType("TransactionType")
	amount := f.amount("Amount")
	payer := f.phone("PartyA")
	receiver := f.shortcode("PartyB")
	phone := f.phone("PhoneNumber")
	callback := f.url("CallBackURL", g.Rules)
	reference := f.text("AccountReference", "text that the customer sees, at most 12 characters")
	description, _ := f.optional("TransactionDesc")
	if f.err != nil {
		return nil, c.withHint(f.err)
	}
	if err := g.checkPassword(c, business, password, timestamp); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptPush{Business: business, Receiver: receiver, Phone: phone, PartyA: payer, Type: kind, Amount: amount,
		CallBackURL: callback, Reference: reference, Description: description}
	if err := g.Engine.Do(c.ctx, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, refusal{*accept.Refused, accept.Reason}
	}
	p := &accept.Payment
	c.note.Payment = p.ID
	b := make([]byte, 0, 280)
	b = append(b, `{"MerchantRequestID":"`...)
	b = append(b, g.Mint.MerchantRequest(p.ID)...)
	b = append(b, `","CheckoutRequestID":"`...)
	b = append(b, checkoutRequest(p)...)
	return append(b, `","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}`...), nil
}

func (f *fields) transactionType(name string) string {
	const what = mpesa.CustomerPayBillOnline + " or " + mpesa.CustomerBuyGoodsOnline
	text := f.text(name, what)
	if text != mpesa.CustomerPayBillOnline && text != mpesa.CustomerBuyGoodsOnline {
		f.wrong(name, "%s is %q; expected %s", name, text, what)
	}
	return text
}

// checkPassword sees that the shortcode is a merchant's and that Password is base64(shortcode + passkey + timestamp).
func (g *Gateway) checkPassword(c *call, business mpesa.Shortcode, password, timestamp string) error {
	merchant, err := g.Engine.Directory().Organisation(c.ctx, business)
	if err != nil {
		return err
	}
	if merchant == nil || merchant.Passkey == "" {
		return refuse(codes.MerchantUnknown, "BusinessShortCode %s is nobody's, or has no passkey", business)
	}
	expected := business.String() + merchant.Passkey + timestamp
	decoded, err := base64.StdEncoding.DecodeString(password)
	switch {
	case password == "":
		return refuse(codes.WrongCredentials, "Password is missing")
	case err != nil:
		return refuse(codes.WrongCredentials, "Password is not base64: %v", err)
	case same(string(decoded), expected):
		return nil
	}
	return refuse(codes.WrongCredentials, "%s", wrongPassword(string(decoded), business.String(), merchant.Passkey, timestamp))
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

// withHint adds what was already known of the body to the reason of a refusal.
func (c *call) withHint(err error) error {
	if r, ok := err.(refusal); ok && c.note.Explanation != "" {
		r.reason = c.note.Explanation
		return r
	}
	return err
}
