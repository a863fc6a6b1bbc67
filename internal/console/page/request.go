package page

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/kivuko/kivuko/control"
)

// Request is a browser's request to a page, with what answers it.
type Request struct {
	HTTP *http.Request // for path values, the query, cookies and the context

	kit      *Kit
	room     *Room
	w        *response
	form     *Form
	operator string
	client   *control.Client
}

// Value is a wildcard of the path, or else a parameter of the query; "" when there is none.
func (q *Request) Value(name string) string {
	if v := q.HTTP.PathValue(name); v != "" {
		return v
	}
	return q.HTTP.URL.Query().Get(name)
}

// Header is of the answer, for what has no method here: a cookie, a file's name.
func (q *Request) Header() http.Header { return q.w.header }

// SetCookie sends a cookie. It is for the console only, out of scripts' reach, and not sent along with requests from other sites.
func (q *Request) SetCookie(c http.Cookie) { http.SetCookie(q.w, own(q.HTTP, c)) }

// own is a cookie as SetCookie sends it.
func own(r *http.Request, c http.Cookie) *http.Cookie {
	c.HttpOnly, c.SameSite, c.Secure = true, http.SameSiteLaxMode, encrypted(r)
	if c.Path == "" {
		c.Path = "/"
	}
	return &c
}

// ActAs makes the calls that follow those of an organisation's operator, who has signed in. The core then checks their rights and writes
// the audit.
func (q *Request) ActAs(username string) {
	q.operator, q.client = username, nil
}

// API is a client of the control API that calls on behalf of the page's user.
func (q *Request) API() *control.Client {
	if q.client == nil {
		q.client = control.NewVia(inside, transport{handler: q.kit.Options.API, operator: q.operator, from: q.kit.Door.Client(q.HTTP).String(), form: q.onceKey})
	}
	return q.client
}

// Call asks the control API for a path below /kivuko/v1/. in is sent as JSON unless it is nil, and the JSON of the answer is read into
// out unless that is nil. A refusal is a *control.Problem.
func (q *Request) Call(method, path string, in, out any) error {
	return q.API().Call(q.HTTP.Context(), method, path, in, out)
}

// Partial reports whether htmx asks, for a part of a page.
func (q *Request) Partial() bool {
	h := q.HTTP.Header
	return h.Get("Hx-Request") == "true" && h.Get("Hx-History-Restore-Request") != "true" && h.Get("Hx-Boosted") != "true"
}

// Origin is the console's own address as the browser has it, such as http://127.0.0.1:7070. The Daraja API is there too.
func (q *Request) Origin() string {
	scheme := "http"
	if encrypted(q.HTTP) {
		scheme = "https"
	}
	return scheme + "://" + q.HTTP.Host
}

// encrypted reports whether the browser speaks TLS, to Kivuko or to a proxy before it.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// ProblemOf is the control API's word when err is that; any other error is returned.
func ProblemOf(err error) (*control.Problem, error) {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return p, nil
	}
	return nil, err
}

// Redirect sends the browser to another page of the console: with GET, whatever this request was.
func (q *Request) Redirect(path string) error {
	if q.Partial() {
		q.w.header.Set("Hx-Redirect", path)
		q.w.status = http.StatusNoContent
		return nil
	}
	q.w.header.Set("Location", path)
	q.w.status = http.StatusSeeOther
	return nil
}

// Refused shows the page with the form as it was filled in and, where it belongs, why it was refused, when err is the control API's
// *Problem with what was posted. Any other error is returned.
func (q *Request) Refused(name string, data any, err error) error {
	p, _ := ProblemOf(err)
	if p == nil || p.Status >= http.StatusInternalServerError {
		return err
	}
	q.Form().Problem = p
	q.w.status = http.StatusUnprocessableEntity
	return q.Show(name, data)
}

// Flash has the next page say what this request has done, such as "Saved.".
func (q *Request) Flash(text string) {
	q.SetCookie(http.Cookie{Name: flashCookie, Value: url.QueryEscape(text), MaxAge: 60})
}

const flashCookie = "kivuko-flash"

func (q *Request) takeFlash() string {
	c, err := q.HTTP.Cookie(flashCookie)
	if err != nil {
		return ""
	}
	q.SetCookie(http.Cookie{Name: flashCookie, MaxAge: -1})
	text, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return text
}

// Secret shows a secret in place of what asked for it, the template "secret".
func (q *Request) Secret(id, label, value string) error {
	data := map[string]string{"id": id, "label": label, "value": value}
	if !q.Partial() {
		return q.Show("secret", data)
	}
	return q.Fragment("secret", "shown", data)
}

// Download answers with a file.
func (q *Request) Download(name, media string, body []byte) error {
	q.w.header.Set("Content-Type", media)
	q.w.header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := q.w.Write(body)
	return err
}
