package apis

import (
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Transaction status: how a payment stands, by its receipt or by the id of the request that asked for it (wire.md §10).

func status() *API {
	receipt := noted(identifier("TransactionID", "the receipt of a payment"), "may be left out where OriginalConversationID is given").example(MarkReceipt)
	receipt.Instead = "OriginalConversationID"
	originator := optional(identifier("OriginalConversationID", "an identifier"), "OriginatorConversationID is read too")
	originator.Also = "OriginatorConversationID" // what older clients send
	return &API{
		Name: codes.APIStatus, Title: "Transaction status", Product: ProductMpesa, Live: golive.Status,
		Family: codes.C2B, Tokens: codes.STK, Kind: mpesa.StatusQuery, Source: "wire.md §10",
		Paths: []Path{{Path: "/mpesa/transactionstatus/v1/query", Serve: transactionStatus, Fields: slices.Concat(initiator("Initiator", mpesa.StatusQuery), []Field{
			receipt, originator, asking("PartyA").example(MarkPaid), choice("IdentifierType", "4", "2", "1"),
		}, outcomeURLsFirst())}},
	}
}

// transactionStatus accepts a query of how a payment stands, by its receipt or by the id of the request that asked for it:
// POST /mpesa/transactionstatus/v1/query (wire.md §10).
func transactionStatus(c *Call) (any, error) {
	p := c.request("Initiator", "PartyA")
	if err := c.find(p, c.text("TransactionID"), c.text("OriginalConversationID")); err != nil {
		return nil, err
	}
	return c.accept(p)
}

// find notes which payment a query is about. The receipt comes first where both are given.
func (c *Call) find(p *mpesa.Payment, receipt, originator string) error {
	if receipt != "" {
		original, err := c.byReceipt(receipt)
		p.Details.OriginalID, p.Details.Original = receipt, number(original)
		if err != nil || original != nil || originator == "" {
			return err
		}
	}
	id, err := c.byOriginator(p.Business, originator)
	p.Details.OriginalID, p.Details.Original, p.Details.ByOriginator = originator, id, true
	return err
}

// byOriginator finds the payment of a shortcode with an OriginatorConversationID, the client's own or one of ours, or with a
// ConversationID. 0: there is none.
func (c *Call) byOriginator(owner mpesa.Shortcode, id string) (int64, error) {
	payment, err := c.Store.Idempotency(c.Context, mpesa.IdempotencyKey{Owner: owner.Party(), Name: id})
	if err != nil || payment != 0 {
		return payment, err
	}
	for _, parse := range []func(string) (int64, bool){c.Mint.ParseMerchantRequest, c.Mint.ParseConversation} {
		n, ok := parse(id)
		if !ok {
			continue
		}
		p, err := c.Store.Payment(c.Context, n)
		if err != nil || p == nil || id != c.Mint.Originator(n, "") && id != c.Mint.Conversation(n, time.UnixMilli(p.AcceptedAt)) {
			return 0, err // an identifier that only looks like the payment's
		}
		return n, nil
	}
	return 0, nil
}
