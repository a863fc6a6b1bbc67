package gateway

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// reverse accepts a request to take a payment back: POST /mpesa/reversal/v1/request (DarajaTutorial, Reversal API; wire.md §12).
func (g *Gateway) reverse(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	p := v.request("Initiator", "ReceiverParty")
	p.Amount = v.amount("Amount")
	p.Details.OriginalID = v.text("TransactionID")
	original, err := g.byReceipt(c.ctx, p.Details.OriginalID)
	if err != nil {
		return nil, err
	}
	p.Details.Original = number(original)
	return g.accept(c, v, p)
}

// byReceipt finds the payment with a receipt, or nil. The receipt gives a number; whether the payment with it has that very receipt
// is seen here. A payment that waits for its validation has one already.
func (g *Gateway) byReceipt(ctx context.Context, receipt string) (*mpesa.Payment, error) {
	id, ok := g.Mint.ParseReceipt(receipt)
	if !ok {
		return nil, nil
	}
	p, err := g.Store.Payment(ctx, id)
	if err != nil || p == nil || p.ReceiptAt() == 0 || g.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())) != receipt {
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
