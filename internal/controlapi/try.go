package controlapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// maxTimes bounds how often one request is sent.
const maxTimes = 10

// tryCode sends a request of the catalogue to the gateway: a usual one, but for what the catalogue says. What comes of it comes as it would
// for anybody.
func (s *server) tryCode(r *request[none, control.Try]) (*control.Simulated, error) {
	try := &r.Body.Try
	if !strings.HasPrefix(try.Path, "/") || try.Times > maxTimes {
		return nil, badField.of("try", "it needs the path of a request, and at most %d times", maxTimes)
	}
	app, err := s.givenApp(r.Request, r.Body.App)
	if err != nil {
		return nil, err
	}
	noted, err := s.tryAs(r.Request, app, try)
	if err != nil {
		return nil, err
	}
	return simulated(noted), nil
}

// tryAs sends the request as an app, and gives what the journal noted of the last.
func (s *server) tryAs(r *http.Request, app *mpesa.App, try *control.CatalogueTry) (noted journal.Entry, err error) {
	path, query, _ := strings.Cut(try.Path, "?")
	to := &apis.Path{Method: http.MethodPost, Path: path, Query: query}
	known, err := findAPI(path)
	if err == nil {
		to.Method, to.Fields = known.Method, known.Fields
	}
	if try.Method != "" {
		to.Method = try.Method
	}
	x := simulation{api: to, body: try.Body}
	if x.body == "" && known != nil {
		if x.body, err = s.usualBody(r, app.Key, known, try.Fields); err != nil {
			return noted, err
		}
	}
	if err := s.fillIn(r, &x); err != nil {
		return noted, err
	}
	for range max(try.Times, 1) {
		if try.Authorization != "" || path == tokenPath {
			noted, err = s.ask(r, to, x.body, func(q *http.Request) { authorizeAs(q, app, try.Authorization) })
		} else {
			noted, err = s.send(r, app, &x)
		}
		if err != nil {
			return noted, err
		}
	}
	return noted, nil
}

// authorizeAs sets the header that is given, or else the app's key and secret, for a token.
func authorizeAs(q *http.Request, app *mpesa.App, header string) {
	if header == "" {
		q.SetBasicAuth(app.Key, app.Secret)
		return
	}
	q.Header.Set("Authorization", header)
}

// usualBody is a request that works, but for some fields.
func (s *server) usualBody(r *http.Request, app string, to *apis.Path, other map[string]string) (string, error) {
	d := drafting{server: s, r: r, app: app}
	if len(to.Fields) == 0 {
		return "", nil
	}
	if err := d.fill(to); err != nil {
		return "", err
	}
	known := to.Leaves()
	for name, value := range other {
		if !slices.ContainsFunc(known, func(f apis.Field) bool { return f.Name == name }) {
			return "", badField.of("try", "%s has no field %q", to.Path, name)
		}
		d.members = slices.DeleteFunc(d.members, func(m apis.Member) bool { return m.Name == name })
		if value != "" {
			d.members = append(d.members, apis.Member{Name: name, Text: d.value(name, value)}) // it may be a mark
		}
	}
	return string(apis.Body(d.members)), nil
}
