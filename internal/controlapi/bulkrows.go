package controlapi

import (
	"context"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// rowsQuery selects rows of a bulk file.
type rowsQuery struct {
	onBulk
	After  int64 `query:"after" doc:"Only rows after this line: the next of the page before."`
	Failed bool  `query:"failed" doc:"Only rows that could not be paid."`
	limited
}

// listBulkRows lists rows of a bulk file with what came of them, in the order of their lines.
func (s *server) listBulkRows(r *request[rowsQuery, none]) (*control.Page[control.BulkRow], error) {
	q := &r.Query
	_, p, err := s.findBulk(r.Request, q.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.bulkRows(r.Context(), p.ID, q.After, q.Failed, q.Limit+1)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, q.Limit, func(x control.BulkRow) string { return inOrder(x.Line) })
	return &control.Page[control.BulkRow]{Items: rows, Next: next}, nil
}

// bulkRows reads rows of a bulk file: first those whose turn has come, with their payments, then the others.
func (s *server) bulkRows(ctx context.Context, id, after int64, failed bool, limit int) ([]control.BulkRow, error) {
	list := []control.BulkRow{}
	tried, err := s.Store.BulkPayments(ctx, id, after, failed, limit)
	if err != nil {
		return nil, err
	}
	for _, x := range tried {
		list = append(list, s.triedRow(x.Line, &x.Payment))
		after = x.Line
	}
	if failed || len(list) == limit {
		return list, nil
	}
	waiting, err := s.Store.BulkRows(ctx, id, after, limit-len(list))
	for _, x := range waiting {
		list = append(list, control.BulkRow{Line: x.ID.Line, Phone: x.Phone.String(), Amount: control.Amount(x.Amount), Remarks: x.Remarks, State: rowWaiting, Payment: x.Payment})
	}
	return list, err
}

// rowWaiting is the state of a row whose turn has not come, or came only while it was read.
const rowWaiting = control.RowWaiting

// triedRow shows a row of a bulk file by its payment.
func (s *server) triedRow(line int64, p *mpesa.Payment) control.BulkRow {
	return control.BulkRow{
		Line: line, Phone: party(p.Payee), Amount: control.Amount(p.Amount), Remarks: p.Details.Description, State: control.RowState(p.State.String()), Payment: p.ID,
		Receipt: s.identifiers(p).receipt, Result: string(p.Result), Reason: p.Reason, At: control.At(p.FinishedAt),
	}
}

// bulkResults gives what came of all rows as CSV.
func (s *server) bulkResults(r *request[onBulk, none]) (answer, error) {
	_, p, err := s.findBulk(r.Request, r.Query.ID)
	if err != nil {
		return answer{}, err
	}
	var results []bulkfile.Result
	for after := int64(0); ; {
		rows, err := s.bulkRows(r.Context(), p.ID, after, false, maxPage)
		if err != nil {
			return answer{}, err
		}
		for i := range rows {
			x := &rows[i]
			after = x.Line
			results = append(results, bulkfile.Result{Line: x.Line, Phone: x.Phone, Amount: money.Amount(x.Amount), Remarks: x.Remarks, State: string(x.State), Receipt: x.Receipt,
				Code: x.Result, Reason: x.Reason, At: x.At.Time})
		}
		if len(rows) < maxPage {
			break
		}
	}
	return answer{status: http.StatusOK, body: bulkfile.Results(results), media: control.CSVType}, nil
}
