// Package tables says what is stored, once for both databases: of each table the columns, the key, the indexes, how its rows are locked and
// which of them a process may remember. Statements, reading and writing come from that.
package tables

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Table joins the rows of a unit of work with their columns.
type Table[K comparable, T any] struct {
	Schema
	Rows *unit.Table[K, T]

	// Key goes over the columns of the key, with which Columns begins.
	Key     func(*K, *unit.Columns)
	Columns func(*T, *unit.Columns)

	// Most is how many rows a process remembers that has the database to itself, and Worth tells which; nil: every one.
	Most  int
	Worth func(*T) bool
}

// Schema is what the databases have to know of a table.
type Schema struct {
	Name    string
	Columns []unit.Column
	Keys    int // how many columns are the key
	Changes int // how many columns an update has, the key's too
	Kept    int // how many it has when it keeps some

	Facts
}

// Facts are what a table's columns don't say.
type Facts struct {
	About    string // a comment
	Lock     bool   // rows are locked when they are loaded
	Indexes  []Index
	Checks   map[string]string // of a column, by its name
	Postgres string            // storage parameters
	Own      map[string]string // what one database has beside, by its name
}

// define completes a table.
func define[K comparable, T any](t *Table[K, T], f Facts) *Table[K, T] {
	var key K
	var row T
	t.Schema = schema(t.Rows.Name, unit.Describe(func(c *unit.Columns) { t.Key(&key, c) }), unit.Describe(func(c *unit.Columns) { t.Columns(&row, c) }), f)
	return t
}

func schema(name string, key, columns []unit.Column, f Facts) Schema {
	if len(key) > len(columns) || !slices.Equal(key, columns[:len(key)]) {
		panic(fmt.Sprintf("tables: the columns of %s don't begin with its key", name))
	}
	s := Schema{Name: name, Columns: columns, Keys: len(key), Changes: len(columns), Facts: f}
	for i, c := range slices.Backward(columns) {
		if c.Fixed {
			s.Changes = i
		}
	}
	s.Kept = s.Changes
	for i, c := range slices.Backward(columns) {
		if c.Kept {
			s.Kept = i
		}
	}
	return s
}

// List names all columns, for a SELECT, each after a prefix such as "p.".
func (s *Schema) List(prefix string) string { return list(s.Columns, prefix) }

func list(columns []unit.Column, prefix string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(prefix + c.Name)
	}
	return b.String()
}

// Of returns the schema.
func (s *Schema) Of() *Schema { return s }

// Any is a table, whatever its rows are.
type Any interface {
	Of() *Schema
	Wants(unit.Viewer) bool

	// Ask looks for each of the rows that a view wants and m does not remember, and takes what it finds.
	Ask(v *unit.View, m Memory, c *unit.Columns, f Finder) error

	// Keys lists the keys of the rows that a view wants, or that lead, column by column and each once: as far as it doesn't have them.
	Keys(v *unit.View, leading bool, c *unit.Columns) (keys []Array)

	// Has reports whether a *unit.Table names the table's rows.
	Has(rows any) bool

	// Find reads the row that has a key: a *T, or nil. After reads those that read finds after a key, which it has in the cells, and hands over
	// one after the other: a []T.
	Find(key any, c *unit.Columns, f Finder) (row any, err error)
	After(key any, c *unit.Columns, read func(take func() error) error) (rows any, err error)

	// Take puts a row into a view, from the cells. Rest notes that the rows that were not found are missing.
	Take(v *unit.View, c *unit.Columns) error
	Rest(v *unit.View, leading bool)

	// Write hands all changes of a view to a writer.
	Write(v *unit.View, c *unit.Columns, w Writer) error

	// Changed reports whether a view changes the table.
	Changed(v *unit.View) bool

	Remember() Memory
}

// Finder finds the row that has the key in the cells of a Columns, and puts it there.
type Finder interface {
	Find(*unit.Columns) (bool, error)
}

// Writer writes the row in the cells of a Columns.
type Writer interface {
	Insert(*unit.Columns) error
	Update(*unit.Columns) error
	Delete(*unit.Columns) error
}

// Array is a column of several rows.
type Array struct {
	Type     unit.Type
	Integers []int64
	Strings  []string
	Bytes    [][]byte
}

// add adds a cell.
func (a *Array) add(x unit.Cell) {
	switch a.Type {
	case unit.Integer:
		a.Integers = append(a.Integers, x.Integer)
	case unit.String:
		a.Strings = append(a.Strings, x.String)
	default:
		a.Bytes = append(a.Bytes, append([]byte{}, x.Bytes...))
	}
}

// Value is the list of its type.
func (a *Array) Value() any {
	switch a.Type {
	case unit.Integer:
		return a.Integers
	case unit.String:
		return a.Strings
	}
	return a.Bytes
}

// Cells has rows scanned into the cells of c.
func Cells(c *unit.Columns, columns []unit.Column) []any {
	into := make([]any, len(columns))
	for i := range c.Room(len(columns)) {
		switch columns[i].Type {
		case unit.Integer:
			into[i] = &c.Cells[i].Integer
		case unit.String:
			into[i] = &c.Cells[i].String
		default:
			into[i] = &c.Cells[i].Bytes
		}
	}
	return into
}

