package controlapi

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/store"
)

// journalQuery selects a page of requests.
type journalQuery struct {
	Since int64 `query:"since" doc:"Only what has a higher number."`
	fromNumber
	limited
	Path    string `query:"path" doc:"Only requests for this path."`
	App     string `query:"app" doc:"Only requests of the app with this consumer key."`
	API     string `query:"api" doc:"Only requests to this API, by its name in the catalogue."`
	Status  int    `query:"status" jsonschema:"minimum=100,maximum=599" doc:"Only requests answered with this HTTP status."`
	Refused bool   `query:"refused" doc:"Only requests that were refused."`
	Code    string `query:"code" doc:"Only refusals with this errorCode."`
	Number  string `query:"number" is:"number" doc:"Only requests that name this phone number or shortcode."`
	ID      string `query:"id" doc:"Only requests of the payment with this identifier, or with it in the request or its answer, such as a refusal's requestId."`
	Text    string `query:"text" doc:"Only requests with this text in the path, the bodies, the code or the explanation, in either case."`
	Payment int64  `query:"payment" jsonschema:"minimum=1" doc:"Only requests of this payment, by its number."`
}

// onEntry names a request.
type onEntry struct {
	ID string `path:"id" doc:"Its number."`
}

// listJournal lists the latest requests to the gateway, newest first.
func (s *server) listJournal(r *request[journalQuery, none]) (*control.Journal, error) {
	q := &r.Query
	f, err := s.journalFilter(r.Context(), q)
	if err != nil {
		return nil, err
	}
	list, next := cut(s.Journal.Entries(q.Since, q.After, q.Limit+1, f.keeps), q.Limit, func(e journal.Entry) string { return inOrder(e.ID) })
	shown := &control.Journal{Page: *shownPage(list, next, entry), Oldest: s.Journal.Oldest(), Payment: f.named}
	for i := range shown.Items {
		x := &shown.Items[i]
		if x.Outcome, err = s.outcome(r.Context(), x.Payment); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// getEntry shows one request.
func (s *server) getEntry(r *request[onEntry, none]) (*control.Entry, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	var list []journal.Entry
	if err == nil && id > 0 && id < noBound {
		list = s.Journal.Entries(id-1, id+1, 1, nil)
	}
	if len(list) == 0 {
		return nil, notFound.problem("%q is no request's number, or the journal has it no longer: it keeps the latest %d of apps, and fewer of strangers", r.PathValue("id"), journal.Size)
	}
	shown := entry(list[0])
	shown.Outcome, err = s.outcome(r.Context(), shown.Payment)
	return &shown, err
}

func entry(e journal.Entry) control.Entry {
	return control.Entry{
		ID: e.ID, At: control.Time{Time: e.At}, TookMS: float64(e.Took.Microseconds()) / float64(time.Millisecond/time.Microsecond),
		Method: e.Method, Path: e.Path, API: e.API, Title: apis.Title(e.API), App: e.App, Remote: e.Remote, Request: readable(journal.Masked(e.Request)), Status: e.Status,
		Answer: readable(journal.Masked(e.Answer)), Code: e.Code, Explanation: e.Explanation, Cause: e.Cause, Fix: e.Fix, Payment: e.Payment,
	}
}

// outcome is what has become of a payment; nil where there is none.
func (s *server) outcome(ctx context.Context, payment int64) (*control.Outcome, error) {
	if payment == 0 {
		return nil, nil
	}
	x, err := store.Subject(ctx, s.Store, payment)
	if err != nil || x == nil {
		return nil, err
	}
	p := x.Head()
	o := &control.Outcome{State: control.State(p.State.String()), Amount: control.Amount(p.Amount)}
	if p.State.Final() {
		o.Result, o.ResultDesc = string(p.Result), p.Result.Desc(p.Kind.String())
	}
	return o, nil
}

// readable is a body as JSON: as it is where it is JSON that readers can take, or else as a string.
func readable(body []byte) json.RawMessage {
	if len(body) == 0 {
		return nil
	}
	var v any // numbers that no float64 holds are for readers what is no JSON: many could not decode the whole answer
	if depth(body) <= maxDepth && json.Unmarshal(body, &v) == nil {
		return body
	}
	quoted, err := json.Marshal(string(body))
	if err != nil {
		panic(err) // strings can be marshalled
	}
	return quoted
}

// maxDepth is how deep JSON may nest to be shown as such. Decoders refuse what is much deeper.
const maxDepth = 100

// depth is at most how deep JSON nests: brackets in strings count too.
func depth(body []byte) (deepest int) {
	level := 0
	for _, c := range body {
		switch c {
		case '[', '{':
			level++
			deepest = max(deepest, level)
		case ']', '}':
			level--
		}
	}
	return deepest
}
