package codes

import "net/http"

// Error is what the gateway says when it refuses a request: the HTTP status, the errorCode and the errorMessage.
type Error struct {
	Status  int    // HTTP status
	Code    string // errorCode
	Message string // errorMessage
	Fix     string // what to do about it
	Source  string
}

// Error makes the catalogue's lines usable as errors.
func (e Error) Error() string { return e.Code + " " + e.Message }

// Is reports whether an error is the same line of the catalogue, whatever varies in its message. Lines that share a code have different
// remedies.
func (e Error) Is(target error) bool {
	other, ok := target.(Error)
	return ok && e.Status == other.Status && e.Code == other.Code && e.Fix == other.Fix
}

// A Family of APIs shares the middle group of its error codes (wire.md §2.2).
type Family int

// The families.
const (
	STK      Family = 1 // M-Pesa Express, its query, reversal
	Payments Family = 2 // B2C, Business to Pochi, B2B, account balance
	C2B      Family = 3 // C2B and transaction status
)

// The errors that are always the same (MpesaExpressSimulate, common error codes; BusinessToPochi, sample error response; wire.md §2.4,
// §3, §4.3, §5, §6.1).
var (
	WrongApp = Error{http.StatusBadRequest, "", "", // the answer has no body
		"copy the consumer key and secret of one and the same app again; a secret that was rotated no longer works", "wire.md §3"}
	BadAuthentication = Error{http.StatusBadRequest, "400.008.01", "Invalid Authentication passed",
		"send the header Authorization: Basic, a space, and base64 of the consumer key, a colon and the secret", "wire.md §3"}
	BadGrantType = Error{http.StatusBadRequest, "400.008.02", "Invalid grant type passed",
		"add ?grant_type=client_credentials to the URL, with nothing after it", "wire.md §3"}
	BadAuthHeader = Error{http.StatusNotFound, "404.001.04", "Invalid Authentication Header",
		"send the token request with GET", "wire.md §2.4"}
	BadPayload = Error{http.StatusBadRequest, "400.002.05", "Invalid Request Payload",
		"send one JSON object, with double quotes and without a comma after the last field", "wire.md §2.4, §22"}
	MerchantUnknown = Error{http.StatusInternalServerError, "500.001.1001", "Merchant does not exist",
		"send the shortcode for M-Pesa Express as BusinessShortCode; for a till that is the store or head office number", "MpesaExpressSimulate, common error codes"}
	WrongCredentials = Error{http.StatusInternalServerError, "500.001.1001", "Wrong credentials",
		"make Password anew for each request: base64 of BusinessShortCode, its passkey and the very Timestamp that the request has, with nothing between them", "MpesaExpressSimulate, common error codes"}
	SubscriberBusy = Error{http.StatusInternalServerError, "500.001.1001",
		"Unable to lock subscriber, a transaction is already in process for the current subscriber",
		"wait until the customer has answered, or the prompt has ended, before sending another; and send each request once", "MpesaExpressSimulate, common error codes"}
	SubscriberUnknown = Error{http.StatusInternalServerError, "500.001.1001", "Missing ICCID value in request",
		"send the number of a registered customer as 2547XXXXXXXX or 2541XXXXXXXX; in the console a phone can be made with it", "DarajaTutorial, API errors"}
	BeingProcessed = Error{http.StatusInternalServerError, "500.001.1001", "The transaction is being processed",
		"ask again after some seconds, or wait for the callback", "wire.md §5"}
	TransactionUnknown = Error{http.StatusInternalServerError, "500.001.1001", "The transaction does not Exist",
		"ask with the CheckoutRequestID that the push was answered with, and with the BusinessShortCode that pushed", "wire.md §5"}
	SystemBusy = Error{http.StatusInternalServerError, "500.003.02", "System is busy. Please try again in few minutes.",
		"send it again after a few seconds, with longer and longer pauses; if it stays so, Kivuko's log and kivuko/v1/health say why", "MpesaExpressSimulate, common error codes"}
	DuplicateOriginator = Error{http.StatusInternalServerError, "500.002.1001", "Duplicate OriginatorConversationID.",
		"choose a new OriginatorConversationID for each payment; where this one was meant to be the same payment, ask for its status instead", "BusinessToPochi, sample error response"}
	AlreadyRegistered = Error{http.StatusInternalServerError, "500.003.1001", "Urls are already registered.",
		"delete the registered URLs in the portal, then register again", "wire.md §6.1"}
	InternalError = Error{http.StatusInternalServerError, "500.003.1001", "Internal Server Error",
		"send it again; if it stays so, Kivuko's log has what its authors need", "MpesaExpressSimulate, common error codes"}
	NotForPages = Error{http.StatusForbidden, "403.001.01", "Forbidden - Not for web pages, or for a host that has to be named: kivuko serve --name HOST",
		"call from a server, by localhost, an address or sandbox.safaricom.co.ke; any other host has to be named when Kivuko is started: --name kivuko", "docs/divergences.md"}
	SpikeArrest = Error{http.StatusInternalServerError, "500.003.02", "Error Occurred: Spike Arrest Violation",
		"send fewer requests a second, evenly; the app's limit can be changed in the portal", "MpesaExpressSimulate, common error codes"}
	QuotaExceeded = Error{http.StatusInternalServerError, "500.003.03", "Quota Violation",
		"wait until midnight in East Africa Time, or change the app's limit in the portal", "MpesaExpressSimulate, common error codes"}
)

