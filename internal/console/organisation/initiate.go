package organisation

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/outcome"
)

func initiateRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/initiate":         signedIn(chooseTask),
		"GET /organisation/initiate/{task}":  signedIn(initiate),
		"POST /organisation/initiate/{task}": signedIn(initiate),
	}
}

// choicePage is what the page shows on which a task is chosen.
type choicePage struct {
	*portal
	Groups []taskGroup
}

// taskGroup are tasks of a sort.
type taskGroup struct {
	Title string
	Items []taskItem
}

// taskItem is a line of the menu.
type taskItem struct{ Title, Path string }

// taskItems are the lines of a kind: one, or of a move one for each route.
func taskItems(k *control.TaskKind, routes []control.Route) (list []taskItem) {
	path := "/organisation/initiate/" + k.Name
	if k.Payee != "account" {
		return []taskItem{{k.Title, path}}
	}
	for _, r := range routes {
		list = append(list, taskItem{r.Title, path + "?" + url.Values{"from": {string(r.From)}, "to": {string(r.To)}}.Encode()})
	}
	return list
}

// chooseTask lists what can be initiated: My Functions → Initiate Transaction.
func chooseTask(q *page.Request, p *portal) error {
	list, err := q.API().TaskKinds(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	shown := choicePage{portal: p, Groups: []taskGroup{{Title: "Own money"}, {Title: "To customers"}, {Title: "To businesses"}, {Title: "More"}}}
	for _, k := range list.Kinds {
		group := 3
		switch {
		case !p.May(k.Right):
			continue
		case k.Payee == "account", k.Name == "settle", k.Name == "withdraw":
			group = 0
		case k.Payee == "customer":
			group = 1
		case k.Payee == "business":
			group = 2
		}
		shown.Groups[group].Items = append(shown.Groups[group].Items, taskItems(&k, list.Routes)...)
	}
	return q.Show("initiate", shown)
}

// formPage is what the form of a task shows.
type formPage struct {
	*portal
	Kind    control.TaskKind
	Route   *control.Route // of a move, chosen in the menu; nil: the form asks for it
	Fields  []taskField
	Revenue *control.Revenue // of a settlement
}

// taskField is a field of the form.
type taskField struct {
	Name, Label, Hint, Mode string
	Options                 []page.Option
}

// initiate shows the form of a task, and initiates it.
func initiate(q *page.Request, p *portal) error {
	list, err := q.API().TaskKinds(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list.Kinds, func(k control.TaskKind) bool { return k.Name == q.Value("task") })
	if i < 0 {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no such task", Detail: q.Value("task") + " can't be initiated for " + p.Shortcode + "."}
	}
	shown := formPage{portal: p, Kind: list.Kinds[i]}
	if shown.Kind.Name == "settle" {
		shown.Revenue = &list.Revenue
	}
	f := q.Form()
	if shown.Kind.Payee == "account" {
		shown.along(f, list.Routes)
	}
	for _, name := range shown.Kind.Fields {
		if shown.Route == nil || name != "from" && name != "to" {
			shown.Fields = append(shown.Fields, describe(name, &shown.Kind, list.Routes))
		}
	}
	if !f.Posted() {
		return q.Show("initiate-task", shown)
	}
	t, err := q.API().Initiate(q.HTTP.Context(), p.Shortcode, control.NewTask{Task: shown.Kind.Name, From: control.AccountWord(f.Get("from")), To: f.Get("to"), Account: f.Get("account"),
		Amount: f.Get("amount"), Receipt: f.Get("receipt"), Remarks: f.Get("remarks")})
	if err != nil {
		return q.Refused("initiate-task", shown, err)
	}
	q.Flash(outcome.OfTask(t).Text)
	return q.Redirect(taskPath(t.ID))
}

// along has the form of a move keep the route that it was opened for: of none, the usual one. When there is no such route, it asks.
func (p *formPage) along(f *page.Form, routes []control.Route) {
	if !f.Posted() {
		f.Set("from", cmp.Or(f.Get("from"), "working"))
		f.Set("to", cmp.Or(f.Get("to"), "utility"))
	}
	i := slices.IndexFunc(routes, func(r control.Route) bool { return string(r.From) == f.Get("from") && string(r.To) == f.Get("to") })
	if i >= 0 {
		p.Route, p.Kind.Title = &routes[i], routes[i].Title
	}
}

// describe says how a field of a task looks.
func describe(name string, k *control.TaskKind, routes []control.Route) taskField {
	f := taskField{Name: name}
	switch name {
	case "from":
		f.Label, f.Options = "From", ends(routes, func(r control.Route) string { return string(r.From) })
	case "to":
		switch k.Payee {
		case "customer":
			f.Label, f.Hint, f.Mode = "Customer", "Phone number, such as 0712345678", "tel"
		case "business":
			f.Label, f.Hint, f.Mode = "Business", "Pay bill, till or store number", "numeric"
		default:
			f.Label, f.Options = "To", ends(routes, func(r control.Route) string { return string(r.To) })
		}
	case "amount":
		f.Label, f.Hint, f.Mode = "Amount", "Ksh", "decimal"
	case "account":
		f.Label, f.Hint = "Account number", "By which the receiver knows what it is for"
		if k.Payee == "" {
			f.Label, f.Hint = "Payment registration number", "PRN, from the tax authority"
		}
	case "receipt":
		f.Label, f.Hint = "Receipt", "Of the payment that is taken back, in full"
	case "remarks":
		f.Label, f.Hint = "Remarks", "May be left out"
	}
	return f
}

// ends lists the accounts at one end of the ways between own accounts.
func ends(routes []control.Route, end func(control.Route) string) (list []page.Option) {
	for _, option := range accountOptions() {
		if slices.ContainsFunc(routes, func(r control.Route) bool { return end(r) == option.Value }) {
			list = append(list, option)
		}
	}
	return list
}
