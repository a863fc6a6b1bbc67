package developer

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// urlRoutes are the pages of registered URLs.
func urlRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/urls":                     showURLs,
		"GET /developer/urls/{shortcode}":         editURLs,
		"POST /developer/urls/{shortcode}":        editURLs,
		"POST /developer/urls/{shortcode}/delete": deleteURLs,
	}
}

// showURLs lists the organisations with URLs, or leads to those of one.
func showURLs(q *page.Request) error {
	if code := q.Form().Get("shortcode"); code != "" {
		if _, err := q.API().Organisation(q.HTTP.Context(), code); err != nil {
			return q.Refused("urls", &control.Page[control.Registration]{}, refusedAt("shortcode", err))
		}
		return q.Redirect(urlsPath(code))
	}
	list, err := q.API().RegisteredURLs(q.HTTP.Context(), control.ListQuery{After: q.Form().Get("after"), Limit: rows})
	if err != nil {
		return err
	}
	return q.Show("urls", list)
}

func urlsPath(shortcode string) string { return "/developer/urls/" + url.PathEscape(shortcode) }

// urlsOf are an organisation's URLs on a page.
type urlsOf struct {
	Organisation *control.Organisation
	There        bool // it has some
}

// editURLs shows the URLs of an organisation, and registers others in their place.
func editURLs(q *page.Request) error {
	code, f := q.Value("shortcode"), q.Form()
	o, err := q.API().Organisation(q.HTTP.Context(), code)
	if err != nil {
		return err
	}
	p := &urlsOf{Organisation: o}
	var there control.URLs
	err = q.Call(http.MethodGet, urlsOfPath(code), nil, &there)
	if problem, ok := errors.AsType[*control.Problem](err); ok && problem.Status == http.StatusNotFound {
		there, err = control.URLs{ResponseType: "Completed", Version: 2}, nil
	} else {
		p.There = err == nil
	}
	if err != nil {
		return err
	}
	if !f.Posted() {
		f.Set("confirmation", there.Confirmation)
		f.Set("validation", there.Validation)
		f.Set("responseType", string(there.ResponseType))
		f.Set("version", map[int]string{1: "1"}[there.Version])
		return q.Show("urlsof", p)
	}
	err = q.Call(http.MethodPut, urlsOfPath(code), f.Fields("confirmation", "validation", "responseType", "version:number"), new(control.URLs))
	if err != nil {
		return q.Refused("urlsof", p, err)
	}
	q.Flash("The URLs of " + code + " are registered.")
	return q.Redirect("/developer/urls")
}

func urlsOfPath(shortcode string) string {
	return "organisations/" + url.PathEscape(shortcode) + "/urls"
}

// deleteURLs forgets the URLs of an organisation.
func deleteURLs(q *page.Request) error {
	code := q.Value("shortcode")
	if err := q.API().DeleteURLs(q.HTTP.Context(), code); err != nil {
		return err
	}
	q.Flash("The URLs of " + code + " are deleted.")
	return q.Redirect("/developer/urls")
}
