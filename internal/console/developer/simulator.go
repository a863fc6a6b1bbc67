package developer

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func simulatorRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/simulator":            showAPIs,
		"GET /developer/simulator/{path...}":  showSimulator,
		"POST /developer/simulator/{path...}": sendRequest,
		"POST /developer/follow/{path...}":    follow,
		"GET /developer/collected":            showCollected,
		"GET /developer/outcome":              showOutcome,
	}
}

// fieldPrefix is what the names of a request's fields begin with in the form, so that none is mistaken for one of the page's.
const fieldPrefix = "f."

// simulatorPage is a request on its way to the gateway, and what came of it.
type simulatorPage struct {
	Apps []page.Option
	App  *control.App
	APIs []page.Option
	API  *control.CatalogueAPI

	Fields  []page.Field
	Body    string // of the request; "" where the API takes none
	Broken  string // why Body can't be read; "": it can
	Notes   []string
	Samples []sample

	Sent      *control.Simulated // nil: nothing was sent yet
	Payment   *control.Payment   // that came of it; nil: none
	Prompted  string             // number of the phone that has its prompt; "" is none
	Collected collectedPart

	Part string // what htmx asks for: "form" or "json" has changed, or something was "sent"; "" is the whole page
}

// Path is the page's own.
func (s *simulatorPage) Path() string { return simulatorPath(s.API.Path, s.App.Key) }

// Missing is the product that the app needs and hasn't; "" when nothing is missing.
func (s *simulatorPage) Missing() string {
	if s.API.Product == "" || slices.Contains(s.App.Products, s.API.Product) {
		return ""
	}
	return s.API.Product
}

// Initiated reports whether an operator asks, whose password goes along encrypted.
func (s *simulatorPage) Initiated() bool {
	return slices.ContainsFunc(s.API.Fields, func(f control.CatalogueField) bool { return f.Form == "credential" })
}

// Oob tells a part that it is swapped in beside what htmx asked for.
func (s *simulatorPage) Oob() bool { return s.Part != "" }

func simulatorPath(api, app string) string {
	path, _, _ := strings.Cut(api, "?")
	return "/developer/simulator" + path + "?app=" + url.QueryEscape(app)
}

// apiGroup is the APIs of a product.
type apiGroup struct {
	Product string
	APIs    []control.CatalogueAPI
}

// showAPIs lists the APIs by product, or leads to the one that was chosen.
func showAPIs(q *page.Request) error {
	if api := q.Value("api"); api != "" {
		return q.Redirect(simulatorPath(api, q.Value("app")))
	}
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return err
	}
	var groups []apiGroup
	for _, a := range tables.APIs {
		i := slices.IndexFunc(groups, func(g apiGroup) bool { return g.Product == a.Product })
		if i < 0 {
			i, groups = len(groups), append(groups, apiGroup{Product: a.Product})
		}
		groups[i].APIs = append(groups[i].APIs, a)
	}
	return q.Show("simulators", groups)
}

// openSimulator reads what the page is about: the API of the path, and the app that asks.
func openSimulator(q *page.Request) (*simulatorPage, error) {
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return nil, err
	}
	apps, choice, err := readApps(q)
	if err != nil {
		return nil, err
	}
	s := &simulatorPage{Apps: choice}
	for i, a := range tables.APIs {
		path, _, _ := strings.Cut(a.Path, "?")
		s.APIs = append(s.APIs, page.Option{Value: path, Label: a.Title})
		if path == "/"+q.Value("path") {
			s.API = &tables.APIs[i]
		}
	}
	if s.API == nil {
		return nil, &control.Problem{Status: http.StatusNotFound, Title: "There is no such API", Detail: "The gateway has no API at /" + q.Value("path") + "."}
	}
	return s, s.choose(q, apps)
}

// choose finds the app that asks: the one that is named, or else the first that has the product, or else the first.
func (s *simulatorPage) choose(q *page.Request, apps []control.App) (err error) {
	if key := cmp.Or(q.Form().Get("app"), q.Value("app")); key != "" {
		s.App, err = q.API().App(q.HTTP.Context(), key)
		return err
	}
	if len(apps) == 0 {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no app yet", Detail: "A request needs an app to ask with. Create one first."}
	}
	i := slices.IndexFunc(apps, func(a control.App) bool { return slices.Contains(a.Products, s.API.Product) })
	s.App = &apps[max(i, 0)]
	return nil
}

// showSimulator begins with a draft that works.
func showSimulator(q *page.Request) error {
	s, err := openSimulator(q)
	if err != nil {
		return err
	}
	draft, err := q.API().Draft(q.HTTP.Context(), s.App.Key, s.API.Path)
	if err != nil {
		return err
	}
	s.Notes = draft.Notes
	s.take(q, string(draft.Body))
	if err := s.collect(q); err != nil {
		return err
	}
	return q.Show("simulator", s)
}

// take makes the form, the JSON and the samples of a body.
func (s *simulatorPage) take(q *page.Request, body string) {
	o, err := s.read(q, body)
	s.Body = body
	switch {
	case err != nil:
		s.Broken = err.Error()
	case len(s.API.Fields) > 0:
		s.Body = o.String()
	}
	for i := range s.API.Fields {
		if f := &s.API.Fields[i]; !nested(f) {
			s.Fields = append(s.Fields, inputOf(f, o))
		}
	}
	if s.Broken == "" {
		s.Samples = samples(&request{Base: q.Origin(), Key: s.App.Key, API: s.API, Body: o})
	}
}

