package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestOrgInfo(t *testing.T) {
	g := newGateway(t)
	const found = `{"ConversationID":"AG_1","ResponseCode":"4000","ResponseMessage":"Success","DetailedMessage":"",` +
		`"OrganizationShortCode":"600996","OrganizationName":"Safaricom996","ChargeProfileID":"3"}`
	g.api = answer{200, found}
	req := daraja.OrgInfoRequest{IdentifierType: daraja.IdentifierShortcode, Identifier: "600996"}
	resp, err := g.client().OrgInfo(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/sfcverify/v1/query/info", "application/json", `{"IdentifierType":"4","Identifier":"600996"}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != found {
		t.Errorf("got %s", got)
	}
	g.api = answer{200, `{"ResponseCode":"4001","ResponseMessage":"Not found"}`}
	_, err = g.client().OrgInfo(t.Context(), req)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "4001" || e.Message != "Not found" {
		t.Errorf("got %v", err)
	}
}
