package tables

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"iter"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Units are the rows of the units of work.
var Units = defineLog(&Log[store.Link]{
	Rows: store.Links,
	Columns: func(l *store.Link, c *unit.Columns) {
		unit.Num(c, "chain", &l.Chain)
		unit.Num(c, "seq", &l.Seq)
		unit.Num(c, "at", &l.At)
		unit.Blob(c, "rows", &l.Rows, appendBytes, parseBytes)
		unit.Blob(c, "hash", &l.Hash, appendBytes, parseBytes)
		unit.Num(c, "void", &l.Void)
	},
}, 2, Facts{
	About: "What each unit of work has written, in chains: hash is over that and over the hash before. Written with the unit, a row also says that the\n" +
		"-- unit has committed, and keeps another one from saying anything else; void = 1: that it never will. Rows without a hash only do that.",
	Postgres: "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000",
})

// Anchors hold the chains.
var Anchors = defineLog(&Log[store.Anchor]{
	Rows: store.Anchors,
	Columns: func(a *store.Anchor, c *unit.Columns) {
		unit.Num(c, "number", &a.Number)
		unit.Num(c, "at", &a.At)
		unit.Blob(c, "heads", &a.Heads, store.AppendHeads, store.ParseHeads)
		unit.Blob(c, "hash", &a.Hash, appendBytes, parseBytes)
		unit.Blob(c, "mac", &a.MAC, appendBytes, parseBytes)
	},
}, 1, Facts{About: "The latest units of the chains, now and then: hash is over them and over the hash before, mac is made with the installation's secret."})

// Chains is the table of how far the anchors have come in each chain of units.
var Chains = define(&Table[int64, store.Chain]{
	Rows: store.Chains, Most: 1,
	Key: func(k *int64, c *unit.Columns) { unit.Num(c, "chain", k) },
	Columns: func(l *store.Chain, c *unit.Columns) {
		unit.Num(c, "chain", &l.Chain)
		unit.Num(c, "anchored", &l.Anchored)
	},
}, Facts{Lock: true, About: "anchored is the seq of the last unit of the chain that an anchor names."})

func appendBytes(b, more []byte) []byte { return append(b, more...) }

func parseBytes(b []byte) ([]byte, error) { return bytes.Clone(b), nil }

// Sealed is what the chain vouches for of the rows of a table.
type Sealed struct {
	Table   string
	Columns []unit.Column // that never change again; the key's first
	Keys    int
	Where   string // the rows that have to be in the chain; "": all

	changed func(v *unit.View) bool
	each    func(v *unit.View, c *unit.Columns, do func()) // has the cells of each row that a unit seals
}

// Chained is what the chain vouches for. The places in the list are stored: add, never move.
var Chained = []Sealed{
	sealLog(Transfers),
	sealTable(Payments, In("state", mpesa.Completed, mpesa.Failed), func(p *mpesa.Payment) bool { return p.State.Final() }, func(p *mpesa.Payment, c *unit.Columns) { ended(&p.Header, c) }),
	sealTable(Idempotency, "", func(*mpesa.KeyHolder) bool { return true }, func(x *mpesa.KeyHolder, c *unit.Columns) {
		unit.Num(c, "owner", &x.Owner)
		unit.Text(c, "name", &x.Name)
		unit.Num(c, "payment", &x.Payment)
	}),
	sealLog(Audit),
	sealTable(Queries, In("state", mpesa.Completed, mpesa.Failed), func(q *mpesa.Query) bool { return q.State.Final() }, func(q *mpesa.Query, c *unit.Columns) { ended(&q.Header, c) }),
	sealTable(Tasks, In("state", mpesa.Completed, mpesa.Failed), func(t *portal.Task) bool { return t.State.Final() }, func(t *portal.Task, c *unit.Columns) { ended(&t.Header, c) }),
	sealTable(Orders, In("state", mpesa.Completed, mpesa.Failed), func(o *mpesa.Order) bool { return o.State.Final() }, func(o *mpesa.Order, c *unit.Columns) { ended(&o.Header, c) }),
}

// ended goes over what never changes again of something that has its result.
func ended(h *mpesa.Header, c *unit.Columns) {
	unit.Num(c, "id", &h.ID)
	unit.Num(c, "state", &h.State)
	unit.Num(c, "finished_at", &h.FinishedAt)
	unit.Text(c, "result", &h.Result)
	unit.Num(c, "payee", &h.Payee)
	unit.Num(c, "kind", &h.Kind)
	unit.Num(c, "payer", &h.Payer)
	unit.Num(c, "business", &h.Business)
	unit.Num(c, "amount", &h.Amount)
	unit.Num(c, "accepted_at", &h.AcceptedAt)
}

func sealLog[T any](l *Log[T]) Sealed {
	return Sealed{Table: l.Name, Columns: l.Schema.Columns, Keys: l.Keys, changed: func(v *unit.View) bool { return len(l.Rows.Added(v)) > 0 }, each: func(v *unit.View, c *unit.Columns, do func()) {
		rows := l.Rows.Added(v)
		for i := range rows {
			c.Write(false)
			l.Columns(&rows[i], c)
			do()
		}
	}}
}

func sealTable[K comparable, T any](t *Table[K, T], where string, seals func(*T) bool, columns func(*T, *unit.Columns)) Sealed {
	var none T
	described := unit.Describe(func(c *unit.Columns) { columns(&none, c) })
	return Sealed{Table: t.Name, Columns: described, Keys: t.Schema.Keys, Where: where, changed: t.Changed, each: func(v *unit.View, c *unit.Columns, do func()) {
		for row := range t.Rows.In(v).Changed {
			if seals(row) {
				c.Write(false)
				columns(row, c)
				do()
			}
		}
	}}
}

