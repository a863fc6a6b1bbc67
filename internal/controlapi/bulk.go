package controlapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// Bulk files. Each row is checked by the rules that will pay it, some hundred rows in a command of their own, so that other payments
// don't wait for all of them. A file with a row that wouldn't be paid is not taken.

// checkedAtOnce is about how many rows are checked by one command.
const checkedAtOnce = 250

// checkBulk tells what would come of a bulk file.
func (s *server) checkBulk(r *request[anyOrganisation, control.NewBulk]) (*control.BulkCheck, error) {
	by, file, err := s.readBulk(r)
	if err != nil {
		return nil, err
	}
	c, shown, err := s.tryBulk(r.Context(), by, file)
	if c != nil && c.Refused != nil {
		shown.Refused = c.Refused.Error()
	}
	return &shown, err
}

// submitBulk submits a bulk file.
func (s *server) submitBulk(r *request[anyOrganisation, control.NewBulk]) (*control.Bulk, error) {
	by, file, err := s.readBulk(r)
	if err != nil {
		return nil, err
	}
	problems, err := s.rowProblems(r.Context(), file)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		p := badRows.of(file.field, "%d of %d rows would not be paid, so none was taken: fix them, or take them out", len(problems), len(file.Rows)+len(file.Problems))
		p.Rows = problems
		return nil, p
	}
	c := file.command(by)
	if err := s.spend(r.Request, c, &c.Payment.Header, &c.Refused); err != nil {
		return nil, err
	}
	if repeated, ok := errors.AsType[*portal.Repeated](c.Refused); ok {
		return nil, conflict.of("again", "%v; to pay them all once more, say that it is meant again", repeated)
	}
	if d, ok := errors.AsType[*portal.Declined](c.Refused); ok {
		return nil, declined.problem("%s (result %s)", d.Reason, d.Result)
	}
	if c.Refused != nil {
		return nil, c.Refused
	}
	return s.shownBulk(r.Request, c.Task, &c.Payment), nil
}

// command submits a file.
func (f *bulkRequest) command(by mpesa.Actor) *portal.SubmitBulk {
	return &portal.SubmitBulk{By: by, Command: f.commandID, Name: f.name, Rows: f.Rows, Digest: bulkfile.Digest(f.commandID, f.Rows), Again: f.again}
}

// tryBulk finds out what would come of a bulk file. Without a row that can be read there is nothing to try: c is nil then.
func (s *server) tryBulk(ctx context.Context, by mpesa.Actor, file *bulkRequest) (c *portal.SubmitBulk, shown control.BulkCheck, err error) {
	shown = control.BulkCheck{Name: file.name, Command: file.commandID, Problems: []control.BulkRowProblem{}}
	utility, err := store.Get(ctx, s.Store, mpesa.Accounts, by.Operator.Shortcode.Party().Account(mpesa.Utility))
	if err != nil {
		return nil, shown, err
	}
	if utility != nil {
		shown.Available = control.Amount(utility.Available())
	}
	if shown.Problems, err = s.rowProblems(ctx, file); err != nil || len(file.Rows) == 0 {
		return nil, shown, err
	}
	c = file.command(by)
	c.Check = true
	if err := s.keep(ctx, c); err != nil {
		return nil, shown, err
	}
	if forbidden, ok := errors.AsType[*portal.Forbidden](c.Refused); ok {
		return nil, shown, forbidden
	}
	o, err := s.Engine.Directory().Organisation(ctx, by.Operator.Shortcode)
	if err != nil {
		return nil, shown, err
	}
	p := &c.Payment
	shown.Rows, shown.Total, shown.Charges, shown.Earlier = p.Details.Bulk.Rows, control.Amount(p.Amount), control.Amount(p.Details.Bulk.Charges), c.Earlier
	if !by.Provider() {
		shown.Approvals = portal.Approvers(o, p)
	}
	return c, shown, nil
}

// rowProblems lists the rows that can't be read, or that the rules would not pay, in the order of their lines.
func (s *server) rowProblems(ctx context.Context, file *bulkRequest) ([]control.BulkRowProblem, error) {
	list := []control.BulkRowProblem{}
	for _, x := range file.Problems {
		list = append(list, control.BulkRowProblem{Line: x.Line, Column: x.Column, Detail: x.Detail})
	}
	for _, rows := range byCustomer(file.Rows) {
		c := &portal.CheckBulk{Command: file.commandID, Rows: rows, Repeats: file.repeats}
		if err := s.keep(ctx, c); err != nil {
			return nil, err
		}
		for _, x := range c.Problems {
			list = append(list, control.BulkRowProblem{Line: x.Line, Result: string(x.Result), Detail: x.Reason})
		}
	}
	slices.SortStableFunc(list, func(a, b control.BulkRowProblem) int { return cmp.Compare(a.Line, b.Line) })
	return list, nil
}

