package page

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/access"
)

// policy is the Content-Security-Policy: everything from here, nothing inline, in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// Where one signs in, and out.
const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
	eventsPath  = "/events"
)

// liveHeader is what pages mark the requests with that they make by themselves.
const liveHeader = "Kivuko-Live"

// iconPath is what browsers ask for of their own accord, when what they show is no page.
const iconPath = "/favicon.ico"

const (
	sessionCookie = "kivuko-session"
	owner         = "owner" // who has signed in: Kivuko's administrator
)

// ServeHTTP lets in who may use the console: without a password browsers on this machine, with one who has signed in. Pages of other
// sites get no further, and neither do Kivuko's own callbacks.
func (k *Kit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	refused := k.Door.Refuse(r, func() error {
		if forEverybody(r.URL.Path) || k.signedIn(r) {
			return nil
		}
		return errNotSignedIn
	})
	switch {
	case refused == nil:
		if k.letsIn(r) {
			access.Known(r.Context())
		}
		k.keepSession(w, r)
		k.mux.ServeHTTP(w, r)
	case refused.Reason == access.NotKnown:
		askToSignIn(w, r)
	default:
		access.Refused(r.Context(), refused.Text)
		http.Error(w, sentence(refused.Text), http.StatusForbidden)
	}
}

// letsIn reports whether those who ask need no password or have signed in.
func (k *Kit) letsIn(r *http.Request) bool { return k.Door.Password == nil || k.signedIn(r) }

var errNotSignedIn = errors.New("nobody has signed in")

// forEverybody reports whether a path is served before one has signed in: the page for that, and what it is made of.
func forEverybody(path string) bool {
	return path == signInPath || path == iconPath || strings.HasPrefix(path, "/assets/")
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func (k *Kit) signedIn(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	who, ok := k.Sessions.Who(r.Context(), c.Value)
	return ok && who == owner
}

// keepSession has the session of a browser last longer, unless the page asks by itself: nobody may be sitting there any more.
func (k *Kit) keepSession(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || k.Door.Password == nil || forEverybody(r.URL.Path) || r.URL.Path == eventsPath || r.URL.Path == signOutPath || r.Header.Get(liveHeader) != "" {
		return
	}
	if token := k.Sessions.Renew(c.Value); token != "" {
		http.SetCookie(w, k.sessionCookie(r, token))
	}
}

// sessionCookie is the cookie of a session. Browsers drop it when the session is over in any case.
func (k *Kit) sessionCookie(r *http.Request, token string) *http.Cookie {
	return own(r, http.Cookie{Name: sessionCookie, Value: token, MaxAge: int((k.Sessions.Left(token) + time.Second - 1) / time.Second)})
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
	if r.URL.Path == eventsPath { // which follows no redirect to a page
		http.Error(w, "sign in", http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signIn asks for the password, and begins a session for those who know it.
func signIn(q *Request) error {
	if q.kit.Door.Password == nil || q.kit.signedIn(q.HTTP) {
		return q.Redirect("/")
	}
	f := q.Form()
	if !f.Posted() {
		return q.Show("sign-in", nil)
	}
	err := q.kit.Door.Password.Try(q.HTTP.Context(), q.kit.Door.Client(q.HTTP), f.values.Get("password"))
	if _, locked := errors.AsType[*access.LockedError](err); locked || errors.Is(err, access.ErrWrong) {
		access.Refused(q.HTTP.Context(), err.Error())
		return q.Refused("sign-in", nil, badField("password", "%v", err))
	}
	if err != nil {
		return err
	}
	http.SetCookie(q.w, q.kit.sessionCookie(q.HTTP, q.kit.Sessions.Begin(owner)))
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
		if err := q.kit.Sessions.End(q.HTTP.Context(), c.Value); err != nil {
			return err // it goes on elsewhere: say so
		}
	}
	q.SetCookie(http.Cookie{Name: sessionCookie, MaxAge: -1})
	return q.Redirect(signInPath)
}
