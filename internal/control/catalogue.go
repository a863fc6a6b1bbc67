package control

import "net/http"

// getCatalogue gives the tables of codes, fields, limits, tariffs and numbers.
func (s *server) getCatalogue(*http.Request) (answer, error) {
	tables, err := s.tables()
	if err != nil {
		return answer{}, err
	}
	return ok(tables), nil
}
