package controlapi

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
)

// certificate gives the certificate that SecurityCredentials for this Kivuko are encrypted with.
func (s *server) certificate(r *request[none, none]) (answer, error) {
	pem, err := s.Certificate(r.Context())
	return answer{status: http.StatusOK, body: pem, media: control.PEMType}, err
}
