package controlapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// listOwnAudit lists what the person who runs Kivuko did that is no organisation's, newest first.
func (s *server) listOwnAudit(r *request[auditQuery, none]) (*control.Page[control.AuditEntry], error) {
	return s.showAudit(r.Request, mpesa.Installation, &r.Query)
}

// listAudit lists what was done with an organisation, newest first.
func (s *server) listAudit(r *request[organisationAuditQuery, none]) (*control.Page[control.AuditEntry], error) {
	_, o, err := s.seeing(r.Request, portal.ViewAudit, "view audit", "")
	if err != nil {
		return nil, err
	}
	return s.showAudit(r.Request, o.Shortcode, &r.Query.auditQuery)
}

// showAudit lists the audit of a business.
func (s *server) showAudit(r *http.Request, business mpesa.Shortcode, q *auditQuery) (*control.Page[control.AuditEntry], error) {
	var next string
	list, err := search(r.Context(), "ask for fewer", func(ctx context.Context) (list []mpesa.AuditEntry, err error) {
		list, next, err = s.audit(ctx, business, q)
		return list, err
	})
	return shownPage(list, next, func(e mpesa.AuditEntry) control.AuditEntry {
		subject := e.Subject
		if e.Payment != 0 {
			subject += ", payment " + strconv.FormatInt(e.Payment, 10)
		}
		return control.AuditEntry{ID: e.ID, At: control.At(e.At), Username: e.Username, From: e.From, Via: string(e.Via), Action: e.Action, Subject: subject,
			Refused: e.Refused}
	}), err
}

// auditQuery selects entries.
type auditQuery struct {
	fromNumber
	limited
	Username string `query:"username" doc:"Of the operator who did it, or whom the header Kivuko-Operator named."`
	Action   string `query:"action" doc:"What was done."`
	Refused  bool   `query:"refused" doc:"Only what was refused."`
}

// organisationAuditQuery selects entries of an organisation's.
type organisationAuditQuery struct {
	inOrganisation
	auditQuery
}

func (q *auditQuery) keeps(e *mpesa.AuditEntry) bool {
	return (q.Username == "" || e.Username == q.Username) && (q.Action == "" || e.Action == q.Action) && (!q.Refused || e.Refused != "")
}

// audit gathers a page of what a filter keeps. next is where to go on; "" at the end.
func (s *server) audit(ctx context.Context, business mpesa.Shortcode, q *auditQuery) (kept []mpesa.AuditEntry, next string, err error) {
	before, limit, size := q.After, q.Limit, maxPage
	if q.Username == "" && q.Action == "" && !q.Refused {
		size = limit + 1 // shows whether there are more
	}
	for {
		list, err := s.Store.Audit(ctx, business, store.Page{Before: before, Limit: size})
		if err != nil {
			return nil, "", err
		}
		for i := range list {
			if len(kept) == limit {
				return kept, inOrder(before), nil
			}
			if before = list[i].ID; q.keeps(&list[i]) {
				kept = append(kept, list[i])
			}
		}
		if len(list) < size {
			return kept, "", nil
		}
	}
}
