package gateway

// accountBalance accepts a query of what an organisation's accounts hold: POST /mpesa/accountbalance/v1/query (wire.md §11).
func (g *Gateway) accountBalance(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	return g.accept(c, v, v.request("Initiator", "PartyA"))
}
