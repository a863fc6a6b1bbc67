package gateway

import (
	"github.com/kivuko/kivuko/internal/mpesa"
)

// payOutV1 accepts a payment to a customer, for which the gateway makes the OriginatorConversationID:
// POST /mpesa/b2c/v1/paymentrequest (DarajaTutorial, B2C; wire.md §8).
func (g *Gateway) payOutV1(c *call) ([]byte, error) { return g.payOut(c, mpesa.B2C, false) }

// payOutV3 accepts a payment to a customer: POST /mpesa/b2c/v3/paymentrequest (BusinessToCustomer; wire.md §8).
func (g *Gateway) payOutV3(c *call) ([]byte, error) { return g.payOut(c, mpesa.B2C, true) }

// payPochi accepts a payment into a customer's business wallet: POST /mpesa/b2pochi/v1/paymentrequest (BusinessToPochi).
func (g *Gateway) payPochi(c *call) ([]byte, error) { return g.payOut(c, mpesa.B2Pochi, true) }

// payOut reads the fields in the order in which the documents print them, but for the OriginatorConversationID: of a body that
// can't be read, the gateway misses the InitiatorName first (BusinessToPochi, FAQ 19).
func (g *Gateway) payOut(c *call, kind mpesa.Kind, numbered bool) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	p := g.initiated(f, kind, "InitiatorName")
	if numbered {
		p.Details.Originator = f.name("OriginatorConversationID", "an identifier that no other request has")
	}
	p.Amount = f.amount("Amount")
	f.organisation("PartyA", p)
	p.Payee = mpesa.CustomerParty(f.customer("PartyB"))
	g.outcome(f, p)
	return g.accept(c, f, p)
}
