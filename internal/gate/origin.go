// Package gate tells who is let in to the control API and the console: where a request comes from, and who knows the password.
package gate

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// CourierHeader is the header that each request of Kivuko's own carries: callbacks, validations and tries of a URL. Every guard refuses
// a request that has it, or a callback aimed at the control API would count as a program on this machine.
const CourierHeader = "Kivuko-Courier"

// FromHere tells whether the client is on this machine. A proxy on this machine that speaks for others is not.
func FromHere(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if len(r.Header[h]) > 0 {
			return false
		}
	}
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && client.Addr().Unmap().IsLoopback()
}

// OwnName tells whether a host, with or without a port, is this machine's own name for itself, or one of names. A page of somebody
// else's may have pointed its own name at this machine.
func OwnName(host string, names []string) bool {
	name := strings.ToLower(strings.TrimSuffix((&url.URL{Host: host}).Hostname(), "."))
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback()
	}
	return name == "localhost" || slices.ContainsFunc(names, func(own string) bool { return strings.EqualFold(own, name) })
}
