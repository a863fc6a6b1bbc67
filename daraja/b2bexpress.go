package daraja

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

const b2bExpressPath = "/v1/ussdpush/get-msisdn"

// B2BExpressCancelled is the ResultCode of a merchant who did not want to pay (wire.md §14.2).
const B2BExpressCancelled ResultCode = "4001"

// B2BExpressRequest asks a merchant, by a prompt on the phone of the till's owner, to pay a vendor's paybill (wire.md
// §14.2). All fields are mandatory.
type B2BExpressRequest struct {
	PrimaryShortCode  string `json:"primaryShortCode"`  // the till that pays
	ReceiverShortCode string `json:"receiverShortCode"` // the paybill that is paid
	Amount            string `json:"amount"`            // whole shillings
	PaymentRef        string `json:"paymentRef"`        // shown in the prompt
	CallbackURL       string `json:"callbackUrl"`       // where the B2BExpressCallback is posted to
	PartnerName       string `json:"partnerName"`       // the vendor's name, shown in the prompt
	RequestRefID      string // the caller's own id of the request; the callback has it as RequestID
}

// B2BExpressResponse says that a merchant is being prompted (wire.md §14.2). It says nothing about the payment.
type B2BExpressResponse struct {
	Code   string `json:"code"` // "0"
	Status string `json:"status"`
}

func (r *B2BExpressResponse) accepted() bool { return accepts(r.Code) }

// UnmarshalJSON reads numbers for strings too.
func (r *B2BExpressResponse) UnmarshalJSON(data []byte) error {
	type plain B2BExpressResponse
	return unmarshalTexts(data, (*plain)(r))
}

// B2BExpress asks a merchant to pay. It returns an *Error when the host refuses: with code 4104 when the till has no
// nominated number, with 4102 when its owner is not known well enough.
func (c *Client) B2BExpress(ctx context.Context, req B2BExpressRequest) (*B2BExpressResponse, error) {
	resp := new(B2BExpressResponse)
	if err := c.post(ctx, b2bExpressPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// B2BExpressCallback is what is posted to a B2BExpressRequest's CallbackURL (wire.md §14.2). All values are strings,
// the code as well.
type B2BExpressCallback struct {
	ResultCode       string `json:"resultCode"` // "0": paid; B2BExpressCancelled; other: not paid
	ResultDesc       string `json:"resultDesc"`
	Amount           string `json:"amount"` // shillings, "71.0"
	RequestID        string `json:"requestId"`
	PaymentReference string `json:"paymentReference,omitempty"` // when not paid
	ResultType       string `json:"resultType,omitempty"`       // this and the following: when paid
	ConversationID   string `json:"conversationID,omitempty"`
	TransactionID    string `json:"transactionId,omitempty"` // the receipt
	Status           string `json:"status,omitempty"`        // "SUCCESS"
}

// ErrNotB2BExpressCallback says that a body is a JSON object but not a B2B Express callback: its resultCode or requestId is
// missing.
var ErrNotB2BExpressCallback = errors.New("not a B2B Express callback")

// ParseB2BExpressCallback reads the body of a delivery to a CallbackURL. It returns ErrNotB2BExpressCallback, or the JSON
// decoder's error. Deliveries are not signed (wire.md §17).
func ParseB2BExpressCallback(body []byte) (*B2BExpressCallback, error) {
	c := new(B2BExpressCallback)
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("daraja: %w", err)
	}
	return c, nil
}

// UnmarshalJSON reads numbers for strings too. It returns ErrNotB2BExpressCallback for any other JSON object.
func (c *B2BExpressCallback) UnmarshalJSON(data []byte) error {
	type plain B2BExpressCallback
	var read plain
	if err := unmarshalTexts(data, &read); err != nil {
		return err
	}
	if read.ResultCode == "" || read.RequestID == "" {
		return ErrNotB2BExpressCallback
	}
	*c = B2BExpressCallback(read)
	return nil
}
