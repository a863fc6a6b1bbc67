package developer

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func goLiveRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/golive":                     showLiveApps,
		"GET /developer/golive/{key}":               showGoLive,
		"GET /developer/golive/{key}/form":          showTestForm,
		"GET /developer/golive/{key}/cases.csv":     downloadCases,
		"GET /developer/golive/{key}/passkey":       showLivePasskey,
		"POST /developer/golive/{key}/tests":        passTests,
		"POST /developer/golive/{key}/verification": verifyOrganisation,
		"POST /developer/golive/{key}/otp":          confirmLivePIN,
		"POST /developer/golive/{key}/resend":       resendLivePIN,
		"POST /developer/golive/{key}/products":     applyForLive,
		"POST /developer/golive/{key}/abandon":      abandonGoLive,
	}
}

// liveApps are the apps that can go live, and those that are.
type liveApps struct {
	Sandbox, Production []control.App
	Next                string // path of the next page; "" is none
}

// showLiveApps lists apps.
func showLiveApps(q *page.Request) error {
	list, err := q.API().Apps(q.HTTP.Context(), control.ListQuery{After: q.Value("after"), Limit: appsPage})
	if err != nil {
		return err
	}
	var shown liveApps
	for _, a := range list.Items {
		if a.Production {
			shown.Production = append(shown.Production, a)
		} else {
			shown.Sandbox = append(shown.Sandbox, a)
		}
	}
	if list.Next != "" {
		shown.Next = "/developer/golive?after=" + url.QueryEscape(list.Next)
	}
	return q.Show("goliveapps", shown)
}

// liveStep is one of the steps to production, as the page shows it.
type liveStep struct {
	Name  control.GoLiveStep
	Title string
	State string // "done", "here" or "ahead"
	Open  bool   // it can be looked at
}

// liveGroup is a product with its test cases.
type liveGroup struct {
	control.GoLiveProduct
	Tests  []control.GoLiveTest
	Passed int
	Ticked bool
}

// goLivePage is an app on its way to production.
type goLivePage struct {
	*control.GoLive
	View   control.GoLiveStep // the step that is shown
	Steps  []liveStep
	Groups []liveGroup  // of the products that the app can test
	Phone  string       // that the one-time PIN was sent to
	Made   *control.App // the production app; nil: there is none yet
}

// Cases are the groups whose test cases are shown: those that are chosen, or all.
func (p *goLivePage) Cases() []liveGroup {
	chosen := slices.DeleteFunc(slices.Clone(p.Groups), func(g liveGroup) bool { return !g.Ticked })
	if len(chosen) == 0 {
		return p.Groups
	}
	return chosen
}

// Unpassed counts the test cases of the products that are ticked which have not passed.
func (p *goLivePage) Unpassed() (n int) {
	for _, g := range p.Groups {
		if g.Ticked {
			n += len(g.Tests) - g.Passed
		}
	}
	return n
}

// Any reports whether a product is ticked.
func (p *goLivePage) Any() bool {
	return slices.ContainsFunc(p.Groups, func(g liveGroup) bool { return g.Ticked })
}

var liveTitles = []liveStep{
	{Name: control.GoLiveTests, Title: "Test cases"}, {Name: control.GoLiveVerification, Title: "Organisation"},
	{Name: control.GoLiveOTP, Title: "One-time PIN"}, {Name: control.GoLiveProducts, Title: "APIs"}, {Name: control.GoLiveDone, Title: "Live"},
}

// newGoLivePage lays a page out that shows a step, or else the next one.
func newGoLivePage(q *page.Request, g *control.GoLive, view control.GoLiveStep) (*goLivePage, error) {
	p := &goLivePage{GoLive: g, View: view}
	at := slices.IndexFunc(liveTitles, func(s liveStep) bool { return s.Name == g.Step })
	known := slices.IndexFunc(liveTitles, func(s liveStep) bool { return s.Name == view })
	if known < 0 || known > at || g.Step == control.GoLiveDone || view == control.GoLiveOTP {
		p.View = g.Step
	}
	for i, s := range liveTitles {
		switch {
		case s.Name == p.View:
			s.State = "here"
		case i < at:
			s.State, s.Open = "done", g.Step != control.GoLiveDone && s.Name != control.GoLiveOTP
		case i == at:
			s.State, s.Open = "ahead", true
		default:
			s.State = "ahead"
		}
		p.Steps = append(p.Steps, s)
	}
	p.group(q.Form())
	return p, p.read(q)
}

