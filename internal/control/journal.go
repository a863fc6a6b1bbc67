package control

import (
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/journal"
)

// listJournal lists the latest requests to the gateway, newest first.
func (s *server) listJournal(r *http.Request) (answer, error) {
	var after, before int64
	var path, app string
	var status int
	limit := usualPage
	err := readQuery(r, parameters{
		"after":  number(&after, 0, noBound),
		"before": number(&before, 1, noBound),
		"limit":  number(&limit, 1, maxPage),
		"path":   func(s string) error { path = s; return nil },
		"app":    func(s string) error { app = s; return nil },
		"status": number(&status, 100, 599),
	})
	if err != nil {
		return answer{}, err
	}
	list := s.Journal.Entries(after, before, limit+1, func(e *journal.Entry) bool {
		return (path == "" || e.Path == path) && (app == "" || e.App == app) && (status == 0 || e.Status == status)
	})
	list, next := page(list, limit, func(e journal.Entry) int64 { return e.ID })
	shown := api.Journal{Entries: []api.Entry{}, Next: next}
	for _, e := range list {
		shown.Entries = append(shown.Entries, entry(e))
	}
	return ok(shown), nil
}

func entry(e journal.Entry) api.Entry {
	return api.Entry{
		ID: e.ID, At: api.Time{Time: e.At}, TookMS: float64(e.Took.Microseconds()) / float64(time.Millisecond/time.Microsecond),
		Method: e.Method, Path: e.Path, App: e.App, Remote: e.Remote, Request: readable(masked(e.Request)), Status: e.Status,
		Answer: readable(masked(e.Answer)), Code: e.Code, Explanation: e.Explanation, Payment: e.Payment,
	}
}

// secrets finds the values that whoever reads over a shoulder, or a bug report, must not learn, in JSON of any shape and
// in what was meant to be JSON or a form.
var secrets = regexp.MustCompile(`(?is)("(?:Password|SecurityCredential|access_token)"\s*:\s*)("(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|\{[^}]*\}?|[^\s,\]}]+)` +
	`|(\b(?:Password|SecurityCredential)=)[^&\s]*`)

func masked(body []byte) []byte { return secrets.ReplaceAll(body, []byte(`$1$3"***"`)) }

// readable is a body as JSON: as it is where it is JSON that readers can take, or else as a string.
func readable(body []byte) json.RawMessage {
	if len(body) == 0 {
		return nil
	}
	if json.Valid(body) && depth(body) <= maxDepth {
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
