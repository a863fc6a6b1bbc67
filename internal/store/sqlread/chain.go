package sqlread

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// Heads implements store.Reader.
func (r *Reader) Heads(ctx context.Context) (newest *store.Anchor, moved []store.Head, err error) {
	if newest, err = one(ctx, r, rows(tables.Anchors), from(tables.Anchors)+"ORDER BY number DESC LIMIT 1"); err != nil {
		return nil, nil, err
	}
	moved, err = many(ctx, r, func(row scanner) (h store.Head, err error) {
		var hash []byte
		err = row.Scan(&h.Chain, &h.Seq, &hash)
		copy(h.Hash[:], hash)
		return h, err
	}, "SELECT u.chain, u.seq, u.hash FROM chains AS l JOIN units AS u ON u.chain = l.chain AND u.seq = "+
		"(SELECT MAX(latest.seq) FROM units AS latest WHERE latest.chain = l.chain AND LENGTH(latest.hash) > 0) WHERE u.seq > l.anchored ORDER BY u.chain")
	return newest, moved, err
}

// How much of the chain is read at a time.
const (
	unitsAtATime   = 200
	anchorsAtATime = 100
)

// inChain are the rows of units that are part of it.
const inChain = "void = 0 AND LENGTH(hash) > 0"

// walker goes through the chain.
type walker struct {
	*Reader
	ctx context.Context
	tx  *sql.Tx

	sealer tables.Sealer
	listed []int64 // rows that units name and that are there, by their place in tables.Chained
	units  store.Discrepancy
}

// walk compares the chain with itself and with the rows that it vouches for.
func (r *Reader) walk(ctx context.Context, tx *sql.Tx, e store.Evidence, b *store.Books) error {
	w := &walker{Reader: r, ctx: ctx, tx: tx, listed: make([]int64, len(tables.Chained)), units: store.Discrepancy{Check: store.UnitDiffers}}
	if err := w.eachPage(w.compare); err != nil {
		return err
	}
	b.Note(w.units)
	for _, check := range []func(store.Evidence, *store.Books) error{w.strangers, w.anchors} {
		if err := check(e, b); err != nil {
			return err
		}
	}
	return nil
}

// eachPage hands over the units of all chains in their order. A page may end in the middle of a chain.
func (w *walker) eachPage(do func([]store.Link) error) error {
	scan, last := rows(tables.Units), store.Link{}
	for {
		var page []store.Link
		err := each(w.ctx, w.tx, w.dialect.Bind(from(tables.Units)+"WHERE (chain, seq) > (?, ?) AND "+inChain+" ORDER BY chain, seq LIMIT ?"), func(rows *sql.Rows) error {
			l, err := scan(rows)
			page = append(page, l)
			return err
		}, last.Chain, last.Seq, unitsAtATime)
		if err != nil || len(page) == 0 {
			return err
		}
		if page[0].Chain == last.Chain {
			page = slices.Insert(page, 0, last) // for its hash
		} else {
			page = slices.Insert(page, 0, store.Link{})
		}
		if err := do(page); err != nil {
			return err
		}
		last = page[len(page)-1]
	}
}

// compare computes the hashes of units anew. The first one only comes before the others.
func (w *walker) compare(page []store.Link) error {
	there, err := w.written(page[1:])
	if err != nil {
		return err
	}
	before := page[0]
	for i := range page[1:] {
		l := &page[i+1]
		if l.Chain != before.Chain {
			before = store.Link{}
		}
		w.sealer.Begin(l, before.Hash)
		var wrong []string
		missing := false
		for x, err := range tables.WrittenRows(l.Rows) {
			if err != nil {
				wrong = append(wrong, err.Error())
				break
			}
			row, ok := there[x.Table][string(w.key(x))]
			switch {
			case !ok:
				missing = true
				wrong = append(wrong, rowName(x)+" is gone")
				continue
			case tables.Check(row) != x.Check:
				wrong = append(wrong, rowName(x)+" has changed")
			}
			w.listed[x.Table]++
			w.sealer.Add(x.Table, row)
		}
		if missing || !bytes.Equal(w.sealer.Sum(), l.Hash) {
			w.units.Add(fmt.Sprintf("unit %d of chain %d, %s: %s", l.Seq, l.Chain, moment(l.At), inWords(wrong)))
		}
		before = *l
	}
	return nil
}

