package gateway

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// registerURLs registers the URLs that are told, and perhaps asked, of what customers pay:
// POST /mpesa/c2b/v1/registerurl and v2 (DarajaTutorial, Register URL; wire.md §6.1).
func registerURLs(version int) func(*Gateway, *call) ([]byte, error) {
	return func(g *Gateway, c *call) ([]byte, error) {
		f, err := c.fields()
		if err != nil {
			return nil, err
		}
		register := &mpesa.RegisterURLs{Shortcode: f.shortcode("ShortCode"), Once: g.Rules.RegisterOnce}
		register.URLs = mpesa.C2BURLs{
			Version: version, ResponseType: f.oneOf("ResponseType", mpesa.ResponseCompleted, mpesa.ResponseCancelled),
			Confirmation: f.url("ConfirmationURL", g.Rules), Validation: f.url("ValidationURL", g.Rules),
		}
		if f.err != nil {
			return nil, c.withHint(f.err)
		}
		if err := g.Engine.Do(c.ctx, register); err != nil {
			return nil, err
		}
		if register.Refused != nil {
			return nil, refusal{*register.Refused, register.Reason}
		}
		if version == 1 {
			return acknowledgeC2B(1, "", g.Mint.Refused(), "success"), nil
		}
		return acknowledgeC2B(2, "", g.Mint.Refused(), "Success"), nil // wire.md §6.1
	}
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

const maxBillRef = 20 // characters (DarajaTutorial, C2B)

// simulate pays as a customer would from the phone's menu: POST /mpesa/c2b/v1/simulate and v2 (DarajaTutorial, C2B; wire.md §6.2).
func simulate(version int) func(*Gateway, *call) ([]byte, error) {
	return func(g *Gateway, c *call) ([]byte, error) { return g.simulate(c, version) }
}

func (g *Gateway) simulate(c *call, version int) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	pay := &mpesa.PayBusiness{Business: f.shortcode("ShortCode")}
	pay.Type = f.transactionType("CommandID")
	pay.Amount = f.amount("Amount")
	pay.Phone = f.customer("Msisdn")
	pay.Reference = f.billRef(pay.Type)
	if f.err != nil {
		return nil, c.withHint(f.err)
	}
	if err := g.Engine.Do(c.ctx, pay); err != nil {
		return nil, err
	}
	if pay.Unknown {
		f.wrong("Msisdn", "Msisdn %s is no customer's number, and the %s profile registers nobody on first use", pay.Phone, g.Rules.Profile)
		return nil, f.err
	}
	c.note.Payment = pay.Payment.ID
	if pay.Payment.State == mpesa.Failed {
		c.note.Explanation = "acknowledged; the payment failed: " + pay.Payment.Details.Reason
	}
	p := &pay.Payment
	return acknowledgeC2B(version, g.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt)), g.Mint.MerchantRequest(p.ID),
		"Accept the service request successfully."), nil
}

// billRef reads the account number, which a pay bill needs and a till must not have.
func (f *fields) billRef(kind string) string {
	const name = "BillRefNumber"
	if kind == mpesa.CustomerPayBillOnline {
		return f.bounded(name, 1, maxBillRef)
	}
	if text, ok := f.optional(name); ok && text != "" {
		f.wrong(name, "%s is %q; a payment to a till has none", name, text)
	}
	return ""
}

// oneOf reads a field that has one of two values, in this very spelling.
func (f *fields) oneOf(name, one, other string) string {
	text := f.text(name, one+" or "+other)
	if text != one && text != other {
		f.wrong(name, "%s is %q; expected %s or %s", name, text, one, other)
	}
	return text
}
