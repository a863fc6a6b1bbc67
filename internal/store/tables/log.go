package tables

import (
	"fmt"

	"github.com/kivuko/kivuko/internal/unit"
)

// Log joins rows that are only added with their columns.
type Log[T any] struct {
	Schema
	Rows    *unit.Log[T]
	Columns func(*T, *unit.Columns)
}

func defineLog[T any](l *Log[T], keys int, f Facts) *Log[T] {
	var row T
	columns := unit.Describe(func(c *unit.Columns) { l.Columns(&row, c) })
	l.Schema = schema(l.Rows.Name, columns[:keys], columns, f)
	return l
}

// AnyLog is a log, whatever its rows are.
type AnyLog interface {
	Of() *Schema
	Write(v *unit.View, c *unit.Columns, w Writer) error
}

// Row reads a row of the log from cells.
func (l *Log[T]) Row(c *unit.Columns) (row T, err error) {
	c.Read()
	l.Columns(&row, c)
	return row, corrupt(c.Err())
}

// Write implements AnyLog.
func (l *Log[T]) Write(v *unit.View, c *unit.Columns, w Writer) error {
	rows := l.Rows.Added(v)
	for i := range rows {
		if err := l.Add(&rows[i], c, w); err != nil {
			return err
		}
	}
	return nil
}

// Add writes one row.
func (l *Log[T]) Add(row *T, c *unit.Columns, w Writer) error {
	c.Write(false)
	l.Columns(row, c)
	err := c.Err()
	if err == nil {
		err = w.Insert(c)
	}
	if err != nil {
		return fmt.Errorf("%s %v: %w", l.Name, c.Cells[:l.Keys], err)
	}
	return nil
}
