package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// The bulk statements. Each takes a column as an array: first the numbers, then the texts, then the bytes. New rows are inserted
// in the order of their keys, so that two units that insert the same ones wait for each other in the same order.
const (
	insertSubscribers = `INSERT INTO subscribers (msisdn, wrong_pins, unfinished, blocked_until, after_ms, held_until, name, answers, limits, standing, holds, pin)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[]) ORDER BY 1`
	updateSubscribers = `UPDATE subscribers AS old SET wrong_pins = n.wrong_pins, unfinished = n.unfinished, blocked_until = n.blocked_until, after_ms = n.after_ms,
			held_until = n.held_until, name = n.name, answers = n.answers, limits = n.limits, standing = n.standing, holds = n.holds, pin = n.pin
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[])
			AS n (msisdn, wrong_pins, unfinished, blocked_until, after_ms, held_until, name, answers, limits, standing, holds, pin)
		WHERE old.msisdn = n.msisdn`

	insertPayments = `INSERT INTO payments (id, state, due_at, finished_at, previous, payee_previous, payee, kind, payer, business, amount, accepted_at, result, details)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
			$10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[])`
	updatePayments = `UPDATE payments AS old SET state = n.state, due_at = n.due_at, finished_at = n.finished_at, previous = n.previous,
			payee_previous = n.payee_previous, payee = n.payee, result = n.result, details = COALESCE(NULLIF(n.details, ''), old.details)
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
			AS n (id, state, due_at, finished_at, previous, payee_previous, payee, result, details)
		WHERE old.id = n.id`

	insertIdempotency = `INSERT INTO idempotency (owner, payment, name)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) ORDER BY 1, 3`

	insertTransfers = `INSERT INTO transfers (id, debit, credit, amount, kind, at, debit_after, credit_after, debit_entry, credit_entry)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])`

	insertAccounts = `INSERT INTO accounts (id, balance, held, day, spent, received, last_payment, last_accepted, entries, last_entry_at, recent)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[]) ORDER BY 1`
	updateAccounts = `UPDATE accounts AS old SET balance = n.balance, held = n.held, day = n.day, spent = n.spent, received = n.received, last_payment = n.last_payment,
			last_accepted = n.last_accepted, entries = n.entries, last_entry_at = n.last_entry_at, recent = n.recent
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[])
			AS n (id, balance, held, day, spent, received, last_payment, last_accepted, entries, last_entry_at, recent)
		WHERE old.id = n.id`

	insertBulkRows = `INSERT INTO bulk_rows (bulk, line, phone, amount, payment, remarks)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])`
	updateBulkRows = `UPDATE bulk_rows AS old SET payment = n.payment FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (bulk, line, payment)
		WHERE old.bulk = n.bulk AND old.line = n.line`
	insertMessages = `INSERT INTO messages (msisdn, id, at, text) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])`
	insertAudit    = `INSERT INTO audit (id, at, business, username, source, via, action, subject, refused)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])`

	insertDeliveries = `INSERT INTO deliveries (id, state, due_at, kind, owner, attempts, url)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])`
	updateDeliveries = `UPDATE deliveries AS old SET state = n.state, due_at = n.due_at, attempts = n.attempts
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) AS n (id, state, due_at, attempts)
		WHERE old.id = n.id`
)

// write queues the statements that write all changes of a view. What they update is locked already. Only an insert may have to wait for
// another unit, which inserts the same key: so the tables come in the same order in all units, and in each table the rows that others may
// insert too. Subscribers come first: where two nodes make the same customer, that is what they find out by.
func write(b *pgx.Batch, v *unit.View) error {
	writeSubscribers(b, v)
	if err := writePayments(b, v); err != nil {
		return err
	}
	writeIdempotency(b, v)
	writeTransfers(b, v)
	writeAccounts(b, v)
	if err := writeDeliveries(b, v); err != nil {
		return err
	}
	writePortal(b, v)
	return writeSettings(b, v)
}

func writeSubscribers(b *pgx.Batch, v *unit.View) {
	inserts, updates := changes(mpesa.Subscribers.Changes(v))
	for s, isNew := range mpesa.Subscribers.In(v).Changed {
		c := either(isNew, &inserts, &updates)
		c.add(int64(s.MSISDN), s.WrongPINs, s.Unfinished, s.BlockedUntil, s.AfterMS, s.HeldUntil)
		c.addTexts(s.Name, string(s.Answers), s.Limits, string(s.Standing), string(s.Holds))
		c.blobs = append(c.blobs, s.PIN[:])
	}
	inserts.queue(b, insertSubscribers)
	updates.queue(b, updateSubscribers)
}

func writePayments(b *pgx.Batch, v *unit.View) error {
	inserts, updates := changes(mpesa.Payments.Changes(v))
	for p, isNew := range mpesa.Payments.In(v).Changed {
		details := "" // unchanged
		if isNew || !p.KeepsDetails() {
			var err error
			if details, err = store.DetailsDocument(&p.Details); err != nil {
				return err
			}
		}
		if isNew {
			inserts.add(p.ID, int64(p.State), p.DueAt, p.FinishedAt, p.Previous, p.PayeePrevious, int64(p.Payee),
				int64(p.Kind), int64(p.Payer), int64(p.Business), int64(p.Amount), p.AcceptedAt)
			inserts.addTexts(string(p.Result), details)
		} else {
			updates.add(p.ID, int64(p.State), p.DueAt, p.FinishedAt, p.Previous, p.PayeePrevious, int64(p.Payee))
			updates.addTexts(string(p.Result), details)
		}
	}
	updates.queue(b, updatePayments) // first: the payment that ends leaves its place in payments_open to the payer's next one
	inserts.queue(b, insertPayments)
	return nil
}

