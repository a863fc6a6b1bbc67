package controlapi

import (
	"context"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// organisationsQuery selects a page of organisations.
type organisationsQuery struct {
	After mpesa.Shortcode `query:"after" is:"shortcode" doc:"Only those after this one: the next of the page before."`
	limited
}

// inOrganisation names an organisation.
type inOrganisation struct {
	Shortcode mpesa.Shortcode `path:"shortcode" is:"shortcode" doc:"Five to seven digits."`
}

// organisationQuery names an organisation that is to be shown.
type organisationQuery struct {
	inOrganisation
	Secrets bool `query:"secrets" is:"secrets" doc:"1 shows the passkey too."`
}

// listOrganisations lists organisations in the order of their shortcodes.
func (s *server) listOrganisations(r *request[organisationsQuery, none]) (*control.Page[control.Organisation], error) {
	list, err := store.List(r.Context(), s.Store, mpesa.Registry, r.Query.After, r.Query.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := cut(list, r.Query.Limit, func(o mpesa.Organisation) string { return o.Shortcode.String() })
	shown := &control.Page[control.Organisation]{Items: []control.Organisation{}, Next: next}
	for i := range list {
		o, err := s.withAccounts(r.Context(), &list[i], false)
		if err != nil {
			return nil, err
		}
		shown.Items = append(shown.Items, *o)
	}
	return shown, nil
}

// getOrganisation shows an organisation with its accounts. The passkey only with ?secrets=1.
func (s *server) getOrganisation(r *request[organisationQuery, none]) (*control.Organisation, error) {
	right := portal.ViewMoney
	if r.Query.Secrets {
		right = portal.RunKivuko
	}
	_, o, err := s.seeing(r.Request, right, "view organisation", "")
	if err != nil {
		return nil, err
	}
	return s.withAccounts(r.Context(), o, r.Query.Secrets)
}

// What Kivuko's administrator does to an organisation, in the audit's words.
const (
	changesOrganisation = "change organisation"
	registersURLs       = "register URLs"
	deletesURLs         = "delete URLs"
)

// putOrganisation creates an organisation, or changes what the body says of it.
func (s *server) putOrganisation(r *request[inOrganisation, control.OrganisationChange]) (x created[*control.Organisation], err error) {
	c := &portal.ChangeOrganisation{Action: changesOrganisation, Shortcode: r.Query.Shortcode, From: fromOf(r.Request)}
	if err := s.storeExists(r.Context(), r.Body.Store); err != nil {
		return x, err
	}
	c.Change = func(o *mpesa.Organisation, there bool) error {
		x.isNew = !there
		return applyOrganisation(&r.Body, o, there)
	}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return x, err
	}
	x.shown, err = s.withAccounts(r.Context(), &c.Changed, false)
	return x, err
}

// storeExists reports whether a till's store is an organisation's number.
func (s *server) storeExists(ctx context.Context, text *string) error {
	if text == nil || *text == "" {
		return nil
	}
	store, err := shortcode(*text)
	if err != nil {
		return err
	}
	o, err := s.Engine.Directory().Organisation(ctx, store)
	if err == nil && o == nil {
		err = badField.of("store", "%s is nobody's shortcode", store)
	}
	return err
}

// findOrganisation reads the organisation that the path names.
func (s *server) findOrganisation(r *http.Request) (*mpesa.Organisation, error) {
	code, err := readPath(r, "shortcode", shortcode)
	if err != nil {
		return nil, err
	}
	o, err := store.Get(r.Context(), s.Store, mpesa.Registry, code)
	if err == nil && o == nil {
		err = unknownOrganisation(code)
	}
	return o, err
}

func unknownOrganisation(s mpesa.Shortcode) *control.Problem {
	return notFound.problem("%s is nobody's shortcode; PUT makes it an organisation's", s)
}

// withAccounts shows an organisation with its accounts.
func (s *server) withAccounts(ctx context.Context, o *mpesa.Organisation, secrets bool) (*control.Organisation, error) {
	accounts, err := s.Store.Accounts(ctx, o.Shortcode.Party())
	return organisation(o, accounts, secrets), err
}

func organisation(o *mpesa.Organisation, accounts []mpesa.Account, secrets bool) *control.Organisation {
	shown := &control.Organisation{
		Shortcode: o.Shortcode.String(), Name: o.Name, Kind: control.OrganisationKind(o.Kind), Tariff: o.Tariff, PayoutTariff: o.Payouts, MoveTariff: o.Moves,
		MaxBalance: control.Amount(o.MaxBalance), Standing: control.OrganisationStanding(o.Standing), Fault: control.Fault(o.Fault), Validates: o.Validates, URLs: registered(o),
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
