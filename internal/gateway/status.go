package gateway

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// transactionStatus accepts a query of how a payment stands, by its receipt or by the id of the request that asked for it:
// POST /mpesa/transactionstatus/v1/query (wire.md §10).
func (g *Gateway) transactionStatus(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	p := v.request("Initiator", "PartyA")
	if err := g.find(c.ctx, p, v.text("TransactionID"), v.text("OriginalConversationID")); err != nil {
		return nil, err
	}
	return g.accept(c, v, p)
}

// find notes which payment a query is about. The receipt comes first where both are given.
func (g *Gateway) find(ctx context.Context, p *mpesa.Payment, receipt, originator string) error {
	if receipt != "" {
		original, err := g.byReceipt(ctx, receipt)
		p.Details.OriginalID, p.Details.Original = receipt, number(original)
		if err != nil || original != nil || originator == "" {
			return err
		}
	}
	id, err := g.byOriginator(ctx, p.Business, originator)
	p.Details.OriginalID, p.Details.Original, p.Details.ByOriginator = originator, id, true
	return err
}

// byOriginator finds the payment of a shortcode with an OriginatorConversationID, the client's own or one of ours, or with a
// ConversationID. 0: there is none.
func (g *Gateway) byOriginator(ctx context.Context, owner mpesa.Shortcode, id string) (int64, error) {
	payment, err := g.Store.Idempotency(ctx, mpesa.IdempotencyKey{Owner: owner.Party(), Name: id})
	if err != nil || payment != 0 {
		return payment, err
	}
	for _, parse := range []func(string) (int64, bool){g.Mint.ParseMerchantRequest, g.Mint.ParseConversation} {
		n, ok := parse(id)
		if !ok {
			continue
		}
		p, err := g.Store.Payment(ctx, n)
		if err != nil || p == nil || id != g.Mint.Originator(n, "") && id != g.Mint.Conversation(n, time.UnixMilli(p.AcceptedAt)) {
			return 0, err // an identifier that only looks like the payment's
		}
		return n, nil
	}
	return 0, nil
}
