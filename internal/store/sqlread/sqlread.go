// Package sqlread is the reading side of both stores: the same tables, the same SQL, through database/sql.
package sqlread

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Reader implements store.Reader on a database/sql pool. Errors are store.ErrUnread.
type Reader struct {
	db       database
	numbered bool // placeholders are $1, $2 … instead of ?
	limits   Limits
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

// New makes a reader of SQLite.
func New(db *sql.DB) *Reader { return &Reader{db: db} }

// NewNumbered makes a reader of PostgreSQL, which numbers its placeholders.
func NewNumbered(db *sql.DB, limits Limits) *Reader { return &Reader{db, true, limits} }

// The columns of each table in the order in which scan functions read them.
const (
	paymentColumns    = "id, kind, state, payer, payee, business, amount, accepted_at, due_at, finished_at, result, previous, payee_previous, details"
	transferColumns   = "id, debit, credit, amount, kind, at, debit_after, credit_after, debit_entry, credit_entry"
	deliveryColumns   = "id, kind, state, owner, due_at, url, attempts"
	accountColumns    = "id, balance, held, day, spent, received, recent, last_payment, last_accepted, entries, last_entry_at"
	subscriberColumns = "msisdn, name, pin, wrong_pins, unfinished, blocked_until, answers, after_ms, limits, standing, held_until, holds"
	tokenColumns      = "digest, app, products, issued, expires"
)

type scanner interface{ Scan(dest ...any) error }

func scanPayment(row scanner) (p mpesa.Payment, err error) {
	var details string
	if err = row.Scan(&p.ID, &p.Kind, &p.State, &p.Payer, &p.Payee, &p.Business, &p.Amount, &p.AcceptedAt, &p.DueAt, &p.FinishedAt, &p.Result, &p.Previous, &p.PayeePrevious, &details); err == nil {
		err = store.ParseDocument(details, &p.Details)
	}
	return p, err
}

func scanTransfer(row scanner) (t mpesa.Transfer, err error) {
	err = row.Scan(&t.ID, &t.Debit, &t.Credit, &t.Amount, &t.Kind, &t.At, &t.DebitAfter, &t.CreditAfter, &t.DebitEntry, &t.CreditEntry)
	return t, err
}

func scanDelivery(row scanner) (d mpesa.Delivery, err error) {
	var attempts string
	if err = row.Scan(&d.ID, &d.Kind, &d.State, &d.Owner, &d.DueAt, &d.URL, &attempts); err == nil {
		err = store.ParseDocument(attempts, &d.Attempts)
	}
	return d, err
}

func scanAccount(row scanner) (a mpesa.Account, err error) {
	var recent []byte
	if err = row.Scan(&a.ID, &a.Balance, &a.Held, &a.Day, &a.Spent, &a.Received, &recent, &a.LastPayment, &a.LastAccepted, &a.Entries, &a.EntryAt); err == nil {
		a.Recent, err = store.ParseRecent(recent)
	}
	return a, err
}

func scanSubscriber(row scanner) (s mpesa.Subscriber, err error) {
	var pin []byte
	err = row.Scan(&s.MSISDN, &s.Name, &pin, &s.WrongPINs, &s.Unfinished, &s.BlockedUntil, &s.Answers, &s.AfterMS, &s.Limits, &s.Standing, &s.HeldUntil, &s.Holds)
	copy(s.PIN[:], pin)
	return s, err
}

func scanToken(row scanner) (t mpesa.Token, err error) {
	var digest []byte
	var products string
	if err = row.Scan(&digest, &t.App, &products, &t.Issued, &t.Expires); err == nil {
		copy(t.Digest[:], digest)
		err = store.ParseDocument(products, &t.Products)
	}
	return t, err
}

func scanDocument[T any](row scanner) (v T, err error) {
	var document string
	if err = row.Scan(&document); err == nil {
		err = store.ParseDocument(document, &v)
	}
	return v, err
}

func scanDuePayment(row scanner) (d store.DuePayment, err error) {
	err = row.Scan(&d.Payment, &d.Payer, &d.DueAt)
	return d, err
}

func scanNumber(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// bind numbers the placeholders where the database wants it.
func (r *Reader) bind(query string) string {
	if !r.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

func one[T any](ctx context.Context, r *Reader, scan func(scanner) (T, error), query string, args ...any) (*T, error) {
	return read(ctx, r, func(ctx context.Context) (*T, error) {
		v, err := scan(r.db.QueryRowContext(ctx, r.bind(query), args...))
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
		rows, err := r.db.QueryContext(ctx, r.bind(query), args...)
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

// Payment implements store.Reader.
func (r *Reader) Payment(ctx context.Context, id int64) (*mpesa.Payment, error) {
	return one(ctx, r, scanPayment, "SELECT "+paymentColumns+" FROM payments WHERE id = ?", id)
}

// ofCustomers is the condition of the index payments_accepted in its own words, by which a database knows that the index will do.
const ofCustomers = "kind IN (1, 4)"

// PaymentAcceptedAt implements store.Reader.
func (r *Reader) PaymentAcceptedAt(ctx context.Context, ms int64, payer mpesa.Party) (*mpesa.Payment, error) {
	return one(ctx, r, scanPayment, "SELECT "+paymentColumns+" FROM payments WHERE accepted_at = ? AND payer = ? AND kind = ? AND "+ofCustomers, ms, payer, mpesa.Express)
}

// OpenPayment implements store.Reader.
func (r *Reader) OpenPayment(ctx context.Context, payer mpesa.Party) (*mpesa.Payment, error) {
	return one(ctx, r, scanPayment, "SELECT "+paymentColumns+" FROM payments WHERE payer = ? AND state = 0", payer)
}

// Payments implements store.Reader.
func (r *Reader) Payments(ctx context.Context, f store.PaymentFilter, p store.Page) ([]mpesa.Payment, error) {
	query, args := paymentsQuery(f, p)
	return many(ctx, r, scanPayment, query, args...)
}

func paymentsQuery(f store.PaymentFilter, p store.Page) (query string, args []any) {
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
		if *f.State > mpesa.Failed {
			w.conditions = append(w.conditions, "state > 2") // by which a database knows that the index payments_waiting will do
		}
	}
	if f.Result != "" {
		w.and("result = ?", f.Result)
	}
	return "SELECT " + paymentColumns + " FROM payments" + w.clause() + " ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)
}

// longest is the longest that a payment by a customer takes, a prompt and a validation: of those that ended in a period, none was
// accepted so long before it. Payments are found by when they were accepted.
const longest = time.Hour

// PaidIn implements store.Reader.
func (r *Reader) PaidIn(ctx context.Context, payee mpesa.Party, period store.Period, offset, limit int) ([]mpesa.Payment, error) {
	return many(ctx, r, scanPayment, "SELECT "+paymentColumns+" FROM payments WHERE accepted_at BETWEEN ? AND ? AND payee = ? AND "+ofCustomers+" AND state = ? "+
		"AND finished_at BETWEEN ? AND ? ORDER BY accepted_at, id LIMIT ? OFFSET ?", period.From-longest.Milliseconds(), period.To, payee,
		mpesa.Completed, period.From, period.To, limit, offset)
}

// Transfers implements store.Reader.
func (r *Reader) Transfers(ctx context.Context, payment int64) ([]mpesa.Transfer, error) {
	return many(ctx, r, scanTransfer, "SELECT "+transferColumns+" FROM transfers WHERE id BETWEEN ? AND ? ORDER BY id", payment<<4, payment<<4|15)
}

// Delivery implements store.Reader.
func (r *Reader) Delivery(ctx context.Context, id int64) (*mpesa.Delivery, error) {
	return one(ctx, r, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries WHERE id = ?", id)
}

// Deliveries implements store.Reader.
func (r *Reader) Deliveries(ctx context.Context, owner mpesa.Shortcode, state *mpesa.DeliveryState, p store.Page) ([]mpesa.Delivery, error) {
	w := after(p)
	if owner != 0 {
		w.and("owner = ?", owner)
	}
	if state != nil {
		w.and("state = ?", *state)
	}
	return many(ctx, r, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries"+w.clause()+" ORDER BY id DESC LIMIT ?", append(w.args, p.Limit)...)
}

// Subscriber implements store.Reader.
func (r *Reader) Subscriber(ctx context.Context, phone msisdn.Number) (*mpesa.Subscriber, error) {
	return one(ctx, r, scanSubscriber, "SELECT "+subscriberColumns+" FROM subscribers WHERE msisdn = ?", phone)
}

// Subscribers implements store.Reader.
func (r *Reader) Subscribers(ctx context.Context, after msisdn.Number, limit int) ([]mpesa.Subscriber, error) {
	return many(ctx, r, scanSubscriber, "SELECT "+subscriberColumns+" FROM subscribers WHERE msisdn > ? ORDER BY msisdn LIMIT ?", after, limit)
}

// Account implements store.Reader.
func (r *Reader) Account(ctx context.Context, id mpesa.AccountID) (*mpesa.Account, error) {
	return one(ctx, r, scanAccount, "SELECT "+accountColumns+" FROM accounts WHERE id = ?", id)
}

// Accounts implements store.Reader.
func (r *Reader) Accounts(ctx context.Context, owner mpesa.Party) ([]mpesa.Account, error) {
	return many(ctx, r, scanAccount, "SELECT "+accountColumns+" FROM accounts WHERE id BETWEEN ? AND ? ORDER BY id", owner.Account(0), owner.Account(15))
}

// Organisation implements store.Reader.
func (r *Reader) Organisation(ctx context.Context, s mpesa.Shortcode) (*mpesa.Organisation, error) {
	return one(ctx, r, scanDocument[mpesa.Organisation], "SELECT document FROM organisations WHERE shortcode = ?", s)
}

// Organisations implements store.Reader.
func (r *Reader) Organisations(ctx context.Context, after mpesa.Shortcode, limit int) ([]mpesa.Organisation, error) {
	return many(ctx, r, scanDocument[mpesa.Organisation], "SELECT document FROM organisations WHERE shortcode > ? ORDER BY shortcode LIMIT ?", after, limit)
}

// Operator implements store.Reader.
func (r *Reader) Operator(ctx context.Context, id mpesa.OperatorID) (*mpesa.Operator, error) {
	if !Storable(id.Username) {
		return nil, nil
	}
	return one(ctx, r, scanDocument[mpesa.Operator], "SELECT document FROM operators WHERE shortcode = ? AND username = ?", id.Shortcode, id.Username)
}

// Operators implements store.Reader.
func (r *Reader) Operators(ctx context.Context, s mpesa.Shortcode) ([]mpesa.Operator, error) {
	return many(ctx, r, scanDocument[mpesa.Operator], "SELECT document FROM operators WHERE shortcode = ? ORDER BY username", s)
}

// Idempotency implements store.Reader.
func (r *Reader) Idempotency(ctx context.Context, k mpesa.IdempotencyKey) (int64, error) {
	if !Storable(k.Name) {
		return 0, nil
	}
	return r.number(ctx, "SELECT payment FROM idempotency WHERE owner = ? AND name = ?", k.Owner, k.Name)
}

// Originated implements store.Reader. It looks the name up for one organisation after the other, in one query: an index by name would
// cost each request a page written at random.
func (r *Reader) Originated(ctx context.Context, name string) (int64, error) {
	if !Storable(name) {
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

// Storable tells whether a text that a client sent can be in the database at all. With other ones PostgreSQL doesn't even compare.
func Storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// App implements store.Reader.
func (r *Reader) App(ctx context.Context, key string) (*mpesa.App, error) {
	if !Storable(key) {
		return nil, nil
	}
	return one(ctx, r, scanDocument[mpesa.App], "SELECT document FROM apps WHERE consumer_key = ?", key)
}

// Token implements store.Reader.
func (r *Reader) Token(ctx context.Context, digest mpesa.TokenDigest) (*mpesa.Token, error) {
	return one(ctx, r, scanToken, "SELECT "+tokenColumns+" FROM tokens WHERE digest = ?", digest[:])
}

// DuePayments implements store.Reader.
func (r *Reader) DuePayments(ctx context.Context, until int64, limit int) ([]store.DuePayment, error) {
	return many(ctx, r, scanDuePayment, "SELECT id, payer, due_at FROM payments WHERE state = 0 AND due_at <= ? "+
		"UNION ALL SELECT id, payer, due_at FROM payments WHERE state > 2 AND due_at <= ? ORDER BY due_at LIMIT ?", until, until, limit)
}

// DueDeliveries implements store.Reader.
func (r *Reader) DueDeliveries(ctx context.Context, until int64, limit int) ([]mpesa.Delivery, error) {
	return many(ctx, r, scanDelivery, "SELECT "+deliveryColumns+" FROM deliveries WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT ?", until, limit)
}

// Ping implements store.Reader.
func (r *Reader) Ping(ctx context.Context) error {
	_, err := read(ctx, r, func(ctx context.Context) (struct{}, error) { return struct{}{}, r.db.PingContext(ctx) })
	return err
}
