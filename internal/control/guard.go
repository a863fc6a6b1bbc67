package control

import (
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/gate"
)

// Guard lets only those through to next who may drive the world: programs on this machine and, where there is a password,
// whoever gives it by HTTP Basic authentication, with any user name. Web pages must not get at it through a browser on this
// machine: requests that other origins cause are refused, and so are those for a host name that isn't this machine's own, to
// which a page's own name may have been pointed; names are its own besides localhost and the loopback addresses. Whoever guesses at
// the password has to wait.
func Guard(password *gate.Password, next http.Handler, names ...string) http.Handler {
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
func forbidden(r *http.Request, password *gate.Password, names []string) *api.Problem {
	here := gate.FromHere(r)
	if here && gate.OwnName(r.Host, names) {
		return nil
	}
	_, given, tried := r.BasicAuth()
	if password != nil && tried {
		err := password.Try(gate.Address(r), given)
		if err == nil {
			return nil
		}
		if !here {
			return wrongPassword.problem("%v", err)
		}
	}
	switch {
	case here:
		return foreignHost.problem("the host %q is not localhost, a loopback address or a name that Kivuko was told is its own", r.Host)
	case password == nil:
		return foreignClient.problem("it is served to programs on this machine only, since Kivuko was started without a password")
	}
	return wrongPassword.problem("from another machine it takes Kivuko's password, by HTTP Basic authentication with any user name")
}
