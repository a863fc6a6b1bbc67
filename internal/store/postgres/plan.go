package postgres

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// plan has the bulk statements of one table. Each takes columns as arrays: the first so many of a row.
type plan struct {
	schema *tables.Schema

	find                         string // rows, in the order of their keys
	insert, update, keep, remove string
}

func newPlan(s *tables.Schema) plan {
	key, old := list(s, s.Keys, ""), make([]string, s.Keys)
	for i, c := range s.Columns[:s.Keys] {
		old[i] = fmt.Sprintf("old.%s = n.%s", c.Name, c.Name)
	}
	where := " WHERE " + strings.Join(old, " AND ")
	set := func(until int) string {
		changes := make([]string, 0, until)
		for _, c := range s.Columns[s.Keys:until] {
			changes = append(changes, c.Name+" = n."+c.Name)
		}
		return "UPDATE " + s.Name + " AS old SET " + strings.Join(changes, ", ") + " FROM " + unnest(s, until) + " AS n (" + list(s, until, "") + ")" + where
	}
	p := plan{
		schema: s,
		find:   "SELECT " + s.List("old.") + " FROM " + s.Name + " AS old JOIN " + unnest(s, s.Keys) + " AS n (" + key + ") ON " + strings.Join(old, " AND ") + " ORDER BY " + list(s, s.Keys, "old."),
		// New rows are inserted in the order of their keys: two units that insert the same ones wait for each other in the same order.
		insert: "INSERT INTO " + s.Name + " (" + s.List("") + ") SELECT * FROM " + unnest(s, len(s.Columns)) + " AS n (" + s.List("") + ") ORDER BY " + list(s, s.Keys, "n."),
		update: set(s.Changes),
		keep:   set(s.Kept),
		remove: "DELETE FROM " + s.Name + " AS old USING " + unnest(s, s.Keys) + " AS n (" + key + ")" + where,
	}
	if s.Keys == 1 {
		p.find = fmt.Sprintf("SELECT %s FROM %s WHERE %s = ANY($1::%s[]) ORDER BY %s", s.List(""), s.Name, key, tables.PostgreSQL.Type(s.Columns[0].Type), key)
	}
	return p
}

func list(s *tables.Schema, n int, prefix string) string {
	part := tables.Schema{Columns: s.Columns[:n]}
	return part.List(prefix)
}

// unnest makes rows of the first n columns, which come as arrays.
func unnest(s *tables.Schema, n int) string {
	arrays := make([]string, n)
	for i, c := range s.Columns[:n] {
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, tables.PostgreSQL.Type(c.Type))
	}
	return "unnest(" + strings.Join(arrays, ", ") + ")"
}

// bulk collects the rows of a table that a unit writes. It is a tables.Writer.
type bulk struct {
	*plan
	inserts, updates, keeps, removes []tables.Array
}

// Insert implements tables.Writer.
func (b *bulk) Insert(c *unit.Columns) error {
	b.inserts = tables.Append(b.inserts, b.schema.Columns, c.Cells)
	return nil
}

// Update implements tables.Writer.
func (b *bulk) Update(c *unit.Columns) error {
	if c.Keeps() {
		b.keeps = tables.Append(b.keeps, b.schema.Columns[:b.schema.Kept], c.Cells)
	} else {
		b.updates = tables.Append(b.updates, b.schema.Columns[:b.schema.Changes], c.Cells)
	}
	return nil
}

// Delete implements tables.Writer.
func (b *bulk) Delete(c *unit.Columns) error {
	b.removes = tables.Append(b.removes, b.schema.Columns[:b.schema.Keys], c.Cells)
	return nil
}

// queue queues the statements. Updates come before inserts: the payment that ends leaves its place in payments_open to the payer's next one.
func (b *bulk) queue(batch *pgx.Batch) {
	queueArrays(batch, b.remove, b.removes)
	queueArrays(batch, b.keep, b.keeps)
	queueArrays(batch, b.update, b.updates)
	queueArrays(batch, b.insert, b.inserts)
}

func queueArrays(batch *pgx.Batch, statement string, arrays []tables.Array) {
	if arrays == nil {
		return
	}
	args := make([]any, len(arrays))
	for i := range arrays {
		args[i] = arrays[i].Value()
	}
	batch.Queue(statement, args...)
}
