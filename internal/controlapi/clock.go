package controlapi

import (
	"time"

	"github.com/kivuko/kivuko/control"
)

// maxAdvance is how far the clock moves at once.
const maxAdvance = 400 * 24 * time.Hour

// advance moves the clock forward; what falls due in between happens.
func (s *server) advance(r *request[none, control.Advance]) (*control.Clock, error) {
	by, _ := time.ParseDuration(r.Body.By)
	if by == 0 {
		return nil, badField.of("by", `it is missing: how far to move the clock, such as "90s"`)
	}
	now, err := s.Advance(r.Context(), by)
	return &control.Clock{Now: control.Time{Time: now}}, err
}
