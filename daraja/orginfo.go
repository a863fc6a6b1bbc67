package daraja

import "context"

const orgInfoPath = "/sfcverify/v1/query/info"

// orgInfoFound is the ResponseCode of an organisation that was found (wire.md §14.6).
const orgInfoFound = "4000"

// OrgInfoRequest asks whose a till or shortcode is (wire.md §14.6). Both fields are mandatory.
type OrgInfoRequest struct {
	IdentifierType string // IdentifierTill or IdentifierShortcode
	Identifier     string
}

// OrgInfoResponse says whose a till or shortcode is (wire.md §14.6).
type OrgInfoResponse struct {
	ConversationID        string
	ResponseCode          string // "4000"
	ResponseMessage       string
	DetailedMessage       string
	OrganizationShortCode string `json:",omitempty"` // this and the following: when it is there
	OrganizationName      string `json:",omitempty"`
	ChargeProfileID       string `json:",omitempty"`
}

func (r *OrgInfoResponse) accepted() bool { return r.ResponseCode == orgInfoFound }

// UnmarshalJSON reads numbers for strings too.
func (r *OrgInfoResponse) UnmarshalJSON(data []byte) error {
	type plain OrgInfoResponse
	return unmarshalTexts(data, (*plain)(r))
}

// OrgInfo asks whose a till or shortcode is. It returns an *Error when the host refuses or does not know it.
func (c *Client) OrgInfo(ctx context.Context, req OrgInfoRequest) (*OrgInfoResponse, error) {
	resp := new(OrgInfoResponse)
	if err := c.post(ctx, orgInfoPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
