package daraja

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// STKCallback is what is posted to a push's CallBackURL once its outcome is known (MpesaExpressSimulate, callback payload).
// As JSON it is wrapped as it is delivered: {"Body":{"stkCallback":{…}}}.
type STKCallback struct {
	MerchantRequestID string
	CheckoutRequestID string // the STKPushResponse's
	ResultCode        ResultCode
	ResultDesc        string
	Metadata          []STKItem // CallbackMetadata.Item on the wire; none unless the payment was made
}

// STKItem is a name and a value in a callback's metadata. An empty Value is left out of the JSON: Balance comes so
// (wire.md §4.4).
type STKItem struct {
	Name  string
	Value Value `json:",omitempty"`
}

// The names of a callback's items, in the order in which they are delivered (wire.md §4.4).
const (
	ItemAmount          = "Amount"             // shillings
	ItemReceipt         = "MpesaReceiptNumber" // 10 characters, also in the customer's SMS
	ItemBalance         = "Balance"            // shillings, always empty in practice
	ItemTransactionDate = "TransactionDate"    // YYYYMMDDHHmmss in East Africa Time
	ItemPhoneNumber     = "PhoneNumber"        // 12 digits
)

// ErrNotSTKCallback says that a body is JSON but not an STK callback: Body.stkCallback, its CheckoutRequestID or its
// ResultCode is missing.
var ErrNotSTKCallback = errors.New("not an STK callback")

// ParseSTKCallback reads the body of a delivery to a CallBackURL. It returns ErrNotSTKCallback, or the JSON decoder's error.
//
// Deliveries are not signed (wire.md §17): anyone who knows the URL can post one. Confirm with STKQuery what matters.
func ParseSTKCallback(body []byte) (*STKCallback, error) {
	c := new(STKCallback)
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("daraja: %w", err)
	}
	return c, nil
}

// Value is the value of the metadata item with this name, or "" when there is none.
func (c *STKCallback) Value(name string) Value {
	for _, item := range c.Metadata {
		if item.Name == name {
			return item.Value
		}
	}
	return ""
}

// Amount is what was paid, in cents. It is not ok when the payment was not made.
func (c *STKCallback) Amount() (cents int64, ok bool) { return c.Value(ItemAmount).Cents() }

// Receipt is M-PESA's receipt number of the payment, such as "NLJ7RT61SV", or "" when the payment was not made.
func (c *STKCallback) Receipt() string { return string(c.Value(ItemReceipt)) }

// TransactionDate is when the payment was made, to the second, in East Africa Time. It is not ok when it was not.
func (c *STKCallback) TransactionDate() (t time.Time, ok bool) {
	return c.Value(ItemTransactionDate).Time()
}

// PhoneNumber is the number that paid, such as "254708374149", or "" when the payment was not made.
func (c *STKCallback) PhoneNumber() string { return string(c.Value(ItemPhoneNumber)) }

// stkEnvelope is an STKCallback as it is delivered.
type stkEnvelope struct {
	Body struct {
		STKCallback *stkBody `json:"stkCallback"`
	}
}

type stkBody struct {
	MerchantRequestID string
	CheckoutRequestID string
	ResultCode        ResultCode
	ResultDesc        string
	CallbackMetadata  *stkMetadata `json:",omitempty"`
}

type stkMetadata struct{ Item []STKItem }

// MarshalJSON writes the callback as it is delivered, without CallbackMetadata when there are no items.
func (c STKCallback) MarshalJSON() ([]byte, error) {
	body := &stkBody{
		MerchantRequestID: c.MerchantRequestID,
		CheckoutRequestID: c.CheckoutRequestID,
		ResultCode:        c.ResultCode,
		ResultDesc:        c.ResultDesc,
	}
	if len(c.Metadata) > 0 {
		body.CallbackMetadata = &stkMetadata{Item: c.Metadata}
	}
	var envelope stkEnvelope
	envelope.Body.STKCallback = body
	return json.Marshal(envelope)
}

// UnmarshalJSON reads a callback as it is delivered. It returns ErrNotSTKCallback for any other JSON object.
func (c *STKCallback) UnmarshalJSON(data []byte) error {
	var envelope stkEnvelope
	if err := json.Unmarshal(data, &envelope); err != nil {
		return err
	}
	body := envelope.Body.STKCallback
	if body == nil || body.CheckoutRequestID == "" || body.ResultCode == "" {
		return ErrNotSTKCallback
	}
	*c = STKCallback{
		MerchantRequestID: body.MerchantRequestID,
		CheckoutRequestID: body.CheckoutRequestID,
		ResultCode:        body.ResultCode,
		ResultDesc:        body.ResultDesc,
	}
	if body.CallbackMetadata != nil {
		c.Metadata = body.CallbackMetadata.Item
	}
	return nil
}