// inWords says what is wrong with what a unit has written.
func inWords(wrong []string) string {
	const most = 10
	switch more := len(wrong) - most; {
	case len(wrong) == 0:
		return "its own row, or the one before it in the chain, has changed or is gone"
	case more > 0:
		return strings.Join(wrong[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(wrong, ", ")
}

func moment(ms int64) string { return time.UnixMilli(ms).In(clock.EAT).Format("2006-01-02 15:04:05") }

// key is a key in the form that rows begin with when they are hashed.
func (w *walker) key(x tables.Written) []byte {
	t := tables.Chained[x.Table]
	t.Columns = t.Columns[:t.Keys]
	key, _ := t.AppendRow(nil, x.Key)
	return key
}

// rowName names a row by its table and its key.
func rowName(x tables.Written) string {
	t := tables.Chained[x.Table]
	return "row " + strings.Trim(fmt.Sprint(keyValues(t, x.Key)), "[]") + " of " + t.Table
}

func keyValues(t tables.Sealed, cells []unit.Cell) (values []any) {
	for i, c := range t.Columns[:t.Keys] {
		if c.Type == unit.Integer {
			values = append(values, cells[i].Integer)
		} else {
			values = append(values, cells[i].String)
		}
	}
	return values
}

// written reads the rows that units have written, by table and key, as they are hashed.
func (w *walker) written(page []store.Link) ([]map[string][]byte, error) {
	there, keys := make([]map[string][]byte, len(tables.Chained)), make([][][]any, len(tables.Chained))
	for _, l := range page {
		for x, err := range tables.WrittenRows(l.Rows) {
			if err == nil { // else compare says so
				keys[x.Table] = append(keys[x.Table], keyValues(tables.Chained[x.Table], x.Key))
			}
		}
	}
	for i, t := range tables.Chained {
		there[i] = map[string][]byte{}
		for chunk := range slices.Chunk(keys[i], 5000) {
			list, err := json.Marshal(chunk)
			if err != nil {
				return nil, err
			}
			err = w.rowsOf(t, t.Columns, w.dialect.OneOf(t.Columns[:t.Keys]), func(cells []unit.Cell) {
				row, key := t.AppendRow(nil, cells)
				there[i][string(row[:key])] = row
			}, string(list))
			if err != nil {
				return nil, err
			}
		}
	}
	return there, nil
}

// rowsOf hands over the cells of the rows of a table for which a condition holds.
func (w *walker) rowsOf(t tables.Sealed, columns []unit.Column, where string, do func([]unit.Cell), args ...any) error {
	if where != "" {
		where = " WHERE " + where
	}
	var c unit.Columns
	into := tables.Cells(&c, columns)
	return each(w.ctx, w.tx, w.dialect.Bind("SELECT "+(&tables.Schema{Columns: columns}).List("")+" FROM "+t.Table+where), func(rows *sql.Rows) error {
		err := rows.Scan(into...)
		do(c.Cells)
		return err
	}, args...)
}

// strangers names the rows that ought to be in the chain and that no unit names.
func (w *walker) strangers(_ store.Evidence, b *store.Books) error {
	d := store.Discrepancy{Check: store.NotInChain}
	for i, t := range tables.Chained {
		where := t.Where
		if where != "" {
			where = " WHERE " + where
		}
		var count int64
		if err := w.tx.QueryRowContext(w.ctx, "SELECT COUNT(*) FROM "+t.Table+where).Scan(&count); err != nil {
			return err
		}
		if count <= w.listed[i] {
			continue
		}
		named := map[string]bool{}
		err := w.eachPage(func(page []store.Link) error {
			for _, l := range page[1:] {
				for x, err := range tables.WrittenRows(l.Rows) {
					if err == nil && x.Table == i {
						named[string(w.key(x))] = true
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = w.rowsOf(t, t.Columns[:t.Keys], t.Where, func(cells []unit.Cell) {
			if x := (tables.Written{Table: i, Key: cells}); !named[string(w.key(x))] {
				d.Add(rowName(x))
			}
		})
		if err != nil {
			return err
		}
	}
	b.Note(d)
	return nil
}

// anchors goes through the anchors.
func (w *walker) anchors(e store.Evidence, b *store.Books) error {
	d := store.Discrepancy{Check: store.AnchorDiffers}
	scan, last, seen := rows(tables.Anchors), store.Anchor{}, e.Anchor == nil
	for {
		var page []store.Anchor
		err := each(w.ctx, w.tx, w.dialect.Bind(from(tables.Anchors)+"WHERE number > ? ORDER BY number LIMIT ?"), func(rows *sql.Rows) error {
			a, err := scan(rows)
			page = append(page, a)
			return err
		}, last.Number, anchorsAtATime)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		there, err := w.heads(page)
		if err != nil {
			return err
		}
		for _, a := range page {
			wrong := a.Check(last.Hash, e.Sign)
			if a.Number != last.Number+1 {
				wrong = "those before it are gone"
			}
			for _, h := range a.Heads {
				if wrong == "" && !there[h] {
					wrong = fmt.Sprintf("unit %d of chain %d is gone, or is another one", h.Seq, h.Chain)
				}
			}
			if wrong != "" {
				d.Add(fmt.Sprintf("anchor %d, %s: %s", a.Number, moment(a.At), wrong))
			}
			seen = seen || bytes.Equal(a.Hash, e.Anchor)
			last = a
		}
	}
	b.Note(d)
	if last.Number > 0 {
		b.Anchor = &last
	}
	if !seen {
		b.Note(store.Discrepancy{Check: store.AnchorUnknown, Count: 1, Rows: []string{store.FormatHash(e.Anchor)}})
	}
	return nil
}

// heads reads those of the units that anchors name that are in the chain.
func (w *walker) heads(page []store.Anchor) (map[store.Head]bool, error) {
	var keys [][2]int64
	for _, a := range page {
		for _, h := range a.Heads {
			keys = append(keys, [2]int64{h.Chain, h.Seq})
		}
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	there := map[store.Head]bool{}
	scan := rows(tables.Units)
	err = each(w.ctx, w.tx, w.dialect.Bind(from(tables.Units)+"WHERE "+w.dialect.OneOf(tables.Units.Of().Columns[:2])), func(rows *sql.Rows) error {
		l, err := scan(rows)
		h := store.Head{Chain: l.Chain, Seq: l.Seq}
		copy(h.Hash[:], l.Hash)
		there[h] = true
		return err
	}, string(list))
	return there, err
}
