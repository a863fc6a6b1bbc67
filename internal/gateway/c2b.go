package gateway

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// registerURLs registers the URLs that are told, and perhaps asked, of what customers pay:
// POST /mpesa/c2b/v1/registerurl and v2 (DarajaTutorial, Register URL; wire.md §6.1).
func (g *Gateway) registerURLs(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	register := &mpesa.RegisterURLs{Shortcode: v.shortcode("ShortCode"), Once: c.rules.RegisterOnce, URLs: mpesa.C2BURLs{
		Version: c.api.Version, ResponseType: v.text("ResponseType"), Confirmation: v.text("ConfirmationURL"), Validation: v.text("ValidationURL"),
	}}
	if err := g.Engine.Do(c.ctx, register); err != nil {
		return nil, err
	}
	if register.Refused != nil {
		return nil, refusal{*register.Refused, register.Reason}
	}
	if c.api.Version == 1 {
		return acknowledgeC2B(1, "", g.Mint.Refused(), "success"), nil
	}
	return acknowledgeC2B(2, "", g.Mint.Refused(), "Success"), nil // wire.md §6.1
}

// acknowledgeC2B writes what register and simulate answer. Version 1 begins with the ConversationID (DarajaTutorial, Register URL and
// C2B); the ResponseCode, which the tutorial's answers lack, is what clients of either version look at (wire.md §6).
func acknowledgeC2B(version int, conversation, originator, description string) []byte {
	b := []byte{'{'}
	if version == 1 {
		b = fmt.Appendf(b, `"ConversationID":"%s",`, conversation)
	}
	return fmt.Appendf(b, `"OriginatorCoversationID":"%s","ResponseCode":"0","ResponseDescription":"%s"}`, originator, description)
}

// simulate pays as a customer would from the phone's menu: POST /mpesa/c2b/v1/simulate and v2 (DarajaTutorial, C2B API; wire.md §6.2).
func (g *Gateway) simulate(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	pay := &mpesa.PayBusiness{Business: v.shortcode("ShortCode"), Type: v.text("CommandID"), Amount: v.amount("Amount"), Phone: v.phone("Msisdn"),
		Reference: v.text("BillRefNumber")}
	if err := g.Engine.Do(c.ctx, pay); err != nil {
		return nil, err
	}
	if pay.Unknown {
		return nil, wrong("Msisdn", "%s", mpesa.NotACustomer(pay.Phone))
	}
	c.note.Payment = pay.Payment.ID
	if pay.Payment.State == mpesa.Failed {
		c.note.Explanation = "acknowledged; the payment failed: " + pay.Payment.Reason
	}
	p := &pay.Payment
	return acknowledgeC2B(c.api.Version, g.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt)), g.Mint.MerchantRequest(p.ID),
		"Accept the service request successfully."), nil
}
