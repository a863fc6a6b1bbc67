package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	api "github.com/kivuko/kivuko/control"
)

// maxAdvance is how far the clock moves at once.
const maxAdvance = 400 * 24 * time.Hour

// advance moves the clock forward; what falls due in between happens.
func (s *server) advance(r *http.Request) (answer, error) {
	var by time.Duration
	err := readBody(r, fields{"by": func(raw json.RawMessage) error {
		written, err := text(raw)
		if err == nil {
			by, err = time.ParseDuration(written)
		}
		if err != nil || by <= 0 || by > maxAdvance {
			return errors.New(`it has to be a time such as "90s" or "36h", more than 0 and at most 9600h, which are 400 days`)
		}
		return nil
	}})
	if err != nil {
		return answer{}, err
	}
	if by == 0 {
		return answer{}, badField.of("by", `it is missing: how far to move the clock, such as "90s"`)
	}
	now, err := s.Advance(r.Context(), by)
	return ok(api.Clock{Now: api.Time{Time: now}}), err
}
