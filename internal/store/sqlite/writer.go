package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// writer holds the statements of the units of work, prepared once.
type writer struct {
	conn *sqlite.Conn

	begin, read, commit, rollback, version *sqlite.Stmt

	reading bool // a transaction that only reads is under way

	subscriber, account, payment, openPayment, delivery *sqlite.Stmt // reads
	operator, idempotency, organisation, app, bulkRow   *sqlite.Stmt // reads

	putSubscriber, insertAccount, updateAccount               *sqlite.Stmt
	insertPayment, updatePayment, completePayment             *sqlite.Stmt
	insertTransfer, insertDelivery, updateDelivery            *sqlite.Stmt
	putOrganisation, endTokens, sweepTokens, insertToken      *sqlite.Stmt
	trimTokens                                                *sqlite.Stmt
	putApp, deleteApp, putBulkRow, insertMessage, insertAudit *sqlite.Stmt
	putOperator, deleteOperator, insertIdempotency            *sqlite.Stmt

	scratch []byte
}

func newWriter(conn *sqlite.Conn) (*writer, error) {
	w := &writer{conn: conn}
	for _, x := range []struct {
		stmt  **sqlite.Stmt
		query string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.read, "BEGIN"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.version, "PRAGMA data_version"},
		{&w.subscriber, "SELECT name, pin, wrong_pins, unfinished, blocked_until, answers, after_ms, limits, standing, held_until, holds FROM subscribers WHERE msisdn = ?"},
		{&w.account, "SELECT balance, held, day, spent, received, recent, last_payment, last_accepted, entries, last_entry_at FROM accounts WHERE id = ?"},
		{&w.payment, "SELECT id, kind, state, payer, payee, business, amount, accepted_at, due_at, finished_at, result, previous, payee_previous, details FROM payments WHERE id = ?"},
		{&w.openPayment, "SELECT id FROM payments WHERE payer = ? AND state = 0"},
		{&w.delivery, "SELECT kind, state, owner, due_at, url, attempts FROM deliveries WHERE id = ?"},
		{&w.operator, "SELECT document FROM operators WHERE shortcode = ? AND username = ?"},
		{&w.idempotency, "SELECT payment FROM idempotency WHERE owner = ? AND name = ?"},
		{&w.organisation, "SELECT document FROM organisations WHERE shortcode = ?"},
		{&w.app, "SELECT document FROM apps WHERE consumer_key = ?"},
		{&w.bulkRow, "SELECT phone, amount, remarks, payment FROM bulk_rows WHERE bulk = ? AND line = ?"},
		{&w.deleteOperator, "DELETE FROM operators WHERE shortcode = ? AND username = ?"},
		{&w.putOperator, "INSERT OR REPLACE INTO operators (shortcode, username, document) VALUES (?, ?, ?)"},
		{&w.insertIdempotency, "INSERT INTO idempotency (owner, name, payment) VALUES (?, ?, ?)"},
		{&w.putSubscriber, "INSERT OR REPLACE INTO subscribers (msisdn, name, pin, wrong_pins, unfinished, blocked_until, answers, after_ms, limits, standing, held_until, holds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.insertAccount, "INSERT INTO accounts (balance, held, day, spent, received, last_payment, last_accepted, recent, id, entries, last_entry_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.updateAccount, "UPDATE accounts SET balance = ?, held = ?, day = ?, spent = ?, received = ?, last_payment = ?, last_accepted = ?, recent = ?, entries = ?10, last_entry_at = ?11 WHERE id = ?9"},
		{&w.insertPayment, "INSERT INTO payments (state, due_at, finished_at, previous, payee_previous, result, payee, details, id, kind, payer, business, amount, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.updatePayment, "UPDATE payments SET state = ?, due_at = ?, finished_at = ?, previous = ?, payee_previous = ?, result = ?, payee = ?, details = ? WHERE id = ?"},
		{&w.completePayment, "UPDATE payments SET state = ?, due_at = ?, finished_at = ?, previous = ?, payee_previous = ?, result = ? WHERE id = ?"},
		{&w.insertTransfer, "INSERT INTO transfers (id, debit, credit, amount, kind, at, debit_after, credit_after, debit_entry, credit_entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.insertDelivery, "INSERT INTO deliveries (id, kind, state, owner, due_at, url, attempts) VALUES (?, ?, ?, ?, ?, ?, ?)"},
		{&w.updateDelivery, "UPDATE deliveries SET state = ?, due_at = ?, attempts = ? WHERE id = ?"},
		{&w.putOrganisation, "INSERT OR REPLACE INTO organisations (shortcode, document) VALUES (?, ?)"},
		{&w.putApp, "INSERT OR REPLACE INTO apps (consumer_key, document) VALUES (?, ?)"},
		{&w.deleteApp, "DELETE FROM apps WHERE consumer_key = ?"},
		{&w.putBulkRow, "INSERT OR REPLACE INTO bulk_rows (bulk, line, phone, amount, payment, remarks) VALUES (?, ?, ?, ?, ?, ?)"},
		{&w.insertMessage, "INSERT INTO messages (msisdn, id, at, text) VALUES (?, ?, ?, ?)"},
		{&w.insertAudit, "INSERT INTO audit (id, at, business, username, source, via, action, subject, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.endTokens, "DELETE FROM tokens WHERE app = ?"},
		{&w.sweepTokens, "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires < ? LIMIT 100)"},
		{&w.trimTokens, "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE app = ? ORDER BY issued DESC LIMIT -1 OFFSET ?)"},
		{&w.insertToken, "INSERT INTO tokens (digest, app, products, issued, expires) VALUES (?, ?, ?, ?, ?)"},
	} {
		stmt, err := conn.Prepare(x.query)
		if err != nil {
			return nil, err
		}
		*x.stmt = stmt
	}
	return w, nil
}

// beginReading begins a transaction for reads, unless one is under way.
func (w *writer) beginReading() (err error) {
	if !w.reading {
		err = run(w.read)
		w.reading = err == nil
	}
	return err
}

// endReading ends it, whatever comes of it: a transaction that stayed open would be in the way of all others.
func (w *writer) endReading() error {
	if !w.reading {
		return nil
	}
	w.reading = false
	if w.conn.AutocommitEnabled() { // a read that failed has ended it
		return nil
	}
	err := run(w.commit)
	if err != nil && !w.conn.AutocommitEnabled() {
		_ = run(w.rollback)
	}
	return err
}

// run executes a bound statement that gives no rows.
func run(stmt *sqlite.Stmt) error {
	_, err := stmt.Step()
	if resetErr := stmt.Reset(); err == nil {
		err = resetErr
	}
	return err
}

// first steps to the first row of a bound statement and has read take it, if there is one.
func first(stmt *sqlite.Stmt, read func(*sqlite.Stmt) error) error {
	there, err := stmt.Step()
	if err == nil && there {
		err = read(stmt)
	}
	if resetErr := stmt.Reset(); err == nil {
		err = resetErr
	}
	return err
}

func blob(stmt *sqlite.Stmt, column int) []byte {
	b := make([]byte, stmt.ColumnLen(column))
	stmt.ColumnBytes(column, b)
	return b
}

func (w *writer) readSubscriber(phone msisdn.Number, found func(mpesa.Subscriber)) error {
	return first(bound(w.subscriber, int64(phone)), func(r *sqlite.Stmt) error {
		s := mpesa.Subscriber{MSISDN: phone, Name: r.ColumnText(0), WrongPINs: r.ColumnInt64(2), Unfinished: r.ColumnInt64(3),
			BlockedUntil: r.ColumnInt64(4), Answers: mpesa.Answers(r.ColumnText(5)), AfterMS: r.ColumnInt64(6), Limits: r.ColumnText(7),
			Standing: mpesa.Standing(r.ColumnText(8)), HeldUntil: r.ColumnInt64(9), Holds: mpesa.Holds(r.ColumnText(10))}
		copy(s.PIN[:], blob(r, 1))
		found(s)
		return nil
	})
}

func (w *writer) readAccount(id mpesa.AccountID, found func(mpesa.Account)) error {
	return first(bound(w.account, int64(id)), func(r *sqlite.Stmt) error {
		recent, err := store.ParseRecent(blob(r, 5))
		found(mpesa.Account{ID: id, Balance: money.Amount(r.ColumnInt64(0)), Held: money.Amount(r.ColumnInt64(1)), Day: r.ColumnInt64(2),
			Spent: money.Amount(r.ColumnInt64(3)), Received: money.Amount(r.ColumnInt64(4)), Recent: recent, LastPayment: r.ColumnInt64(6),
			LastAccepted: r.ColumnInt64(7), Entries: r.ColumnInt64(8), EntryAt: r.ColumnInt64(9)})
		return err
	})
}

func (w *writer) readPayment(id int64, found func(mpesa.Payment)) error {
	return first(bound(w.payment, id), func(r *sqlite.Stmt) error {
		p := mpesa.Payment{ID: r.ColumnInt64(0), Kind: mpesa.Kind(r.ColumnInt64(1)), State: mpesa.State(r.ColumnInt64(2)),
			Payer: mpesa.Party(r.ColumnInt64(3)), Payee: mpesa.Party(r.ColumnInt64(4)), Business: mpesa.Shortcode(r.ColumnInt64(5)),
			Amount: money.Amount(r.ColumnInt64(6)), AcceptedAt: r.ColumnInt64(7), DueAt: r.ColumnInt64(8), FinishedAt: r.ColumnInt64(9),
			Result: codes.Result(r.ColumnText(10)), Previous: r.ColumnInt64(11), PayeePrevious: r.ColumnInt64(12)}
		err := store.ParseDocument(r.ColumnText(13), &p.Details)
		found(p)
		return err
	})
}

func (w *writer) readOpen(payer mpesa.Party) (id int64, err error) {
	err = first(bound(w.openPayment, int64(payer)), func(r *sqlite.Stmt) error {
		id = r.ColumnInt64(0)
		return nil
	})
	return id, err
}

func (w *writer) readDelivery(id int64, found func(mpesa.Delivery)) error {
	return first(bound(w.delivery, id), func(r *sqlite.Stmt) error {
		d := mpesa.Delivery{ID: id, Kind: mpesa.DeliveryKind(r.ColumnInt64(0)), State: mpesa.DeliveryState(r.ColumnInt64(1)),
			Owner: mpesa.Shortcode(r.ColumnInt64(2)), DueAt: r.ColumnInt64(3), URL: r.ColumnText(4)}
		err := store.ParseDocument(r.ColumnText(5), &d.Attempts)
		found(d)
		return err
	})
}

func (w *writer) readOperator(id mpesa.OperatorID, found func(mpesa.Operator)) error {
	w.operator.BindText(2, id.Username)
	return first(bound(w.operator, int64(id.Shortcode)), func(r *sqlite.Stmt) error {
		var o mpesa.Operator
		err := store.ParseDocument(r.ColumnText(0), &o)
		found(o)
		return err
	})
}

func (w *writer) readIdempotency(k mpesa.IdempotencyKey, found func(int64)) error {
	w.idempotency.BindText(2, k.Name)
	return first(bound(w.idempotency, int64(k.Owner)), func(r *sqlite.Stmt) error {
		found(r.ColumnInt64(0))
		return nil
	})
}

func (w *writer) readOrganisation(s mpesa.Shortcode, found func(mpesa.Organisation)) error {
	return first(bound(w.organisation, int64(s)), func(r *sqlite.Stmt) error {
		var o mpesa.Organisation
		err := store.ParseDocument(r.ColumnText(0), &o)
		found(o)
		return err
	})
}

func (w *writer) readApp(key string, found func(mpesa.App)) error {
	w.app.BindText(1, key)
	return first(w.app, func(r *sqlite.Stmt) error {
		var a mpesa.App
		err := store.ParseDocument(r.ColumnText(0), &a)
		found(a)
		return err
	})
}

func (w *writer) readBulkRow(id mpesa.BulkRowID, found func(mpesa.BulkRow)) error {
	return first(bound(w.bulkRow, id.Bulk, id.Line), func(r *sqlite.Stmt) error {
		found(mpesa.BulkRow{ID: id, Phone: msisdn.Number(r.ColumnInt64(0)), Amount: money.Amount(r.ColumnInt64(1)), Remarks: r.ColumnText(2), Payment: r.ColumnInt64(3)})
		return nil
	})
}

// write writes all changes of a view. It is to be called within a transaction.
func (w *writer) write(v *unit.View) error {
	for p, isNew := range mpesa.Payments.In(v).Changed {
		if err := w.writePayment(p, isNew); err != nil {
			return fmt.Errorf("payment %d: %w", p.ID, err)
		}
	}
	for i := range mpesa.Transfers.Added(v) {
		t := &mpesa.Transfers.Added(v)[i]
		if err := run(bound(w.insertTransfer, t.ID, int64(t.Debit), int64(t.Credit), int64(t.Amount), int64(t.Kind), t.At, int64(t.DebitAfter), int64(t.CreditAfter), t.DebitEntry, t.CreditEntry)); err != nil {
			return fmt.Errorf("transfer %d: %w", t.ID, err)
		}
	}
	for k, payment := range mpesa.Idempotency.In(v).ChangedKeys {
		w.insertIdempotency.BindInt64(1, int64(k.Owner))
		w.insertIdempotency.BindText(2, k.Name)
		w.insertIdempotency.BindInt64(3, *payment)
		if err := run(w.insertIdempotency); err != nil {
			return fmt.Errorf("idempotency key %q of %s: %w", k.Name, k.Owner, err)
		}
	}
	for a, isNew := range mpesa.Accounts.In(v).Changed {
		if err := w.writeAccount(a, isNew); err != nil {
			return fmt.Errorf("account %s: %w", a.ID, err)
		}
	}
	for d, isNew := range mpesa.Deliveries.In(v).Changed {
		if err := w.writeDelivery(d, isNew); err != nil {
			return fmt.Errorf("delivery %d: %w", d.ID, err)
		}
	}
	for s := range mpesa.Subscribers.In(v).Changed {
		if err := w.writeSubscriber(s); err != nil {
			return fmt.Errorf("subscriber %s: %w", s.MSISDN, err)
		}
	}
	if err := w.writePortal(v); err != nil {
		return err
	}
	return w.writeSettings(v)
}

func (w *writer) writePayment(p *mpesa.Payment, isNew bool) error {
	if p.KeepsDetails() && !isNew {
		bindResult(w.completePayment, p)
		w.completePayment.BindInt64(7, p.ID)
		return run(w.completePayment)
	}
	details, err := store.DetailsDocument(&p.Details)
	if err != nil {
		return err
	}
	stmt := w.updatePayment
	if isNew {
		stmt = w.insertPayment
		for i, x := range [...]int64{int64(p.Kind), int64(p.Payer), int64(p.Business), int64(p.Amount), p.AcceptedAt} {
			stmt.BindInt64(10+i, x)
		}
	}
	bindResult(stmt, p)
	stmt.BindInt64(7, int64(p.Payee))
	stmt.BindText(8, details)
	stmt.BindInt64(9, p.ID)
	return run(stmt)
}

// bindResult binds what changes in a payment, which all its statements begin with.
func bindResult(stmt *sqlite.Stmt, p *mpesa.Payment) {
	bound(stmt, int64(p.State), p.DueAt, p.FinishedAt, p.Previous, p.PayeePrevious)
	stmt.BindText(6, string(p.Result))
}

func (w *writer) writeAccount(a *mpesa.Account, isNew bool) error {
	stmt := w.updateAccount
	if isNew {
		stmt = w.insertAccount
	}
	bound(stmt, int64(a.Balance), int64(a.Held), a.Day, int64(a.Spent), int64(a.Received), a.LastPayment, a.LastAccepted)
	w.scratch = store.AppendRecent(w.scratch[:0], a.Recent)
	stmt.BindBytes(8, w.scratch)
	stmt.BindInt64(9, int64(a.ID))
	stmt.BindInt64(10, a.Entries)
	stmt.BindInt64(11, a.EntryAt)
	return run(stmt)
}

func (w *writer) writeDelivery(d *mpesa.Delivery, isNew bool) error {
	attempts, err := store.AttemptsDocument(d.Attempts)
	if err != nil {
		return err
	}
	if isNew {
		bound(w.insertDelivery, d.ID, int64(d.Kind), int64(d.State), int64(d.Owner), d.DueAt)
		w.insertDelivery.BindText(6, d.URL)
		w.insertDelivery.BindText(7, attempts)
		return run(w.insertDelivery)
	}
	bound(w.updateDelivery, int64(d.State), d.DueAt)
	w.updateDelivery.BindText(3, attempts)
	w.updateDelivery.BindInt64(4, d.ID)
	return run(w.updateDelivery)
}

func (w *writer) writeSubscriber(s *mpesa.Subscriber) error {
	stmt := w.putSubscriber
	stmt.BindInt64(1, int64(s.MSISDN))
	stmt.BindText(2, s.Name)
	stmt.BindBytes(3, s.PIN[:])
	for i, x := range [...]int64{s.WrongPINs, s.Unfinished, s.BlockedUntil} {
		stmt.BindInt64(4+i, x)
	}
	stmt.BindText(7, string(s.Answers))
	stmt.BindInt64(8, s.AfterMS)
	stmt.BindText(9, s.Limits)
	stmt.BindText(10, string(s.Standing))
	stmt.BindInt64(11, s.HeldUntil)
	stmt.BindText(12, string(s.Holds))
	return run(stmt)
}

// writePortal writes what comes of the organisation portal: rows of bulk files, SMS and the audit.
func (w *writer) writePortal(v *unit.View) error {
	for r := range mpesa.BulkRows.In(v).Changed {
		bound(w.putBulkRow, r.ID.Bulk, r.ID.Line, int64(r.Phone), int64(r.Amount), r.Payment)
		w.putBulkRow.BindText(6, r.Remarks)
		if err := run(w.putBulkRow); err != nil {
			return fmt.Errorf("line %d of bulk file %d: %w", r.ID.Line, r.ID.Bulk, err)
		}
	}
	for _, m := range mpesa.Messages.Added(v) {
		bound(w.insertMessage, int64(m.Phone), m.ID, m.At)
		w.insertMessage.BindText(4, m.Text)
		if err := run(w.insertMessage); err != nil {
			return fmt.Errorf("message %d: %w", m.ID, err)
		}
	}
	for _, e := range mpesa.Audit.Added(v) {
		bound(w.insertAudit, e.ID, e.At, int64(e.Business))
		for i, text := range [...]string{e.Username, e.From, string(e.Via), e.Action, e.Subject, e.Refused} {
			w.insertAudit.BindText(4+i, text)
		}
		if err := run(w.insertAudit); err != nil {
			return fmt.Errorf("audit %d: %w", e.ID, err)
		}
	}
	return nil
}

// writeSettings writes what changes seldom: organisations, operators, apps and tokens.
func (w *writer) writeSettings(v *unit.View) error {
	for o := range mpesa.Registry.In(v).Changed {
		document, err := store.Document(o)
		if err != nil {
			return err
		}
		w.putOrganisation.BindInt64(1, int64(o.Shortcode))
		w.putOrganisation.BindText(2, document)
		if err := run(w.putOrganisation); err != nil {
			return fmt.Errorf("organisation %s: %w", o.Shortcode, err)
		}
	}
	for o := range mpesa.Operators.In(v).Changed {
		document, err := store.Document(o)
		if err != nil {
			return err
		}
		w.putOperator.BindInt64(1, int64(o.Shortcode))
		w.putOperator.BindText(2, o.Username)
		w.putOperator.BindText(3, document)
		if err := run(w.putOperator); err != nil {
			return fmt.Errorf("operator %s of %s: %w", o.Username, o.Shortcode, err)
		}
	}
	for id := range mpesa.Operators.In(v).Deleted {
		w.deleteOperator.BindInt64(1, int64(id.Shortcode))
		w.deleteOperator.BindText(2, id.Username)
		if err := run(w.deleteOperator); err != nil {
			return fmt.Errorf("operator %s of %s: %w", id.Username, id.Shortcode, err)
		}
	}
	for a := range mpesa.Apps.In(v).Changed {
		document, err := store.Document(a)
		if err != nil {
			return err
		}
		w.putApp.BindText(1, a.Key)
		w.putApp.BindText(2, document)
		if err := run(w.putApp); err != nil {
			return fmt.Errorf("app %s: %w", a.Key, err)
		}
	}
	for key := range mpesa.Apps.In(v).Deleted {
		w.deleteApp.BindText(1, key)
		w.endTokens.BindText(1, key)
		if err := errors.Join(run(w.deleteApp), run(w.endTokens)); err != nil {
			return fmt.Errorf("app %s: %w", key, err)
		}
	}
	for i := range mpesa.Tokens.Added(v) {
		if err := w.writeToken(&mpesa.Tokens.Added(v)[i]); err != nil {
			return fmt.Errorf("token: %w", err)
		}
	}
	for _, app := range store.AppsOf(mpesa.Tokens.Added(v)) {
		w.trimTokens.BindText(1, app)
		w.trimTokens.BindInt64(2, store.MostTokens)
		if err := run(w.trimTokens); err != nil {
			return fmt.Errorf("tokens of %s: %w", app, err)
		}
	}
	return nil
}

func (w *writer) writeToken(t *mpesa.Token) error {
	if t.Sole {
		w.endTokens.BindText(1, t.App)
		if err := run(w.endTokens); err != nil {
			return err
		}
	}
	if err := run(bound(w.sweepTokens, t.Issued)); err != nil {
		return err
	}
	products, err := store.Document(t.Products)
	if err != nil {
		return err
	}
	w.insertToken.BindBytes(1, t.Digest[:])
	w.insertToken.BindText(2, t.App)
	w.insertToken.BindText(3, products)
	w.insertToken.BindInt64(4, t.Issued)
	w.insertToken.BindInt64(5, t.Expires)
	return run(w.insertToken)
}
