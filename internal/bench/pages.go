package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console"
)

const (
	pageLimit = 100 * time.Millisecond // that 95 % of a page's answers have to stay below
	pagePause = 10 * time.Millisecond  // between two requests: people read
	warmUps   = 2                      // of each page, not counted
	fewest    = 5                      // answers of a page that tell something

	looking = "600000" // the organisation whose operators look at their portal: preloaded payments were made to it
)

// unmeasured are the routes that no page is opened by, and why.
var unmeasured = map[string]string{
	"GET /home/books":                   "adds up all transfers, on demand",
	"GET /organisation/sign-out":        "ends the session",
	"GET /organisation/sign-in":         "of nobody who is signed in",
	"GET /organisation/sign-in/otp":     "of a sign-in that is under way",
	"GET /organisation/sign-in/first":   "the same",
	"GET /organisation/sign-in/recover": "the same",
}

// queries are of routes that need one.
var queries = map[string]string{
	"/developer/collected": "?app=" + consumerKey,
	"/developer/outcome":   "?payment={payment}",
	"/developer/passkey":   "?shortcode=174379",

	"/organisation/statement": "?account=utility",
}

// searches are pages once more, with what people look for: somebody's, and what is rare.
var searches = []string{
	"/developer/payments?phone={msisdn}", "/developer/payments?state=failed", "/developer/payments?shortcode={shortcode}&result=1032",
	"/developer/log?number={msisdn}", "/developer/log?refused=true", "/developer/callbacks?state=failed",
	"/organisation/statement?account=utility&search={msisdn}", "/organisation/statement?account=utility&search=0.01",
}

