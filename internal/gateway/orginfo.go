package gateway

import (
	"fmt"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// chargeProfiles are the numbers of tariffs, of which the portal names a few (wire.md §14.6; portal, organisation info, charge
// profiles). Whatever has none of its own has that of the sample.
var chargeProfiles = map[string]string{"business-bouquet": "20142", "customer-bouquet": "20144"}

const usualChargeProfile = "20013"

// orgInfo tells whose a shortcode or a till is, before somebody pays to it: POST /sfcverify/v1/query/info (wire.md §14.6). How it refuses
// is known but for the words: ResponseCode "1 or any other".
func (g *Gateway) orgInfo(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	const till = "2"
	kind, shortcode := v.text("IdentifierType"), v.shortcode("Identifier")
	o, err := g.Engine.Directory().Organisation(c.ctx, shortcode)
	if err != nil {
		return nil, err
	}
	b := fmt.Appendf(nil, `{"ConversationID":"%s",`, g.Mint.Refused())
	if o == nil || (o.Kind == mpesa.Till) != (kind == till) {
		c.note.Code, c.note.Explanation = "1", fmt.Sprintf("%s is no organisation's %s", shortcode, identified(kind == till))
		return append(b, `"ResponseCode":"1","ResponseMessage":"Rejecting the request","DetailedMessage":"Organization not found"}`...), nil
	}
	profile := chargeProfiles[o.Tariff]
	if profile == "" {
		profile = usualChargeProfile
	}
	return fmt.Appendf(b, `"ResponseCode":"4000","ResponseMessage":"Success","DetailedMessage":"Request received successfully",`+
		`"OrganizationShortCode":"%s","OrganizationName":%s,"ChargeProfileID":"%s"}`, shortcode, quote(o.Name), profile), nil
}

func identified(till bool) string {
	if till {
		return "till"
	}
	return "shortcode"
}
