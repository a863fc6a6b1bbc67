package gateway

import (
	"github.com/kivuko/kivuko/internal/mpesa"
)

// payOut accepts a payment to a customer, POST /mpesa/b2c/v1/paymentrequest and v3 (DarajaTutorial, B2C API; BusinessToCustomer; wire.md §8),
// or into a customer's business wallet: POST /mpesa/b2pochi/v1/paymentrequest (BusinessToPochi).
func (g *Gateway) payOut(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	p := v.request("InitiatorName", "PartyA")
	if _, own := mpesa.FindOperation(p.Kind, p.Details.TransactionType); !own {
		p.Kind = mpesa.B2C // "Other supported values include" B2C's (BusinessToPochi, request parameters: CommandID)
	}
	if c.api.Version != 1 { // of version 1, the gateway makes it
		p.Details.Originator = v.text("OriginatorConversationID")
	}
	p.Amount = v.amount("Amount")
	p.Payee = mpesa.CustomerParty(v.phone("PartyB"))
	return g.accept(c, v, p)
}
