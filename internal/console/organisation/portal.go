package organisation

import (
	"context"
	"errors"
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

// May reports whether the operator's roles give one of some rights, as GET roles names them.
func (p *portal) May(rights ...control.Right) bool {
	return slices.ContainsFunc(rights, func(r control.Right) bool { return slices.Contains(p.Operator.Rights, r) })
}

// path is a path of the control API below the organisation's.
func (p *portal) path(rest string) string {
	return "organisations/" + p.Shortcode + "/" + rest
}

// tabs lists the pages of the portal that the operator's roles open.
func (p *portal) tabs() (list []page.Link) {
	for _, t := range []struct {
		path, title string
		rights      []control.Right // of which one is enough
	}{
		{"/organisation/accounts", "Accounts", []control.Right{control.ViewMoney}},
		{"/organisation/statement", "Statements", []control.Right{control.ViewMoney}},
		{"/organisation/initiate", "Initiate transaction", []control.Right{control.InitiateTasks, control.InitiateBank}},
		{"/organisation/tasks", "My tasks", []control.Right{control.ViewMoney}},
		{"/organisation/approval", "Approval", []control.Right{control.SetApproval}},
		{bulkPath, "Bulk payments", []control.Right{control.ViewBulk}},
		{"/organisation/tariffs", "Tariffs", []control.Right{control.ViewMoney}},
		{"/organisation/operators", "Operators", []control.Right{control.ViewOperators}},
		{"/organisation/roles", "Roles", []control.Right{control.ViewOperators}},
		{"/organisation/audit", "Audit", []control.Right{control.ViewAudit}},
	} {
		if p.May(t.rights...) {
			list = append(list, page.Link{Path: t.path, Title: t.title})
		}
	}
	return list
}

// signedInKey finds the portal in a request's context.
type signedInKey struct{}

// signedIn makes a page that only an operator who is signed in sees. The calls that it makes are theirs; others are sent to
// where they can sign in. What they may do is for the control API to say. A part that asks again by itself doesn't have their session last longer.
func signedIn(handle func(q *page.Request, p *portal) error) page.Handler {
	return func(q *page.Request) error {
		shortcode, token := readCookie(q, sessionCookie).Get("shortcode"), readCookie(q, sessionCookie).Get("token")
		if token == "" {
			return q.Redirect(signInPath)
		}
		session, err := q.API().Session(q.HTTP.Context(), shortcode, token)
		if problem, ok := errors.AsType[*control.Problem](err); ok && problem.Status < http.StatusInternalServerError {
			dropCookie(q, sessionCookie)
			q.Flash(sentence(problem.Detail))
			return q.Redirect(signInPath)
		} else if err != nil {
			return err
		}
		if !q.Partial() {
			remember(q, shortcode, session)
		}
		p := &portal{Session: session, Shortcode: shortcode, Username: session.Operator.Username}
		q.ActAs(p.Username)
		q.HTTP = q.HTTP.WithContext(context.WithValue(q.HTTP.Context(), signedInKey{}, p))
		return handle(q, p)
	}
}

// remember lets an operator into the portal with the requests to come.
func remember(q *page.Request, shortcode string, session *control.Session) {
	writeCookie(q, sessionCookie, url.Values{"shortcode": {shortcode}, "token": {session.Token}})
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
	links := append([]page.Link{{Title: title}}, p.tabs()...)
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