// byCustomer cuts rows into parts that are checked at once. Those of a customer stay together and in order.
func byCustomer(rows []portal.BulkRow) (parts [][]portal.BulkRow) {
	sorted := slices.SortedStableFunc(slices.Values(rows), func(a, b portal.BulkRow) int { return cmp.Compare(a.Phone, b.Phone) })
	for len(sorted) > 0 {
		n := min(checkedAtOnce, len(sorted))
		for n < len(sorted) && sorted[n].Phone == sorted[n-1].Phone {
			n++
		}
		parts, sorted = append(parts, sorted[:n]), sorted[n:]
	}
	return parts
}

// bulkQuery selects a page of an organisation's bulk files.
type bulkQuery struct {
	inOrganisation
	fromNumber
	limited
}

// onBulk names a bulk file.
type onBulk struct {
	ID int64 `path:"id" jsonschema:"minimum=1" doc:"The number of the file."`
	inOrganisation
}

// listBulk lists an organisation's bulk files, newest first.
func (s *server) listBulk(r *request[bulkQuery, none]) (*control.Page[control.Bulk], error) {
	_, o, err := s.seeing(r.Request, portal.ViewBulk, "view bulk files", "")
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Tasks(r.Context(), store.TaskFilter{Business: o.Shortcode, Bulk: true}, store.Page{Before: r.Query.After, Limit: r.Query.Limit + 1})
	if err != nil {
		return nil, err
	}
	list, next := cut(list, r.Query.Limit, func(t portal.Task) string { return inOrder(t.ID) })
	page := &control.Page[control.Bulk]{Items: []control.Bulk{}, Next: next}
	for i := range list {
		shown, err := s.madeBulk(r.Context(), o, &list[i])
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, *shown)
	}
	return page, nil
}

// getBulk shows a bulk file.
func (s *server) getBulk(r *request[onBulk, none]) (*control.Bulk, error) {
	o, t, err := s.findBulk(r.Request, r.Query.ID)
	if err != nil {
		return nil, err
	}
	return s.madeBulk(r.Context(), o, t)
}

// findBulk finds the file that the path names, for somebody who may see it.
func (s *server) findBulk(r *http.Request, id int64) (*mpesa.Organisation, *portal.Task, error) {
	_, o, err := s.seeing(r, portal.ViewBulk, "view bulk file", r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	t, err := store.Get(r.Context(), s.Store, portal.Tasks, id)
	if err == nil && (t == nil || t.Kind != mpesa.Bulk || t.Business != o.Shortcode) {
		err = notFound.problem("%s has no bulk file %d", o.Shortcode, id)
	}
	return o, t, err
}

// anyOrganisation names an organisation, which is read later or not at all.
type anyOrganisation struct {
	Shortcode string `path:"shortcode" doc:"Five to seven digits."`
}

// bulkTemplate gives a file to begin with.
func (s *server) bulkTemplate(*request[anyOrganisation, none]) (answer, error) {
	return answer{status: http.StatusOK, body: bulkfile.Template(), media: control.CSVType}, nil
}

// madeBulk shows the bulk file of a task.
func (s *server) madeBulk(ctx context.Context, o *mpesa.Organisation, t *portal.Task) (*control.Bulk, error) {
	p, err := s.made(ctx, t)
	if err != nil {
		return nil, err
	}
	return s.bulk(ctx, o, t, p)
}

// bulk shows a bulk file: its task, and the payment that it is, or is to become.
func (s *server) bulk(ctx context.Context, o *mpesa.Organisation, t *portal.Task, p *mpesa.Payment) (*control.Bulk, error) {
	file := &p.Details.Bulk
	shown := &control.Bulk{
		ID: p.ID, Name: p.Details.Description, Command: p.Details.TransactionType, State: control.State(p.State.String()), Rows: file.Rows, Total: control.Amount(p.Amount), Charges: control.Amount(file.Charges),
		Paid: file.Paid, Failed: file.Failed, PaidAmount: control.Amount(file.PaidAmount), Charged: control.Amount(p.Details.Charge), Initiator: p.Details.Initiator,
		Approvals: approvals(t), Since: control.At(p.AcceptedAt), EndedAt: control.At(p.FinishedAt), Reason: p.Reason,
	}
	shown.Expires, shown.Missing = missing(o, t)
	if p.State.Final() {
		return shown, nil
	}
	held, err := store.Held(ctx, s.Store, p.ID)
	for _, r := range held {
		shown.Held += control.Amount(r.Amount)
	}
	return shown, err
}
