package console

import (
	"embed"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

//go:embed templates assets
var files embed.FS

// home is the first page, with what only it has.
func home() page.Room {
	return page.Room{Name: "home", Files: files, Routes: map[string]page.Handler{
		"GET /{$}":                showHome,
		"GET /home/books":         checkBooks,
		"GET /home/secret/{name}": showSecret,
	}}
}

// lately is how many of the last payments and requests are shown.
const lately = 10

// overview is what runs here, and what happened last.
type overview struct {
	URL         string
	About       *control.About
	Problem     *control.Problem // what doesn't work; nil: all is well
	App         *control.App     // the first one; nil: there is none
	Credentials *control.Credentials
	Payments    []control.Payment
	Requests    []control.Entry
}

// showHome shows what runs here. When a payment or a request has come, only what happened last is asked for again.
func showHome(q *page.Request) (err error) {
	o := overview{URL: q.Origin()}
	if err := o.readLately(q); err != nil {
		return err
	}
	if q.Partial() {
		return q.Fragment("home", "now", o)
	}
	ctx, api := q.HTTP.Context(), q.API()
	if _, err := api.Health(ctx); err != nil {
		if o.Problem, err = page.ProblemOf(err); err != nil {
			return err
		}
	}
	apps, err := api.Apps(ctx, control.ListQuery{Limit: 1})
	if err != nil {
		return err
	}
	if len(apps.Items) > 0 {
		o.App = &apps.Items[0]
	}
	if o.Credentials, err = api.Credentials(ctx, false); err != nil {
		return err
	}
	return q.Show("home", o)
}

// readLately reads what happened last.
func (o *overview) readLately(q *page.Request) (err error) {
	ctx, api := q.HTTP.Context(), q.API()
	if o.About, err = api.About(ctx); err != nil {
		return err
	}
	payments, err := api.Payments(ctx, control.PaymentFilter{Limit: lately})
	if err != nil {
		return err
	}
	journal, err := api.Journal(ctx, control.JournalFilter{Limit: lately})
	if err != nil {
		return err
	}
	o.Payments, o.Requests = payments.Items, journal.Items
	return nil
}

// checkBooks adds the books up, which takes a while when there are many payments: only when it is asked for.
func checkBooks(q *page.Request) error {
	books, err := q.API().Books(q.HTTP.Context())
	if err != nil {
		return err
	}
	return q.Show("books", books)
}

// showSecret shows one of the secrets that the first page names.
func showSecret(q *page.Request) error {
	name := q.Value("name")
	switch name {
	case "app":
		app, err := q.API().AppSecret(q.HTTP.Context(), q.Value("key"))
		if err != nil {
			return err
		}
		return q.Secret("app-secret", "Consumer secret", app.Secret)
	case "passkey", "initiator":
		c, err := q.API().Credentials(q.HTTP.Context(), true)
		if err != nil {
			return err
		}
		if name == "passkey" {
			return q.Secret("passkey", "Passkey", c.Passkey)
		}
		return q.Secret("initiator-password", "Initiator password", c.InitiatorPassword)
	}
	return &control.Problem{Status: http.StatusNotFound, Title: "There is no such secret", Detail: "Secrets are called app, passkey and initiator."}
}
