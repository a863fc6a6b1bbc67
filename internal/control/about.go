package control

import (
	"net/http"

	api "github.com/kivuko/kivuko/control"
)

// about tells what runs here.
func (s *server) about(*http.Request) (answer, error) {
	about := s.About()
	about.Version, about.Now, about.Profile = s.Version, api.Time{Time: s.Clock.Now()}, api.Profile(s.Profile)
	return ok(about), nil
}
