package gateway

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// reverse accepts a request to take a payment back: POST /mpesa/reversal/v1/request (DarajaTutorial, Reversal; wire.md §12).
func (g *Gateway) reverse(c *call) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	p := g.initiated(c, f, mpesa.Reversal, "Initiator")
	p.Details.OriginalID = f.text("TransactionID", "the receipt of the payment to be reversed")
	p.Amount = f.amount("Amount")
	p.Business = f.shortcode("ReceiverParty")
	p.Payer = p.Business.Party()
	f.identifier("RecieverIdentifierType", "11", "4") // wire.md §12
	g.outcome(f, p)
	if f.err == nil {
		original, err := g.byReceipt(c.ctx, p.Details.OriginalID)
		if err != nil {
			return nil, err
		}
		p.Details.Original = number(original)
	}
	return g.accept(c, f, p)
}

// byReceipt finds the payment with a receipt, or nil. The receipt gives a number; whether the payment with it has that very receipt
// is seen here.
func (g *Gateway) byReceipt(ctx context.Context, receipt string) (*mpesa.Payment, error) {
	id, ok := g.Mint.ParseReceipt(receipt)
	if !ok {
		return nil, nil
	}
	p, err := g.Store.Payment(ctx, id)
	if err != nil || p == nil || !p.State.Final() || g.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())) != receipt {
		return nil, err
	}
	return p, nil
}

// number is a payment's number; 0 where there is none.
func number(p *mpesa.Payment) int64 {
	if p == nil {
		return 0
	}
	return p.ID
}
