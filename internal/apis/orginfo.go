package apis

import (
	"cmp"
	"fmt"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Organisation info: whose a shortcode or a till is, before somebody pays to it (wire.md §14.6).

// OrgInfo is the API that tells whose a shortcode is.
const OrgInfo = "orginfo"

func orgInfo() *API {
	return &API{
		Name: OrgInfo, Title: "Organisation info", Product: ProductMpesa,
		Live:   golive.Product{Name: "Organisation Query Production", About: "Whose a shortcode is"},
		Family: codes.Lookups, Source: "wire.md §14.6",
		Paths: []Path{{Path: "/sfcverify/v1/query/info", Serve: tellOrganisation, Fields: []Field{choice("IdentifierType", "4", "2"), plain(Shortcode, "Identifier").example(MarkShortcode1)}}},
		Tests: []Test{
			{Name: "orginfo-told", Title: "The name of an organisation is told", How: "Ask"},
			malformed("orginfo-invalid"),
		},
	}
}

// chargeProfiles are the numbers of tariffs, of which the portal names a few (wire.md §14.6; portal, organisation info, charge
// profiles). Whatever has none of its own has that of the sample.
var chargeProfiles = map[string]string{"business-bouquet": "20142", "customer-bouquet": "20144"}

const usualChargeProfile = "20013"

// tellOrganisation tells whose a shortcode or a till is. How it refuses is known but for the words: ResponseCode "1 or any other".
func tellOrganisation(c *Call) (any, error) {
	const till = "2"
	kind, shortcode := c.text("IdentifierType"), c.shortcode("Identifier")
	o, err := c.Engine.Directory().Organisation(c.Context, shortcode)
	if err != nil {
		return nil, err
	}
	if o == nil || (o.Kind == mpesa.Till) != (kind == till) {
		c.Note.Code, c.Note.Explanation = "1", fmt.Sprintf("%s is no organisation's %s", shortcode, identified(kind == till))
		return daraja.OrgInfoResponse{ConversationID: c.Mint.Refused(), ResponseCode: "1", ResponseMessage: "Rejecting the request", DetailedMessage: "Organization not found"}, nil
	}
	return daraja.OrgInfoResponse{ConversationID: c.Mint.Refused(), ResponseCode: "4000", ResponseMessage: "Success", DetailedMessage: "Request received successfully",
		OrganizationShortCode: shortcode.String(), OrganizationName: o.Name, ChargeProfileID: cmp.Or(chargeProfiles[o.Tariff], usualChargeProfile)}, nil
}

func identified(till bool) string {
	if till {
		return "till"
	}
	return "shortcode"
}
