package daraja

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What becomes of a payment when the ValidationURL does not answer (DarajaTutorial, Register URL).
const (
	ResponseCompleted = "Completed"
	ResponseCancelled = "Cancelled"
)

const (
	registerURLPath   = "/mpesa/c2b/v2/registerurl"
	registerURLV1Path = "/mpesa/c2b/v1/registerurl"
	simulatePath      = "/mpesa/c2b/v2/simulate"
	simulateV1Path    = "/mpesa/c2b/v1/simulate"
)

// RegisterURLRequest says where a shortcode's payments are validated and confirmed (DarajaTutorial, Register URL). All
// fields are mandatory. URLs must not contain M-PESA's or Safaricom's name, nor some other words (wire.md §6.1).
type RegisterURLRequest struct {
	ShortCode       string
	ResponseType    string // ResponseCompleted or ResponseCancelled
	ConfirmationURL string // where the C2BPayment is posted to once it is made
	ValidationURL   string // where the C2BPayment is posted to before, if the shortcode has external validation
}

// C2BSimulateRequest pays a shortcode as a customer would from the phone's menu; sandboxes only (DarajaTutorial, C2B API).
type C2BSimulateRequest struct {
	ShortCode     string // the paybill or till
	CommandID     string // CustomerPayBillOnline or CustomerBuyGoodsOnline
	Amount        string // shillings, with at most two decimals
	Msisdn        string // the phone number that pays
	BillRefNumber string `json:",omitempty"` // at most 20 characters, the account; a till must not have one
}

// C2BResponse says that a registration or a simulation was accepted (wire.md §6.1, §6.2). Older hosts send a ConversationID
// and no ResponseCode, others a ResponseCode of several zeros.
type C2BResponse struct {
	ConversationID           string // of hosts that send no ResponseCode; empty for registrations
	OriginatorConversationID string // OriginatorCoversationID on the wire
	ResponseCode             string
	ResponseDescription      string
}

// c2bAccepted are the descriptions by which a host without ResponseCode accepts. That the URLs are registered already comes
// in the same form (wire.md §6.1).
const (
	c2bRegistered = "success"
	c2bSimulated  = "accept the service request successfully."
)

func (r *C2BResponse) accepted() bool {
	description := strings.ToLower(r.ResponseDescription)
	return accepts(r.ResponseCode) || r.ResponseCode == "" && (description == c2bRegistered || description == c2bSimulated)
}

// c2bResponse and olderC2BResponse are the two forms of a C2BResponse.
type (
	c2bResponse struct {
		OriginatorConversationID string `json:"OriginatorCoversationID"`
		ResponseCode             string
		ResponseDescription      string
	}
	olderC2BResponse struct {
		ConversationID           string
		OriginatorConversationID string `json:"OriginatorCoversationID"`
		ResponseDescription      string
	}
)

// MarshalJSON writes the older form, with a ConversationID, when there is no ResponseCode.
func (r C2BResponse) MarshalJSON() ([]byte, error) {
	if r.ResponseCode == "" {
		return json.Marshal(olderC2BResponse{r.ConversationID, r.OriginatorConversationID, r.ResponseDescription})
	}
	return json.Marshal(c2bResponse{r.OriginatorConversationID, r.ResponseCode, r.ResponseDescription})
}

// UnmarshalJSON reads both forms, and numbers for strings too.
func (r *C2BResponse) UnmarshalJSON(data []byte) error {
	var wire struct {
		olderC2BResponse
		ResponseCode string
	}
	err := unmarshalTexts(data, &wire)
	*r = C2BResponse{wire.ConversationID, wire.OriginatorConversationID, wire.ResponseCode, wire.ResponseDescription}
	return err
}

// RegisterURL registers a shortcode's URLs by version 2 of the API, whose C2BPayments mask the MSISDN.
//
// It returns an *Error when the host refuses: with code 500.003.1001 when the shortcode has URLs already, which the
// sandbox replaces and production does not (wire.md §6.1).
func (c *Client) RegisterURL(ctx context.Context, req RegisterURLRequest) (*C2BResponse, error) {
	return c.c2b(ctx, registerURLPath, req)
}

// RegisterURLV1 is RegisterURL by version 1, whose C2BPayments hash the MSISDN.
func (c *Client) RegisterURLV1(ctx context.Context, req RegisterURLRequest) (*C2BResponse, error) {
	return c.c2b(ctx, registerURLV1Path, req)
}

// SimulateC2B makes a customer pay, by version 2 of the API; sandboxes only. Without an error the request was accepted; the
// registered URLs hear about the payment. It returns an *Error when the host refuses.
func (c *Client) SimulateC2B(ctx context.Context, req C2BSimulateRequest) (*C2BResponse, error) {
	return c.c2b(ctx, simulatePath, req)
}

// SimulateC2BV1 is SimulateC2B by version 1 of the API.
func (c *Client) SimulateC2BV1(ctx context.Context, req C2BSimulateRequest) (*C2BResponse, error) {
	return c.c2b(ctx, simulateV1Path, req)
}

