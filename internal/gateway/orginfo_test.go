package gateway_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
)

const orgInfoPath = "/sfcverify/v1/query/info"

var orgInfoFields = fields{"IdentifierType": "4", "Identifier": testworld.PayBill}

func TestOrgInfo(t *testing.T) {
	b := newBench(t)
	b.change(t, 600000, func(o *mpesa.Organisation) { o.Name, o.Tariff = `Quoted "Name"`, "business-bouquet" })
	found := func(shortcode, name, profile string) string {
		return `{"ConversationID":"410c-48e1-b4ab-57d897c8c7a0141968","ResponseCode":"4000","ResponseMessage":"Success",` +
			`"DetailedMessage":"Request received successfully","OrganizationShortCode":"` + shortcode + `","OrganizationName":"` + name + `","ChargeProfileID":"` + profile + `"}`
	}
	const rejected = `{"ConversationID":"410c-48e1-b4ab-57d897c8c7a0141968","ResponseCode":"1","ResponseMessage":"Rejecting the request","DetailedMessage":"Organization not found"}`
	for name, test := range map[string]struct {
		changes fields
		want    string
	}{
		"pay bill":           {nil, found("174379", "Daraja Sandbox", "20013")},
		"numbers":            {fields{"IdentifierType": 4, "Identifier": 174379}, found("174379", "Daraja Sandbox", "20013")},
		"bouquet":            {fields{"Identifier": "600000"}, found("600000", `Quoted \"Name\"`, "20142")},
		"till":               {fields{"IdentifierType": "2", "Identifier": testworld.Till}, found(testworld.Till, "Kivuko Till", "20013")},
		"store":              {fields{"Identifier": testworld.Store}, found(testworld.Store, "Kivuko Store", "20013")},
		"nobody":             {fields{"Identifier": "999999"}, rejected},
		"till as shortcode":  {fields{"Identifier": testworld.Till}, rejected},
		"pay bill as a till": {fields{"IdentifierType": "2"}, rejected},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.postFields(t, orgInfoPath, orgInfoFields, test.changes)
			// The ConversationID is in the form of requestIds, not of other ConversationIDs (portal, organisation info).
			if !requestID.MatchString(a.Text("ConversationID")) {
				t.Errorf("the ConversationID is %q", a.Text("ConversationID"))
			}
			answered(t, testworld.NewAnswer(a.Status, a.Header, conversationID.ReplaceAll(a.Body, []byte(`"410c-48e1-b4ab-57d897c8c7a0141968"`))), test.want)
			if test.want == rejected {
				b.noted(t, "1")
			}
		})
	}
}

func TestOrgInfoRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.refusesEach(t, orgInfoPath, orgInfoFields, []malformed{
		{"IdentifierType", []any{"1", "11", "till"}},
		{"Identifier", []any{"12", "12345678", "abcdef", "-17437", 1.5}},
	}, b.refusedField)
}
