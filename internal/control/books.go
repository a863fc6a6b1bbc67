package control

import (
	"net/http"

	api "github.com/kivuko/kivuko/control"
)

// getBooks adds all transfers up.
func (s *server) getBooks(r *http.Request) (answer, error) {
	b, err := s.Store.Books(r.Context())
	return ok(api.Books(b)), err
}
