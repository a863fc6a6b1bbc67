package apis

import (
	"fmt"

	"github.com/kivuko/kivuko/daraja/codes"
)

// Title is what people call the API.
func (a *API) Title() string {
	if a.Version == 0 {
		return titles[a.Name]
	}
	return fmt.Sprintf("%s v%d", titles[a.Name], a.Version)
}

// titles are the documents' names of the APIs.
var titles = map[string]string{
	OAuth: "Access token", codes.APIExpress: "M-Pesa Express", codes.APIQuery: "M-Pesa Express query",
	C2BRegister: "C2B register URLs", C2BSimulate: "C2B simulate", codes.APIB2C: "Business to customer", codes.APIPochi: "Business to Pochi",
	codes.APIB2B: "Business to business", codes.APITax: "Tax remittance", codes.APIReversal: "Reversal", codes.APIStatus: "Transaction status",
	codes.APIBalance: "Account balance", QR: "Dynamic QR", PullRegister: "Pull transactions register", PullQuery: "Pull transactions query",
	codes.APICheckout: "B2B Express", codes.APIStandingOrder: "M-Pesa Ratiba", OrgInfo: "Organisation info",
}

// Mark is what stands in an example for a value that differs from one installation, or one request, to the next. A request that is
// sent by the simulator may have the marks of Sent in it.
type Mark string

// The marks. Of those that speak of a payment it is the latest that an organisation was paid.
const (
	MarkExpress    Mark = "{{express}}"    // the shortcode for M-Pesa Express
	MarkShortcode1 Mark = "{{shortcode1}}" // the organisation that asks
	MarkShortcode2 Mark = "{{shortcode2}}" // another one
	MarkTill       Mark = "{{till}}"       // a till with an owner who can be prompted
	MarkPhone      Mark = "{{phone}}"      // the test customer's number
	MarkInitiator  Mark = "{{initiator}}"  // the API operator
	MarkCallback   Mark = "{{callback}}"   // a URL of Kivuko's own where callbacks can be seen
	MarkReceipt    Mark = "{{receipt}}"    // of a payment
	MarkAmount     Mark = "{{amount}}"     // of that payment
	MarkPaid       Mark = "{{paid}}"       // the shortcode that it was paid to
	MarkCheckout   Mark = "{{checkout}}"   // CheckoutRequestID of the latest M-Pesa Express
	MarkToday      Mark = "{{today}}"      // yyyymmdd
	MarkNextMonth  Mark = "{{nextmonth}}"  // yyyymmdd
	MarkYesterday  Mark = "{{yesterday}}"  // YYYY-MM-DD HH:mm:ss
	MarkTomorrow   Mark = "{{tomorrow}}"   // YYYY-MM-DD HH:mm:ss

	MarkTimestamp  Mark = "{{timestamp}}"  // the time of the request
	MarkPassword   Mark = "{{password}}"   // base64 of BusinessShortCode, its passkey and Timestamp
	MarkCredential Mark = "{{credential}}" // the operator's password, encrypted
	MarkUnique     Mark = "{{unique}}"     // text that no other request has
)

// Sent lists the marks that are filled in anew with each request.
func Sent() []Mark { return []Mark{MarkTimestamp, MarkPassword, MarkCredential, MarkUnique} }

// Example is a value of the i-th field that works in the world that a new installation starts with. It may have marks in it.
func (a *API) Example(i int) string {
	f := &a.Fields[i]
	if own, ok := ownExamples[a.Name][f.Name]; ok {
		return own
	}
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	if f.Optional {
		return ""
	}
	if named, ok := namedExamples[f.Name]; ok {
		return named
	}
	return formExamples[f.Form]
}

// ownExamples are those of single APIs.
var ownExamples = map[string]map[string]string{
	codes.APIExpress:       {"PartyB": string(MarkExpress), "TransactionDesc": "Payment"},
	codes.APIB2C:           {"Amount": "10"}, // the least that a customer can be paid
	codes.APIPochi:         {"Amount": "10"},
	codes.APIB2B:           {"PartyB": string(MarkShortcode2)},
	codes.APIReversal:      {"Amount": string(MarkAmount), "ReceiverParty": string(MarkPaid)},
	codes.APIStatus:        {"PartyA": string(MarkPaid)},
	codes.APIStandingOrder: {"EndDate": string(MarkNextMonth), "Frequency": "2"}, // daily
	codes.APICheckout:      {"primaryShortCode": string(MarkTill)},
	QR:                     {"TrxCode": "BG", "CPI": string(MarkTill), "Size": "300"},
	OrgInfo:                {"Identifier": string(MarkShortcode1)},
	PullQuery:              {"EndDate": string(MarkTomorrow), "OffSetValue": "0"},
}

// namedExamples are those of fields that have the same name in several APIs, or in one that needs no other.
var namedExamples = map[string]string{
	"BusinessShortCode": string(MarkExpress), "receiverShortCode": string(MarkExpress),
	"InitiatorName": string(MarkInitiator), "Initiator": string(MarkInitiator), "OriginatorConversationID": string(MarkUnique),
	"TransactionID": string(MarkReceipt), "CheckoutRequestID": string(MarkCheckout),
	"AccountReference": "INV-001", "BillRefNumber": "INV-001", "RefNo": "INV-001", "paymentRef": "INV-001",
	"Remarks": "Test payment", "MerchantName": "Kivuko Shop", "partnerName": "Kivuko Shop", "RequestRefID": string(MarkUnique),
	"StandingOrderName": "Rent " + string(MarkUnique),
}

// formExamples are those of all other fields.
var formExamples = map[Form]string{
	Text: "Test", Shortcode: string(MarkShortcode1), Phone: string(MarkPhone), Amount: "1", Shillings: "1", URL: string(MarkCallback),
	Timestamp: string(MarkTimestamp), Day: string(MarkToday), DateTime: string(MarkYesterday), Password: string(MarkPassword),
	Credential: string(MarkCredential), Number: "1",
}
