package weburl

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// local are the names, with all below them, that lead nowhere on the internet (RFC 6761, RFC 6762, RFC 8375; ICANN reserved .internal
// in 2024).
var local = []string{"localhost", "localdomain", "local", "internal", "home.arpa"}

// testers are services that show requests to anybody, or pass them on to somebody's own machine: "Do not use public URL testers e.g.
// ngrok, mockbin or requestbin especially on production, they are also usually blocked by the API" (DarajaTutorial, Register URL). A name
// with a dot is a domain, with all below it; one without is a part of any host.
var testers = []string{
	"ngrok", "mockbin", "requestbin",
	"requestb.in", "pipedream.net", "webhook.site", "beeceptor.com", "hookbin.com", "hookdeck.com", "requestcatcher.com", "requestinspector.com", "postb.in",
	"httpbin.org", "typedwebhook.tools", "webhook.cool", "smee.io", "localtunnel.me", "loca.lt", "serveo.net", "localhost.run", "lhr.life", "trycloudflare.com",
	"pagekite.me", "tunnelto.dev", "pinggy.link", "bore.pub", "devtunnels.ms",
}

// Tester returns the public tester that a host is or belongs to; "" is none.
func Tester(host string) string {
	host = bare(host)
	i := slices.IndexFunc(testers, func(name string) bool {
		return strings.Contains(name, ".") && under(host, name) || !strings.Contains(name, ".") && strings.Contains(host, name)
	})
	if i < 0 {
		return ""
	}
	return testers[i]
}

// unreachable says why a host, of an otherwise correct URL, can't be on the internet; "" is nothing. What a name leads to is looked at
// when it is connected to.
func unreachable(host string) string {
	name := bare(host)
	if ip, err := netip.ParseAddr(name); err == nil {
		if !Public(ip) {
			return "is a private address"
		}
		return ""
	}
	i := slices.IndexFunc(local, func(l string) bool { return under(name, l) })
	switch {
	case i >= 0:
		return fmt.Sprintf("is a name for this machine or its network (%s)", local[i])
	case isNumber(name[strings.LastIndexByte(name, '.')+1:]):
		return "is no name, and no address in its usual form"
	case !strings.Contains(name, "."):
		return "is a name without a domain"
	}
	return ""
}

// bare is a host in small letters without the dot that may end it.
func bare(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// under reports whether a host is a domain or below it.
func under(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// isNumber reports whether a host's last label is a number, as in 127.1, 2130706433 or 0x7f.1: some resolvers take these for addresses,
// and no domain of the internet has such an end (RFC 3696 §2).
func isNumber(label string) bool {
	digits := "0123456789"
	if rest, isHex := strings.CutPrefix(label, "0x"); isHex {
		label, digits = rest, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}

// odd says what is wrong with a host's form; "" is nothing.
func odd(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil && ip.Zone() != "":
		return "names a network interface after its address"
	case err == nil:
		return ""
	case strings.ContainsFunc(host, func(r rune) bool { return r > '~' }):
		return "has letters other than a to z in its host: write it in Punycode, such as xn--bcher-kva.example"
	case strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "":
		return "has a host with characters that no host has"
	case bare(host) == "":
		return "names no host"
	}
	return ""
}
