package control

import (
	"net/http"

	"github.com/kivuko/kivuko/internal/control/api"
)

// getBooks adds all transfers up.
func (s *server) getBooks(r *http.Request) (answer, error) {
	b, err := s.Store.Books(r.Context())
	return ok(api.Books(b)), err
}
