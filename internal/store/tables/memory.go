package tables

import "github.com/kivuko/kivuko/internal/unit"

// Memory remembers rows of a table as they are in the database. Only what has been committed or read goes in.
type Memory interface {
	// Learn remembers what a committed view has changed.
	Learn(v *unit.View)
}

type memory[K comparable, T any] struct {
	table *Table[K, T]
	rows  Bounded[K, T]
}

// Remember implements Any.
func (t *Table[K, T]) Remember() Memory {
	return &memory[K, T]{table: t, rows: Bounded[K, T]{Most: t.Most}}
}

// Learn implements Memory.
func (m *memory[K, T]) Learn(v *unit.View) {
	t := m.table
	if !t.Changed(v) {
		return
	}
	for k, row := range t.Rows.In(v).ChangedKeys {
		if t.Worth == nil || t.Worth(row) {
			m.rows.Put(k, *row)
		} else {
			m.rows.Forget(k)
		}
	}
	for k := range t.Rows.In(v).Deleted {
		m.rows.Forget(k)
	}
}

// Bounded is a map that forgets some row or other when it has the most that it may have.
type Bounded[K comparable, T any] struct {
	Most int
	rows map[K]T
}

// Get returns a row that is remembered.
func (b *Bounded[K, T]) Get(k K) (T, bool) {
	row, ok := b.rows[k]
	return row, ok
}

// Put remembers a row.
func (b *Bounded[K, T]) Put(k K, row T) {
	if b.rows == nil {
		b.rows = map[K]T{}
	}
	if _, there := b.rows[k]; !there && len(b.rows) >= b.Most {
		for some := range b.rows {
			delete(b.rows, some)
			break
		}
	}
	b.rows[k] = row
}

// Forget forgets a row.
func (b *Bounded[K, T]) Forget(k K) { delete(b.rows, k) }
