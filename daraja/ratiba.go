package daraja

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// The kinds of standing order. The portal's page spells the second "Marchant" (wire.md §14.4); hosts take both.
const (
	StandingOrderPayBill  = "Standing Order Customer Pay Bill"
	StandingOrderMerchant = "Standing Order Customer Pay Merchant"
)

// How often a standing order pays, in the portal's latest numbering. An older one has no BiWeekly and counts one less for
// those after it (wire.md §14.4).
const (
	FrequencyOnce       = "1"
	FrequencyDaily      = "2"
	FrequencyWeekly     = "3"
	FrequencyBiWeekly   = "4"
	FrequencyMonthly    = "5"
	FrequencyBiMonthly  = "6"
	FrequencyQuarterly  = "7"
	FrequencyHalfYearly = "8"
	FrequencyYearly     = "9"
)

const standingOrderPath = "/standingorder/v1/createStandingOrderExternal"

// standingOrderAccepted is the responseCode of an accepted request, an HTTP status in the body.
const standingOrderAccepted = "200"

// StandingOrderRequest asks a customer, by a prompt on the phone, to agree to a standing order: M-Pesa Ratiba (wire.md
// §14.4). CustomStandingOrderID is optional.
type StandingOrderRequest struct {
	StandingOrderName           string // one customer's orders have different names
	StartDate                   string // yyyymmdd
	EndDate                     string // yyyymmdd
	BusinessShortCode           string
	TransactionType             string // StandingOrderPayBill or StandingOrderMerchant
	ReceiverPartyIdentifierType string // IdentifierShortcode or IdentifierTill
	Amount                      string // whole shillings a payment
	PartyA                      string // the phone number that pays
	CallBackURL                 string // where the StandingOrderCallback is posted to
	AccountReference            string // at most 12 characters
	TransactionDesc             string // at most 13 characters
	Frequency                   string // FrequencyOnce and so on
	CustomStandingOrderID       string `json:"CustomStoId,omitempty"`
}

// StandingOrderResponse says that a request for a standing order was accepted (wire.md §14.4). It says nothing about the
// customer's answer.
type StandingOrderResponse struct {
	ResponseHeader struct {
		ResponseRefID       string `json:"responseRefID"`
		ResponseCode        string `json:"responseCode"` // "200"
		ResponseDescription string `json:"responseDescription"`
		ResultDesc          string
	}
	ResponseBody struct {
		ResponseDescription string `json:"responseDescription"`
		ResponseCode        string `json:"responseCode"` // "200"
	}
}

func (r *StandingOrderResponse) accepted() bool {
	return r.ResponseHeader.ResponseCode == standingOrderAccepted
}

// CreateStandingOrder asks a customer to agree to a standing order. Without an error the request was accepted and the
// customer is being prompted. It returns an *Error when the host refuses.
func (c *Client) CreateStandingOrder(ctx context.Context, req StandingOrderRequest) (*StandingOrderResponse, error) {
	resp := new(StandingOrderResponse)
	if err := c.post(ctx, standingOrderPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// StandingOrderCallback is what became of a StandingOrderRequest, as it is posted to its CallBackURL (wire.md §14.4). It is
// for reading: the keys of the two outcomes differ in case.
type StandingOrderCallback struct {
	ResponseRefID       string
	RequestRefID        string
	ResponseCode        string // "0": the customer agreed
	ResponseDescription string
	Data                []STKItem // responseData on the wire: TransactionID, responseCode, Status and Msisdn
}

// Value is the value of the item of the callback's data with this name, or "" when there is none.
func (c *StandingOrderCallback) Value(name string) Value {
	for _, item := range c.Data {
		if item.Name == name {
			return item.Value
		}
	}
	return ""
}

// ErrNotStandingOrderCallback says that a body is JSON but not a standing order's callback: its responseCode is missing.
var ErrNotStandingOrderCallback = errors.New("not a standing order's callback")

// ParseStandingOrderCallback reads the body of a delivery to a StandingOrderRequest's CallBackURL. It returns
// ErrNotStandingOrderCallback, or the JSON decoder's error. Deliveries are not signed (wire.md §17).
func ParseStandingOrderCallback(body []byte) (*StandingOrderCallback, error) {
	c := new(StandingOrderCallback)
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("daraja: %w", err)
	}
	return c, nil
}

// UnmarshalJSON reads a callback of either case. It returns ErrNotStandingOrderCallback for any other JSON object.
func (c *StandingOrderCallback) UnmarshalJSON(data []byte) error {
	var wire struct { // encoding/json finds keys of any case.
		ResponseHeader struct{ ResponseRefID, RequestRefID, ResponseCode, ResponseDescription Value }
		ResponseBody   struct{ ResponseData []STKItem }
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	header := wire.ResponseHeader
	if header.ResponseCode == "" {
		return ErrNotStandingOrderCallback
	}
	*c = StandingOrderCallback{
		ResponseRefID:       string(header.ResponseRefID),
		RequestRefID:        string(header.RequestRefID),
		ResponseCode:        string(header.ResponseCode),
		ResponseDescription: string(header.ResponseDescription),
		Data:                wire.ResponseBody.ResponseData,
	}
	return nil
}
