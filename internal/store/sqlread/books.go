package sqlread

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// Books implements store.Reader. It reads every transfer, in one snapshot.
func (r *Reader) Books(ctx context.Context, e store.Evidence) (b store.Books, err error) {
	read := func(ctx context.Context) (store.Books, error) { return r.books(ctx, e) }
	if b, err = limited(ctx, r.limits.HeavyRead, read); err != nil {
		err = unread(err)
	}
	return b, err
}

func (r *Reader) books(ctx context.Context, e store.Evidence) (b store.Books, err error) {
	db := r.db
	if r.limits.Heavy != nil {
		db = r.limits.Heavy
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: r.dialect.Snapshot})
	if err != nil {
		return b, err
	}
	defer tx.Rollback()
	for _, q := range []struct {
		into  any
		query string
	}{
		{&b.Accounts, "SELECT COUNT(*) FROM accounts"},
		{&b.Transfers, "SELECT COUNT(*) FROM transfers"},
		{&b.Payments, counted(false)},
		{&b.Open, counted(true)},
		{&b.Sum, "SELECT COALESCE(CAST(SUM(balance) AS BIGINT), 0) FROM accounts"},
	} {
		if err := tx.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return b, err
		}
	}
	for _, c := range r.checks() {
		d := store.Discrepancy{Check: c.name}
		err := each(ctx, tx, c.query, func(rows *sql.Rows) error {
			var row int64
			if err := rows.Scan(&row); err != nil {
				return err
			}
			d.Add(c.row(row))
			return nil
		})
		if err != nil {
			return b, err
		}
		b.Note(d)
	}
	return b, r.walk(ctx, tx, e, &b)
}

// check is something that has to hold for every row of the books.
type check struct {
	name  string
	row   func(int64) string // names a row
	query string             // gives the numbers of the rows for which it doesn't hold
}

// transfersOf selects the transfers of the payment p.
const transfersOf = "FROM transfers AS t WHERE t.id BETWEEN p.id * 16 AND p.id * 16 + 15"

