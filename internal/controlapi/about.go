package controlapi

import (
	api "github.com/kivuko/kivuko/control"
)

// about tells what runs here.
func (s *server) about(*request[none, none]) (*api.About, error) {
	a := s.About()
	a.Version, a.Profile, a.Now = s.Version, api.Profile(s.Profile), api.Time{Time: s.Clock.Now()}
	return &a, nil
}
