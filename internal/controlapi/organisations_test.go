package controlapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestOrganisationListsItsFiveAccounts(t *testing.T) {
	c := start(t)
	c.Pay(t, controltest.John, 1500, "1234")
	for _, want := range []control.Organisation{
		{Shortcode: "174379", Name: "Test Shop", Kind: "paybill", Accounts: []control.Account{
			{Name: "Working Account"}, {Name: "Utility Account", Current: 1500_00, Available: 1500_00},
			{Name: "Charges Paid Account", Current: -5_00, Available: -5_00}, {Name: "Merchant Account"}, {Name: "Organization Settlement Account"}}},
		{Shortcode: "300584", Name: "Test Till", Kind: "till", Store: "300585", Accounts: []control.Account{
			{Name: "Working Account"}, {Name: "Utility Account"}, {Name: "Charges Paid Account"}, {Name: "Merchant Account"}, {Name: "Organization Settlement Account"}}},
		{Shortcode: "300585", Name: "Test Store", Kind: "store", Accounts: []control.Account{
			{Name: "Working Account"}, {Name: "Utility Account"}, {Name: "Charges Paid Account"}, {Name: "Merchant Account"}, {Name: "Organization Settlement Account"}}},
	} {
		var got control.Organisation
		c.get("/kivuko/v1/organisations/"+want.Shortcode).answers(http.StatusOK, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOrganisationListsAFloatThatItHas(t *testing.T) {
	c := start(t)
	c.Deposit(t, controltest.PayBill.Party().Account(mpesa.Float), 12_50)
	var got control.Organisation
	c.get("/kivuko/v1/organisations/174379").answers(http.StatusOK, &got)
	want := control.Account{Name: "Float Account", Current: 12_50, Available: 12_50}
	if len(got.Accounts) != 6 || got.Accounts[1] != want {
		t.Errorf("got %+v, want %+v second", got.Accounts, want)
	}
}

func TestPasskeyIsShownOnRequestOnly(t *testing.T) {
	c := start(t)
	for query, shown := range map[string]bool{"": false, "?secrets=0": false, "?secrets=1": true} {
		body := string(c.get("/kivuko/v1/organisations/174379" + query).body)
		if strings.Contains(body, controltest.Passkey) != shown {
			t.Errorf("%q gives %s", query, body)
		}
	}
}

func TestUnknownOrganisation(t *testing.T) {
	start(t).get("/kivuko/v1/organisations/600123").refuses(http.StatusNotFound, "not-found", "", "600123 is nobody's shortcode")
}
