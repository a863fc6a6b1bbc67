package developer

import "github.com/kivuko/kivuko/control"

// Sample writes a draft in a language: "curl", "go", "node", "python" or "php".
func Sample(language, base, key string, api *control.CatalogueAPI, body string) (string, error) {
	r := &request{Base: base, Key: key, API: api}
	if len(api.Fields) > 0 {
		o, err := parseBody(api, body)
		if err != nil {
			return "", err
		}
		r.Body = o
	}
	for _, s := range samples(r) {
		if s.ID == language {
			return s.Code, nil
		}
	}
	panic("there is no language " + language)
}