// writeIdempotency inserts in the order of the keys, as two nodes may insert the same ones.
func writeIdempotency(b *pgx.Batch, v *unit.View) {
	inserts := columns{most: mpesa.Idempotency.Changes(v)}
	for k, payment := range mpesa.Idempotency.In(v).ChangedKeys {
		inserts.add(int64(k.Owner), *payment)
		inserts.addTexts(k.Name)
	}
	inserts.queue(b, insertIdempotency)
}

func writeTransfers(b *pgx.Batch, v *unit.View) {
	inserts := columns{most: len(mpesa.Transfers.Added(v))}
	for i := range mpesa.Transfers.Added(v) {
		t := &mpesa.Transfers.Added(v)[i]
		inserts.add(t.ID, int64(t.Debit), int64(t.Credit), int64(t.Amount), int64(t.Kind), t.At, int64(t.DebitAfter), int64(t.CreditAfter), t.DebitEntry, t.CreditEntry)
	}
	inserts.queue(b, insertTransfers)
}

func writeAccounts(b *pgx.Batch, v *unit.View) {
	inserts, updates := changes(mpesa.Accounts.Changes(v))
	for a, isNew := range mpesa.Accounts.In(v).Changed {
		c := either(isNew, &inserts, &updates)
		c.add(int64(a.ID), int64(a.Balance), int64(a.Held), a.Day, int64(a.Spent), int64(a.Received), a.LastPayment, a.LastAccepted, a.Entries, a.EntryAt)
		c.blobs = append(c.blobs, store.AppendRecent([]byte{}, a.Recent))
	}
	inserts.queue(b, insertAccounts)
	updates.queue(b, updateAccounts)
}

func writeDeliveries(b *pgx.Batch, v *unit.View) error {
	inserts, updates := changes(mpesa.Deliveries.Changes(v))
	for d, isNew := range mpesa.Deliveries.In(v).Changed {
		attempts, err := store.AttemptsDocument(d.Attempts)
		if err != nil {
			return err
		}
		if isNew {
			inserts.add(d.ID, int64(d.State), d.DueAt, int64(d.Kind), int64(d.Owner))
			inserts.addTexts(attempts, d.URL)
		} else {
			updates.add(d.ID, int64(d.State), d.DueAt)
			updates.addTexts(attempts)
		}
	}
	inserts.queue(b, insertDeliveries)
	updates.queue(b, updateDeliveries)
	return nil
}

// writePortal queues what comes of the organisation portal: rows of bulk files, SMS and the audit.
func writePortal(b *pgx.Batch, v *unit.View) {
	inserts, updates := changes(mpesa.BulkRows.Changes(v))
	for r, isNew := range mpesa.BulkRows.In(v).Changed {
		if isNew {
			inserts.add(r.ID.Bulk, r.ID.Line, int64(r.Phone), int64(r.Amount), r.Payment)
			inserts.addTexts(r.Remarks)
		} else {
			updates.add(r.ID.Bulk, r.ID.Line, r.Payment)
		}
	}
	inserts.queue(b, insertBulkRows)
	updates.queue(b, updateBulkRows)
	messages, audit := columns{most: len(mpesa.Messages.Added(v))}, columns{most: len(mpesa.Audit.Added(v))}
	for _, m := range mpesa.Messages.Added(v) {
		messages.add(int64(m.Phone), m.ID, m.At)
		messages.addTexts(m.Text)
	}
	for _, e := range mpesa.Audit.Added(v) {
		audit.add(e.ID, e.At, int64(e.Business))
		audit.addTexts(e.Username, e.From, string(e.Via), e.Action, e.Subject, e.Refused)
	}
	messages.queue(b, insertMessages)
	audit.queue(b, insertAudit)
}

// columns are the rows of a bulk statement, column by column.
type columns struct {
	most    int // rows
	numbers [][]int64
	texts   [][]string
	blobs   [][]byte
}

func (c *columns) add(row ...int64)       { c.numbers = addRow(c.numbers, row, c.most) }
func (c *columns) addTexts(row ...string) { c.texts = addRow(c.texts, row, c.most) }

func addRow[T any](columns [][]T, row []T, most int) [][]T {
	if columns == nil {
		columns = make([][]T, len(row))
		for i := range columns {
			columns[i] = make([]T, 0, most)
		}
	}
	for i, x := range row {
		columns[i] = append(columns[i], x)
	}
	return columns
}

// queue queues the statement unless there are no rows.
func (c *columns) queue(b *pgx.Batch, statement string) {
	if c.numbers == nil {
		return
	}
	args := make([]any, 0, len(c.numbers)+len(c.texts)+1)
	for _, x := range c.numbers {
		args = append(args, x)
	}
	for _, x := range c.texts {
		args = append(args, x)
	}
	if c.blobs != nil {
		args = append(args, c.blobs)
	}
	b.Queue(statement, args...)
}

// changes makes room for the rows of one table, n in all.
func changes(n int) (inserts, updates columns) { return columns{most: n}, columns{most: n} }

func either[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}
