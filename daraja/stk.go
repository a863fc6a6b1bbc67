package daraja

import (
	"context"
	"encoding/base64"
	"time"
)

// The two transaction types of M-Pesa Express (MpesaExpressSimulate, request parameters).
const (
	CustomerPayBillOnline  = "CustomerPayBillOnline"  // PartyB is a paybill number, the same as BusinessShortCode
	CustomerBuyGoodsOnline = "CustomerBuyGoodsOnline" // PartyB is a till, BusinessShortCode its store or head office
)

const (
	stkPushPath  = "/mpesa/stkpush/v1/processrequest"
	stkQueryPath = "/mpesa/stkpushquery/v1/query"
)

// STKPushRequest asks a customer, by a prompt on the phone, to pay (MpesaExpressSimulate, request parameters). All fields
// but TransactionDesc are mandatory; see WithPasskey for Password and Timestamp.
type STKPushRequest struct {
	BusinessShortCode string // 5 to 7 digits
	Password          string // see the function Password
	Timestamp         string // YYYYMMDDHHmmss in East Africa Time, the one in Password
	TransactionType   string // CustomerPayBillOnline or CustomerBuyGoodsOnline
	Amount            string // shillings, at least "1", with at most two decimals
	PartyA            string // the phone number that pays, 2547XXXXXXXX or 2541XXXXXXXX
	PartyB            string // the paybill or till that is paid
	PhoneNumber       string // the phone number that is prompted, nearly always PartyA
	CallBackURL       string // where the STKCallback is posted to
	AccountReference  string // at most 12 characters, shown in the prompt
	TransactionDesc   string // at most 13 characters
}

// STKPushResponse says that a request for payment was accepted. It says nothing about the payment
// (MpesaExpressSimulate, response parameters).
type STKPushResponse struct {
	MerchantRequestID   string
	CheckoutRequestID   string // what the STKCallback and STKQuery know the payment by
	ResponseCode        string // "0"
	ResponseDescription string
	CustomerMessage     string
}

func (r *STKPushResponse) accepted() bool { return accepts(r.ResponseCode) }

// STKQueryRequest asks what became of an STKPushRequest (wire.md §5). See WithPasskey for Password and Timestamp.
type STKQueryRequest struct {
	BusinessShortCode string // the push's
	Password          string // see the function Password
	Timestamp         string // YYYYMMDDHHmmss in East Africa Time, the one in Password
	CheckoutRequestID string // from the STKPushResponse
}

// STKQueryResponse says what became of an STKPushRequest (wire.md §5). Its ResultCode is a string on the wire, where the
// callback's is a number.
type STKQueryResponse struct {
	ResponseCode        string // "0": the query was accepted
	ResponseDescription string
	MerchantRequestID   string
	CheckoutRequestID   string
	ResultCode          string // "0": paid, "4999": the customer has not answered yet, other: not paid
	ResultDesc          string
}

func (r *STKQueryResponse) accepted() bool { return accepts(r.ResponseCode) }

// STKPush asks a customer to pay. Without an error the request was accepted and the customer is being prompted.
//
// It returns an *Error when the host refuses. After any other error the request may have been accepted all the same; to
// send it again may prompt, and charge, the customer twice (wire.md §4.1).
func (c *Client) STKPush(ctx context.Context, req STKPushRequest) (*STKPushResponse, error) {
	c.sign(req.BusinessShortCode, &req.Password, &req.Timestamp)
	resp := new(STKPushResponse)
	if err := c.post(ctx, stkPushPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// STKQuery asks what became of a push.
//
// It returns an *Error when the host refuses, which some hosts also do while the customer has not answered: code
// 500.001.1001, "The transaction is being processed" (wire.md §5).
func (c *Client) STKQuery(ctx context.Context, req STKQueryRequest) (*STKQueryResponse, error) {
	c.sign(req.BusinessShortCode, &req.Password, &req.Timestamp)
	resp := new(STKQueryResponse)
	if err := c.post(ctx, stkQueryPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// sign fills in the password and its timestamp, if the request has no password and the client has a passkey.
func (c *Client) sign(shortcode string, password, timestamp *string) {
	if *password == "" && c.passkey != "" {
		*password, *timestamp = Password(shortcode, c.passkey, c.now())
	}
}

// Password makes an M-Pesa Express password, base64(shortcode+passkey+timestamp), and the timestamp that goes with it,
// YYYYMMDDHHmmss of at in East Africa Time (MpesaExpressSimulate, request parameters; wire.md §15).
func Password(shortcode, passkey string, at time.Time) (password, timestamp string) {
	timestamp = at.In(eat).Format(timestampLayout)
	return base64.StdEncoding.EncodeToString([]byte(shortcode + passkey + timestamp)), timestamp
}
