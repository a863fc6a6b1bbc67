package daraja

import (
	"context"
	"net/http"
)

const hakikishaPath = "/mpesa/b2c/hakikisha/v1/hakikisha"

// HakikishaRequest asks whose a customer's number is, before a payout (wire.md §14.8).
type HakikishaRequest struct {
	Header HakikishaHeader `json:"header"`
	Body   HakikishaNumber `json:"body"`
}

// HakikishaHeader names a request.
type HakikishaHeader struct {
	RequestID string `json:"requestID"` // the client's own
	Timestamp string `json:"timestamp"` // seconds since 1970
}

// HakikishaNumber is what is asked for, and by which organisation.
type HakikishaNumber struct {
	MSISDN    string `json:"msisdn"`
	ShortCode string `json:"shortcode"`
}

// HakikishaResponse tells a customer's names: the first in clear, of the others the first letter and six asterisks (wire.md §14.8).
type HakikishaResponse struct {
	Header HakikishaStatus `json:"header"`
	Body   HakikishaName   `json:"body"`
}

// HakikishaStatus says what became of a request.
type HakikishaStatus struct {
	RequestID string `json:"requestID"`
	Timestamp string `json:"timestamp"`
	Status    string `json:"status"` // "200", or "400" where there is no such customer
	Message   string `json:"message"`
}

// HakikishaName has a customer's names, or a Message that there is none.
type HakikishaName struct {
	FirstName  string `json:"firstName,omitempty"`
	MiddleName string `json:"middleName,omitempty"`
	LastName   string `json:"lastName,omitempty"`
	Message    string `json:"message,omitempty"`
}

// Hakikisha asks whose a customer's number is. It returns an *Error when the host refuses or knows no such customer.
func (c *Client) Hakikisha(ctx context.Context, req HakikishaRequest) (*HakikishaResponse, error) {
	resp := new(HakikishaResponse)
	if err := c.post(ctx, hakikishaPath, req, resp); err != nil {
		return nil, err
	}
	if resp.Header.Status != "200" {
		return nil, &Error{HTTPStatus: http.StatusOK, RequestID: resp.Header.RequestID, Code: resp.Header.Status, Message: resp.Body.Message}
	}
	return resp, nil
}
