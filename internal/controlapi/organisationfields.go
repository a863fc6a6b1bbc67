package controlapi

import (
	"github.com/kivuko/kivuko/control"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// applyOrganisation changes the organisation, or says which field doesn't go with the others. What is nil stays.
func applyOrganisation(c *control.OrganisationChange, o *mpesa.Organisation, there bool) error {
	switch {
	case !there && c.Name == nil:
		return badField.of("name", "it is missing: %s is nobody's shortcode yet, and a new organisation needs a name", o.Shortcode)
	case !there && c.Kind == nil:
		return badField.of("kind", "it is missing: %s is nobody's shortcode yet, and a new organisation is a paybill, a till or a store", o.Shortcode)
	}
	set(&o.Name, c.Name)
	set(&o.Kind, (*mpesa.OrganisationKind)(c.Kind))
	if c.Store != nil {
		o.Store, _ = mpesa.ParseShortcode(*c.Store) // 0 for ""
	}
	set(&o.Tariff, c.Tariff)
	set(&o.Payouts, c.PayoutTariff)
	set(&o.Moves, c.MoveTariff)
	set(&o.MaxBalance, (*money.Amount)(c.MaxBalance))
	if c.Products != nil {
		o.Products = words[mpesa.Product](*c.Products)
	}
	set(&o.Standing, (*mpesa.OrganisationStanding)(c.Standing))
	set(&o.Fault, (*mpesa.Fault)(c.Fault))
	if c.Owner != nil {
		o.Owner, _ = msisdn.ParseLoose(*c.Owner) // 0 for ""
	}
	set(&o.Validates, c.Validates)
	set(&o.Passkey, c.Passkey)
	switch {
	case o.Store != 0 && o.Kind != mpesa.Till:
		return badField.of("store", "%s is a %s, and only a till has a store", o.Shortcode, o.Kind)
	case o.Store == o.Shortcode:
		return badField.of("store", "%s would be its own store", o.Shortcode)
	}
	return nil
}

// set sets a field to a value that is given.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
