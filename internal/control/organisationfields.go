package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

const maxPasskey = 128 // characters; the known ones have 64

// organisationChange is what a body says of an organisation; nil where it says nothing.
type organisationChange struct {
	name, passkey          *string
	tariff, payouts, moves *string
	kind                   *mpesa.OrganisationKind
	store                  *mpesa.Shortcode
	maxBalance             *money.Amount
	products               *[]mpesa.Product
	standing               *mpesa.OrganisationStanding
	fault                  *mpesa.Fault
	owner                  *msisdn.Number
	validates              *bool
}

// organisationFields are what an organisation can be told.
func (s *server) organisationFields(c *organisationChange) fields {
	tariffs := append(slices.Sorted(maps.Keys(s.Engine.Policy.Rules.Tariffs())), "")
	tariff := func(into **string) func(json.RawMessage) error {
		return func(raw json.RawMessage) (err error) {
			*into, err = oneOf(raw, tariffs)
			return err
		}
	}
	return fields{
		"name": func(raw json.RawMessage) error {
			name, err := line(raw, 1, maxName)
			c.name = &name
			return err
		},
		"kind": func(raw json.RawMessage) (err error) {
			c.kind, err = oneOf(raw, []mpesa.OrganisationKind{mpesa.PayBill, mpesa.Till, mpesa.Store})
			return err
		},
		"store": func(raw json.RawMessage) error {
			c.store = new(mpesa.Shortcode)
			return orNothing(raw, shortcode(c.store))
		},
		"tariff":       tariff(&c.tariff),
		"payoutTariff": tariff(&c.payouts),
		"moveTariff":   tariff(&c.moves),
		"maxBalance": func(raw json.RawMessage) (err error) {
			c.maxBalance, err = balance(raw)
			return err
		},
		"products": func(raw json.RawMessage) (err error) {
			c.products, err = someOf(raw, mpesa.AllProducts())
			return err
		},
		"standing": func(raw json.RawMessage) (err error) {
			c.standing, err = oneOf(raw, mpesa.AllOrganisationStandings())
			return err
		},
		"fault": func(raw json.RawMessage) (err error) {
			c.fault, err = oneOf(raw, mpesa.AllFaults())
			return err
		},
		"owner": func(raw json.RawMessage) error {
			c.owner = new(msisdn.Number)
			return orNothing(raw, phone(c.owner))
		},
		"validates": func(raw json.RawMessage) error {
			c.validates = new(bool)
			return boolean(c.validates)(raw)
		},
		"passkey": func(raw json.RawMessage) error {
			passkey, err := line(raw, 0, maxPasskey)
			c.passkey = &passkey
			return err
		},
	}
}

// apply changes the organisation, or says which field doesn't go with the others.
func (c *organisationChange) apply(o *mpesa.Organisation, there bool) error {
	switch {
	case !there && c.name == nil:
		return badField.of("name", "it is missing: %s is nobody's shortcode yet, and a new organisation needs a name", o.Shortcode)
	case !there && c.kind == nil:
		return badField.of("kind", "it is missing: %s is nobody's shortcode yet, and a new organisation is a paybill, a till or a store", o.Shortcode)
	}
	set(&o.Name, c.name)
	set(&o.Kind, c.kind)
	set(&o.Store, c.store)
	set(&o.Tariff, c.tariff)
	set(&o.Payouts, c.payouts)
	set(&o.Moves, c.moves)
	set(&o.MaxBalance, c.maxBalance)
	set(&o.Products, c.products)
	set(&o.Standing, c.standing)
	set(&o.Fault, c.fault)
	set(&o.Owner, c.owner)
	set(&o.Validates, c.validates)
	set(&o.Passkey, c.passkey)
	switch {
	case o.Store != 0 && o.Kind != mpesa.Till:
		return badField.of("store", "%s is a %s, and only a till has a store", o.Shortcode, o.Kind)
	case o.Store == o.Shortcode:
		return badField.of("store", "%s would be its own store", o.Shortcode)
	}
	return nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// orNothing takes JSON text for a taker of text, or "" for nothing.
func orNothing(raw json.RawMessage, take func(string) error) error {
	if string(raw) == `""` {
		return nil
	}
	if err := textual(take)(raw); err != nil {
		return fmt.Errorf(`%w; or "" for none`, err)
	}
	return nil
}

// someOf reads a JSON array of some of some names, each once.
func someOf[T ~string](raw json.RawMessage, allowed []T) (*[]T, error) {
	var list []T
	err := json.Unmarshal(raw, &list)
	seen := map[T]bool{}
	for _, name := range list {
		if seen[name] || !slices.Contains(allowed, name) {
			err = fmt.Errorf("%q is there twice or is none of them", name)
		}
		seen[name] = true
	}
	if err != nil || list == nil {
		return nil, fmt.Errorf("it has to be a list of some of %q, each once", allowed)
	}
	return &list, nil
}
