package sqlread

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// Owned implements store.Reader.
func (r *Reader) Owned(ctx context.Context, owner msisdn.Number) ([]mpesa.Organisation, error) {
	return many(ctx, r, rows(tables.Organisations), from(tables.Organisations)+"WHERE owner = ? AND "+tables.Owned+" ORDER BY shortcode", owner)
}

// WithURLs implements store.Reader.
func (r *Reader) WithURLs(ctx context.Context, after mpesa.Shortcode, limit int) ([]mpesa.Organisation, error) {
	return many(ctx, r, rows(tables.Organisations), from(tables.Organisations)+"WHERE shortcode > ? AND "+tables.WithURLs+" ORDER BY shortcode LIMIT ?", after, limit)
}

// side selects the entries of one side of an account, in the words of its index.
func side(column string) string {
	return "SELECT " + tables.Transfers.List("") + ", " + column + "_entry AS entry FROM transfers WHERE " + column + " = ? AND " + tables.OfOrganisation(column)
}

// Entries implements store.Reader.
func (r *Reader) Entries(ctx context.Context, account mpesa.AccountID, period store.Period, before store.Entry, limit int) ([]mpesa.Transfer, error) {
	query, args := entriesQuery(account, period, before, limit)
	return many(ctx, r, entry(), query, args...)
}

// entriesQuery takes the newest of each side along its index, and of those the newest. Their time has one upper bound: of two SQLite may
// begin at the later one, and read all that earlier pages have shown.
func entriesQuery(account mpesa.AccountID, period store.Period, before store.Entry, limit int) (query string, args []any) {
	condition, args := " AND at BETWEEN ? AND ?", []any{account, period.From, period.To}
	if before != (store.Entry{}) {
		condition += " AND (at < ? OR %entry < ?)"
		args = []any{account, period.From, min(period.To, before.At), before.At, before.Number}
	}
	args = append(args, limit)
	newest := func(column string) string {
		entry := column + "_entry"
		return "SELECT * FROM (" + side(column) + strings.ReplaceAll(condition, "%entry", entry) + " ORDER BY at DESC, " + entry + " DESC LIMIT ?) AS " + entry + "s"
	}
	return newest("debit") + " UNION ALL " + newest("credit") + " ORDER BY at DESC, entry DESC LIMIT ?", append(append(args, args...), limit)
}

// entry scans a transfer with the number of its entry behind it, by which they were ordered.
func entry() func(scanner) (mpesa.Transfer, error) {
	scan, number := rows(tables.Transfers), new(int64)
	return func(row scanner) (mpesa.Transfer, error) { return scan(with{row, nil, []any{number}}) }
}

// with scans rows that have columns more, before or after the table's.
type with struct {
	scanner
	before, after []any
}

func (w with) Scan(into ...any) error {
	return w.scanner.Scan(slices.Concat(w.before, into, w.after)...)
}

// BulkRows implements store.Reader.
func (r *Reader) BulkRows(ctx context.Context, bulk, after int64, limit int) ([]portal.BulkRow, error) {
	return many(ctx, r, rows(tables.BulkRows), from(tables.BulkRows)+"WHERE bulk = ? AND line > ? ORDER BY line LIMIT ?", bulk, after, limit)
}

// Tasks implements store.Reader.
func (r *Reader) Tasks(ctx context.Context, f store.TaskFilter, p store.Page) ([]portal.Task, error) {
	w := after(p)
	w.and("business = ?", f.Business)
	switch {
	case f.Waiting:
		w.conditions = append(w.conditions, tables.ToBeApproved)
	case f.Decided:
		w.conditions = append(w.conditions, "NOT "+tables.ToBeApproved)
	case f.Bulk:
		w.conditions = append(w.conditions, tables.OfBulkFiles)
	}
	if f.Initiator != "" {
		w.and(r.detail("initiator")+" = ?", f.Initiator)
	}
	query, args := w.newest(tables.Tasks, p.Limit)
	return many(ctx, r, rows(tables.Tasks), query, args...)
}

// BulkPayments implements store.Reader.
func (r *Reader) BulkPayments(ctx context.Context, bulk, after int64, failed bool, limit int) ([]store.BulkPayment, error) {
	condition, payment := "", rows(tables.Payments)
	if failed {
		condition = " AND " + tables.Is("p.state", mpesa.Failed)
	}
	scan := func(row scanner) (x store.BulkPayment, err error) {
		x.Payment, err = payment(with{row, []any{&x.Line}, nil})
		return x, err
	}
	return many(ctx, r, scan, "SELECT r.line, "+tables.Payments.List("p.")+" FROM bulk_rows AS r JOIN payments AS p ON p.id = r.payment WHERE r.bulk = ? AND r.line > ?"+condition+
		" ORDER BY r.line LIMIT ?", bulk, after, limit)
}

// Messages implements store.Reader.
func (r *Reader) Messages(ctx context.Context, phone msisdn.Number, p store.Page) ([]mpesa.Message, error) {
	w := after(p)
	w.and("msisdn = ?", phone)
	return many(ctx, r, rows(tables.Messages), from(tables.Messages)+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

// Audit implements store.Reader.
func (r *Reader) Audit(ctx context.Context, business mpesa.Shortcode, p store.Page) ([]mpesa.AuditEntry, error) {
	w := after(p)
	w.and("business = ?", business)
	return many(ctx, r, rows(tables.Audit), from(tables.Audit)+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

// EndedSessions implements store.Store.
func (r *Reader) EndedSessions(ctx context.Context, now time.Time) ([]string, error) {
	scan := func(row scanner) (id string, err error) { return id, row.Scan(&id) }
	return many(ctx, r, scan, "SELECT id FROM ended_sessions WHERE until >= ?", now.UnixMilli())
}