// checks lists what is checked in SQL. What must come with a payment is what the rules write with it (mpesa.View.finish, AcceptRequest).
func (r *Reader) checks() []check {
	completed := tables.Is("state", mpesa.Completed)
	untold := tables.In("state", mpesa.Completed, mpesa.Failed) + " AND NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.id = p.id * 16 AND d.owner = p.business)"
	return []check{
		{store.BalanceDiffers, account, `
			SELECT id FROM (
				SELECT credit AS id, SUM(amount) AS amount, 0 AS balance, COUNT(*) AS transfers, 0 AS entries FROM transfers GROUP BY credit
				UNION ALL SELECT debit, -SUM(amount), 0, COUNT(*), 0 FROM transfers GROUP BY debit
				UNION ALL SELECT id, 0, balance, 0, entries FROM accounts
			) AS moves GROUP BY id HAVING SUM(amount) <> SUM(balance) OR SUM(transfers) <> SUM(entries)`},
		{store.EntryDoesNotFollow, account, `
			SELECT DISTINCT account FROM (
				SELECT account, entry, moved, after, LAG(after, 1, 0) OVER entries AS before, ROW_NUMBER() OVER entries AS number FROM (
					SELECT debit AS account, debit_entry AS entry, -amount AS moved, debit_after AS after FROM transfers
					UNION ALL SELECT credit, credit_entry, amount, credit_after FROM transfers
				) AS sides WINDOW entries AS (PARTITION BY account ORDER BY entry)
			) AS steps WHERE entry <> number OR after <> before + moved`},
		{store.Overdrawn, account, "SELECT id FROM accounts WHERE balance < held AND (id & 15) NOT IN (" + kinds(mpesa.AccountKind.MayOwe) + ")"},
		{store.HeldDiffers, account, `
			SELECT id FROM (SELECT id, held FROM accounts UNION ALL SELECT account, -amount FROM holds) AS sides GROUP BY id HAVING SUM(held) <> 0`},
		{store.HeldByNone, payment, "SELECT DISTINCT h.id / 16 FROM holds AS h WHERE NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.id = h.id / 16 AND " + tables.Waiting + ")" +
			" AND NOT EXISTS (SELECT 1 FROM tasks AS t WHERE t.id = h.id / 16 AND " + tables.ToBeApproved + ")"},
		{store.NotHeld, payment, "SELECT w.id FROM (SELECT id, amount FROM payments WHERE " + tables.Is("state", mpesa.Validating) +
			" UNION ALL SELECT id, amount FROM tasks WHERE " + tables.ToBeApproved + ") AS w WHERE w.amount > " +
			"(SELECT COALESCE(CAST(SUM(h.amount) AS BIGINT), 0) FROM holds AS h WHERE h.id BETWEEN w.id * 16 AND w.id * 16 + 15)"},
		{store.NotMoved, payment, "SELECT p.id FROM payments AS p WHERE (" + completed + " AND kind IN (" + kinds(mpesa.Kind.MovesMoney) + ")) <> EXISTS (SELECT 1 " + transfersOf + ")"},
		{store.NotMade, payment, "SELECT t.id FROM tasks AS t WHERE (" + tables.Is("t.state", mpesa.Completed) + ") <> EXISTS (SELECT 1 FROM payments AS p WHERE p.id = t.id)"},
		{store.NoPayment, payment, "SELECT DISTINCT t.id / 16 FROM transfers AS t WHERE NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.id = t.id / 16)"},
		{store.AmountDiffers, payment, "SELECT p.id FROM payments AS p WHERE " + completed + " AND kind IN (" + kinds(mpesa.Kind.MovesMoney) + ") AND " +
			"(SELECT COALESCE(CAST(SUM(t.amount) AS BIGINT), 0) " + transfersOf + " AND t.kind = " + number(mpesa.Principal) + ") <> " +
			"p.amount * CASE WHEN kind = " + number(mpesa.RevenueSettled) + " THEN 2 ELSE 1 END"}, // which passes through the settlement account
		{store.KeyMissing, payment, "SELECT p.id FROM payments AS p WHERE kind IN (" + kinds(mpesa.Kind.Initiated) + ") AND " + r.detail("orig") + " <> '' AND " +
			"NOT EXISTS (SELECT 1 FROM idempotency AS i WHERE i.owner = p.business AND i.name = " + r.detail("orig") + " AND i.payment = p.id)"},
		{store.NotDelivered, payment, "SELECT p.id FROM payments AS p WHERE " + untold +
			" AND (kind IN (" + kinds(mpesa.Kind.AlwaysTold) + ") OR kind IN (" + kinds(mpesa.Kind.Initiated) + ") AND " + r.detail("url") + " <> '')" +
			" UNION ALL SELECT p.id FROM queries AS p WHERE " + untold + " UNION ALL SELECT p.id FROM standing_orders AS p WHERE " + untold},
	}
}

// detail is a text in the details of a row.
func (r *Reader) detail(name string) string {
	return "COALESCE(details" + r.dialect.JSON + " ->> '" + name + "', '')"
}

func account(id int64) string { return mpesa.AccountID(id).String() }

func payment(id int64) string { return "payment " + strconv.FormatInt(id, 10) }

// each runs a query and hands over its rows one after the other.
func each(ctx context.Context, tx *sql.Tx, query string, do func(*sql.Rows) error, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// kinds lists the numbers of the kinds for which a rule holds, for SQL.
func kinds[K interface {
	~int64
	String() string
}](rule func(K) bool) string {
	var list []string
	for k := K(1); k.String() != ""; k++ {
		if rule(k) {
			list = append(list, number(k))
		}
	}
	return strings.Join(list, ", ")
}

func number[K ~int64](k K) string { return strconv.FormatInt(int64(k), 10) }
