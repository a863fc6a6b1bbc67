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
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	business := v.shortcode("BusinessShortCode")
	if err := g.checkPassword(c, business, v.text("Password"), v.text("Timestamp")); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptPush{Business: business, Receiver: v.shortcode("PartyB"), Phone: v.phone("PhoneNumber"), PartyA: v.phone("PartyA"),
		Type: v.text("TransactionType"), Amount: v.amount("Amount"), CallBackURL: v.text("CallBackURL"), Reference: v.text("AccountReference"),
		Description: v.text("TransactionDesc")}
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

// checkPassword sees that the shortcode is a merchant's and that Password is base64(shortcode + passkey + timestamp).
func (g *Gateway) checkPassword(c *call, business mpesa.Shortcode, password, timestamp string) error {
	merchant, err := g.Engine.Directory().Organisation(c.ctx, business)
	if err != nil {
		return err
	}
	passkey := ""
	if merchant != nil {
		passkey = passkeyOf(merchant, c.app)
	}
	if passkey == "" {
		return refuse(codes.MerchantUnknown, "BusinessShortCode %s is nobody's, or has no passkey", business)
	}
	expected := business.String() + passkey + timestamp
	decoded, err := base64.StdEncoding.DecodeString(password)
	switch {
	case password == "":
		return refuse(codes.WrongCredentials, "Password is missing")
	case err != nil:
		return refuse(codes.WrongCredentials, "Password is not base64: %v", err)
	case same(string(decoded), expected):
		return nil
	}
	return refuse(codes.WrongCredentials, "%s", wrongPassword(string(decoded), business.String(), passkey, timestamp))
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