// AppendRow appends the cells of a row in the form that is hashed. key is how much of it is the key.
func (s *Sealed) AppendRow(b []byte, cells []unit.Cell) (row []byte, key int) {
	from := len(b)
	for i, c := range s.Columns {
		if i == s.Keys {
			key = len(b) - from
		}
		switch x := &cells[i]; c.Type {
		case unit.Integer:
			b = binary.BigEndian.AppendUint64(b, uint64(x.Integer))
		case unit.String:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(x.String))), x.String...)
		default:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(x.Bytes))), x.Bytes...)
		}
	}
	return b, key
}

// Check tells rows apart, so that one that has changed can be named. That it has, the hash says.
func Check(row []byte) uint16 { return uint16(crc32.ChecksumIEEE(row)) }

// Sealer seals the units of a chain. A chain has one unit at a time, and so has a Sealer.
//
// The rows that a unit has written stand in its Link by table: its place in Chained, their number, and of each the key, whose numbers are
// differences from the key before, and its Check.
type Sealer struct {
	columns unit.Columns
	row     []byte
	rows    []byte
	group   []byte // the rows of a table
	hash    hash.Hash
}

// Seal gives the row of a unit that comes after one with a hash; nil: there is none before. Its hash is nil if the chain vouches for nothing of it. The
// row is valid until the next one is sealed.
func (s *Sealer) Seal(v *unit.View, chain, seq int64, before []byte) store.Link {
	l := store.Link{Chain: chain, Seq: seq, At: v.At}
	s.Begin(&l, before)
	s.rows = s.rows[:0]
	for i := range Chained {
		t := &Chained[i]
		if !t.changed(v) {
			continue
		}
		count, last := 0, int64(0)
		s.group = s.group[:0]
		t.each(v, &s.columns, func() {
			count++
			s.row, _ = t.AppendRow(append(s.row[:0], byte(i)), s.columns.Cells) // as Add does
			s.hash.Write(s.row)
			for j, c := range t.Columns[:t.Keys] {
				if x := &s.columns.Cells[j]; c.Type == unit.Integer {
					s.group = binary.AppendVarint(s.group, x.Integer-last)
					last = x.Integer
				} else {
					s.group = append(binary.AppendUvarint(s.group, uint64(len(x.String))), x.String...)
				}
			}
			s.group = binary.BigEndian.AppendUint16(s.group, Check(s.row[1:]))
		})
		if count > 0 {
			s.rows = append(binary.AppendUvarint(append(s.rows, byte(i)), uint64(count)), s.group...)
		}
	}
	if len(s.rows) > 0 {
		l.Rows, l.Hash = s.rows, s.Sum()
	}
	return l
}

// Begin begins the hash of a unit's row; Add adds a row that it has written, and Sum ends it.
func (s *Sealer) Begin(l *store.Link, before []byte) {
	if s.hash == nil {
		s.hash = sha256.New()
	}
	s.hash.Reset()
	s.row = append(s.row[:0], "kivuko unit 1"...)
	for _, n := range []int64{l.Chain, l.Seq, l.At} {
		s.row = binary.BigEndian.AppendUint64(s.row, uint64(n))
	}
	s.hash.Write(append(s.row, before...))
}

// Add adds a row of a table in Chained.
func (s *Sealer) Add(table int, row []byte) {
	s.row = append(append(s.row[:0], byte(table)), row...)
	s.hash.Write(s.row)
}

// Sum is the hash.
func (s *Sealer) Sum() []byte { return s.hash.Sum(nil) }

// Written is a row that a unit has written.
type Written struct {
	Table int         // in Chained
	Key   []unit.Cell // valid until the next one
	Check uint16
}

var errRows = errors.New("the list of what it has written is not readable")

// WrittenRows goes through what a unit has written, in the order in which it is hashed.
func WrittenRows(rows []byte) iter.Seq2[Written, error] {
	return func(yield func(Written, error) bool) {
		r := reader{b: rows}
		for len(r.b) > 0 && !r.bad {
			w := Written{Table: int(r.byte())}
			if w.Table >= len(Chained) {
				r.bad = true
				break
			}
			t := &Chained[w.Table]
			w.Key = make([]unit.Cell, t.Keys)
			last := int64(0)
			for range r.uvarint() {
				for j, c := range t.Columns[:t.Keys] {
					if c.Type == unit.Integer {
						last += r.varint()
						w.Key[j].Integer = last
					} else {
						w.Key[j].String = string(r.take(r.uvarint()))
					}
				}
				if check := r.take(2); !r.bad {
					w.Check = binary.BigEndian.Uint16(check)
				}
				if r.bad {
					break
				}
				if !yield(w, nil) {
					return
				}
			}
		}
		if r.bad {
			yield(Written{}, errRows)
		}
	}
}

// reader takes a list apart. Once it is bad, it stays so.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n uint64) []byte {
	if r.bad = r.bad || n > uint64(len(r.b)); r.bad {
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.b)
	r.bad = r.bad || n <= 0
	r.take(uint64(max(n, 0)))
	return x
}

func (r *reader) varint() int64 {
	x, n := binary.Varint(r.b)
	r.bad = r.bad || n <= 0
	r.take(uint64(max(n, 0)))
	return x
}
