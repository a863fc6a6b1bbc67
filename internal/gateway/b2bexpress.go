package gateway

import (
	"fmt"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// checkOut asks the owner of a business, on the phone, to pay a vendor: POST /v1/ussdpush/get-msisdn (wire.md §14.2).
func (g *Gateway) checkOut(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptCheckout{
		From: v.shortcode("primaryShortCode"), To: v.shortcode("receiverShortCode"), Amount: v.amount("amount"), Reference: v.text("paymentRef"),
		CallBackURL: v.text("callbackUrl"), Partner: v.text("partnerName"), RequestID: v.text("RequestRefID"),
	}
	if accept.From == accept.To {
		return nil, wrong("receiverShortCode", "%s is primaryShortCode too", accept.To)
	}
	if err := g.Engine.Do(c.ctx, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		c.written = ussdRefusal
		return nil, refusal{*accept.Refused, accept.Reason}
	}
	c.note.Payment = accept.Payment.ID
	return []byte(`{"code":"0","status":"USSD Initiated Successfully"}`), nil
}

// ussdRefusal is how this API says that nobody was prompted.
func ussdRefusal(_ *Gateway, e codes.Error) []byte {
	return fmt.Appendf(nil, `{"code":"%s","status":%s}`, e.Code, quote(e.Message))
}
