package daraja

import (
	"cmp"
	"context"
)

// TransactionReversal is the only command of the reversal API (DarajaTutorial, Reversal API).
const TransactionReversal = "TransactionReversal"

const reversalPath = "/mpesa/reversal/v1/request"

// ReversalRequest gives a payment back to the customer who made it (DarajaTutorial, Reversal API; wire.md §12). All fields
// but Occasion are mandatory; see WithInitiator for Initiator and SecurityCredential.
type ReversalRequest struct {
	Initiator              string // the API operator
	SecurityCredential     string // see EncryptCredential
	CommandID              string // TransactionReversal
	TransactionID          string // the payment's receipt
	Amount                 string // the payment's amount, shillings, down to the cent
	ReceiverParty          string // the organisation's shortcode, which was paid
	ReceiverIdentifierType string `json:"RecieverIdentifierType"` // IdentifierReversal; older hosts: IdentifierShortcode
	ResultURL              string // where the Result is posted to
	QueueTimeOutURL        string // where the Result is posted to if the request is not processed in time
	Remarks                string // 2 to 100 characters
	Occasion               string `json:",omitempty"` // spelled so by DarajaTutorial; wire.md §12 doubles the s
}

// The keys of the parameters in the Result of a reversal that was made, besides ParamAmount, ParamTransCompletedTime and
// ParamDebitAccountBalance (wire.md §12). Results of the first years have none.
const (
	ParamOriginalTransactionID = "OriginalTransactionID" // the receipt that was reversed
	ParamCharge                = "Charge"                // shillings
	ParamCreditPartyPublicName = "CreditPartyPublicName" // "254705912645 - NICHOLAS JOHN SONGOK"
	ParamDebitPartyPublicName  = "DebitPartyPublicName"  // "600992 - Safaricom Daraja 992"
)

// Reverse gives a payment back. Without an error the request was accepted; its Result follows, with a receipt of its own as
// TransactionID. It fills in the CommandID where there is none.
//
// It returns an *Error when the host refuses. After any other error the request may have been accepted all the same; to
// send it again is safe, because a payment is reversed once: result R000001 says that it was.
func (c *Client) Reverse(ctx context.Context, req ReversalRequest) (*Acknowledgement, error) {
	req.CommandID = cmp.Or(req.CommandID, TransactionReversal)
	return c.submit(ctx, reversalPath, &req, &req.Initiator, &req.SecurityCredential)
}
