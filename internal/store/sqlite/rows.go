package sqlite

import (
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// rows are the statements of one table. The parameters are numbered as the columns are: each statement takes the first so many cells of a row.
type rows struct {
	writer  *writer
	columns []unit.Column

	get, insert, update, keep, remove *sqlite.Stmt // nil where the table has no use for it
}

func newRows(w *writer, s *tables.Schema) (r rows, err error) {
	r.writer, r.columns = w, s.Columns
	key := make([]string, s.Keys)
	for i, c := range s.Columns[:s.Keys] {
		key[i] = fmt.Sprintf("%s = ?%d", c.Name, i+1)
	}
	where := " WHERE " + strings.Join(key, " AND ")
	places := make([]string, len(s.Columns))
	for i := range places {
		places[i] = fmt.Sprintf("?%d", i+1)
	}
	set := func(until int) string {
		list := make([]string, 0, until)
		for i, c := range s.Columns[s.Keys:until] {
			list = append(list, fmt.Sprintf("%s = ?%d", c.Name, s.Keys+i+1))
		}
		return "UPDATE " + s.Name + " SET " + strings.Join(list, ", ") + where
	}
	for _, x := range []struct {
		stmt  **sqlite.Stmt
		use   bool
		query string
	}{
		{&r.get, true, "SELECT " + s.List("") + " FROM " + s.Name + where},
		{&r.insert, true, "INSERT INTO " + s.Name + " (" + s.List("") + ") VALUES (" + strings.Join(places, ", ") + ")"},
		{&r.update, s.Changes > s.Keys, set(s.Changes)},
		{&r.keep, s.Kept < s.Changes, set(s.Kept)},
		{&r.remove, true, "DELETE FROM " + s.Name + where},
	} {
		if !x.use {
			continue
		}
		if *x.stmt, err = w.conn.Prepare(x.query); err != nil {
			return r, fmt.Errorf("%s: %w", x.query, err)
		}
	}
	return r, nil
}

// bind binds the first cells of a row.
func (r *rows) bind(stmt *sqlite.Stmt, cells []unit.Cell) *sqlite.Stmt {
	for i := range cells {
		switch r.columns[i].Type {
		case unit.Integer:
			stmt.BindInt64(i+1, cells[i].Integer)
		case unit.String:
			stmt.BindText(i+1, cells[i].String)
		default:
			stmt.BindBytes(i+1, cells[i].Bytes)
		}
	}
	return stmt
}

// Find implements tables.Finder.
func (r *rows) Find(c *unit.Columns) (there bool, err error) {
	if err := r.writer.beginReading(); err != nil {
		return false, err
	}
	err = first(r.bind(r.get, c.Cells), func(stmt *sqlite.Stmt) error {
		there = true
		cells := c.Room(len(r.columns))
		for i, column := range r.columns {
			switch column.Type {
			case unit.Integer:
				cells[i].Integer = stmt.ColumnInt64(i)
			case unit.String:
				cells[i].String = stmt.ColumnText(i)
			default:
				cells[i].Bytes = make([]byte, stmt.ColumnLen(i))
				stmt.ColumnBytes(i, cells[i].Bytes)
			}
		}
		return nil
	})
	return there, err
}

// Insert implements tables.Writer.
func (r *rows) Insert(c *unit.Columns) error { return run(r.bind(r.insert, c.Cells)) }

// Update implements tables.Writer.
func (r *rows) Update(c *unit.Columns) error {
	if c.Keeps() {
		return run(r.bind(r.keep, c.Cells))
	}
	return run(r.bind(r.update, c.Cells))
}

// Delete implements tables.Writer.
func (r *rows) Delete(c *unit.Columns) error { return run(r.bind(r.remove, c.Cells)) }
