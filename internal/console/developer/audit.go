package developer

import (
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func auditRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /developer/audit": showAudit}
}

// auditPage is what the page of the audit shows.
type auditPage struct {
	*control.Page[control.AuditEntry]
	Older string // path
}

// showAudit shows what was done to the installation that is no organisation's, newest first.
func showAudit(q *page.Request) error {
	f, query := q.Form(), q.HTTP.URL.Query()
	list, err := q.API().Audit(q.HTTP.Context(), "", control.AuditFilter{Username: f.Get("username"), Action: f.Get("action"), Refused: f.On("refused"), After: query.Get("after")})
	if err != nil {
		return err
	}
	shown := auditPage{Page: list}
	if list.Next != "" {
		query.Set("after", list.Next)
		shown.Older = (&url.URL{Path: "/developer/audit", RawQuery: query.Encode()}).String()
	}
	return q.Show("audit", shown)
}
