package daraja

import "context"

// SIMRequest asks about the SIM of a customer's number (wire.md §14.9).
type SIMRequest struct {
	CustomerNumber string `json:"customerNumber"`
}

// SIMResponse says when the SIM of a number was swapped (wire.md §14.9).
type SIMResponse struct {
	RequestRefID     string `json:"requestRefID"`
	ResponseCode     string `json:"responseCode"` // "200"
	ResponseDesc     string `json:"responseDesc"`
	IMSI             string `json:"imsi,omitempty"`                   // hashed; of version 1, as the date of registration and the number
	LastSwapDate     string `json:"lastSwapDate,omitempty"`           // "20-11-2026 08:36"; "01-01-1900 00:00" where it was more than three months ago
	RegistrationDate string `json:"msisdnRegistrationDate,omitempty"` // or a sentence, where it was more than a year ago
	CustomerNumber   string `json:"customerNumber,omitempty"`
}

func (r *SIMResponse) accepted() bool { return r.ResponseCode == "200" || accepts(r.ResponseCode) }

// UnmarshalJSON reads numbers for strings too.
func (r *SIMResponse) UnmarshalJSON(data []byte) error {
	type plain SIMResponse
	return unmarshalTexts(data, (*plain)(r))
}

// CheckSwap asks when the SIM of a number was swapped, by version 2. It returns an *Error when the host refuses or doesn't know the number.
func (c *Client) CheckSwap(ctx context.Context, req SIMRequest) (*SIMResponse, error) {
	return c.checkSIM(ctx, "/imsi/v2/checkATI", req)
}

// CheckIMSI asks for the IMSI too, by version 1.
func (c *Client) CheckIMSI(ctx context.Context, req SIMRequest) (*SIMResponse, error) {
	return c.checkSIM(ctx, "/imsi/v1/checkATI", req)
}

func (c *Client) checkSIM(ctx context.Context, path string, req SIMRequest) (*SIMResponse, error) {
	resp := new(SIMResponse)
	if err := c.post(ctx, path, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
