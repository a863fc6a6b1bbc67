// Package weburl says which URLs callbacks may be sent to, and tries one. The gateway refuses requests by its
// rules, callbacks are sent by them, and a developer can have a URL tried beforehand.
package weburl

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Rules are what profiles differ in.
type Rules struct {
	HTTPSOnly  bool   // URLs must be https
	WordFilter bool   // URLs must not contain certain words
	PublicOnly bool   // their hosts must be on the internet, and no public testers
	Profile    string // for explanations
}

// Production are production's rules: all of them.
func Production(profile string) Rules {
	return Rules{HTTPSOnly: true, WordFilter: true, PublicOnly: true, Profile: profile}
}

// words are what the gateway filters out of URLs, in either case (wire.md §6.1; DarajaTutorial, Register URL).
var words = []string{"m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query"}

// variants are the words with their variants: "MPesa, M-Pesa, Safaricom or any of their variants in either upper or lower cases"
// (DarajaTutorial, Register URL). A dot counts where m is a label of its own, for team.pesapal.com is another name.
var variants = regexp.MustCompile(`(?i)m(?:[-_+~]|%20|%2d|%5f)?pesa|\bm(?:\.|%2e)pesa|safaricom|exe|cmd|sql|query`)

// Longest is the most characters that a URL may have.
const Longest = 2048

// Check says what is wrong with a URL, to be read after a field's name; "" is nothing.
func Check(text string, rules Rules) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Sprintf("is not a URL: %v", err)
	case len(text) > Longest:
		return fmt.Sprintf("has %d characters; %d are the most", len(text), Longest)
	case strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }):
		return "contains a space or a control character"
	case u.Scheme != "https" && (u.Scheme != "http" || rules.HTTPSOnly):
		if rules.HTTPSOnly {
			return fmt.Sprintf("begins with %q; the %s profile takes https only", u.Scheme, rules.Profile)
		}
		return fmt.Sprintf("begins with %q; expected http or https", u.Scheme)
	case u.Hostname() == "":
		return "names no host"
	case odd(u.Hostname()) != "":
		return odd(u.Hostname())
	case u.User != nil:
		return "contains a user name"
	case u.Host != strings.ToLower(u.Host):
		return "has upper-case letters in its host, which the gateway refuses" // wire.md §4.1
	case !validPort(u.Port()):
		return fmt.Sprintf("has the port %s, which is no port", u.Port())
	}
	if rules.PublicOnly {
		if reason := unreachable(u.Hostname()); reason != "" {
			return fmt.Sprintf("has the host %s, which %s; the %s profile takes hosts on the internet only", u.Hostname(), reason, rules.Profile)
		}
		if tester := Tester(u.Hostname()); tester != "" {
			return fmt.Sprintf("has the host %s, which is a public URL tester (%s); the %s profile doesn't take these", u.Hostname(), tester, rules.Profile)
		}
	}
	if rules.WordFilter {
		if word := forbidden(text); word != "" {
			return fmt.Sprintf("contains %q, which the %s profile doesn't allow in URLs", word, rules.Profile)
		}
	}
	return ""
}

// forbidden returns the first of the words, or their variants, that a URL contains, in small letters; "" is none.
func forbidden(text string) string { return strings.ToLower(variants.FindString(text)) }

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
