package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// writer holds the statements of the units of work, prepared once.
type writer struct {
	conn    *sqlite.Conn
	tables  []rows // in the order of tables.All
	logs    []rows // in the order of tables.Logs
	token   rows
	columns unit.Columns

	begin, read, commit, rollback, version *sqlite.Stmt

	openPayment, endTokens, sweepTokens, trimTokens *sqlite.Stmt

	reading bool // a transaction that only reads is under way
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
		{&w.openPayment, "SELECT id FROM payments WHERE payer = ?1 AND " + tables.Open +
			" UNION ALL SELECT id FROM standing_orders WHERE payer = ?1 AND " + tables.Open},
		{&w.endTokens, "DELETE FROM tokens WHERE app = ?"},
		{&w.sweepTokens, "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires < ? LIMIT 100)"},
		{&w.trimTokens, "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE app = ? ORDER BY issued DESC LIMIT -1 OFFSET ?)"},
	} {
		stmt, err := conn.Prepare(x.query)
		if err != nil {
			return nil, err
		}
		*x.stmt = stmt
	}
	var errs []error
	for _, t := range tables.All {
		r, err := newRows(w, t.Of())
		w.tables, errs = append(w.tables, r), append(errs, err)
	}
	for _, l := range tables.Logs {
		r, err := newRows(w, l.Of())
		w.logs, errs = append(w.logs, r), append(errs, err)
	}
	var err error
	w.token, err = newRows(w, tables.Tokens.Of())
	return w, errors.Join(append(errs, err)...)
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

func (w *writer) readOpen(payer mpesa.Party) (id int64, err error) {
	err = first(bound(w.openPayment, int64(payer)), func(r *sqlite.Stmt) error {
		id = r.ColumnInt64(0)
		return nil
	})
	return id, err
}

// load puts the wanted rows into a view, from memory or else from the database.
func (w *writer) load(v *unit.View, memories []tables.Memory) error {
	for i, t := range tables.All {
		if err := t.Ask(v, memories[i], &w.columns, &w.tables[i]); err != nil {
			return err
		}
	}
	return nil
}

// write writes all changes of a view. It is to be called within a transaction.
func (w *writer) write(v *unit.View) error {
	for i, t := range tables.All {
		if err := t.Write(v, &w.columns, &w.tables[i]); err != nil {
			return err
		}
	}
	for i, l := range tables.Logs {
		if err := l.Write(v, &w.columns, &w.logs[i]); err != nil {
			return err
		}
	}
	return w.writeTokens(v)
}

// writeTokens writes what comes of apps and tokens: those of an app that is deleted end, and so do all others where one is to be the only one.
func (w *writer) writeTokens(v *unit.View) error {
	for key := range mpesa.Apps.In(v).Deleted {
		if err := w.end(key); err != nil {
			return err
		}
	}
	added := mpesa.Tokens.Added(v)
	for i := range added {
		t := &added[i]
		if t.Sole {
			if err := w.end(t.App); err != nil {
				return err
			}
		}
		if err := run(bound(w.sweepTokens, t.Issued)); err != nil {
			return fmt.Errorf("tokens: %w", err)
		}
		if err := tables.Tokens.Add(t, &w.columns, &w.token); err != nil {
			return err
		}
	}
	for _, app := range store.AppsOf(added) {
		w.trimTokens.BindText(1, app)
		w.trimTokens.BindInt64(2, store.MostTokens)
		if err := run(w.trimTokens); err != nil {
			return fmt.Errorf("tokens of %s: %w", app, err)
		}
	}
	return nil
}

// end ends the tokens of an app.
func (w *writer) end(app string) error {
	w.endTokens.BindText(1, app)
	if err := run(w.endTokens); err != nil {
		return fmt.Errorf("tokens of %s: %w", app, err)
	}
	return nil
}