// Page is how long a page of the console took while payments ran, in milliseconds.
type Page struct {
	Path   string  `json:"path"`
	Times  uint64  `json:"times"`
	P50    float64 `json:"p50"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
	Status int     `json:"status"` // HTTP: the first that was wrong, or 200
}

// opened is a page that is asked for again and again.
type opened struct {
	pattern string // of its path
	path    string
	client  *http.Client
	status  int // HTTP: the first that was wrong, or 200
	took    histogram
}

// reader asks for the console's pages, one after the other, as a person would who has signed in.
type reader struct {
	base     string
	server   *control.Client
	customer int64
	people   []*http.Client // with the cookies of somebody who has signed in to the organisation portal
	pages    []*opened
	samples  map[string]string // of wildcards, by pattern and name or by name alone
}

// openPages finds the console's pages and somebody who may see each.
func openPages(ctx context.Context, base string, server *control.Client, customer int64) (*reader, error) {
	r := &reader{base: base, server: server, customer: customer}
	var err error
	if r.samples, err = samples(ctx, server, customer); err != nil {
		return nil, err
	}
	for _, username := range []string{"auditor", "manager", "admin"} {
		person, err := signIn(ctx, base, server, username)
		if err != nil {
			return nil, fmt.Errorf("signing in to the organisation portal as %s: %w", username, err)
		}
		r.people = append(r.people, person)
	}
	for _, pattern := range pagePatterns() {
		if err := r.add(ctx, pattern); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// pagePatterns lists the paths of all pages, with wildcards, and what people look for in them.
func pagePatterns() (paths []string) {
	for _, pattern := range console.Patterns() {
		path, isPage := strings.CutPrefix(pattern, "GET ")
		if _, not := unmeasured[pattern]; isPage && !not {
			paths = append(paths, path+queries[path])
		}
	}
	return append(paths, searches...)
}

// Pages lists a path of every page of the console: of a customer, a payment and an entry of the log; 0: without the pages of one.
func Pages(customer string, payment, entry int64) (paths []string, err error) {
	samples := newSamples(customer, payment, entry)
	for _, pattern := range pagePatterns() {
		path, err := example(pattern, samples)
		if err != nil {
			return nil, err
		}
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// add opens the page with a pattern, by somebody who may see it, unless there is nothing to see yet.
func (r *reader) add(ctx context.Context, pattern string) error {
	path, err := example(pattern, r.samples)
	if err != nil || path == "" {
		return err
	}
	p := &opened{pattern: pattern, path: path, client: r.people[0]}
	for _, person := range r.people {
		status, _, err := fetch(ctx, person, r.base+path)
		if err == nil && status == http.StatusOK {
			p.client = person
			break
		}
	}
	r.pages = append(r.pages, p)
	return nil
}

// samples finds values for the wildcards of paths.
func samples(ctx context.Context, server *control.Client, customer int64) (map[string]string, error) {
	payments, err := server.Payments(ctx, control.PaymentFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	journal, err := server.Journal(ctx, control.JournalFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	var payment, entry int64
	if len(payments.Items) > 0 {
		payment = payments.Items[0].ID
	}
	if len(journal.Items) > 0 {
		entry = journal.Items[0].ID
	}
	return newSamples(strconv.FormatInt(customer, 10), payment, entry), nil
}

// newSamples are values for wildcards: by the path up to one, or else by its name. An empty one says that there is nothing to see yet.
func newSamples(customer string, payment, entry int64) map[string]string {
	id := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	return map[string]string{
		"msisdn": customer, "item": "send", "shortcode": looking, "username": "testapi", "key": consumerKey,
		"payment": id(payment), "path...": "mpesa/stkpush/v1/processrequest", "/home/secret/{name}": "passkey",
		"/developer/log/{id}": id(entry), "/developer/payments/{id}": id(payment), "/organisation/bulk/{id}": "",
		"/organisation/tasks/{id}": "", "/organisation/initiate/{task}": "move",
	}
}

var wildcard = regexp.MustCompile(`\{([^}]*)\}`)

// example fills in a path's wildcards; "" when there is nothing to fill in yet.
func example(path string, samples map[string]string) (string, error) {
	path = strings.TrimSuffix(path, "{$}")
	var missing error
	empty := false
	filled := wildcard.ReplaceAllStringFunc(path, func(w string) string {
		upTo := path[:strings.Index(path, w)+len(w)]
		value, ok := samples[upTo]
		if !ok {
			value, ok = samples[strings.Trim(w, "{}")]
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

// run asks for all pages again and again until ctx ends.
func (r *reader) run(ctx context.Context) error {
	for round := 0; ; round++ {
		if err := r.refresh(ctx); err != nil {
			return ended(ctx, err)
		}
		for _, p := range r.pages {
			start := time.Now()
			status, _, err := fetch(ctx, p.client, r.base+p.path)
			took := time.Since(start)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.path, err)
			}
			if p.status == 0 || p.status == http.StatusOK { // what was wrong once stays
				p.status = status
			}
			if round >= warmUps {
				p.took.record(took)
			}
			if !pause(ctx, pagePause) {
				return nil
			}
		}
	}
}

// refresh has the pages show what is there now: the log forgets.
func (r *reader) refresh(ctx context.Context) (err error) {
	if r.samples, err = samples(ctx, r.server, r.customer); err != nil {
		return err
	}
	for _, p := range r.pages {
		if p.path, err = example(p.pattern, r.samples); err != nil {
			return err
		}
	}
	return nil
}

// report tells how long the pages took, the slowest first.
func (r *reader) report() (list []Page) {
	for _, p := range r.pages {
		list = append(list, Page{Path: p.pattern, Times: p.took.total, Status: p.status,
			P50: milliseconds(p.took.quantile(0.5)), P95: milliseconds(p.took.quantile(0.95)), Max: milliseconds(p.took.most)})
	}
	slices.SortStableFunc(list, func(a, b Page) int {
		switch {
		case a.P95 > b.P95:
			return -1
		case a.P95 < b.P95:
			return 1
		}
		return 0
	})
	return list
}

// slow lists what is wrong with the pages.
func slow(pages []Page) (failures []string) {
	for _, p := range pages {
		switch {
		case p.Status != http.StatusOK:
			failures = append(failures, fmt.Sprintf("the page %s answered with HTTP %d", p.Path, p.Status))
		case p.Times < fewest:
			failures = append(failures, fmt.Sprintf("the page %s was seen %d times only: let the run last longer", p.Path, p.Times))
		case p.P95 > milliseconds(pageLimit):
			failures = append(failures, fmt.Sprintf("the page %s takes %.1f ms (p95); it may take %s", p.Path, p.P95, pageLimit))
		}
	}
	return failures
}

// signIn gives a browser that an operator of the world has signed in to the organisation portal with.
func signIn(ctx context.Context, base string, server *control.Client, username string) (*http.Client, error) {
	catalogue, err := server.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	people := catalogue.Portal
	i := slices.IndexFunc(people.Operators, func(o control.PortalOperator) bool { return o.Username == username })
	if i < 0 {
		return nil, errors.New("the world has no such operator")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	person := &http.Client{Jar: jar, Timeout: patience}
	form := url.Values{"shortcode": {looking}, "username": {username}, "password": {people.Password}}
	if err := submit(ctx, person, base+"/organisation/sign-in", form); err != nil {
		return nil, err
	}
	messages, err := server.Messages(ctx, people.Operators[i].Phone, 1)
	if err != nil || len(messages) == 0 {
		return nil, errors.Join(errors.New("no one-time PIN came"), err)
	}
	pin := regexp.MustCompile(`\b\d{6}\b`).FindString(messages[0].Text)
	return person, submit(ctx, person, base+"/organisation/sign-in/otp", url.Values{"otp": {pin}})
}

// submit posts a form and follows where that leads.
func submit(ctx context.Context, person *http.Client, to string, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := person.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", to, answer.Status)
	}
	return nil
}

// fetch reads a page to its end.
func fetch(ctx context.Context, client *http.Client, from string, headers ...string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return 0, nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}

// pause waits, and tells whether it came to its end before ctx did.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
