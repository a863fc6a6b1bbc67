package control

import (
	"errors"
	"net/http"
	"slices"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// organisationAccounts are the accounts that an organisation of a kind has, in M-PESA's order (wire.md §18).
var organisationAccounts = map[mpesa.OrganisationKind][]mpesa.AccountKind{
	mpesa.PayBill: {mpesa.Working, mpesa.Utility, mpesa.ChargesPaid, mpesa.Settlement},
	mpesa.Till:    {mpesa.Working, mpesa.ChargesPaid, mpesa.Merchant, mpesa.Settlement},
	mpesa.Store:   {mpesa.Working, mpesa.ChargesPaid, mpesa.Settlement},
}

// getOrganisation shows an organisation with its accounts. The passkey only with ?secrets=1.
func (s *server) getOrganisation(r *http.Request) (answer, error) {
	var code mpesa.Shortcode
	if err := readPath(r, "shortcode", shortcode(&code)); err != nil {
		return answer{}, err
	}
	secrets := false
	err := readQuery(r, parameters{"secrets": func(value string) error {
		secrets = value == "1"
		if !secrets && value != "0" {
			return errors.New("it has to be 1 or 0")
		}
		return nil
	}})
	if err != nil {
		return answer{}, err
	}
	o, err := s.Store.Organisation(r.Context(), code)
	if err != nil {
		return answer{}, err
	}
	if o == nil {
		return answer{}, notFound.problem("%s is nobody's shortcode", code)
	}
	accounts, err := s.Store.Accounts(r.Context(), code.Party())
	if err != nil {
		return answer{}, err
	}
	return ok(organisation(o, accounts, secrets)), nil
}

func organisation(o *mpesa.Organisation, accounts []mpesa.Account, secrets bool) api.Organisation {
	shown := api.Organisation{Shortcode: o.Shortcode.String(), Name: o.Name, Kind: string(o.Kind), Tariff: o.Tariff, Accounts: []api.Account{}}
	if o.Store != 0 {
		shown.Store = o.Store.String()
	}
	if secrets {
		shown.Passkey = o.Passkey
	}
	add := func(a mpesa.Account) {
		shown.Accounts = append(shown.Accounts, api.Account{Name: a.ID.Kind().String(), Current: a.Balance, Available: a.Available(), Reserved: a.Held})
	}
	usual := organisationAccounts[o.Kind]
	for _, kind := range usual { // also those that nothing was ever posted to
		i := slices.IndexFunc(accounts, func(a mpesa.Account) bool { return a.ID.Kind() == kind })
		if i < 0 {
			add(mpesa.Account{ID: o.Shortcode.Party().Account(kind)})
		} else {
			add(accounts[i])
		}
	}
	for _, a := range accounts {
		if !slices.Contains(usual, a.ID.Kind()) {
			add(a)
		}
	}
	return shown
}
