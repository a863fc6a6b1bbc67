package unit

import (
	"encoding/json"
	"fmt"
)

// Columns goes over the columns of a row in their order. One function of a row and Columns describes the table, writes a row into cells and
// reads it back from them, so that a column is named in one place. Those of the key come first, then those that change, then those that some
// updates keep (Keep), and at last those that never change (Fixed): a statement takes the first so many cells of a row.
//
// The zero value is ready. It is used by one goroutine, and uses its memory again.
type Columns struct {
	Cells []Cell // of the row that was written, or is to be read

	mode   mode
	list   []Column // described
	fixed  bool     // the columns that follow never change
	kept   bool     // the columns that follow are kept by some updates
	next   int      // the cell to be read
	update bool     // what is written is an update
	full   bool     // what follows is not written
	keeps  bool     // the update keeps what some updates keep
	bytes  []byte   // of the cells
	err    error
}

type mode int

const (
	describing mode = iota
	writing
	reading
)

// Type is what a column holds.
type Type int

// The types of columns.
const (
	Integer Type = iota
	String
	Bytes
)

// Column describes a column.
type Column struct {
	Name  string
	Type  Type
	Kept  bool // by some updates
	Fixed bool // it never changes
}

// Cell is the value of a column, in the field of its type.
type Cell struct {
	Integer int64
	String  string
	Bytes   []byte // valid until the next row is written
}

// Describe lists the columns that a function goes over.
func Describe(columns func(*Columns)) []Column {
	var c Columns
	columns(&c)
	return c.list
}

// Write begins to write a row. An update has only the columns that it changes.
func (c *Columns) Write(update bool) {
	c.mode, c.update, c.full, c.keeps, c.err = writing, update, false, false, nil
	c.Cells, c.bytes = c.Cells[:0], c.bytes[:0]
}

// Read begins to read a row from the cells.
func (c *Columns) Read() { c.mode, c.next, c.err = reading, 0, nil }

// Room makes room for n cells to be read.
func (c *Columns) Room(n int) []Cell {
	if cap(c.Cells) < n {
		c.Cells = make([]Cell, n)
	}
	c.Cells = c.Cells[:n]
	return c.Cells
}

// Err is what was wrong with the row.
func (c *Columns) Err() error { return c.err }

// Keeps reports whether the update that was written keeps the columns that some updates keep.
func (c *Columns) Keeps() bool { return c.keeps }

// Fixed says that the columns that follow never change.
func (c *Columns) Fixed() {
	c.fixed = true
	c.full = c.full || c.update
}

// Keep says that the columns that follow, up to the fixed ones, stay as they are in the database when this row is updated, if it is true.
func (c *Columns) Keep(keep bool) {
	c.kept = true
	if c.update && keep {
		c.full, c.keeps = true, true
	}
}

func (c *Columns) describe(name string, t Type) {
	c.list = append(c.list, Column{Name: name, Type: t, Kept: c.kept && !c.fixed, Fixed: c.fixed})
}

func (c *Columns) write(x Cell) {
	if !c.full {
		c.Cells = append(c.Cells, x)
	}
}

func (c *Columns) read() *Cell {
	c.next++
	return &c.Cells[c.next-1]
}

func (c *Columns) fail(name string, err error) {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %w", name, err)
	}
}

// Num is a column with a number.
func Num[T ~int64](c *Columns, name string, p *T) {
	switch c.mode {
	case writing:
		c.write(Cell{Integer: int64(*p)})
	case reading:
		*p = T(c.read().Integer)
	default:
		c.describe(name, Integer)
	}
}

// Text is a column with a text.
func Text[T ~string](c *Columns, name string, p *T) {
	switch c.mode {
	case writing:
		c.write(Cell{String: string(*p)})
	case reading:
		*p = T(c.read().String)
	default:
		c.describe(name, String)
	}
}

// Raw is a column with bytes, always as many.
func Raw(c *Columns, name string, p []byte) {
	switch c.mode {
	case writing:
		c.write(Cell{Bytes: p})
	case reading:
		copy(p, c.read().Bytes)
	default:
		c.describe(name, Bytes)
	}
}

// Blob is a column with bytes in a form of their own, which encode appends and decode reads.
func Blob[T any](c *Columns, name string, p *T, encode func([]byte, T) []byte, decode func([]byte) (T, error)) {
	switch {
	case c.mode == writing && !c.full:
		from := len(c.bytes)
		c.bytes = encode(c.bytes, *p)
		c.write(Cell{Bytes: c.bytes[from:len(c.bytes):len(c.bytes)]})
	case c.mode == reading:
		value, err := decode(c.read().Bytes)
		*p = value
		c.fail(name, err)
	case c.mode == describing:
		c.describe(name, Bytes)
	}
}

// Doc is a column with a JSON document. encode writes it; nil: encoding/json does. An empty text leaves the value alone.
func Doc[T any](c *Columns, name string, p *T, encode func(*T) (string, error)) {
	switch {
	case c.mode == writing && !c.full:
		text, err := document(p, encode)
		c.fail(name, err)
		c.write(Cell{String: text})
	case c.mode == reading:
		if text := c.read().String; text != "" {
			c.fail(name, json.Unmarshal([]byte(text), p))
		}
	case c.mode == describing:
		c.describe(name, String)
	}
}

func document[T any](p *T, encode func(*T) (string, error)) (string, error) {
	if encode != nil {
		return encode(p)
	}
	b, err := json.Marshal(p)
	return string(b), err
}
