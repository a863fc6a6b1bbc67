package sqlread

import (
	"context"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// PlanOfEntries gives what the database says to explain, with the query of Entries.
func (r *Reader) PlanOfEntries(ctx context.Context, explain string, account mpesa.AccountID, period store.Period, before store.Entry, limit int) ([]string, error) {
	query, args := entriesQuery(account, period, before, limit)
	return r.plan(ctx, explain+query, args)
}

// PlanOfPayments is the same of Payments.
func (r *Reader) PlanOfPayments(ctx context.Context, explain string, f store.PaymentFilter, p store.Page) ([]string, error) {
	query, args := paymentsQuery(f, p)
	return r.plan(ctx, explain+query, args)
}

// plan reads the last column of each line: a plan's text.
func (r *Reader) plan(ctx context.Context, query string, args []any) (lines []string, err error) {
	rows, err := r.db.QueryContext(ctx, r.bind(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		line, to := "", make([]any, len(columns))
		for i := range to {
			to[i] = new(any)
		}
		to[len(to)-1] = &line
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}
