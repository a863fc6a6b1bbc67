// Package weburl says which URLs callbacks may be sent to, and tries one. The gateway refuses requests by its rules, the couriers
// connect by them, and whoever wants to know beforehand has a URL tried.
package weburl

import (
	"fmt"
	"net/url"
	"strings"
)

// Rules are what profiles differ in.
type Rules struct {
	HTTPSOnly  bool   // URLs must be https
	WordFilter bool   // URLs must not contain certain words
	Profile    string // for explanations
}

// words are what the gateway filters out of URLs, in either case (wire.md §6.1; DarajaTutorial, Register URL).
var words = []string{"m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query"}

const longest = 2048 // characters of a URL

// Check says what is wrong with a URL, to be read after a field's name; "" is nothing.
func Check(text string, rules Rules) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Sprintf("is not a URL: %v", err)
	case len(text) > longest:
		return fmt.Sprintf("has %d characters; %d are the most", len(text), longest)
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
	if word := forbidden(text); rules.WordFilter && word != "" {
		return fmt.Sprintf("contains %q, which the %s profile doesn't allow in URLs", word, rules.Profile)
	}
	return ""
}

// forbidden is the first of the words that a URL contains; "" is none.
func forbidden(text string) string {
	text = strings.ToLower(text)
	for _, word := range words {
		if strings.Contains(text, word) {
			return word
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