// Errors lists the fixed errors and, with XXXX for the part that varies, the others. Others that the documents list have no cause in
// Kivuko, which answers something more telling: 400.003.01 and 400.003.02 are 401.003.01 and 400.002.02, 403.002.1001 is NoProduct, and
// there is no maintenance.
func Errors() []Error {
	return []Error{
		BadAuthentication, BadGrantType, WrongApp, BadAuthHeader, InvalidField("XXXX"), BadPayload,
		InvalidToken(STK, ""), InvalidToken(Payments, ""), InvalidToken(C2B, ""), NoProduct(STK), NoProduct(Payments), NoProduct(C2B),
		NotFound(STK), NotFound(Payments), NotFound(C2B), MethodNotAllowed("XXXX"),
		MerchantUnknown, WrongCredentials, SubscriberBusy, SubscriberUnknown, BeingProcessed, TransactionUnknown,
		DuplicateOriginator, AlreadyRegistered, SystemBusy, InternalError, SpikeArrest, QuotaExceeded, NotForPages,
	}
}

// InvalidField says that a field is missing or malformed; the code is the same for all families (wire.md §2.4).
func InvalidField(name string) Error {
	return Error{http.StatusBadRequest, "400.002.02", "Bad Request - Invalid " + name,
		"correct the field that the message names; its format stands with the API's fields. One that is missing though it was sent: the Content-Type has to be application/json", "MpesaExpressSimulate, common error codes"}
}

// InvalidToken says that the access token is missing, unknown or expired; reason goes after the last dash where the family
// has one (wire.md §2.2).
func InvalidToken(f Family, reason string) Error {
	const (
		fix    = "ask for a new token and send it as Authorization: Bearer, a space and the token; a token lasts an hour"
		source = "wire.md §2.2"
	)
	switch f {
	case Payments:
		return Error{http.StatusUnauthorized, "401.002.01", "Error Occurred - Invalid Access Token - " + reason, fix, source}
	case C2B:
		return Error{http.StatusUnauthorized, "401.003.01", "Error Occurred - Invalid Access Token - " + reason, fix, source}
	case PullRegister:
		return Error{http.StatusUnauthorized, "401.001", "Error Occurred - Invalid Access Token - " + reason, fix, source}
	case Lookups:
		return Error{http.StatusUnauthorized, "401.001", "Invalid Access Token", fix, source}
	case Checkout:
		return Error{http.StatusUnauthorized, "401", "Unauthorized - Invalid Access Token", fix, source}
	default:
		return Error{http.StatusNotFound, "404.001.03", "Invalid Access Token", fix, source}
	}
}

// NoProduct says that the token's app had no product that holds the API when the token was issued (wire.md §2.3).
func NoProduct(f Family) Error {
	code := map[Family]string{STK: "401.001.01", Payments: "401.002.01", C2B: "401.003.01", PullRegister: "401.001", Lookups: "401.001", Checkout: "401"}[f]
	return Error{http.StatusUnauthorized, code, "Error Occurred - Invalid Access Token - Invalid API call as no apiproduct match found",
		"give the app the product in the portal, then ask for a new token: tokens keep the products that they were issued with. A production app has those that it went live with", "wire.md §2.3"}
}

// NotFound says that there is no such path in the family (wire.md §2.4).
func NotFound(f Family) Error {
	code := map[Family]string{STK: "404.001.01", Payments: "404.002.01", C2B: "404.003.01"}[f]
	return Error{http.StatusNotFound, code, "Resource not found",
		"compare the path with the API's, letter by letter: also its version and a slash at its end", "wire.md §2.4"}
}

// MethodNotAllowed says that the API takes POST only (MpesaExpressSimulate: "GET Method Not Allowed").
func MethodNotAllowed(method string) Error {
	return Error{http.StatusMethodNotAllowed, "405.001", method + " Method Not Allowed",
		"send the request with POST", "MpesaExpressSimulate, common error codes"}
}
