package developer

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// codeRoutes are the pages of all codes.
func codeRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/codes":      showCodes,
		"POST /developer/codes/try": tryCode,
	}
}

// codesPage is the catalogue of codes, or what was looked for of it.
type codesPage struct {
	Apps    []page.Option
	App     string // that makes codes happen
	Results []resultRow
	Errors  []errorRow
}

// resultRow is a result code.
type resultRow struct {
	control.CatalogueResult
	Says  []says
	Tries []page.Option
}

// says is a text with the APIs that give it.
type says struct{ Text, APIs string }

// errorRow is a refusal by the gateway.
type errorRow struct {
	control.CatalogueError
	Index int
}

// showCodes shows the codes that have a text in them.
func showCodes(q *page.Request) error {
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return err
	}
	p := &codesPage{App: q.Form().Get("app")}
	if _, p.Apps, err = readApps(q); err != nil {
		return err
	}
	if p.App == "" && len(p.Apps) > 0 {
		p.App = p.Apps[0].Value
	}
	titles := apiTitles(tables)
	wanted := strings.ToLower(q.Form().Get("q"))
	for _, r := range tables.Results {
		if hasText(wanted, append(resultTexts(&r), r.Code)...) {
			p.Results = append(p.Results, newResultRow(r, titles))
		}
	}
	for i, e := range tables.Errors {
		if hasText(wanted, e.Code, e.Message, e.Cause, e.Fix, strconv.Itoa(e.Status)) {
			p.Errors = append(p.Errors, errorRow{e, i})
		}
	}
	return q.Show("codes", p)
}

func hasText(wanted string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), wanted) })
}

func resultTexts(r *control.CatalogueResult) []string {
	list := append(slices.Collect(maps.Values(r.Texts)), r.Fix)
	for _, c := range r.Causes {
		list = append(append(list, c.State), c.Numbers...)
	}
	return list
}

func newResultRow(r control.CatalogueResult, titles map[string]string) resultRow {
	row := resultRow{CatalogueResult: r}
	apis := map[string][]string{}
	for _, api := range slices.Sorted(maps.Keys(r.Texts)) {
		apis[r.Texts[api]] = append(apis[r.Texts[api]], title(titles, api))
	}
	for _, text := range slices.Sorted(maps.Keys(apis)) {
		row.Says = append(row.Says, says{text, strings.Join(apis[text], ", ")})
	}
	for i, c := range r.Causes {
		for j, t := range c.Tries {
			label := title(titles, t.API)
			if t.Number != "" {
				label += " with " + t.Number
			} else if len(t.Fields) > 0 {
				label += " with another " + strings.Join(slices.Sorted(maps.Keys(t.Fields)), ", ")
			}
			row.Tries = append(row.Tries, page.Option{Value: fmt.Sprintf("%s/%d/%d", r.Code, i, j), Label: label})
		}
	}
	return row
}

// title is how an API is called. C2B is the name of what several paths bring.
func title(titles map[string]string, api string) string {
	if api == "c2b" {
		return "C2B"
	}
	return titles[api]
}

// tryCode makes a code happen, and shows the request's story.
func tryCode(q *page.Request) error {
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return err
	}
	try := findTry(tables, q.Form().Get("result"), q.Form().Get("error"))
	if try == nil {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no such request", Detail: "The catalogue has no request that makes this happen."}
	}
	sent, err := q.API().Try(q.HTTP.Context(), control.Try{App: q.Form().Get("app"), Try: *try})
	if err != nil {
		return err
	}
	return q.Redirect("/developer/log/" + strconv.FormatInt(sent.Entry.ID, 10))
}

// findTry finds the request of a result, named by its code and places in the catalogue, or of an error, named by its place; nil when
// there is none.
func findTry(tables *control.Catalogue, result, refusal string) *control.CatalogueTry {
	if i, err := strconv.Atoi(refusal); err == nil && i >= 0 && i < len(tables.Errors) {
		return tables.Errors[i].Try
	}
	named := strings.Split(result, "/")
	for _, r := range tables.Results {
		if len(named) != 3 || r.Code != named[0] {
			continue
		}
		i, err := strconv.Atoi(named[1])
		j, err2 := strconv.Atoi(named[2])
		if err == nil && err2 == nil && i >= 0 && i < len(r.Causes) && j >= 0 && j < len(r.Causes[i].Tries) {
			return &r.Causes[i].Tries[j]
		}
	}
	return nil
}