func (c *Client) c2b(ctx context.Context, path string, req any) (*C2BResponse, error) {
	resp := new(C2BResponse)
	if err := c.post(ctx, path, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// C2BPayment is what is posted to a ValidationURL before a payment and to a ConfirmationURL after it (DarajaTutorial, C2B API
// API; wire.md §6.3). All values are strings.
type C2BPayment struct {
	TransactionType   string // "Pay Bill", "Buy Goods" or "Customer Merchant Payment"; may be empty
	TransID           string // the receipt; a confirmation may come more than once with the same
	TransTime         string // YYYYMMDDHHmmss in East Africa Time
	TransAmount       string // shillings, "5.00"
	BusinessShortCode string // the paybill or till that is paid
	BillRefNumber     string // the account that the customer entered; empty for tills
	InvoiceNumber     string // empty in practice
	OrgAccountBalance string // shillings, after the payment; empty in a validation
	ThirdPartyTransID string // what the ValidationReply gave; empty in a validation
	MSISDN            string // HashMSISDN (version 1) or MaskMSISDN (version 2) of the phone number that paid
	FirstName         string
	MiddleName        string
	LastName          string
}

// ErrNotC2BPayment says that a body is a JSON object but not a C2B payment: its TransID or BusinessShortCode is missing.
var ErrNotC2BPayment = errors.New("not a C2B payment")

// ParseC2BPayment reads the body of a delivery to a ValidationURL or ConfirmationURL. It returns ErrNotC2BPayment, or the
// JSON decoder's error.
//
// Deliveries are not signed (wire.md §17): anyone who knows the URL can post one. Confirm with TransactionStatus what matters.
func ParseC2BPayment(body []byte) (*C2BPayment, error) {
	p := new(C2BPayment)
	if err := json.Unmarshal(body, p); err != nil {
		return nil, fmt.Errorf("daraja: %w", err)
	}
	return p, nil
}

// UnmarshalJSON reads numbers for strings too. It returns ErrNotC2BPayment for any other JSON object.
func (p *C2BPayment) UnmarshalJSON(data []byte) error {
	type plain C2BPayment
	var read plain
	if err := unmarshalTexts(data, &read); err != nil {
		return err
	}
	if read.TransID == "" || read.BusinessShortCode == "" {
		return ErrNotC2BPayment
	}
	*p = C2BPayment(read)
	return nil
}

// Amount is what the customer pays, in cents. It is not ok when TransAmount is not an amount.
func (p *C2BPayment) Amount() (cents int64, ok bool) { return Value(p.TransAmount).Cents() }

// Balance is the balance of the account that was paid, after the payment, in cents. It is not ok in a validation.
func (p *C2BPayment) Balance() (cents int64, ok bool) { return Value(p.OrgAccountBalance).Cents() }

// Time is when the payment was made, to the second, in East Africa Time. It is not ok when TransTime is not a time.
func (p *C2BPayment) Time() (t time.Time, ok bool) { return Value(p.TransTime).Time() }

// HashMSISDN is how version 1 of the API shows a phone number of 12 digits: SHA-256 in lower-case hexadecimal (wire.md §6.3).
func HashMSISDN(msisdn string) string {
	sum := sha256.Sum256([]byte(msisdn))
	return hex.EncodeToString(sum[:])
}

// MaskMSISDN is how version 2 of the API shows a phone number: "2547 ***** 126" (wire.md §6.3). A number of fewer than 7
// digits is masked whole.
func MaskMSISDN(msisdn string) string {
	const head, tail = 4, 3
	if len(msisdn) < head+tail {
		return "*****"
	}
	return msisdn[:head] + " ***** " + msisdn[len(msisdn)-tail:]
}

// The result codes by which a ValidationReply rejects a payment (wire.md §6.3).
const (
	C2BInvalidMSISDN        ResultCode = "C2B00011"
	C2BInvalidAccountNumber ResultCode = "C2B00012"
	C2BInvalidAmount        ResultCode = "C2B00013"
	C2BInvalidKYCDetails    ResultCode = "C2B00014"
	C2BInvalidShortcode     ResultCode = "C2B00015"
	C2BOtherError           ResultCode = "C2B00016"
)

// ValidationReply is the answer to a validation, which must come within 8 seconds, and also to a confirmation
// (DarajaTutorial, C2B API; wire.md §6.3). The code "0" is written as a number, as DarajaTutorial insists.
type ValidationReply struct {
	ResultCode        ResultCode // "0" accepts, anything else rejects
	ResultDesc        string     // at most 90 characters
	ThirdPartyTransID string     `json:",omitempty"` // the merchant's own id of the payment; comes back in the confirmation
}

// AcceptC2B accepts a payment. thirdPartyTransID, which may be empty, comes back in the confirmation.
func AcceptC2B(thirdPartyTransID string) ValidationReply {
	return ValidationReply{ResultCode: "0", ResultDesc: "Accepted", ThirdPartyTransID: thirdPartyTransID}
}

// RejectC2B rejects a payment with one of the codes above.
func RejectC2B(code ResultCode) ValidationReply {
	return ValidationReply{ResultCode: code, ResultDesc: "Rejected"}
}

// ConfirmationReply is the answer to a confirmation in DarajaTutorial. A ValidationReply does as well; M-PESA looks at the
// HTTP status only (wire.md §6.3).
type ConfirmationReply struct {
	C2BPaymentConfirmationResult string // "Success"
}
