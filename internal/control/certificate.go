package control

import "net/http"

// certificate gives the certificate that SecurityCredentials for this Kivuko are encrypted with.
func (s *server) certificate(r *http.Request) (answer, error) {
	pem, err := s.Certificate(r.Context())
	return answer{http.StatusOK, pem, "application/x-pem-file"}, err
}
