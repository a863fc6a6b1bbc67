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
}

// openPages finds the console's pages and somebody who may see each.
func openPages(ctx context.Context, base string, server *control.Client, customer int64) (*reader, error) {
	r := &reader{base: base, server: server, customer: customer}
	pages, err := r.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, username := range []string{"auditor", "manager", "admin"} {
		person, err := signIn(ctx, base, server, username)
		if err != nil {
			return nil, fmt.Errorf("signing in to the organisation portal as %s: %w", username, err)
		}
		r.people = append(r.people, person)
	}
	for _, page := range pages {
		r.add(ctx, page)
	}
	return r, nil
}

// add opens a page by somebody who may see it.
func (r *reader) add(ctx context.Context, page console.Page) {
	p := &opened{pattern: page.Pattern, path: page.Path, client: r.people[0]}
	for _, person := range r.people {
		status, _, err := fetch(ctx, person, r.base+page.Path)
		if err == nil && status == http.StatusOK {
			p.client = person
			break
		}
	}
	r.pages = append(r.pages, p)
}

// list lists the console's pages, of the customer and of the latest payment and entry of the log.
func (r *reader) list(ctx context.Context) ([]console.Page, error) {
	payments, err := r.server.Payments(ctx, control.PaymentFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	journal, err := r.server.Journal(ctx, control.JournalFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	samples := console.Samples{Customer: strconv.FormatInt(r.customer, 10), Shortcode: looking, App: consumerKey}
	if len(payments.Items) > 0 {
		samples.Payment = payments.Items[0].ID
	}
	if len(journal.Items) > 0 {
		samples.Entry = journal.Items[0].ID
	}
	return console.Pages(samples)
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
func (r *reader) refresh(ctx context.Context) error {
	pages, err := r.list(ctx)
	if err != nil {
		return err
	}
	for _, p := range r.pages {
		if i := slices.IndexFunc(pages, func(page console.Page) bool { return page.Pattern == p.pattern }); i >= 0 {
			p.path = pages[i].Path
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
