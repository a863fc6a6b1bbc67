package daraja

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	pullRegisterPath = "/pulltransactions/v1/register"
	pullQueryPath    = "/pulltransactions/v1/query"
)

// The codes by which Pull accepts (wire.md §14.3).
const (
	pullSuccess   = "1000"
	pullNoRecords = "1001"
)

// PullRegisterRequest registers a shortcode for PullQuery (wire.md §14.3). All fields are mandatory.
type PullRegisterRequest struct {
	ShortCode       string
	RequestType     string // "Pull"
	NominatedNumber string // the phone number of the shortcode's owner
	CallBackURL     string
}

// PullRegisterResponse says that a shortcode was registered (wire.md §14.3).
type PullRegisterResponse struct {
	ResponseRefID       string
	ResponseStatus      string // "1000"
	ShortCode           string
	ResponseDescription string
}

func (r *PullRegisterResponse) accepted() bool { return r.ResponseStatus == pullSuccess }

// PullQueryRequest asks for a shortcode's C2B payments of at most 48 hours (wire.md §14.3). See PullTime for the dates.
type PullQueryRequest struct {
	ShortCode   string
	StartDate   string // YYYY-MM-DD HH:mm:ss in East Africa Time
	EndDate     string // YYYY-MM-DD HH:mm:ss in East Africa Time
	OffSetValue string // how many payments to leave out, "0" for none
}

// PullQueryResponse has a shortcode's payments (wire.md §14.3). See Transactions.
type PullQueryResponse struct {
	ResponseRefID   string `json:",omitempty"` // with payments
	RequestID       string `json:",omitempty"` // without
	ResponseCode    string // "1000", or "1001" when there are none
	ResponseMessage string
	Response        [][]PullTransaction `json:",omitempty"`
}

func (r *PullQueryResponse) accepted() bool {
	return r.ResponseCode == pullSuccess || r.ResponseCode == pullNoRecords
}

// Transactions lists the payments of the answer.
func (r *PullQueryResponse) Transactions() []PullTransaction { return slices.Concat(r.Response...) }

// PullTransaction is a payment to a shortcode (wire.md §14.3).
type PullTransaction struct {
	TransactionID    string `json:"transactionId"` // the receipt
	TrxDate          string `json:"trxDate"`       // "2020-08-05T10:13:00Z"; whether that is UTC is not documented
	MSISDN           string `json:"msisdn"`
	Sender           string `json:"sender"`
	TransactionType  string `json:"transactiontype"` // "c2b-pay-bill-debit"
	BillReference    string `json:"billreference"`
	Amount           string `json:"amount"` // shillings
	OrganizationName string `json:"organizationname"`
}

// UnmarshalJSON reads numbers for strings too.
func (t *PullTransaction) UnmarshalJSON(data []byte) error {
	type plain PullTransaction
	return unmarshalTexts(data, (*plain)(t))
}

// PullTime is a time in the form of a PullQueryRequest: YYYY-MM-DD HH:mm:ss in East Africa Time.
func PullTime(t time.Time) string { return t.In(eat).Format(time.DateTime) }

// PullRegister registers a shortcode for PullQuery. It fills in the RequestType where there is none.
//
// It returns an *Error when the host refuses: with code 1001 when the shortcode is registered already.
func (c *Client) PullRegister(ctx context.Context, req PullRegisterRequest) (*PullRegisterResponse, error) {
	req.RequestType = cmp.Or(req.RequestType, "Pull")
	resp := new(PullRegisterResponse)
	if err := c.post(ctx, pullRegisterPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// PullQuery asks for a shortcode's payments, for those whose confirmation did not arrive. It returns an *Error when the
// host refuses; that there are no payments is none.
func (c *Client) PullQuery(ctx context.Context, req PullQueryRequest) (*PullQueryResponse, error) {
	resp := new(PullQueryResponse)
	if err := c.post(ctx, pullQueryPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
