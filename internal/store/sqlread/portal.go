package sqlread

import (
	"context"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Apps implements store.Reader.
func (r *Reader) Apps(ctx context.Context, after string, limit int) ([]mpesa.App, error) {
	if !Storable(after) {
		return nil, nil
	}
	return many(ctx, r, scanDocument[mpesa.App], "SELECT document FROM apps WHERE consumer_key > ? ORDER BY consumer_key LIMIT ?", after, limit)
}

// The conditions of the indexes of statements in their own words, by which a database knows that they will do.
const (
	debited  = "SELECT " + transferColumns + ", debit_entry AS entry FROM transfers WHERE debit = ? AND debit > 15 AND debit < 160000000"
	credited = "SELECT " + transferColumns + ", credit_entry AS entry FROM transfers WHERE credit = ? AND credit > 15 AND credit < 160000000"
)

// Entries implements store.Reader.
func (r *Reader) Entries(ctx context.Context, account mpesa.AccountID, period store.Period, before store.Entry, limit int) ([]mpesa.Transfer, error) {
	query, args := entriesQuery(account, period, before, limit)
	return many(ctx, r, scanEntry, query, args...)
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
	side := func(query, entry string) string {
		return "SELECT * FROM (" + query + strings.ReplaceAll(condition, "%entry", entry) + " ORDER BY at DESC, " + entry + " DESC LIMIT ?) AS " + entry + "s"
	}
	return side(debited, "debit_entry") + " UNION ALL " + side(credited, "credit_entry") + " ORDER BY at DESC, entry DESC LIMIT ?", append(append(args, args...), limit)
}

func scanEntry(row scanner) (t mpesa.Transfer, err error) {
	var entry int64
	err = row.Scan(&t.ID, &t.Debit, &t.Credit, &t.Amount, &t.Kind, &t.At, &t.DebitAfter, &t.CreditAfter, &t.DebitEntry, &t.CreditEntry, &entry)
	return t, err
}

// BulkRows implements store.Reader.
func (r *Reader) BulkRows(ctx context.Context, bulk, after int64, limit int) ([]mpesa.BulkRow, error) {
	return many(ctx, r, scanBulkRow, "SELECT bulk, line, phone, amount, remarks, payment FROM bulk_rows WHERE bulk = ? AND line > ? ORDER BY line LIMIT ?", bulk, after, limit)
}

// BulkFiles implements store.Reader.
func (r *Reader) BulkFiles(ctx context.Context, business mpesa.Shortcode, p store.Page) ([]mpesa.Payment, error) {
	w := after(p)
	w.and("business = ?", business)
	return many(ctx, r, scanPayment, "SELECT "+paymentColumns+" FROM payments"+w.clause()+" AND "+bulkFiles+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

// bulkFiles is the condition of the index payments_bulk in its own words.
const bulkFiles = "kind = 17"

// BulkPayments implements store.Reader.
func (r *Reader) BulkPayments(ctx context.Context, bulk, after int64, failed bool, limit int) ([]store.BulkPayment, error) {
	condition := ""
	if failed {
		condition = " AND p.state = 2"
	}
	columns := "p." + strings.ReplaceAll(paymentColumns, ", ", ", p.")
	return many(ctx, r, scanBulkPayment, "SELECT r.line, "+columns+" FROM bulk_rows AS r JOIN payments AS p ON p.id = r.payment WHERE r.bulk = ? AND r.line > ?"+condition+
		" ORDER BY r.line LIMIT ?", bulk, after, limit)
}

func scanBulkPayment(row scanner) (x store.BulkPayment, err error) {
	x.Payment, err = scanPayment(&led{row, &x.Line})
	return x, err
}

// led scans rows that begin with a column more.
type led struct {
	scanner
	first *int64
}

func (l *led) Scan(into ...any) error { return l.scanner.Scan(append([]any{l.first}, into...)...) }

func scanBulkRow(row scanner) (x mpesa.BulkRow, err error) {
	err = row.Scan(&x.ID.Bulk, &x.ID.Line, &x.Phone, &x.Amount, &x.Remarks, &x.Payment)
	return x, err
}

// Messages implements store.Reader.
func (r *Reader) Messages(ctx context.Context, phone msisdn.Number, p store.Page) ([]mpesa.Message, error) {
	w := after(p)
	w.and("msisdn = ?", phone)
	return many(ctx, r, scanMessage, "SELECT id, msisdn, at, text FROM messages"+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

func scanMessage(row scanner) (m mpesa.Message, err error) {
	err = row.Scan(&m.ID, &m.Phone, &m.At, &m.Text)
	return m, err
}

// Audit implements store.Reader.
func (r *Reader) Audit(ctx context.Context, business mpesa.Shortcode, p store.Page) ([]mpesa.AuditEntry, error) {
	w := after(p)
	w.and("business = ?", business)
	return many(ctx, r, scanAudit, "SELECT id, at, business, username, source, via, action, subject, refused FROM audit"+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

func scanAudit(row scanner) (e mpesa.AuditEntry, err error) {
	err = row.Scan(&e.ID, &e.At, &e.Business, &e.Username, &e.From, &e.Via, &e.Action, &e.Subject, &e.Refused)
	return e, err
}

// EndedSessions implements store.Store.
func (r *Reader) EndedSessions(ctx context.Context, now time.Time) ([]string, error) {
	scan := func(row scanner) (id string, err error) { return id, row.Scan(&id) }
	return many(ctx, r, scan, "SELECT id FROM ended_sessions WHERE until >= ?", now.UnixMilli())
}
