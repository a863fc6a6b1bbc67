package apis

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

// Sample returns a value of a field that works in the world that a new installation starts with. It may have marks in it.
func (f *Field) Sample() string {
	switch {
	case f.Example != "":
		return string(f.Example)
	case len(f.Values) > 0:
		return f.Values[0]
	case f.Optional:
		return ""
	}
	return string(formExamples[f.Form])
}

// Examples that several APIs have.
const (
	exampleBill Mark = "INV-001"
	exampleName Mark = "Kivuko Shop"
)

// formExamples are those of fields that have none of their own.
var formExamples = map[Form]Mark{
	Text: "Test", Shortcode: MarkShortcode1, Phone: MarkPhone, Amount: "1", Shillings: "1", URL: MarkCallback,
	Timestamp: MarkTimestamp, Day: MarkToday, DateTime: MarkYesterday, Password: MarkPassword,
	Credential: MarkCredential, Number: "1",
}
