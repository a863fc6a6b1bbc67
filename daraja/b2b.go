package daraja

import (
	"cmp"
	"context"
	"regexp"
	"strings"
)

// The commands of B2B (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9.1). Each says which of PartyA's accounts pays
// and which of PartyB's is paid.
const (
	BusinessPayBill   = "BusinessPayBill"   // Working to Utility; needs an AccountReference
	BusinessBuyGoods  = "BusinessBuyGoods"  // Working to Merchant
	BusinessPayToBulk = "BusinessPayToBulk" // Working to the Utility of a B2C shortcode: the top-up

	DisburseFundsToBusiness    = "DisburseFundsToBusiness"    // Utility to Working
	BusinessToBusinessTransfer = "BusinessToBusinessTransfer" // Working to Working
	MerchantToMerchantTransfer = "MerchantToMerchantTransfer" // Merchant to Merchant

	BusinessTransferFromMMFToUtility = "BusinessTransferFromMMFToUtility" // own Working (MMF) to own Utility
	BusinessTransferFromUtilityToMMF = "BusinessTransferFromUtilityToMMF" // own Utility to own Working (MMF)

	// Commands of older documents that say no more than the names (wire.md §9.1).
	MerchantTransferFromMerchantToWorking = "MerchantTransferFromMerchantToWorking"
	MerchantServicesMMFAccountTransfer    = "MerchantServicesMMFAccountTransfer"
	AgencyFloatAdvance                    = "AgencyFloatAdvance"

	PayTaxToKRA = "PayTaxToKRA" // Working to the revenue authority; of RemitTax only
)

// KRA is the shortcode of the Kenya Revenue Authority, the only PartyB of RemitTax (wire.md §9.1).
const KRA = "572572"

const (
	b2bPath      = "/mpesa/b2b/v1/paymentrequest"
	remitTaxPath = "/mpesa/b2b/v1/remittax"
)

// B2BRequest pays from one organisation to another, or between an organisation's own accounts (BusinessPayBill, request
// parameters). Requester and Occasion are optional; see WithInitiator for Initiator and SecurityCredential.
type B2BRequest struct {
	Initiator              string // the API operator
	SecurityCredential     string // see EncryptCredential
	CommandID              string // one of the commands above
	SenderIdentifierType   string // IdentifierShortcode
	ReceiverIdentifierType string `json:"RecieverIdentifierType"` // IdentifierShortcode; some hosts: IdentifierTill for tills
	Amount                 string // shillings
	PartyA                 string // the shortcode that pays
	PartyB                 string // the shortcode that is paid
	AccountReference       string // at most 13 characters: the bill, or the tax payment's registration number (PRN)
	Requester              string `json:",omitempty"` // phone number of the consumer who is paid for, 12 digits
	Remarks                string // at most 100 characters
	QueueTimeOutURL        string // where the Result is posted to if the payment is not processed in time
	ResultURL              string // where the Result is posted to
	Occasion               string `json:"Occassion,omitempty"` // at most 100 characters
}

// The keys of the parameters in the Result of a payment that was made, besides ParamAmount, ParamTransCompletedTime and
// ParamReceiverPartyPublicName (BusinessPayBill, result parameters; wire.md §9.2). The balances are those after it.
const (
	ParamCurrency                = "Currency"                         // "KES"
	ParamDebitPartyCharges       = "DebitPartyCharges"                // see ParseCharge; empty when the payment is free
	ParamDebitPartyAffected      = "DebitPartyAffectedAccountBalance" // see ParseAccounts
	ParamDebitCurrentBalance     = "DebitAccountCurrentBalance"       // see Value.BasicAmount
	ParamInitiatorCurrentBalance = "InitiatorAccountCurrentBalance"   // see Value.BasicAmount

	// DebitAccountBalance is what BusinessPayBill's sample calls DebitAccountCurrentBalance, with the same kind of value.
	// In a reversal's result it is one account; see ParseAccounts.
	ParamDebitAccountBalance = "DebitAccountBalance"
)

// B2B pays another organisation. Without an error the request was accepted; its Result follows.
//
// It returns an *Error when the host refuses. After any other error the request may have been accepted all the same, and
// there is no id of the caller's by which the host would know it again: to send it again may pay twice (wire.md §9.1).
func (c *Client) B2B(ctx context.Context, req B2BRequest) (*Acknowledgement, error) {
	return c.submit(ctx, b2bPath, &req, &req.Initiator, &req.SecurityCredential)
}

// RemitTax pays tax to KRA; AccountReference is the payment registration number (wire.md §9.1). It fills in the CommandID
// where there is none; errors are as for B2B.
func (c *Client) RemitTax(ctx context.Context, req B2BRequest) (*Acknowledgement, error) {
	req.CommandID = cmp.Or(req.CommandID, PayTaxToKRA)
	return c.submit(ctx, remitTaxPath, &req, &req.Initiator, &req.SecurityCredential)
}

// Charge is what a party of a payment was charged for it.
type Charge struct {
	Name     string // such as "Business Pay Bill Charge"
	Currency string // "KES"
	Cents    int64
}

// ParseCharge reads a charge in the form of a result's parameter, "Business Pay Bill Charge|KES|77.00" (DarajaTutorial,
// B2B API). It is not ok for anything else, also for the empty value of a payment that is free.
func ParseCharge(v Value) (charge Charge, ok bool) {
	fields := strings.Split(string(v), "|")
	if len(fields) != 3 {
		return Charge{}, false
	}
	cents, ok := Value(fields[2]).Cents()
	if !ok {
		return Charge{}, false
	}
	return Charge{Name: fields[0], Currency: fields[1], Cents: cents}, true
}

// basicAmount finds the available balance, in shillings, in "{Amount={CurrencyCode=KES, MinimumAmount=618683,
// BasicAmount=6186.83}}". The order inside has changed over the years.
var basicAmount = regexp.MustCompile(`^\{ ?Amount=\{(?:[^{}]*, ?)?BasicAmount=([^,{}\s]+)[^{}]*\}\}$`)

// BasicAmount reads the BasicAmount, the available balance, of a value such as that of ParamDebitCurrentBalance and returns
// it in cents (wire.md §9.2). It is not ok for anything else.
func (v Value) BasicAmount() (cents int64, ok bool) {
	match := basicAmount.FindStringSubmatch(string(v))
	if match == nil {
		return 0, false
	}
	return Value(match[1]).Cents()
}
