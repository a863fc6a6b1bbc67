package developer

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func appRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/apps":               showApps,
		"GET /developer/apps/new":           showNewApp,
		"POST /developer/apps/new":          createApp,
		"GET /developer/apps/{key}":         showApp,
		"POST /developer/apps/{key}":        changeApp,
		"GET /developer/apps/{key}/secret":  showSecret,
		"POST /developer/apps/{key}/rotate": rotateSecret,
		"POST /developer/apps/{key}/delete": deleteApp,
	}
}

// appsPage is how many apps a page lists.
const appsPage = 50

// appList is a page of apps.
type appList struct {
	Apps []control.App
	Next string // path of the next page; "" is none
}

func showApps(q *page.Request) error {
	list, err := q.API().Apps(q.HTTP.Context(), control.ListQuery{After: q.Value("after"), Limit: appsPage})
	if err != nil {
		return err
	}
	shown := appList{Apps: list.Items}
	if list.Next != "" {
		shown.Next = "/developer/apps?after=" + url.QueryEscape(list.Next)
	}
	return q.Show("apps", shown)
}

// maxChoice bounds a list of apps to choose from.
const maxChoice = 200

// readApps lists apps, and the choice among them.
func readApps(q *page.Request) (apps []control.App, choice []page.Option, err error) {
	list, err := q.API().Apps(q.HTTP.Context(), control.ListQuery{Limit: maxChoice})
	if err != nil {
		return nil, nil, err
	}
	for _, a := range list.Items {
		choice = append(choice, page.Option{Value: a.Key, Label: a.Name})
	}
	return list.Items, choice, nil
}

// product is one that an app can have, and what it gives.
type product struct {
	Name string
	APIs []string // titles
	Has  bool
}

// readProducts lists the products. has tells which are ticked.
func readProducts(q *page.Request, has func(name string) bool) ([]product, error) {
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return nil, err
	}
	var list []product
	for _, name := range tables.AppProducts {
		p := product{Name: name, Has: has(name)}
		for _, a := range tables.APIs {
			if a.Product == name {
				p.APIs = append(p.APIs, a.Title)
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// ticked tells which products were ticked in the form.
func ticked(q *page.Request) func(string) bool {
	return func(name string) bool { return slices.Contains(q.Form().All("products"), name) }
}

// appFields are the fields of an app's form, as the control API calls them.
func appFields(f *page.Form) map[string]any {
	return f.Fields("name", "products:list", "spikeArrest:number", "quota:number", "fault")
}

// appPage is an app, or the form of a new one.
type appPage struct {
	App      control.App
	Products []product
}

func showNewApp(q *page.Request) error {
	products, err := readProducts(q, func(string) bool { return true })
	if err != nil {
		return err
	}
	return q.Show("appnew", appPage{Products: products})
}

// createApp makes an app, and shows it.
func createApp(q *page.Request) error {
	products, err := readProducts(q, ticked(q))
	if err != nil {
		return err
	}
	fields := appFields(q.Form())
	if fields["name"] == nil {
		fields["name"] = "" // which is refused as what it is: too short
	}
	var made control.App
	if err := q.Call(http.MethodPost, "apps", fields, &made); err != nil {
		return q.Refused("appnew", appPage{Products: products}, err)
	}
	q.Flash(made.Name + " is ready: its key and secret are below.")
	return q.Redirect("/developer/apps/" + made.Key)
}

func showApp(q *page.Request) error {
	a, err := q.API().App(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	products, err := readProducts(q, func(name string) bool { return slices.Contains(a.Products, name) })
	if err != nil {
		return err
	}
	return q.Show("app", appPage{*a, products})
}

// changeApp changes an app's name, products and limits.
func changeApp(q *page.Request) error {
	a, err := q.API().App(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	products, err := readProducts(q, ticked(q))
	if err != nil {
		return err
	}
	fields := appFields(q.Form())
	for name, none := range map[string]any{"name": "", "spikeArrest": 0, "quota": 0, "fault": ""} {
		if fields[name] == nil {
			fields[name] = none // what was emptied
		}
	}
	if a.Production {
		delete(fields, "products") // which are what it went live with
	}
	if err := q.Call(http.MethodPut, "apps/"+a.Key, fields, a); err != nil {
		return q.Refused("app", appPage{*a, products}, err)
	}
	q.Flash("Saved. Tokens keep the products that they were issued with.")
	return q.Redirect("/developer/apps/" + a.Key)
}

// showSecret shows an app's secret in the element that asks for it.
func showSecret(q *page.Request) error {
	a, err := q.API().AppSecret(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	return q.Secret(cmp.Or(q.Value("id"), "secret"), "Consumer secret", a.Secret)
}

// rotateSecret gives an app a new secret, which is shown when it is asked for.
func rotateSecret(q *page.Request) error {
	a, err := q.API().RotateApp(q.HTTP.Context(), q.Value("key"))
	if err != nil {
		return err
	}
	q.Flash(a.Name + " has a new secret. The old one is refused from now on.")
	return q.Redirect("/developer/apps/" + a.Key)
}

func deleteApp(q *page.Request) error {
	if err := q.API().DeleteApp(q.HTTP.Context(), q.Value("key")); err != nil {
		return err
	}
	q.Flash("The app is deleted, and its tokens have ended.")
	return q.Redirect("/developer/apps")
}
