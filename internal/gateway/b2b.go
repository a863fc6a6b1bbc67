package gateway

// transfer accepts a payment to a business, a move between an organisation's own accounts, or a payment to the Kenya Revenue Authority:
// POST /mpesa/b2b/v1/paymentrequest and /mpesa/b2b/v1/remittax (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9).
func (g *Gateway) transfer(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	p := v.request("Initiator", "PartyA")
	p.Amount = v.amount("Amount")
	p.Payee = v.shortcode("PartyB").Party()
	p.Details.Reference = v.text("AccountReference")
	p.Details.Requester = v.phone("Requester")
	return g.accept(c, v, p)
}
