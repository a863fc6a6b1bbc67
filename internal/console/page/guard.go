package page

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/gate"
)

// policy is the Content-Security-Policy: everything from here, nothing inline, in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// Where one signs in, and out.
const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
)

// iconPath is what browsers ask for of their own accord, when what they show is no page.
const iconPath = "/favicon.ico"

const (
	sessionCookie = "kivuko-session"
	sessionLife   = 12 * time.Hour
	owner         = "owner" // who has signed in: whoever runs Kivuko
)

// ServeHTTP lets in who may use the console: without a password browsers on this machine, with one whoever has signed in. Pages of other
// sites get no further.
func (k *Kit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case k.Password != nil && (k.letsIn(r) || r.URL.Path == signInPath || r.URL.Path == iconPath || strings.HasPrefix(r.URL.Path, "/assets/")):
		k.protected.ServeHTTP(w, r)
	case k.Password != nil:
		askToSignIn(w, r)
	case !gate.FromHere(r):
		http.Error(w, "The console is served to this machine only, since Kivuko was started without a password.", http.StatusForbidden)
	case !gate.OwnName(r.Host, k.Names):
		http.Error(w, "The host "+r.Host+" is not localhost, a loopback address or a name that Kivuko was told is its own.", http.StatusForbidden)
	default:
		k.protected.ServeHTTP(w, r)
	}
}

// letsIn tells whether whoever asks needs no password or has signed in.
func (k *Kit) letsIn(r *http.Request) bool { return k.Password == nil || k.signedIn(r) }

func (k *Kit) signedIn(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	who, ok := k.Sessions.Who(c.Value)
	return ok && who == owner
}

// askToSignIn leads to the page where one signs in, and from there back.
func askToSignIn(w http.ResponseWriter, r *http.Request) {
	part, from := r.Header.Get("Hx-Request") != "", ""
	if page, err := url.Parse(r.Header.Get("Hx-Current-Url")); part && err == nil {
		from = page.RequestURI()
	} else if !part && r.Method == http.MethodGet {
		from = r.URL.RequestURI()
	}
	to := signInPath
	if from != "" && from != "/" {
		to += "?to=" + url.QueryEscape(from)
	}
	if part {
		w.Header().Set("Hx-Redirect", to)
		http.Error(w, "sign in", http.StatusUnauthorized)
		return
	}
	if r.URL.Path == "/events" { // which follows no redirect to a page
		http.Error(w, "sign in", http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signIn asks for the password, and begins a session for whoever knows it.
func signIn(q *Request) error {
	if q.kit.Password == nil || q.kit.signedIn(q.HTTP) {
		return q.Redirect("/")
	}
	f := q.Form()
	if !f.Posted() {
		return q.Show("sign-in", nil)
	}
	err := q.kit.Password.Try(gate.Address(q.HTTP), f.values.Get("password"))
	if _, locked := errors.AsType[*gate.LockedError](err); locked || errors.Is(err, gate.ErrWrong) {
		return q.Refused("sign-in", nil, badField("password", "%v", err))
	}
	if err != nil {
		return err
	}
	q.SetCookie(http.Cookie{Name: sessionCookie, Value: q.kit.Sessions.Begin(owner, sessionLife), MaxAge: int(sessionLife.Seconds())})
	return q.Redirect(local(f.Get("to")))
}

// local is a path of the console, or else its first page: nobody is led elsewhere by a link to the sign-in page.
func local(path string) string {
	if u, err := url.Parse(path); err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return "/"
	}
	return path
}

// signOut ends the session.
func signOut(q *Request) error {
	if c, err := q.HTTP.Cookie(sessionCookie); err == nil {
		q.kit.Sessions.End(c.Value)
	}
	q.SetCookie(http.Cookie{Name: sessionCookie, MaxAge: -1})
	return q.Redirect(signInPath)
}
