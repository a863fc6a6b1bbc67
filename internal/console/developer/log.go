package developer

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// logRoutes are the log's pages: requests, payments and callbacks, each with its whole story.
func logRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/log":                    showLog,
		"GET /developer/log/{id}":               showEntry,
		"GET /developer/payments":               showPayments,
		"GET /developer/payments/{id}":          showPayment,
		"GET /developer/callbacks":              showCallbacks,
		"POST /developer/callbacks/{id}/resend": resend,

		"POST /developer/callbacks/{id}/give-up": giveUp,
	}
}

// rows are the most that a list of the log shows: each is drawn anew whenever something happens.
const rows = 50

// logPage is a list of the log with its filter.
type logPage struct {
	Tab    string // "log", "payments" or "callbacks"
	Again  string // the page's own path with its filter
	Older  string // path of the next page; "" is none
	Paused bool
	Switch string // path that pauses or follows
	Live   string // topics; "" while it is paused, or where older rows are shown

	Apps    []page.Option
	APIs    []page.Option
	Kinds   []page.Option
	Names   map[string]string // of the apps, by key
	Entries []control.Entry
	Gone    bool  // older requests are no longer there
	Found   int64 // the payment that has the identifier which is looked for, where its request is gone; else 0

	Payments  []control.Payment
	Callbacks []control.Callback
}

// newLogPage reads what all lists have: where they are, and whether they follow what happens.
func newLogPage(q *page.Request, tab, topics string) *logPage {
	query := q.HTTP.URL.Query()
	l := &logPage{Tab: tab, Again: q.HTTP.URL.RequestURI(), Paused: query.Get("paused") != ""}
	if !l.Paused && query.Get("after") == "" {
		l.Live = topics
	}
	other := url.Values{}
	for name, values := range query {
		other[name] = values
	}
	if l.Paused {
		other.Del("paused")
		other.Del("after")
	} else {
		other.Set("paused", "yes")
	}
	l.Switch = withQuery(q.HTTP.URL.Path, other)
	return l
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// older is the path of the page that continues one.
func older(q *page.Request, next string) string {
	if next == "" {
		return ""
	}
	query := q.HTTP.URL.Query()
	query.Set("after", next)
	return withQuery(q.HTTP.URL.Path, query)
}

// asked is the control API's query for what was typed into the filter.
func asked(f *page.Form, names ...string) string {
	query := url.Values{"limit": {strconv.Itoa(rows)}}
	for _, name := range append(names, "after") {
		if v := f.Get(name); v != "" {
			query.Set(name, v)
		}
	}
	return query.Encode()
}

// showLog lists requests.
func showLog(q *page.Request) error {
	l := newLogPage(q, "log", control.JournalTopic)
	if err := l.name(q); err != nil {
		return err
	}
	if app := q.Form().Get("app"); app != "" && l.Live != "" {
		l.Live = control.AppTopic(app)
	}
	if l.Live != "" {
		l.Live += " " + control.PaymentsTopic // for what became of them
	}
	var list control.Journal
	err := q.Call(http.MethodGet, "journal?"+asked(q.Form(), "app", "api", "number", "code", "id", "status", "text", "refused"), nil, &list)
	if err != nil {
		return q.Refused("log", l, err)
	}
	l.Entries, l.Older, l.Gone = list.Items, older(q, list.Next), list.Next == "" && list.Oldest > 1
	if len(l.Entries) == 0 {
		l.Found = list.Payment
	}
	return q.Show("log", l)
}

// name reads the names of apps and APIs, for the filter and the rows.
func (l *logPage) name(q *page.Request) error {
	_, apps, err := readApps(q)
	if err != nil {
		return err
	}
	l.Names, l.Apps = map[string]string{}, append([]page.Option{{Label: "All"}}, apps...)
	for _, a := range apps {
		l.Names[a.Value] = a.Label
	}
	return l.nameChoices(q)
}

// nameChoices reads what can be chosen from in the filter, which a part of a page doesn't show.
func (l *logPage) nameChoices(q *page.Request) error {
	if q.Partial() {
		return nil
	}
	tables, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return err
	}
	l.APIs, l.Kinds = []page.Option{{Label: "All"}}, []page.Option{{Label: "All"}}
	titles := apiTitles(tables)
	for _, a := range tables.APIs {
		if o := (page.Option{Value: a.Name, Label: titles[a.Name]}); !slices.Contains(l.APIs, o) {
			l.APIs = append(l.APIs, o)
		}
	}
	for _, kind := range tables.Kinds {
		l.Kinds = append(l.Kinds, page.Option{Value: kind, Label: kind})
	}
	return nil
}

// apiTitles are how APIs are called, by name: versions of one as the first is.
func apiTitles(tables *control.Catalogue) map[string]string {
	titles := map[string]string{}
	for _, a := range tables.APIs {
		if titles[a.Name] == "" {
			titles[a.Name] = strings.TrimSuffix(a.Title, " v1")
		}
	}
	return titles
}

// App is how an app is called.
func (l *logPage) App(key string) string {
	if name := l.Names[key]; name != "" {
		return name
	}
	return key
}
