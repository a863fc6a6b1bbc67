package weburl

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path"
	"slices"
	"strings"
	"syscall"
)

// ErrPrivate is why the strict profile doesn't connect to an address.
var ErrPrivate = errors.New("the URL's host has a private address, which the strict profile doesn't connect to")

// OwnError is why a request to this process's own listener isn't sent.
type OwnError struct {
	At    netip.AddrPort
	Paths string // what may be called there all the same; "": nothing
}

// Error says what is wrong and what is allowed.
func (e OwnError) Error() string {
	text := fmt.Sprintf("Kivuko does not call itself: it listens on %s", e.At)
	if e.Paths != "" {
		text += ", and takes callbacks below " + e.Paths + " only"
	}
	return text
}

// Reach is where requests that are sent for somebody may go. It is asked when a connection is made, so that what a name leads to at
// that moment is what counts, and again for each request on the connection.
type Reach struct {
	PublicOnly bool           // to addresses on the internet only, as in the strict profile
	Own        netip.AddrPort // where this process itself listens; the zero value: nowhere
	OwnPaths   string         // what paths begin with that may be called there, such as /kivuko/callbacks/; "": none may
}

// Control returns a net.Dialer's Control for a request to a path.
func (r Reach) Control(path string) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return r.Check(to, path)
	}
}

// Check returns why no request to a path may be sent to an address: an OwnError, ErrPrivate, or nil.
//
// A request of Kivuko's own comes from this machine, which the control API and the console let in when there is no password. So
// somebody else's URL must not lead to them.
func (r Reach) Check(to netip.AddrPort, path string) error {
	switch {
	case r.IsOwn(to) && !r.mayCallOwn(path):
		return OwnError{At: to, Paths: r.OwnPaths}
	case r.PublicOnly && !Public(to.Addr()):
		return ErrPrivate
	}
	return nil
}

// mayCallOwn reports whether a decoded path is one of OwnPaths, also when it is cleaned on the way.
func (r Reach) mayCallOwn(p string) bool {
	return r.OwnPaths != "" && strings.HasPrefix(p, r.OwnPaths) && path.Clean(p) == p
}

// IsOwn reports whether an address leads to this process's listener. One that listens on all addresses is reached by each that this
// machine has.
func (r Reach) IsOwn(to netip.AddrPort) bool {
	if !r.Own.IsValid() || to.Port() != r.Own.Port() {
		return false
	}
	ip, own := to.Addr().Unmap().WithZone(""), r.Own.Addr().Unmap().WithZone("")
	return ip == own || ip.IsUnspecified() || own.IsUnspecified() && isThisMachine(ip)
}

// isThisMachine reports whether an address is one of this machine's. It is asked about the own port only, so addresses that come and go
// need not be remembered.
func isThisMachine(ip netip.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	list, err := net.InterfaceAddrs()
	return err != nil || slices.ContainsFunc(list, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap().WithZone("") == ip
	})
}
