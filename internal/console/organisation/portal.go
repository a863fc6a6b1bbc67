package organisation

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// portal is the organisation portal as an operator who is signed in has it.
type portal struct {
	*control.Session
	Shortcode string
	Username  string
}

// May tells whether the operator's roles give one of some rights, as GET roles names them.
func (p *portal) May(rights ...string) bool {
	return slices.ContainsFunc(rights, func(r string) bool { return slices.Contains(p.Operator.Rights, r) })
}

// path is a path of the control API below the organisation's.
func (p *portal) path(rest string) string {
	return "organisations/" + p.Shortcode + "/" + rest
}

// tab is a page of the portal that its side lists for whoever has one of the rights; nil: for everybody.
type tab struct {
	page.Link
	rights []string
}

// tabs lists the pages of the portal.
func tabs() []tab {
	return []tab{
		{page.Link{Path: "/organisation/accounts", Title: "Accounts"}, []string{"view transactions"}},
		{page.Link{Path: "/organisation/statement", Title: "Statements"}, []string{"view transactions"}},
		{page.Link{Path: "/organisation/initiate", Title: "Initiate transaction"}, []string{"initiate", "withdraw"}},
		{page.Link{Path: "/organisation/tasks", Title: "My tasks"}, []string{"view transactions"}},
		{page.Link{Path: "/organisation/approval", Title: "Approval"}, []string{"set approval"}},
		{page.Link{Path: bulkPath, Title: "Bulk payments"}, []string{"view transactions"}},
		{page.Link{Path: "/organisation/tariffs", Title: "Tariffs"}, []string{"view transactions"}},
		{page.Link{Path: "/organisation/operators", Title: "Operators"}, []string{"view operators"}},
		{page.Link{Path: "/organisation/roles", Title: "Roles"}, []string{"view operators"}},
		{page.Link{Path: "/organisation/audit", Title: "Audit"}, []string{"view audit"}},
	}
}

// signedInKey finds the portal in a request's context.
type signedInKey struct{}

// signedIn makes a page that only an operator who is signed in sees. The calls that it makes are his; whoever isn't signed in is sent to
// where he can. What he may do is for the control API to say.
func signedIn(handle func(q *page.Request, p *portal) error) page.Handler {
	return func(q *page.Request) error {
		shortcode, token := readCookie(q, sessionCookie).Get("shortcode"), readCookie(q, sessionCookie).Get("token")
		if token == "" {
			return q.Redirect(signInPath)
		}
		session, err := q.API().Session(q.HTTP.Context(), shortcode, token)
		if problem, err := page.ProblemOf(err); err != nil {
			return err
		} else if problem != nil {
			dropCookie(q, sessionCookie)
			q.Flash(sentence(problem.Detail))
			return q.Redirect(signInPath)
		}
		return handle(q, enter(q, shortcode, session))
	}
}

// enter lets an operator into the portal, for this request and those to come.
func enter(q *page.Request, shortcode string, session *control.Session) *portal {
	p := &portal{Session: session, Shortcode: shortcode, Username: session.Operator.Username}
	writeCookie(q, sessionCookie, url.Values{"shortcode": {shortcode}, "token": {session.Token}})
	q.ActAs(p.Username)
	q.HTTP = q.HTTP.WithContext(context.WithValue(q.HTTP.Context(), signedInKey{}, p))
	return p
}

// navigation lists the portal's pages beside the page, under the organisation's name and above the operator's.
func navigation(q *page.Request) []page.Link {
	p, ok := q.HTTP.Context().Value(signedInKey{}).(*portal)
	if !ok {
		return nil
	}
	title := p.Organisation
	if !strings.Contains(title, p.Shortcode) {
		title += " " + p.Shortcode
	}
	links := []page.Link{{Title: title}}
	for _, t := range tabs() {
		if t.rights == nil || p.May(t.rights...) {
			links = append(links, t.Link)
		}
	}
	return append(links, page.Link{Title: "Signed in as " + p.Username},
		page.Link{Path: "/organisation/profile", Title: "Profile"}, page.Link{Path: "/organisation/sign-out", Title: "Sign out"})
}

// The portal's cookies: that of the session, and that of the step that a sign-in has got to.
const (
	sessionCookie = "kivuko-portal"
	ticketCookie  = "kivuko-portal-step"
)

// writeCookie keeps values in the browser until it is closed: for the portal only, out of scripts' reach, and not sent along with
// anything that other sites cause.
func writeCookie(q *page.Request, name string, values url.Values) {
	setCookie(q, &http.Cookie{Name: name, Value: values.Encode()})
}

func dropCookie(q *page.Request, name string) { setCookie(q, &http.Cookie{Name: name, MaxAge: -1}) }

func setCookie(q *page.Request, c *http.Cookie) {
	c.Path, c.HttpOnly, c.SameSite, c.Secure = "/organisation", true, http.SameSiteStrictMode, strings.HasPrefix(q.Origin(), "https:")
	q.Header().Add("Set-Cookie", c.String())
}

func readCookie(q *page.Request, name string) url.Values {
	c, err := q.HTTP.Cookie(name)
	if err != nil {
		return url.Values{}
	}
	values, err := url.ParseQuery(c.Value)
	if err != nil {
		return url.Values{}
	}
	return values
}

// sentence begins a text with a capital letter and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
