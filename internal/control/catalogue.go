package control

import (
	"net/http"

	"github.com/kivuko/kivuko/internal/catalogue"
)

// getCatalogue gives the tables of codes, fields, limits, tariffs and numbers.
func (s *server) getCatalogue(*http.Request) (answer, error) {
	tables, err := catalogue.New()
	if err != nil {
		return answer{}, err
	}
	return ok(tables), nil
}
