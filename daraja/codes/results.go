// Package codes is the catalogue of what M-PESA and its gateway answer: result codes, which say how a payment ended, and
// errors, which say why the gateway refused a request. Kivuko's rules, its gateway and its documentation read these tables;
// a client can use them to tell the codes apart by name.
package codes

// Result is a result code as it stands on the wire. Most are digits, some are not ("SFC_IC0003").
type Result string

// The result codes of M-Pesa Express (MpesaExpressSimulate, result codes; wire.md §13).
const (
	Success           Result = "0"
	InsufficientFunds Result = "1"
	BelowMinimum      Result = "2"
	AboveMaximum      Result = "3"
	AboveDailyLimit   Result = "4"
	AboveBalanceLimit Result = "8"
	RuleLimited       Result = "17"
	SubscriberLocked  Result = "1001"
	Expired           Result = "1019"
	PushFailed        Result = "1025"
	CancelledByUser   Result = "1032"
	Unreachable       Result = "1037"
	InvalidInitiator  Result = "2001"
	NotPermitted      Result = "2028"
	StillProcessing   Result = "4999" // of the query only
	CredentialLocked  Result = "8006"
	OperatorNotFound  Result = "SFC_IC0003"
)

// The result codes of the other APIs (BusinessToPochi, result codes; wire.md §10, §12, §13).
const (
	DebitPartyInvalid   Result = "11"
	InternalFailure     Result = "17" // of all APIs but M-Pesa Express, where 17 is RuleLimited
	InitiatorNotAllowed Result = "21"
	QueueTimedOut       Result = "26"
	AccountNotAllowed   Result = "2006"
	ValidationFailed    Result = "2007"
	ReceiptUnknown      Result = "2032"
	OriginatorUnknown   Result = "2033"
	RecipientType       Result = "2040"
	AlreadyReversed     Result = "R000001"
	NotReversible       Result = "R000002"
)

// ResultEntry is a line of the catalogue.
type ResultEntry struct {
	Code     Result
	Callback string            // ResultDesc in the callback
	Query    string            // ResultDesc in the query's answer, where it differs
	Texts    map[string]string // ResultDesc of an API by its name ("b2pochi"), where it differs; "": of all but M-Pesa Express
	Cause    string            // the state that gives this code in Kivuko
	Source   string
}

// Results lists the result codes in the order of the documents. The caller may keep the slice.
func Results() []ResultEntry { return append([]ResultEntry(nil), results...) }

var results = []ResultEntry{
	{Code: Success, Callback: "The service request is processed successfully.",
		Cause: "the customer's PIN was right and every rule was met: the money moved", Source: "MpesaExpressSimulate, result codes"},
	{Code: InsufficientFunds, Callback: "The balance is insufficient for the transaction.",
		Cause: "the customer's available balance is less than the amount and the customer's share of the charge", Source: "MpesaExpressSimulate, result codes"},
	{Code: BelowMinimum, Callback: "Declined due to limit rule.",
		Cause: "the amount is less than the smallest that the customer's limits allow (KES 1)", Source: "MpesaExpressSimulate, result codes"},
	{Code: AboveMaximum, Callback: "Declined due to limit rule: greater than the maximum transaction amount.",
		Cause: "the amount is more than the largest that the customer's limits allow (KES 250,000)", Source: "MpesaExpressSimulate, result codes"},
	{Code: AboveDailyLimit, Callback: "Declined due to limit rule: would exceed daily transfer limit.",
		Cause: "what the customer paid today in East Africa Time and this amount are more than the daily limit (KES 500,000)", Source: "MpesaExpressSimulate, result codes"},
	{Code: AboveBalanceLimit, Callback: "Declined due to limit rule: would exceed the maximum balance.",
		Cause: "the pay bill's or till's account would hold more than its limit", Source: "MpesaExpressSimulate, result codes"},
	{Code: RuleLimited, Callback: "Rule limited.",
		Cause: "the customer completed a payment of the same amount less than two minutes ago", Source: "MpesaExpressSimulate, result codes"},
	{Code: SubscriberLocked, Callback: "Unable to lock subscriber, a transaction is already in process for the current subscriber.",
		Cause: "the customer is busy with a session of his own on the phone", Source: "wire.md §13"},
	{Code: Expired, Callback: "Transaction has expired.",
		Cause: "the customer's answer reached M-PESA after the prompt's time to live", Source: "MpesaExpressSimulate, result codes"},
	{Code: PushFailed, Callback: "An error occurred while sending a push request.",
		Cause: "the prompt's text is longer than 182 characters, or than the phone can show", Source: "MpesaExpressSimulate, result codes"},
	{Code: CancelledByUser, Callback: "Request cancelled by user", Query: "Request Cancelled by user.",
		Cause: "the customer pressed cancel", Source: "MpesaExpressSimulate, sample callback; wire.md §5"},
	{Code: Unreachable, Callback: "DS timeout user cannot be reached.",
		Cause: "the phone is off, nobody answered the prompt in time, or the number is blocked after five unanswered prompts", Source: "MpesaExpressSimulate, result codes"},
	{Code: InvalidInitiator, Callback: "The initiator information is invalid.",
		Cause: "the customer entered a wrong PIN", Source: "MpesaExpressSimulate, result codes"},
	{Code: NotPermitted, Callback: "The request is not permitted according to product assignment.",
		Cause: "TransactionType doesn't fit the kind of PartyB, PartyB isn't the business's own, or the customer may not pay businesses", Source: "MpesaExpressSimulate, result codes"},
	{Code: StillProcessing, Callback: "The transaction is still under processing",
		Cause: "the customer has not answered yet (answer of the query only)", Source: "wire.md §5"},
	{Code: CredentialLocked, Callback: "The security credential is locked.",
		Cause: "the customer's PIN is locked after three wrong ones", Source: "MpesaExpressSimulate, result codes"},
	{Code: OperatorNotFound, Callback: "The operator does not exist.",
		Cause: "PartyB is nobody's shortcode, or the customer's record names no operator", Source: "MpesaExpressSimulate, result codes"},
}

// Entry finds the line of a code.
func (r Result) Entry() (ResultEntry, bool) {
	for i := range results {
		if results[i].Code == r {
			return results[i], true
		}
	}
	return ResultEntry{}, false
}

// Callback is the ResultDesc that a callback carries with this code.
func (r Result) Callback() string {
	e, _ := r.Entry()
	return e.Callback
}

// Desc is the ResultDesc that a result of an API carries with this code; api is the name of a kind of payment, such as "b2c".
func (r Result) Desc(api string) string {
	e, _ := r.Entry()
	if text, ok := e.Texts[api]; ok {
		return text
	}
	if text, ok := e.Texts[""]; ok && api != "stkpush" {
		return text
	}
	return e.Callback
}

// Query is the ResultDesc that the query's answer carries with this code.
func (r Result) Query() string {
	e, _ := r.Entry()
	if e.Query != "" {
		return e.Query
	}
	return e.Callback
}

// Numeric tells whether the code is written as a number in callbacks (wire.md §1).
func (r Result) Numeric() bool {
	if r == "" {
		return false
	}
	for i := range len(r) {
		if r[i] < '0' || r[i] > '9' {
			return false
		}
	}
	return true
}
