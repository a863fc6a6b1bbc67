// Package sqlread is the reading side of both stores: the same tables, the same SQL, through database/sql.
package sqlread

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// Reader implements store.Reader on a database/sql pool. Errors are store.ErrUnread.
type Reader struct {
	db      database
	dialect *tables.Dialect
	limits  Limits
}

// Limits bound what a server may keep a reader waiting for. The zero value bounds nothing.
type Limits struct {
	Read  time.Duration        // a query
	Again func(err error) bool // whether a query that failed is worth one more try
	Heavy *sql.DB              // for what reads everything, which is in nobody's way there; nil: as for the rest

	HeavyRead time.Duration // what reads everything
}

// database is what a reader needs of a *sql.DB.
type database interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error)
	PingContext(ctx context.Context) error
}

// New makes a reader of a database.
func New(db *sql.DB, d *tables.Dialect, limits Limits) *Reader { return &Reader{db, d, limits} }

type scanner interface{ Scan(dest ...any) error }

// described is a table or a log whose rows are read by their columns.
type described[T any] interface {
	Of() *tables.Schema
	Row(*unit.Columns) (T, error)
}

// rows scans rows of a table, whose columns a query selects by Schema.List.
func rows[T any](table described[T]) func(scanner) (T, error) {
	c := new(unit.Columns)
	into := tables.Cells(c, table.Of().Columns)
	return func(row scanner) (value T, err error) {
		if err = row.Scan(into...); err == nil {
			value, err = table.Row(c)
		}
		return value, err
	}
}

// from begins a query for rows of a table.
func from(table interface{ Of() *tables.Schema }) string {
	s := table.Of()
	return "SELECT " + s.List("") + " FROM " + s.Name + " "
}

func scanDue(row scanner) (d store.Due, err error) {
	err = row.Scan(&d.Number, &d.Kind, &d.State, &d.Payer, &d.DueAt)
	return d, err
}

