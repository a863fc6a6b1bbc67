package organisation

import (
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/spreadsheet"
)

func auditRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/audit":     signedIn(showAudit),
		"GET /organisation/audit.csv": signedIn(downloadAudit),
	}
}

// auditLines is how many lines of a file are asked for at once.
const auditLines = 1000

// auditPage is what the page of the audit shows.
type auditPage struct {
	*control.Page[control.AuditEntry]
	File, Older string // paths
}

func auditFilter(q *page.Request) control.AuditFilter {
	f := q.Form()
	return control.AuditFilter{Username: f.Get("username"), Action: f.Get("action"), Refused: f.On("refused")}
}

// place is where the list that a page shows continues. What is no place is the beginning.
func place(q *page.Request) string {
	after := q.HTTP.URL.Query().Get("after")
	if n, err := strconv.ParseInt(after, 10, 64); err != nil || n < 1 {
		return ""
	}
	return after
}

// showAudit shows who did what, newest first.
func showAudit(q *page.Request, p *portal) error {
	filter := auditFilter(q)
	filter.After = place(q)
	list, err := q.API().Audit(q.HTTP.Context(), p.Shortcode, filter)
	if err != nil {
		return err
	}
	query := url.Values{}
	for _, name := range []string{"username", "action", "refused"} {
		if value := q.Form().Get(name); value != "" {
			query.Set(name, value)
		}
	}
	shown := auditPage{Page: list, File: "/organisation/audit.csv?" + query.Encode()}
	if list.Next != "" {
		query.Set("after", list.Next)
		shown.Older = "/organisation/audit?" + query.Encode()
	}
	return q.Show("audit", shown)
}

// downloadAudit gives all of the same as a file. Whether it may is asked before, with the first entries.
func downloadAudit(q *page.Request, p *portal) error {
	filter := auditFilter(q)
	filter.Limit = auditLines
	list, err := q.API().Audit(q.HTTP.Context(), p.Shortcode, filter)
	if err != nil {
		return err
	}
	return q.Stream(fmt.Sprintf("audit-%s.csv", p.Shortcode), control.CSVType+"; charset=utf-8", func(to io.Writer) error {
		w := spreadsheet.NewWriter(to)
		w.Write("Time", "Operator", "Via", "Address", "Action", "Subject", "Refused")
		for {
			for _, e := range list.Items {
				w.Write(e.At.String(), e.Username, e.Via, e.From, e.Action, e.Subject, e.Refused)
			}
			if err := w.Flush(); err != nil || list.Next == "" {
				return err
			}
			filter.After = list.Next
			if list, err = q.API().Audit(q.HTTP.Context(), p.Shortcode, filter); err != nil {
				return err
			}
		}
	})
}
