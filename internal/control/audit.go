package control

import (
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// maxAuditScan bounds the entries that are looked through for a page of those that are wanted.
const maxAuditScan = 5000

// listOwnAudit lists what the person who runs Kivuko did that is no organisation's, newest first.
func (s *server) listOwnAudit(r *http.Request) (answer, error) {
	return s.showAudit(r, func() (mpesa.Shortcode, error) { return mpesa.Installation, nil })
}

// listAudit lists what was done with an organisation, newest first.
func (s *server) listAudit(r *http.Request) (answer, error) {
	return s.showAudit(r, func() (mpesa.Shortcode, error) {
		_, o, err := s.seeing(r, mpesa.ViewAudit, "view audit", "")
		if err != nil {
			return 0, err
		}
		return o.Shortcode, nil
	})
}

// showAudit lists the audit of the business that whose gives to whom may see it.
func (s *server) showAudit(r *http.Request, whose func() (mpesa.Shortcode, error)) (answer, error) {
	var before int64
	var f auditFilter
	limit := usualPage
	err := readQuery(r, parameters{
		"after":    number(&before, 1, noBound),
		"limit":    number(&limit, 1, maxPage),
		"username": anyText(&f.username),
		"action":   anyText(&f.action),
		"refused":  truth(&f.refused),
	})
	if err != nil {
		return answer{}, err
	}
	business, err := whose()
	if err != nil {
		return answer{}, err
	}
	list, next, err := s.audit(r, business, f, before, limit)
	return ok(shownPage(list, next, func(e mpesa.AuditEntry) api.AuditEntry {
		return api.AuditEntry{ID: e.ID, At: api.At(e.At), Username: e.Username, From: e.From, Via: string(e.Via), Action: e.Action, Subject: e.Subject,
			Refused: e.Refused}
	})), err
}

type auditFilter struct {
	username, action string
	refused          bool // only what was refused
}

func (f *auditFilter) keeps(e *mpesa.AuditEntry) bool {
	return (f.username == "" || e.Username == f.username) && (f.action == "" || e.Action == f.action) && (!f.refused || e.Refused != "")
}

// audit gathers a page of what a filter keeps, looking through a bounded number of entries. next is where to go on; "" at the end.
func (s *server) audit(r *http.Request, business mpesa.Shortcode, f auditFilter, before int64, limit int) (kept []mpesa.AuditEntry, next string, err error) {
	size := maxPage
	if f == (auditFilter{}) {
		size = limit + 1 // shows whether there are more
	}
	for scanned := 0; scanned < maxAuditScan; {
		list, err := s.Store.Audit(r.Context(), business, store.Page{Before: before, Limit: size})
		if err != nil {
			return nil, "", err
		}
		for i := range list {
			if len(kept) == limit {
				return kept, inOrder(before), nil
			}
			if before = list[i].ID; f.keeps(&list[i]) {
				kept = append(kept, list[i])
			}
		}
		if scanned += len(list); len(list) < size {
			return kept, "", nil
		}
	}
	return kept, inOrder(before), nil
}
