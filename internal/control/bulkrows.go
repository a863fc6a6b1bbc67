package control

import (
	"context"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// listBulkRows lists rows of a bulk file with what came of them, in the order of their lines.
func (s *server) listBulkRows(r *http.Request) (answer, error) {
	after, limit, failed := int64(0), usualPage, false
	err := readQuery(r, parameters{"after": number(&after, 0, noBound), "limit": number(&limit, 1, maxPage), "failed": truth(&failed)})
	if err != nil {
		return answer{}, err
	}
	_, p, err := s.findBulk(r)
	if err != nil {
		return answer{}, err
	}
	rows, err := s.bulkRows(r.Context(), p.ID, after, failed, limit+1)
	if err != nil {
		return answer{}, err
	}
	rows, next := cut(rows, limit, func(x api.BulkRow) string { return inOrder(x.Line) })
	return ok(api.Page[api.BulkRow]{Items: rows, Next: next}), nil
}

// bulkRows reads rows of a bulk file: first those whose turn has come, with their payments, then the others.
func (s *server) bulkRows(ctx context.Context, id, after int64, failed bool, limit int) ([]api.BulkRow, error) {
	list := []api.BulkRow{}
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
		list = append(list, api.BulkRow{Line: x.ID.Line, Phone: x.Phone.String(), Amount: api.Amount(x.Amount), Remarks: x.Remarks, State: rowWaiting, Payment: x.Payment})
	}
	return list, err
}

// rowWaiting is the state of a row whose turn has not come, or came only while it was read.
const rowWaiting = api.RowWaiting

// triedRow shows a row of a bulk file by its payment.
func (s *server) triedRow(line int64, p *mpesa.Payment) api.BulkRow {
	return api.BulkRow{
		Line: line, Phone: party(p.Payee), Amount: api.Amount(p.Amount), Remarks: p.Details.Description, State: api.RowState(p.State.String()), Payment: p.ID,
		Receipt: s.identifiers(*p).receipt, Result: string(p.Result), Reason: p.Details.Reason, At: api.At(p.FinishedAt),
	}
}

// bulkResults gives what came of all rows as CSV.
func (s *server) bulkResults(r *http.Request) (answer, error) {
	_, p, err := s.findBulk(r)
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
	return answer{status: http.StatusOK, body: bulkfile.Results(results), media: api.CSVType}, nil
}