// group puts the test cases to their products. What is ticked in the form counts, and before it was filled in what was chosen.
func (p *goLivePage) group(f *page.Form) {
	asked := f.Posted() || f.On("choosing") // also when nothing is ticked
	for _, x := range p.GoLive.Products {
		if !x.Offered {
			continue
		}
		g := liveGroup{GoLiveProduct: x, Ticked: slices.Contains(f.All("products"), x.Name) || !asked && x.Chosen}
		for _, t := range p.GoLive.Tests {
			if t.Product == x.Name {
				g.Tests = append(g.Tests, t)
				if t.Outcome == control.TestPassed {
					g.Passed++
				}
			}
		}
		p.Groups = append(p.Groups, g)
	}
}

// read asks for what stands elsewhere: the phone that got the PIN, and the production app.
func (p *goLivePage) read(q *page.Request) (err error) {
	switch p.View {
	case control.GoLiveOTP:
		operator, err := q.API().Operator(q.HTTP.Context(), p.Owner.Shortcode, p.Owner.Username)
		if err == nil {
			p.Phone = operator.Phone
		}
	case control.GoLiveDone:
		p.Made, err = q.API().App(q.HTTP.Context(), p.ProductionApp)
	}
	return err
}

// openGoLive reads how far the app is that the path names.
func openGoLive(q *page.Request, view control.GoLiveStep) (*goLivePage, error) {
	g, err := q.API().GoLive(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return nil, err
	}
	return newGoLivePage(q, g, view)
}

func showGoLive(q *page.Request) error {
	p, err := openGoLive(q, control.GoLiveStep(q.Value("step")))
	if err != nil {
		return err
	}
	return q.Show("golive", p)
}

// showTestForm shows the test cases as a form to print.
func showTestForm(q *page.Request) error {
	p, err := openGoLive(q, control.GoLiveTests)
	if err != nil {
		return err
	}
	return q.Show("goliveform", p)
}

// downloadCases gives the test cases as a file.
func downloadCases(q *page.Request) error {
	g, err := q.API().GoLive(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := g.WriteCSV(&b); err != nil {
		return err
	}
	return q.Download("test-cases.csv", "text/csv; charset=utf-8", b.Bytes())
}

// showLivePasskey shows the passkey of a production app in the element that asks for it.
func showLivePasskey(q *page.Request) error {
	a, err := q.API().AppSecret(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	return q.Secret("passkey", "Passkey", a.Passkey)
}

// takeStep takes a step by the control API. A refusal is shown with the step's form.
func takeStep(q *page.Request, view control.GoLiveStep, path string, fields any) error {
	var g control.GoLive
	at := "/developer/golive/" + url.PathEscape(q.Value("key"))
	err := q.Call(http.MethodPost, "apps/"+url.PathEscape(q.Value("key"))+"/golive/"+path, fields, &g)
	if err == nil {
		return q.Redirect(at)
	}
	p, unread := openGoLive(q, view)
	if unread != nil {
		return unread
	}
	return q.Refused("golive", p, err)
}

func passTests(q *page.Request) error {
	return takeStep(q, control.GoLiveTests, "tests", q.Form().Fields("products:list", "elsewhere:bool", "terms:bool"))
}

func verifyOrganisation(q *page.Request) error {
	f := q.Form()
	fields := map[string]any{}
	for _, name := range []string{"type", "organisation", "shortcode", "username"} {
		fields[name] = f.Get(name)
	}
	return takeStep(q, control.GoLiveVerification, "verification", fields)
}

func confirmLivePIN(q *page.Request) error {
	return takeStep(q, control.GoLiveOTP, "otp", map[string]any{"otp": q.Form().Get("otp")})
}

func resendLivePIN(q *page.Request) error { return takeStep(q, control.GoLiveOTP, "otp/resend", nil) }

func applyForLive(q *page.Request) error {
	return takeStep(q, control.GoLiveProducts, "products", q.Form().Fields("products:list"))
}

func abandonGoLive(q *page.Request) error {
	if err := q.API().AbandonGoLive(q.HTTP.Context(), q.Value("key")); err != nil {
		return err
	}
	q.Flash("Back at the first step. What was seen of the test cases has stayed.")
	return q.Redirect("/developer/golive/" + url.PathEscape(q.Value("key")))
}
