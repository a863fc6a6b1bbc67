package control

import (
	"context"
	"errors"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// listOrganisations lists organisations in the order of their shortcodes.
func (s *server) listOrganisations(r *http.Request) (answer, error) {
	var after mpesa.Shortcode
	limit := usualPage
	if err := readQuery(r, parameters{"after": shortcode(&after), "limit": number(&limit, 1, maxPage)}); err != nil {
		return answer{}, err
	}
	list, err := s.Store.Organisations(r.Context(), after, limit+1)
	if err != nil {
		return answer{}, err
	}
	list, next := cut(list, limit, func(o mpesa.Organisation) string { return o.Shortcode.String() })
	shown := api.Page[api.Organisation]{Items: []api.Organisation{}, Next: next}
	for i := range list {
		o, err := s.withAccounts(r.Context(), &list[i], false)
		if err != nil {
			return answer{}, err
		}
		shown.Items = append(shown.Items, o)
	}
	return ok(shown), nil
}

// getOrganisation shows an organisation with its accounts. The passkey only with ?secrets=1.
func (s *server) getOrganisation(r *http.Request) (answer, error) {
	secrets := false
	if err := readQuery(r, parameters{"secrets": withSecrets(&secrets)}); err != nil {
		return answer{}, err
	}
	right := mpesa.ViewMoney
	if secrets {
		right = mpesa.RunKivuko
	}
	_, o, err := s.seeing(r, right, "view organisation", "")
	if err != nil {
		return answer{}, err
	}
	shown, err := s.withAccounts(r.Context(), o, secrets)
	return ok(shown), err
}

// What whoever runs Kivuko does to an organisation, in the audit's words.
const (
	changesOrganisation = "change organisation"
	registersURLs       = "register URLs"
	deletesURLs         = "delete URLs"
)

// changeOrganisation begins a change of the organisation that the path names.
func changeOrganisation(r *http.Request, action string) (*mpesa.ChangeOrganisation, error) {
	c := &mpesa.ChangeOrganisation{Action: action}
	if err := readPath(r, "shortcode", shortcode(&c.Shortcode)); err != nil {
		return nil, err
	}
	c.From = fromOf(r)
	return c, nil
}

// putOrganisation creates an organisation, or changes what the body says of it.
func (s *server) putOrganisation(r *http.Request) (answer, error) {
	c, err := changeOrganisation(r, changesOrganisation)
	if err != nil {
		return answer{}, err
	}
	var change organisationChange
	if err := readFields(r, s.organisationFields(&change)); err != nil {
		return answer{}, err
	}
	if err := s.storeExists(r.Context(), change.store); err != nil {
		return answer{}, err
	}
	created := false
	c.Change = func(o *mpesa.Organisation, there bool) error {
		created = !there
		return change.apply(o, there)
	}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	shown, err := s.withAccounts(r.Context(), &c.Changed, false)
	if created {
		return answer{status: http.StatusCreated, body: shown}, err
	}
	return ok(shown), err
}

// storeExists tells whether a till's store is an organisation's number.
func (s *server) storeExists(ctx context.Context, store *mpesa.Shortcode) error {
	if store == nil || *store == 0 {
		return nil
	}
	o, err := s.Engine.Directory().Organisation(ctx, *store)
	if err == nil && o == nil {
		err = badField.of("store", "%s is nobody's shortcode", *store)
	}
	return err
}

// findOrganisation reads the organisation that the path names.
func (s *server) findOrganisation(r *http.Request) (*mpesa.Organisation, error) {
	var code mpesa.Shortcode
	if err := readPath(r, "shortcode", shortcode(&code)); err != nil {
		return nil, err
	}
	o, err := s.Store.Organisation(r.Context(), code)
	if err == nil && o == nil {
		err = unknownOrganisation(code)
	}
	return o, err
}

func unknownOrganisation(s mpesa.Shortcode) *api.Problem {
	return notFound.problem("%s is nobody's shortcode; PUT makes it an organisation's", s)
}

// withSecrets takes the parameter that has secrets shown.
func withSecrets(into *bool) func(string) error {
	return func(value string) error {
		*into = value == "1"
		if !*into && value != "0" {
			return errors.New("it has to be 1 or 0")
		}
		return nil
	}
}

// withAccounts shows an organisation with its accounts.
func (s *server) withAccounts(ctx context.Context, o *mpesa.Organisation, secrets bool) (api.Organisation, error) {
	accounts, err := s.Store.Accounts(ctx, o.Shortcode.Party())
	return organisation(o, accounts, secrets), err
}

func organisation(o *mpesa.Organisation, accounts []mpesa.Account, secrets bool) api.Organisation {
	shown := api.Organisation{
		Shortcode: o.Shortcode.String(), Name: o.Name, Kind: api.OrganisationKind(o.Kind), Tariff: o.Tariff, PayoutTariff: o.Payouts, MoveTariff: o.Moves,
		MaxBalance: api.Amount(o.MaxBalance), Standing: api.OrganisationStanding(o.Standing), Fault: api.Fault(o.Fault), Validates: o.Validates, URLs: registered(o),
	}
	for _, p := range o.Products {
		shown.Products = append(shown.Products, string(p))
	}
	if o.Store != 0 {
		shown.Store = o.Store.String()
	}
	if o.Owner != 0 {
		shown.Owner = o.Owner.String()
	}
	if secrets {
		shown.Passkey = o.Passkey
	}
	shown.Accounts = accountsOf(o, accounts)
	return shown
}
