package controlapi

import (
	"github.com/kivuko/kivuko/control"
)

// about tells what runs here.
func (s *server) about(*request[none, none]) (*control.About, error) {
	a := s.About()
	a.Version, a.Profile, a.Now = s.Version, control.Profile(s.Profile), control.Time{Time: s.Clock.Now()}
	return &a, nil
}
