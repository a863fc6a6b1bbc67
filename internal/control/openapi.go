package control

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.json
var openAPIDocument []byte

// openAPI gives the description of this API (OpenAPI 3.0).
func (s *server) openAPI(*http.Request) (answer, error) { return ok(openAPIDocument), nil }