// corrupt says of an error that a row is not what Kivuko wrote.
func corrupt(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
}

// Row reads a row of the table from cells.
func (t *Table[K, T]) Row(c *unit.Columns) (row T, err error) {
	c.Read()
	t.Columns(&row, c)
	return row, corrupt(c.Err())
}

// Has implements Any.
func (t *Table[K, T]) Has(rows any) bool { return rows == t.Rows }

// Find implements Any.
func (t *Table[K, T]) Find(key any, c *unit.Columns, f Finder) (any, error) {
	t.write(key, c)
	there, err := f.Find(c)
	if err != nil || !there {
		return nil, err
	}
	row, err := t.Row(c)
	return &row, err
}

// After implements Any.
func (t *Table[K, T]) After(key any, c *unit.Columns, read func(take func() error) error) (any, error) {
	t.write(key, c)
	var list []T
	err := read(func() error {
		row, err := t.Row(c)
		list = append(list, row)
		return err
	})
	return list, err
}

// write writes a key into the cells.
func (t *Table[K, T]) write(key any, c *unit.Columns) {
	k := key.(K)
	c.Write(false)
	t.Key(&k, c)
}

// Wants reports whether a view wants a row that it doesn't have.
func (t *Table[K, T]) Wants(v unit.Viewer) bool { return t.Rows.Wants(v) }

// Ask implements Any.
func (t *Table[K, T]) Ask(v *unit.View, remembered Memory, c *unit.Columns, f Finder) error {
	m := remembered.(*memory[K, T])
	wanted := t.Rows.Wanted(v)
	for i := range wanted { // a copy of the key would be on the heap
		k := wanted[i]
		if t.Rows.Loaded(v, k) {
			continue
		}
		if row, ok := m.rows.Get(k); ok {
			t.Rows.Load(v, k, row)
			continue
		}
		c.Write(false)
		t.Key(&wanted[i], c)
		there, err := f.Find(c)
		if err != nil {
			return err
		}
		if !there {
			t.Rows.Missing(v, k)
			continue
		}
		row, err := t.Row(c)
		if err != nil {
			return err
		}
		m.rows.Put(k, row)
		t.Rows.Load(v, k, row)
	}
	return nil
}

func (t *Table[K, T]) asked(v *unit.View, leading bool) []K {
	if leading {
		return t.Rows.Leading(v)
	}
	return t.Rows.Wanted(v)
}

// Keys implements Any.
func (t *Table[K, T]) Keys(v *unit.View, leading bool, c *unit.Columns) (keys []Array) {
	asked := t.asked(v, leading)
	seen := make(map[K]struct{}, len(asked))
	for i, k := range asked {
		if _, again := seen[k]; again || t.Rows.Loaded(v, k) {
			continue
		}
		seen[k] = struct{}{}
		c.Write(false)
		if t.Key(&asked[i], c); !slices.ContainsFunc(c.Cells, func(x unit.Cell) bool { return !Storable(x.String) }) {
			keys = Append(keys, t.Schema.Columns[:t.Schema.Keys], c.Cells)
		}
	}
	return keys
}

// Append adds a row to arrays, one for each column. It makes them for the first row.
func Append(arrays []Array, columns []unit.Column, cells []unit.Cell) []Array {
	if arrays == nil {
		arrays = make([]Array, len(columns))
		for i := range columns {
			arrays[i].Type = columns[i].Type
		}
	}
	for i := range arrays {
		arrays[i].add(cells[i])
	}
	return arrays
}

// Storable reports whether a text that a client sent can be in the database at all. With other ones PostgreSQL doesn't even compare.
func Storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// Take implements Any.
func (t *Table[K, T]) Take(v *unit.View, c *unit.Columns) error {
	row, err := t.Row(c)
	if err != nil {
		return err
	}
	var k K
	c.Read()
	t.Key(&k, c)
	if !t.Rows.Loaded(v, k) {
		t.Rows.Load(v, k, row)
	}
	return nil
}

// Rest implements Any.
func (t *Table[K, T]) Rest(v *unit.View, leading bool) {
	for _, k := range t.asked(v, leading) {
		t.Rows.Missing(v, k)
	}
}

// Changed implements Any.
func (t *Table[K, T]) Changed(v *unit.View) bool { return t.Rows.Changes(v) > 0 }

// Write implements Any.
func (t *Table[K, T]) Write(v *unit.View, c *unit.Columns, w Writer) error {
	if !t.Changed(v) {
		return nil
	}
	rows := t.Rows.In(v)
	for k := range rows.Deleted {
		c.Write(false)
		t.Key(&k, c)
		if err := w.Delete(c); err != nil {
			return fmt.Errorf("%s %v: %w", t.Name, k, err)
		}
	}
	for row, isNew := range rows.Changed {
		update := !isNew && t.Changes > t.Schema.Keys // rows that never change are new: if not, their key refuses them
		c.Write(update)
		t.Columns(row, c)
		err := c.Err()
		switch {
		case err != nil:
		case update:
			err = w.Update(c)
		default:
			err = w.Insert(c)
		}
		if err != nil {
			return fmt.Errorf("%s %v: %w", t.Name, c.Cells[:t.Schema.Keys], err)
		}
	}
	return nil
}
