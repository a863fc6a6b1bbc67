// Package access tells who is let in to the control API, the console, the numbers and the profiles, and which requests the Daraja API
// answers: where a request comes from, for which host it is, and who knows the password.
package access

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Door tells who is let in. The zero Door lets in programs and pages on this machine.
type Door struct {
	Password  *Password      // that everybody is asked for, wherever they are; nil: only this machine is let in
	Trust     []netip.Prefix // addresses that count as this machine, such as a container network's
	Proxies   []netip.Prefix // addresses of proxies, whose word on where a request comes from is taken: for counting and the audit only
	Names     []string       // hosts that are this machine's, besides localhost and the loopback addresses
	Addresses bool           // the listener isn't on loopback: any address may be its host
}

// Reason is why a request is refused.
type Reason int

// The reasons.
const (
	FromCourier     Reason = iota // Kivuko itself sent it: a callback
	FromOtherOrigin               // a page of another origin caused it
	FromElsewhere                 // it comes from another machine, and there is no password
	ForOtherHost                  // it is for a host that isn't this machine's
	NotKnown                      // a password is needed, or another one
)

// Refusal is why a request is refused. It is an error.
type Refusal struct {
	Reason Reason
	Text   string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// Refuse returns nil when a request is let in, or why not. Where there is a password, known tells whether the client has shown that they
// know it: nil or why not.
func (d *Door) Refuse(r *http.Request, known func() error) *Refusal {
	switch {
	case len(r.Header[CourierHeader]) > 0:
		return &Refusal{FromCourier, "a callback of Kivuko's own may not come here: give its URL the address of the server that is to get it"}
	case !safe(r.Method) && CrossOrigin(r):
		return &Refusal{FromOtherOrigin, "the request was caused by a page of another origin; ask from a program or from this origin"}
	case d.Password != nil:
		if err := known(); err != nil {
			return &Refusal{NotKnown, err.Error()}
		}
	case !d.isHere(r):
		return &Refusal{FromElsewhere, "it is served to this machine only, since Kivuko was started without a password: give it one with --password-file, or let a network in with --trust"}
	case !ownName(r.Host, d.Addresses, d.Names):
		return d.foreign(r.Host)
	}
	return nil
}

// isHere reports whether the client is on this machine, or where --trust says that it counts as such. A proxy on this machine speaks for others.
func (d *Door) isHere(r *http.Request) bool {
	peer := peerOf(r)
	return (peer.IsLoopback() || within(peer, d.Trust)) && !Forwarded(r)
}

func (d *Door) foreign(host string) *Refusal {
	return &Refusal{ForOtherHost, fmt.Sprintf("the host %q is not a name of this machine's, such as localhost: --name makes it one", clip(host))}
}

// clip shortens what a client may have made long.
func clip(s string) string { return clipAt(s, 100) }

// clipAt shortens a text to so many bytes.
func clipAt(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// daraja are the hosts of the Daraja API that programs may be left to believe they call: by a line in /etc/hosts, or through a proxy.
var daraja = []string{"sandbox.safaricom.co.ke", "api.safaricom.co.ke"}

// RefuseCall is Refuse for the Daraja API, which has credentials of its own and is for everybody: but not for web pages. One whose own
// name was pointed at this machine would otherwise have whatever the app has whose key it knows. Where there is a password, and no names
// are listed, Kivuko is taken to stand behind a proxy that passes any host on: then only what comes straight from this machine has to be
// for a name of its own.
func (d *Door) RefuseCall(r *http.Request) *Refusal {
	switch {
	case CrossOrigin(r):
		return &Refusal{FromOtherOrigin, "a page of another origin caused the request; the Daraja API is called from servers, where its secrets are"}
	case d.Password != nil && len(d.Names) == 0 && !d.isHere(r), ownName(r.Host, d.Addresses, d.Names), ownName(r.Host, false, daraja):
		return nil
	}
	return d.foreign(r.Host)
}

// Client is the address that a request comes from: the connection's or, where that is a trusted proxy's, the last hop of X-Forwarded-For
// that isn't. The zero Addr is an unknown one.
func (d *Door) Client(r *http.Request) netip.Addr {
	client := peerOf(r)
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0 && within(client, d.Proxies); i-- {
		hop, ok := address(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		client = hop
	}
	return client
}

func peerOf(r *http.Request) netip.Addr {
	peer, _ := address(r.RemoteAddr)
	return peer
}

// address reads an IP address, with or without a port.
func address(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		return with.Addr().Unmap().WithZone(""), err == nil
	}
	return a.Unmap().WithZone(""), true
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Caller is who calls the control API, as far as it was found out before: by a guard, or by the console in this process.
type Caller struct {
	From     string // the address
	SignedIn bool   // the operator whom the call names has signed in; or else it is the caller's word
}

type callerKey struct{}

// WithCaller has the calls of a context come from somebody.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf is who WithCaller named; ok is false when it named nobody.
func CallerOf(ctx context.Context) (c Caller, ok bool) {
	c, ok = ctx.Value(callerKey{}).(Caller)
	return c, ok
}
