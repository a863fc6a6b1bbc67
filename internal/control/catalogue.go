package control

import (
	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/world"
)

// getCatalogue gives the tables of codes, fields, limits, tariffs and numbers. Whom the portal knows from the beginning is said where it
// is true, and the password of these people where it is published.
func (s *server) getCatalogue(*request[none, none]) (*api.Catalogue, error) {
	tables, err := s.tables()
	if err != nil {
		return nil, err
	}
	shown := *tables
	switch s.World {
	case "", world.Sample:
	case world.Random:
		shown.Portal.Password, shown.Portal.Answer = "", ""
	default:
		shown.Portal = api.CataloguePortal{}
	}
	return &shown, nil
}
