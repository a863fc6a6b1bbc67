package controlapi

import (
	"context"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/catalogue"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// getCatalogue gives the tables of codes, fields, limits, tariffs and numbers. Numbers of the sample, and whom its portal knows, are there where
// the database has them, and the password of these people where it is published.
func (s *server) getCatalogue(r *request[none, none]) (*control.Catalogue, error) {
	tables, err := s.heldTables(r.Context())
	if err != nil {
		return nil, err
	}
	shown := *tables
	switch s.World {
	case "", seedworld.Sample:
	case seedworld.Random:
		shown.Portal.Password, shown.Portal.Answer = "", ""
	default:
		shown.Portal = control.CataloguePortal{}
	}
	return &shown, nil
}

// heldTables are the tables with those of the sample's numbers that the database has. One that began with the sample has them all.
func (s *server) heldTables(ctx context.Context) (*control.Catalogue, error) {
	tables, err := s.tables()
	if err != nil || s.World == "" || s.World == seedworld.Sample || s.World == seedworld.Random {
		return tables, err
	}
	held, err := s.held(ctx)
	if err != nil {
		return nil, err
	}
	return catalogue.Narrowed(tables, func(n *control.CatalogueNumber) bool { return held[n.Number] }), nil
}

// held tells which of the sample's customers, organisations and operators the database has, in the state that they are named for. A number that
// became a customer's when it was first used is like any other.
func (s *server) held(ctx context.Context) (map[string]bool, error) {
	w, err := seedworld.Read()
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for i := range w.Customers {
		x := &w.Customers[i]
		c, err := store.Get(ctx, s.Store, mpesa.Subscribers, x.MSISDN)
		if err != nil {
			return nil, err
		}
		held[x.MSISDN.String()] = c != nil && c.Answers == x.Answers && c.Limits == x.Limits && c.Standing == x.Standing
	}
	for i := range w.Organisations {
		x := &w.Organisations[i]
		o, err := store.Get(ctx, s.Store, mpesa.Registry, x.Shortcode)
		if err != nil {
			return nil, err
		}
		held[x.Shortcode.String()] = o != nil && o.Kind == x.Kind && o.Standing == x.Standing
	}
	for i := range w.Operators {
		o, err := store.Get(ctx, s.Store, mpesa.Operators, mpesa.OperatorID{Shortcode: w.Test.Shortcode1, Username: w.Operators[i].Username})
		if err != nil {
			return nil, err
		}
		held[w.Operators[i].Username] = o != nil
	}
	return held, nil
}
