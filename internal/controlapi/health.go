package controlapi

import (
	"strings"

	"github.com/kivuko/kivuko/control"
)

// health reports whether everything works, or what doesn't.
func (s *server) health(r *request[none, none]) (*control.Health, error) {
	failures := s.Health(r.Context())
	if len(failures) == 0 {
		return &control.Health{Status: "ok", Version: s.Version, Now: control.Time{Time: s.Clock.Now()}}, nil
	}
	var details []string
	p := unhealthy.problem("")
	for _, f := range failures {
		p.Checks = append(p.Checks, control.Failure{Name: f.Name, Detail: f.Detail})
		details = append(details, f.Name+": "+f.Detail)
	}
	p.Detail = strings.Join(details, "; ")
	return nil, p
}
