package daraja

import (
	"cmp"
	"context"
)

// The commands of B2C (BusinessToCustomer, request parameters) and of Business to Pochi.
const (
	SalaryPayment      = "SalaryPayment"      // also to customers who are not registered
	BusinessPayment    = "BusinessPayment"    // to registered customers
	PromotionPayment   = "PromotionPayment"   // to registered customers, with a message that congratulates
	BusinessPayToPochi = "BusinessPayToPochi" // to a customer's business wallet
)

const (
	b2cPath     = "/mpesa/b2c/v3/paymentrequest"
	b2cV1Path   = "/mpesa/b2c/v1/paymentrequest" // there is no v2 (wire.md §1)
	b2pochiPath = "/mpesa/b2pochi/v1/paymentrequest"
)

// B2CRequest pays a customer out of the organisation's Utility account (BusinessToCustomer and BusinessToPochi, request
// parameters). All fields but Occasion are mandatory; see WithInitiator for InitiatorName and SecurityCredential.
type B2CRequest struct {
	// OriginatorConversationID is the caller's own id of the payment: the same one never pays twice (BusinessToPochi,
	// request parameters). Version 1 does not know it and makes one of its own.
	OriginatorConversationID string `json:",omitempty"`
	InitiatorName            string // the API operator
	SecurityCredential       string // see EncryptCredential
	CommandID                string // SalaryPayment, BusinessPayment or PromotionPayment; B2Pochi: BusinessPayToPochi too
	Amount                   string // shillings, "10" to "250000", with at most two decimals
	PartyA                   string // the shortcode that pays
	PartyB                   string // the phone number that is paid, 12 digits
	Remarks                  string // 2 to 100 characters
	QueueTimeOutURL          string // where the Result is posted to if the payment is not processed in time
	ResultURL                string // where the Result is posted to
	Occasion                 string `json:"Occassion"` // at most 100 characters
}

// The keys of the parameters in the Result of a payment that was made, besides ParamReceiverPartyPublicName
// (BusinessToPochi, results parameters). The funds are what is available after it, in shillings.
const (
	ParamTransactionAmount            = "TransactionAmount"            // shillings
	ParamTransactionReceipt           = "TransactionReceipt"           // the Result's TransactionID
	ParamTransactionCompletedDateTime = "TransactionCompletedDateTime" // DD.MM.YYYY HH:mm:ss, see Value.Time
	ParamUtilityFunds                 = "B2CUtilityAccountAvailableFunds"
	ParamWorkingFunds                 = "B2CWorkingAccountAvailableFunds"
	ParamChargesPaidFunds             = "B2CChargesPaidAccountAvailableFunds" // below zero until it is settled
	ParamRecipientIsRegistered        = "B2CRecipientIsRegisteredCustomer"    // "Y" or "N"
)

// B2C pays a customer, by version 3 of the API. Without an error the request was accepted; its Result follows.
//
// It returns an *Error when the host refuses: with code 500.002.1001, "Duplicate OriginatorConversationID.", when it has
// accepted that id before. After any other error the request may have been accepted all the same; to send it again with
// the same OriginatorConversationID pays once.
func (c *Client) B2C(ctx context.Context, req B2CRequest) (*Acknowledgement, error) {
	return c.submit(ctx, b2cPath, &req, &req.InitiatorName, &req.SecurityCredential)
}

// B2CV1 is B2C by version 1 of the API, which does not know the caller's OriginatorConversationID: to send a request again
// may pay twice. Ask TransactionStatus first.
func (c *Client) B2CV1(ctx context.Context, req B2CRequest) (*Acknowledgement, error) {
	return c.submit(ctx, b2cV1Path, &req, &req.InitiatorName, &req.SecurityCredential)
}

// B2Pochi pays into a customer's business wallet, Pochi la Biashara (BusinessToPochi). It fills in the CommandID where
// there is none; errors are as for B2C.
func (c *Client) B2Pochi(ctx context.Context, req B2CRequest) (*Acknowledgement, error) {
	req.CommandID = cmp.Or(req.CommandID, BusinessPayToPochi)
	return c.submit(ctx, b2pochiPath, &req, &req.InitiatorName, &req.SecurityCredential)
}
