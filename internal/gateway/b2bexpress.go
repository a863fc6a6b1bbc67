package gateway

import (
	"fmt"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// checkOut asks the owner of a business, on the phone, to pay a vendor: POST /v1/ussdpush/get-msisdn (wire.md §14.2).
func (g *Gateway) checkOut(c *call) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptCheckout{
		From: f.shortcode("primaryShortCode"), To: f.shortcode("receiverShortCode"), Amount: f.amount("amount"),
		Reference: f.name("paymentRef", "text that the payer sees"), CallBackURL: f.url("callbackUrl", g.Rules),
		Partner: f.name("partnerName", "the name that the payer knows the vendor by"), RequestID: f.requestRef(),
	}
	if f.err == nil && accept.From == accept.To {
		f.wrong("receiverShortCode", "receiverShortCode %s is primaryShortCode too", accept.To)
	}
	if f.err != nil {
		return nil, c.withHint(f.err)
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

// requestRef reads the caller's own id of the request, which is RequestRefID in the portal's sample and RequestRefId in its table.
func (f *fields) requestRef() string {
	if text, ok := f.optional("RequestRefId"); ok && text != "" {
		return f.name("RequestRefId", "an identifier")
	}
	return f.name("RequestRefID", "an identifier")
}