func scanNumber(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

func one[T any](ctx context.Context, r *Reader, scan func(scanner) (T, error), query string, args ...any) (*T, error) {
	return read(ctx, r, func(ctx context.Context) (*T, error) {
		v, err := scan(r.db.QueryRowContext(ctx, r.dialect.Bind(query), args...))
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return &v, nil
	})
}

func many[T any](ctx context.Context, r *Reader, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	return read(ctx, r, func(ctx context.Context) ([]T, error) {
		rows, err := r.db.QueryContext(ctx, r.dialect.Bind(query), args...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var list []T
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, rows.Err()
	})
}

// read runs a query within the limit, and once more where that is worth it: a connection may have died since it was last used.
func read[T any](ctx context.Context, r *Reader, query func(context.Context) (T, error)) (v T, err error) {
	for try := 1; ; try++ {
		v, err = limited(ctx, r.limits.Read, query)
		if err == nil || errors.Is(err, store.ErrCorrupt) {
			return v, err
		}
		if try == 2 || ctx.Err() != nil || r.limits.Again == nil || !r.limits.Again(err) {
			return v, unread(err)
		}
	}
}

func limited[T any](ctx context.Context, limit time.Duration, query func(context.Context) (T, error)) (T, error) {
	if limit == 0 {
		return query(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return query(ctx)
}

// unread says of an error that nothing could be read, on one line.
func unread(err error) error {
	return fmt.Errorf("%w: %w", store.ErrUnread, store.OneLine(err))
}

// finder finds rows of a table by their keys.
type finder struct {
	r     *Reader
	ctx   context.Context
	table *tables.Schema
}

// Find implements tables.Finder.
func (f finder) Find(c *unit.Columns) (bool, error) {
	key, ok := f.key(c)
	if !ok {
		return false, nil
	}
	query := from(f.table) + "WHERE " + strings.Join(f.names(" = ?"), " AND ")
	err := f.r.db.QueryRowContext(f.ctx, f.r.dialect.Bind(query), key...).Scan(tables.Cells(c, f.table.Columns)...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// after reads at most so many rows after the key in the cells of c, and has each taken from there.
func (f finder) after(c *unit.Columns, limit int, take func() error) error {
	key, ok := f.key(c)
	if !ok {
		return nil
	}
	names := strings.Join(f.names(""), ", ")
	query := from(f.table) + "WHERE (" + names + ") > (?" + strings.Repeat(", ?", len(key)-1) + ") ORDER BY " + names + " LIMIT ?"
	list, err := f.r.db.QueryContext(f.ctx, f.r.dialect.Bind(query), append(key, limit)...)
	if err != nil {
		return err
	}
	defer list.Close()
	into := tables.Cells(c, f.table.Columns)
	for list.Next() {
		if err = list.Scan(into...); err == nil {
			err = take()
		}
		if err != nil {
			return err
		}
	}
	return list.Err()
}

// key is the key in the cells of c; ok is false where no row can have it.
func (f finder) key(c *unit.Columns) (key []any, ok bool) {
	for i, column := range f.table.Columns[:f.table.Keys] {
		switch cell := c.Cells[i]; column.Type {
		case unit.Integer:
			key = append(key, cell.Integer)
		case unit.String:
			key = append(key, cell.String)
		default:
			key = append(key, cell.Bytes)
		}
		if !tables.Storable(c.Cells[i].String) {
			return nil, false
		}
	}
	return key, true
}

// names lists the columns of the key, each before a text.
func (f finder) names(text string) (list []string) {
	for _, column := range f.table.Columns[:f.table.Keys] {
		list = append(list, column.Name+text)
	}
	return list
}

// table finds the table of rows that a *unit.Table names.
func table(rows any) tables.Any {
	return tables.All[slices.IndexFunc(tables.All, func(t tables.Any) bool { return t.Has(rows) })]
}

// Row implements store.Reader.
func (r *Reader) Row(ctx context.Context, rows, key any) (any, error) {
	t := table(rows)
	return read(ctx, r, func(ctx context.Context) (any, error) { return t.Find(key, new(unit.Columns), finder{r, ctx, t.Of()}) })
}

// After implements store.Reader.
func (r *Reader) After(ctx context.Context, rows, key any, limit int) (any, error) {
	t, c := table(rows), new(unit.Columns)
	return read(ctx, r, func(ctx context.Context) (any, error) {
		return t.After(key, c, func(take func() error) error { return finder{r, ctx, t.Of()}.after(c, limit, take) })
	})
}

// PaymentAcceptedAt implements store.Reader.
func (r *Reader) PaymentAcceptedAt(ctx context.Context, ms int64, payer mpesa.Party) (*mpesa.Payment, error) {
	return one(ctx, r, rows(tables.Payments), from(tables.Payments)+"WHERE accepted_at = ? AND payer = ? AND kind = ? AND "+tables.OfCustomers, ms, payer, mpesa.Express)
}

// Payments implements store.Reader.
func (r *Reader) Payments(ctx context.Context, f store.PaymentFilter, p store.Page) ([]mpesa.Payment, error) {
	query, args := filtered(f, p).newest(tables.Payments, p.Limit)
	return many(ctx, r, rows(tables.Payments), query, args...)
}

// filtered selects rows with headers.
func filtered(f store.PaymentFilter, p store.Page) where {
	w := after(p)
	if f.Payer != 0 {
		w.and("payer = ?", f.Payer)
	}
	if f.Party != 0 {
		w.and("(payer = ? OR payee = ?)", f.Party)
		w.args = append(w.args, f.Party)
	}
	if f.Kind != 0 {
		w.and("kind = ?", f.Kind)
	}
	if f.Business != 0 {
		w.and("business = ?", f.Business)
	}
	if f.State != nil {
		w.and("state = ?", *f.State)
		switch { // by the words of an index a database knows that it will do
		case *f.State == mpesa.Prompting:
			w.conditions = append(w.conditions, tables.Open)
		case *f.State > mpesa.Failed:
			w.conditions = append(w.conditions, tables.Waiting)
		}
	}
	if f.Result != "" {
		w.and("result = ?", f.Result)
		if f.Result != "0" {
			w.conditions = append(w.conditions, tables.HasFailed)
		}
	}
	return w
}

// longest is the longest that a payment by a customer takes, a prompt and a validation: of those that ended in a period, none was
// accepted as long before it. Payments are found by when they were accepted.
const longest = time.Hour

// PaidIn implements store.Reader.
func (r *Reader) PaidIn(ctx context.Context, payee mpesa.Party, period store.Period, offset, limit int) ([]mpesa.Payment, error) {
	return many(ctx, r, rows(tables.Payments), from(tables.Payments)+"WHERE accepted_at BETWEEN ? AND ? AND payee = ? AND "+tables.OfCustomers+" AND state = ? "+
		"AND finished_at BETWEEN ? AND ? ORDER BY accepted_at, id LIMIT ? OFFSET ?", period.From-longest.Milliseconds(), period.To, payee,
		mpesa.Completed, period.From, period.To, limit, offset)
}

// Transfers implements store.Reader.
func (r *Reader) Transfers(ctx context.Context, payment int64) ([]mpesa.Transfer, error) {
	return many(ctx, r, rows(tables.Transfers), from(tables.Transfers)+"WHERE id BETWEEN ? AND ? ORDER BY id", payment<<4, payment<<4|15)
}

// Deliveries implements store.Reader.
func (r *Reader) Deliveries(ctx context.Context, owner mpesa.Shortcode, state *mpesa.DeliveryState, p store.Page) ([]mpesa.Delivery, error) {
	w := after(p)
	if owner != 0 {
		w.and("owner = ?", owner)
	}
	if state != nil {
		w.and("state = ?", *state)
		switch *state {
		case mpesa.Pending:
			w.conditions = append(w.conditions, tables.ToBeTold)
		case mpesa.GivenUp, mpesa.Abandoned:
			w.conditions = append(w.conditions, tables.ToldInVain)
		}
	}
	return many(ctx, r, rows(tables.Deliveries), from(tables.Deliveries)+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

// Accounts implements store.Reader.
func (r *Reader) Accounts(ctx context.Context, owner mpesa.Party) ([]mpesa.Account, error) {
	return many(ctx, r, rows(tables.Accounts), from(tables.Accounts)+"WHERE id BETWEEN ? AND ? ORDER BY id", owner.Account(0), owner.Account(15))
}

// Operators implements store.Reader.
func (r *Reader) Operators(ctx context.Context, s mpesa.Shortcode) ([]mpesa.Operator, error) {
	return many(ctx, r, rows(tables.Operators), from(tables.Operators)+"WHERE shortcode = ? ORDER BY username", s)
}

// Originated implements store.Reader. It looks the name up for one organisation after the other, in one query: an index by name would
// cost each request a page written at random.
func (r *Reader) Originated(ctx context.Context, name string) (int64, error) {
	if !tables.Storable(name) {
		return 0, nil
	}
	return r.number(ctx, "SELECT i.payment FROM organisations AS o CROSS JOIN idempotency AS i "+
		"WHERE i.owner = o.shortcode AND i.name = ? ORDER BY o.shortcode LIMIT 1", name)
}

// number runs a query for one number: 0 where there is none.
func (r *Reader) number(ctx context.Context, query string, args ...any) (int64, error) {
	n, err := one(ctx, r, scanNumber, query, args...)
	if n == nil {
		return 0, err
	}
	return *n, err
}

// Token implements store.Reader.
func (r *Reader) Token(ctx context.Context, digest mpesa.TokenDigest) (*mpesa.Token, error) {
	return one(ctx, r, rows(tables.Tokens), from(tables.Tokens)+"WHERE digest = ?", digest[:])
}

// Due implements store.Reader.
func (r *Reader) Due(ctx context.Context, until int64, limit int) ([]store.Due, error) {
	var queries []string
	var args []any
	for _, x := range activities {
		for _, condition := range x.waiting {
			queries = append(queries, "SELECT id, kind, state, payer, due_at FROM "+x.name+" WHERE "+condition+" AND due_at <= ?")
			args = append(args, until)
		}
	}
	return many(ctx, r, scanDue, strings.Join(queries, " UNION ALL ")+" ORDER BY due_at LIMIT ?", append(args, limit)...)
}

// DueDeliveries implements store.Reader.
func (r *Reader) DueDeliveries(ctx context.Context, until int64, limit int) ([]mpesa.Delivery, error) {
	return many(ctx, r, rows(tables.Deliveries), from(tables.Deliveries)+"WHERE "+tables.ToBeTold+" AND due_at <= ? ORDER BY due_at LIMIT ?", until, limit)
}

// Ping implements store.Reader.
func (r *Reader) Ping(ctx context.Context) error {
	_, err := read(ctx, r, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.db.PingContext(ctx) })
	return err
}
