package console

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// unlisted are the routes that Pages leaves out, and why.
var unlisted = map[string]string{
	"GET /home/books":                   "adds up all transfers, on demand",
	"GET /organisation/sign-out":        "ends the session",
	"GET /organisation/sign-in":         "of nobody who is signed in",
	"GET /organisation/sign-in/otp":     "of a sign-in that is under way",
	"GET /organisation/sign-in/first":   "the same",
	"GET /organisation/sign-in/recover": "the same",
}

// queries are of routes that need one.
var queries = map[string]string{
	"/developer/collected": "?app={key}",
	"/developer/outcome":   "?payment={payment}",
	"/developer/passkey":   "?shortcode=174379",

	"/organisation/statement": "?account=utility",
}

// searches are pages once more, with what people look for: a customer's, and what is rare.
var searches = []string{
	"/developer/payments?phone={msisdn}", "/developer/payments?state=failed", "/developer/payments?shortcode={shortcode}&result=1032",
	"/developer/log?number={msisdn}", "/developer/log?refused=true", "/developer/callbacks?state=failed",
	"/organisation/statement?account=utility&search={msisdn}", "/organisation/statement?account=utility&search=0.01",
}

// Samples are what pages can show: they fill in the wildcards of their paths. Of a zero payment or entry there is no page.
type Samples struct {
	Customer       string // MSISDN
	Shortcode      string // of an organisation whose operators are signed in
	App            string // consumer key
	Payment, Entry int64  // numbers of a payment and of an entry of the log
}

// Page is a page of the console.
type Page struct {
	Pattern string // of its path and query, with wildcards
	Path    string // the same filled in
}

// Pages lists every page there is to see of the samples, for tests and measurements that open them all. A route whose wildcards
// nothing fills in is an error.
func Pages(s Samples) (pages []Page, err error) {
	values := s.values()
	for _, pattern := range pagePatterns() {
		path, err := fill(pattern, values)
		if err != nil {
			return nil, err
		}
		if path != "" {
			pages = append(pages, Page{pattern, path})
		}
	}
	return pages, nil
}

// pagePatterns lists the paths of all pages, with wildcards, and what people look for in them.
func pagePatterns() (paths []string) {
	for _, pattern := range Patterns() {
		path, isPage := strings.CutPrefix(pattern, "GET ")
		if _, not := unlisted[pattern]; isPage && !not {
			paths = append(paths, path+queries[path])
		}
	}
	return append(paths, searches...)
}

// values gives values for wildcards: by the path up to one, or else by its name. An empty one says that there is nothing to see yet.
func (s Samples) values() map[string]string {
	id := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	return map[string]string{
		"msisdn": s.Customer, "item": "send", "shortcode": s.Shortcode, "username": "testapi", "key": s.App,
		"payment": id(s.Payment), "path...": "mpesa/stkpush/v1/processrequest", "/home/secret/{name}": "passkey",
		"/developer/log/{id}": id(s.Entry), "/developer/payments/{id}": id(s.Payment), "/organisation/bulk/{id}": "",
		"/organisation/tasks/{id}": "", "/organisation/initiate/{task}": "move",
	}
}

var wildcard = regexp.MustCompile(`\{([^}]*)\}`)

// fill fills in a path's wildcards and returns "" when there is nothing to fill in yet.
func fill(path string, values map[string]string) (string, error) {
	path = strings.TrimSuffix(path, "{$}")
	var missing error
	empty := false
	filled := wildcard.ReplaceAllStringFunc(path, func(w string) string {
		upTo := path[:strings.Index(path, w)+len(w)]
		value, ok := values[upTo]
		if !ok {
			value, ok = values[strings.Trim(w, "{}")]
		}
		if !ok {
			missing = fmt.Errorf("no example of %s in the page %s", w, path)
		}
		empty = empty || value == ""
		return value
	})
	if empty {
		return "", missing
	}
	return filled, missing
}
