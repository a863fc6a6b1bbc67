package organisation

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func auditRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/audit":     signedIn(showAudit),
		"GET /organisation/audit.csv": signedIn(downloadAudit),
	}
}

// maxCSV bounds the lines of a file.
const maxCSV = 10_000

// auditPage is what the page of the audit shows.
type auditPage struct {
	*control.Audit
	File, Older string // paths
}

func auditFilter(q *page.Request) control.AuditFilter {
	f := q.Form()
	return control.AuditFilter{Username: f.Get("username"), Action: f.Get("action"), Refused: f.On("refused")}
}

// showAudit shows who did what, newest first.
func showAudit(q *page.Request, p *portal) error {
	before, err := strconv.ParseInt(q.Value("before"), 10, 64)
	if err != nil {
		before = 0 // the newest
	}
	list, err := q.API().Audit(q.HTTP.Context(), p.Shortcode, auditFilter(q), before, 0)
	if err != nil {
		return err
	}
	query := url.Values{}
	for _, name := range []string{"username", "action", "refused"} {
		if value := q.Form().Get(name); value != "" {
			query.Set(name, value)
		}
	}
	shown := auditPage{Audit: list, File: "/organisation/audit.csv?" + query.Encode()}
	if list.Next != nil {
		query.Set("before", strconv.FormatInt(*list.Next, 10))
		shown.Older = "/organisation/audit?" + query.Encode()
	}
	return q.Show("audit", shown)
}

// downloadAudit gives the same as a file.
func downloadAudit(q *page.Request, p *portal) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"Time", "Operator", "Address", "Action", "Subject", "Refused"}}
	for before := int64(0); len(rows) < maxCSV; {
		list, err := q.API().Audit(q.HTTP.Context(), p.Shortcode, auditFilter(q), before, 1000)
		if err != nil {
			return err
		}
		for _, e := range list.Entries {
			rows = append(rows, []string{e.At.String(), plain(e.Username), e.From, plain(e.Action), plain(e.Subject), plain(e.Refused)})
		}
		if list.Next == nil {
			break
		}
		before = *list.Next
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return q.Download(fmt.Sprintf("audit-%s.csv", p.Shortcode), "text/csv; charset=utf-8", b.Bytes())
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
