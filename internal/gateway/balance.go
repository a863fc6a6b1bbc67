package gateway

import (
	"github.com/kivuko/kivuko/internal/mpesa"
)

// accountBalance accepts a query of what an organisation's accounts hold: POST /mpesa/accountbalance/v1/query (wire.md §11).
func (g *Gateway) accountBalance(c *call) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	p := g.initiated(f, mpesa.BalanceQuery, "Initiator")
	f.organisation("PartyA", p)
	f.identifier("IdentifierType", "4", "2", "1")
	g.outcome(f, p)
	return g.accept(c, f, p)
}
