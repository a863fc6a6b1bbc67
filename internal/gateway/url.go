package gateway

import "github.com/kivuko/kivuko/internal/weburl"

// checkURL says what is wrong with a URL; "" is nothing.
func checkURL(text string, rules Rules) string {
	return weburl.Check(text, weburl.Rules{HTTPSOnly: rules.HTTPSOnly, WordFilter: rules.WordFilter, Profile: rules.Profile})
}
