package daraja

import (
	"cmp"
	"context"
)

// TransactionStatusQuery is the only command of the transaction status API (wire.md §10).
const TransactionStatusQuery = "TransactionStatusQuery"

const transactionStatusPath = "/mpesa/transactionstatus/v1/query"

// TransactionStatusRequest asks what became of a transaction of the organisation (wire.md §10). TransactionID,
// OriginalConversationID or both name it; Occasion is optional; see WithInitiator for Initiator and SecurityCredential.
type TransactionStatusRequest struct {
	Initiator              string // the API operator
	SecurityCredential     string // see EncryptCredential
	CommandID              string // TransactionStatusQuery
	TransactionID          string `json:",omitempty"` // the receipt
	OriginalConversationID string `json:",omitempty"` // the OriginatorConversationID of the request that is asked about
	PartyA                 string // the organisation's shortcode
	IdentifierType         string // IdentifierShortcode
	ResultURL              string // where the Result is posted to
	QueueTimeOutURL        string // where the Result is posted to if the request is not processed in time
	Remarks                string // at most 100 characters
	Occasion               string `json:",omitempty"` // comes back as ReferenceOccasion
}

// The keys of the parameters in the Result of a status query that found the transaction, besides ParamAmount and, for
// payments that were charged to the payer, ParamDebitPartyCharges (wire.md §10). All are about that transaction; the
// Result's own ResultCode is about the query.
const (
	ParamDebitPartyName           = "DebitPartyName"           // "600310 - Safaricom333"
	ParamCreditPartyName          = "CreditPartyName"          // "254708374149 - John Doe"
	ParamOriginatorConversationID = "OriginatorConversationID" // of the request that made it
	ParamConversationID           = "ConversationID"
	ParamInitiatedTime            = "InitiatedTime"      // YYYYMMDDHHmmss
	ParamFinalisedTime            = "FinalisedTime"      // YYYYMMDDHHmmss
	ParamCreditPartyCharges       = "CreditPartyCharges" // see ParseCharge; empty when it was free
	ParamDebitAccountType         = "DebitAccountType"   // "Utility Account", "MMF Account For Customer"
	ParamTransactionReason        = "TransactionReason"
	ParamReasonType               = "ReasonType"        // "Pay Bill Online", "Salary Payment via API"
	ParamTransactionStatus        = "TransactionStatus" // one of the states below
	ParamReceiptNo                = "ReceiptNo"
)

// The states of a transaction, as ParamTransactionStatus has them (wire.md §10). All but the first three are final.
const (
	StatusInitiated         = "Initiated"
	StatusAuthorized        = "Authorized"
	StatusPendingAuthorized = "Pending Authorized"
	StatusCompleted         = "Completed"
	StatusCancelled         = "Cancelled"
	StatusDeclined          = "Declined"
	StatusExpired           = "Expired"
)

// TransactionStatus asks what became of a transaction. Without an error the request was accepted; the Result has the
// transaction's state among its parameters. It fills in the CommandID where there is none.
//
// It returns an *Error when the host refuses. To ask again moves no money.
func (c *Client) TransactionStatus(ctx context.Context, req TransactionStatusRequest) (*Acknowledgement, error) {
	req.CommandID = cmp.Or(req.CommandID, TransactionStatusQuery)
	return c.submit(ctx, transactionStatusPath, &req, &req.Initiator, &req.SecurityCredential)
}