// read reads a body, or, where that can't be read, what stands in the form.
func (s *simulatorPage) read(q *page.Request, body string) (object, error) {
	if len(s.API.Fields) == 0 {
		return nil, nil
	}
	o, err := parseBody(s.API, body)
	if err != nil {
		return object{}.follow(s.API, typed(q)), err
	}
	return o, nil
}

// typed gives what stands in the form's field of a name.
func typed(q *page.Request) func(string) string {
	return func(name string) string { return q.Form().Get(fieldPrefix + name) }
}

// inputOf is a field of the form.
func inputOf(f *control.CatalogueField, o object) page.Field {
	hints := []string{}
	for _, h := range []string{f.Expected, f.Note} {
		if h != "" && len(f.Values) == 0 || h == f.Note && h != "" {
			hints = append(hints, h)
		}
	}
	input := page.Field{ID: fieldPrefix + f.Name, Name: fieldPrefix + f.Name, Label: f.Name, Value: o.Text(f.Name),
		Attr: map[string]string{"hint": strings.Join(hints, "; "), "spellcheck": "false"}}
	if f.Optional {
		input.Label += " (optional)"
	}
	if len(f.Values) == 0 {
		return input
	}
	if f.Optional || !slices.Contains(f.Values, input.Value) {
		input.Options = append(input.Options, page.Option{Value: input.Value, Label: input.Value})
	}
	for _, v := range f.Values {
		if v != input.Value || len(input.Options) == 0 {
			input.Options = append(input.Options, page.Option{Value: v, Label: v})
		}
	}
	return input
}

// posted is the body that a form was sent with: the JSON, or the JSON as the form's fields have it.
func (s *simulatorPage) posted(q *page.Request) string {
	body := q.Form().Get("body")
	if q.Form().Get("from") == "json" || len(s.API.Fields) == 0 {
		return body
	}
	o, err := parseBody(s.API, body)
	if err != nil {
		o = object{}
	}
	return o.follow(s.API, typed(q)).String()
}

// follow has the JSON follow the form, or the form the JSON, while somebody types.
func follow(q *page.Request) error {
	s, err := openSimulator(q)
	if err != nil {
		return err
	}
	s.Part = cmp.Or(q.Form().Get("from"), "form")
	s.take(q, s.posted(q))
	return q.Fragment("simulator", "followed", s)
}

// sendRequest sends the request to the gateway and shows what came of it.
func sendRequest(q *page.Request) error {
	s, err := openSimulator(q)
	if err != nil {
		return err
	}
	body := s.posted(q)
	x := control.Simulate{App: s.App.Key, Path: s.API.Path, Password: q.HTTP.PostForm.Get("password")}
	if len(s.API.Fields) > 0 {
		x.Body = quoted(body) // as it is, even where it isn't JSON
	}
	s.take(q, body)
	s.Sent, err = q.API().Simulate(q.HTTP.Context(), x)
	if problem, refused := errors.AsType[*control.Problem](err); refused && problem.Field != "" {
		if err := s.collect(q); err != nil {
			return err
		}
		return q.Refused("simulator", s, problem)
	}
	if err != nil {
		return err
	}
	if err := s.followUp(q); err != nil {
		return err
	}
	if err := s.collect(q); err != nil {
		return err
	}
	if q.Partial() {
		s.Part = "sent"
	}
	s.blame()
	return q.Show("simulator", s)
}

// followUp finds the payment that the request was about.
func (s *simulatorPage) followUp(q *page.Request) error {
	if s.Sent.Entry.Payment == 0 {
		return nil
	}
	return s.readPayment(q, strconv.FormatInt(s.Sent.Entry.Payment, 10))
}

// showOutcome shows anew how a payment stands.
func showOutcome(q *page.Request) error {
	s := &simulatorPage{}
	if err := s.readPayment(q, q.Value("payment")); err != nil {
		return err
	}
	return q.Fragment("simulator", "outcome", s)
}

// readPayment reads a payment, and finds the phone that has its prompt.
func (s *simulatorPage) readPayment(q *page.Request, id string) (err error) {
	if s.Payment, err = q.API().Payment(q.HTTP.Context(), id); err != nil {
		return err
	}
	if s.Payment.State == control.Prompting {
		s.Prompted = s.Payment.Payer
	}
	return nil
}

// blame shows the reason of a refusal at the field that it begins with.
func (s *simulatorPage) blame() {
	if s.Sent.Entry.Code == "" {
		return
	}
	name, _, _ := strings.Cut(s.Sent.Entry.Explanation, " ")
	for i := range s.Fields {
		if s.Fields[i].Name == fieldPrefix+name {
			s.Fields[i].Error = s.Sent.Entry.Explanation
		}
	}
}

// Answer is the gateway's, as people read it.
func (s *simulatorPage) Answer() json.RawMessage {
	if len(s.Sent.Answer) == 0 {
		return json.RawMessage("(no body)")
	}
	return s.Sent.Answer
}
