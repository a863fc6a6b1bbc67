package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	api "github.com/kivuko/kivuko/control"
)

// Guard lets only those through to next who may drive the world: programs on this machine and, where there is a password,
// whoever gives it by HTTP Basic authentication, with any user name. Web pages must not get at it through a browser on this
// machine: requests that other origins cause are refused, and so are those for a host name that isn't this machine's own, to
// which a page's own name may have been pointed. names are such names besides localhost and the loopback addresses.
func Guard(password string, next http.Handler, names ...string) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, refusal(crossOrigin.problem("the request was caused by a page of another origin; ask from a program or from this origin")))
	}))
	guarded := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := forbidden(r, password, names); p != nil {
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Basic realm="Kivuko", charset="UTF-8"`)
			}
			write(w, refusal(p))
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// forbidden is nil, or why the request isn't let through.
func forbidden(r *http.Request, password string, names []string) *api.Problem {
	switch {
	case authenticated(r, password):
		return nil
	case !fromHere(r) && password == "":
		return foreignClient.problem("it is served to programs on this machine only, since Kivuko was started without a password")
	case !fromHere(r):
		return wrongPassword.problem("from another machine it takes Kivuko's password, by HTTP Basic authentication with any user name")
	case !ownName(r.Host, names):
		return foreignHost.problem("the host %q is not localhost, a loopback address or a name that Kivuko was told is its own", r.Host)
	}
	return nil
}

func authenticated(r *http.Request, password string) bool {
	_, given, ok := r.BasicAuth()
	want, got := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(given))
	return ok && password != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// fromHere tells whether the client is on this machine. A proxy on this machine that speaks for others is not.
func fromHere(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if len(r.Header[h]) > 0 {
			return false
		}
	}
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && client.Addr().Unmap().IsLoopback()
}

func ownName(host string, names []string) bool {
	name := strings.ToLower(strings.TrimSuffix((&url.URL{Host: host}).Hostname(), "."))
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback()
	}
	return name == "localhost" || slices.ContainsFunc(names, func(own string) bool { return strings.EqualFold(own, name) })
}
