package codes

import "net/http"

// What the APIs beyond the documents answer: Pull transactions, B2B Express checkout, M-Pesa Ratiba and the organisation's info
// (wire.md §2.2, §14).

// The families of these APIs.
const (
	PullRegister Family = 4 // registering for Pull transactions
	Lookups      Family = 5 // the query of Pull transactions, the organisation's info
	Checkout     Family = 6 // B2B Express checkout
)

// The errors of these APIs.
var (
	InvalidShortCode = Error{http.StatusBadRequest, "400.001", "Invalid ShortCode",
		"send the shortcode of an organisation that there is; of a production app, its own", "wire.md §14.3"}
	ForeignShortCode = Error{http.StatusBadRequest, "400", "Value in field 'BusinessShortCode' can only be what was issued for this application",
		"send the shortcode of an organisation that there is; of a production app, its own", "wire.md §14.4"}

	// These are told with HTTP status 200, as code and status.
	NoNominatedNumber = Error{http.StatusOK, "4104", "Missing Nominated Number",
		"give primaryShortCode an owner whose phone there is", "wire.md §14.2"}
	KYCFailed = Error{http.StatusOK, "4102", "Merchant KYC Fail",
		"send shortcodes of organisations that there are", "wire.md §14.2"}
	USSDException = Error{http.StatusOK, "4203", "USSD Exception Error",
		"wait until the owner has answered, or the prompt has ended, before sending another", "portal, B2B Express checkout, error codes"}
)

// OtherErrors lists the errors that only these APIs answer.
func OtherErrors() []Error {
	return []Error{
		InvalidToken(PullRegister, ""), InvalidToken(Lookups, ""), InvalidToken(Checkout, ""),
		NoProduct(PullRegister), NoProduct(Lookups), NoProduct(Checkout),
		InvalidShortCode, ForeignShortCode, NoNominatedNumber, KYCFailed, USSDException,
	}
}

// The result codes of these APIs that no other has.
const (
	OrderNameTaken    Result = "1050" // M-Pesa Ratiba
	CheckoutCancelled Result = "4001" // B2B Express; what 1032 is elsewhere
)

// The names of these APIs as their callbacks and payments have them.
const (
	APICheckout      = "b2bexpress"
	APIStandingOrder = "ratiba"
)

var others = []ResultEntry{
	{Code: OrderNameTaken, Callback: "The customer already has a standing order with the same name.",
		Fix:    "choose another StandingOrderName for this customer",
		Source: "wire.md §14.4"},
	{Code: CheckoutCancelled, Callback: "User cancelled transaction",
		Fix:    "ask the owner whether to send it again",
		Source: "wire.md §14.2"},
}

// OtherResults lists the result codes that only these APIs have. The caller may keep the slice.
func OtherResults() []ResultEntry { return append([]ResultEntry(nil), others...) }
