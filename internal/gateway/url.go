package gateway

import (
	"fmt"
	"net/url"
	"strings"
)

// forbidden are the words that the gateway filters out of URLs (wire.md §6.1; DarajaTutorial, Register URL).
var forbidden = []string{"m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query"}

// checkURL says what is wrong with a URL; "" is nothing.
func checkURL(text string, rules Rules) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Sprintf("is not a URL: %v", err)
	case len(text) > 2048:
		return fmt.Sprintf("has %d characters; 2048 are the most", len(text))
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "contains a space or a control character"
	case u.Scheme != "https" && (u.Scheme != "http" || rules.HTTPSOnly):
		if rules.HTTPSOnly {
			return fmt.Sprintf("begins with %q; the %s profile takes https only", u.Scheme, rules.Profile)
		}
		return fmt.Sprintf("begins with %q; expected http or https", u.Scheme)
	case u.Hostname() == "":
		return "names no host"
	case u.User != nil:
		return "contains a user name"
	case u.Host != strings.ToLower(u.Host):
		return "has upper-case letters in its host, which the gateway refuses" // wire.md §4.1
	case !validPort(u.Port()):
		return fmt.Sprintf("has the port %s, which is no port", u.Port())
	}
	if rules.WordFilter {
		for _, word := range forbidden {
			if strings.Contains(strings.ToLower(text), word) {
				return fmt.Sprintf("contains %q, which the %s profile doesn't allow in URLs", word, rules.Profile)
			}
		}
	}
	return ""
}

// validPort takes what is a port, or none. Port 0 is one that nothing listens on, and BusinessPayBill's sample names it.
func validPort(port string) bool {
	n := 0
	for _, r := range port {
		n = n*10 + int(r-'0')
		if n > 65535 {
			return false
		}
	}
	return true
}
