package controlapi

import _ "embed"

//go:embed openapi.json
var openAPIDocument []byte

// openAPI gives the description of this API (OpenAPI 3.1).
func (s *server) openAPI(*request[none, none]) (answer, error) { return ok(openAPIDocument), nil }
