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
	AnswerLost        Result = "1036"
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

// The names of the APIs whose payments have results.
const (
	APIExpress  = "stkpush"
	APIC2B      = "c2b"
	APIB2C      = "b2c"
	APIPochi    = "b2pochi"
	APIB2B      = "b2b"
	APITax      = "tax"
	APIReversal = "reversal"
	APIStatus   = "status"
	APIBalance  = "balance"
	APIQuery    = "stkquery" // the query of M-Pesa Express, whose answer tells the result of another request
)

// APIs lists the APIs whose payments have results.
func APIs() []string {
	return []string{APIExpress, APIC2B, APIB2C, APIPochi, APIB2B, APITax, APIReversal, APIStatus, APIBalance, APICheckout, APIStandingOrder}
}

// ResultEntry is a line of the catalogue.
type ResultEntry struct {
	Code     Result
	Callback string            // ResultDesc in the callback
	Query    string            // ResultDesc in the query's answer, where it differs
	Texts    map[string]string // ResultDesc of an API by its name ("b2pochi"), where it differs; "": of all but M-Pesa Express
	Fix      string            // what to do about it
	Source   string
}

// Results lists the result codes in the order of the documents. The caller may keep the slice.
func Results() []ResultEntry { return append([]ResultEntry(nil), results...) }

// Entry finds the line of a code.
func (r Result) Entry() (ResultEntry, bool) {
	for _, list := range [...][]ResultEntry{results, others} {
		for i := range list {
			if list[i].Code == r {
				return list[i], true
			}
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
	if text, ok := e.Texts[""]; ok && api != APIExpress {
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

// Numeric reports whether the code is written as a number in callbacks (wire.md §1).
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
