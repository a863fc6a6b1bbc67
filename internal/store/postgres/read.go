package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// lock is added to the statements that read rows, to lock them. The rows are locked in the order in which the statement sorts them. Rows
// that a unit reads and seldom changes are locked as those that it does: two units that held one together and both came to change it would
// wait for each other.
const lock = " FOR UPDATE"

// queueRows queues the statements that read the rows that a view wants, and lock them, or those that lead: table after table in the same
// order for all units, which is that of tables.All, and by key within each.
func (u *work) queueRows(b *pgx.Batch, v *unit.View, leading bool) {
	for i, t := range tables.All {
		keys := t.Keys(v, leading, &u.columns)
		if keys == nil {
			t.Rest(v, leading) // of keys that can't be stored
			continue
		}
		statement := u.plans[i].find
		if t.Of().Lock && !leading {
			statement += lock
		}
		args := make([]any, len(keys))
		for j := range keys {
			args[j] = keys[j].Value()
		}
		b.Queue(statement, args...).Query(func(r pgx.Rows) error {
			err := u.each(r, t.Of(), func() error { return t.Take(v, &u.columns) })
			t.Rest(v, leading)
			return err
		})
	}
	u.queueOpen(b, v, leading)
}

// each hands over rows one after the other, in the unit's cells.
func (u *work) each(r pgx.Rows, s *tables.Schema, take func() error) error {
	into := tables.Cells(&u.columns, s.Columns)
	for r.Next() {
		if err := r.Scan(into...); err != nil {
			return err
		}
		if err := take(); err != nil {
			return err
		}
	}
	return r.Err()
}

// selectOpen finds the numbers of what has a prompt open on the phones of payers.
var selectOpen = "SELECT payer, id FROM payments WHERE " + openOf + " UNION ALL SELECT payer, id FROM standing_orders WHERE " + openOf

var openOf = tables.Open + " AND payer = ANY($1::bigint[])"

// queueOpen queues the statement that finds the open prompts of the payers. It is sent after the one that locks the payers
// themselves: a unit that has locked a payer is alone with their prompts. A unit that looks has the rows with it.
func (u *work) queueOpen(b *pgx.Batch, v *unit.View, leading bool) {
	asked := mpesa.OpenPrompts.Wanted(v)
	if leading {
		asked = mpesa.OpenPrompts.Leading(v)
	}
	var payers []int64
	for _, p := range asked {
		if !mpesa.OpenPrompts.Loaded(v, p) {
			payers = append(payers, int64(p))
		}
	}
	if len(payers) == 0 {
		return
	}
	slices.Sort(payers)
	payers = slices.Compact(payers)
	b.Queue(selectOpen, payers).Query(func(r pgx.Rows) error {
		for _, p := range payers {
			mpesa.OpenPrompts.Put(v, mpesa.Party(p), 0)
		}
		var payer, id int64
		_, err := pgx.ForEachRow(r, []any{&payer, &id}, func() error {
			mpesa.OpenPrompts.Put(v, mpesa.Party(payer), id)
			return nil
		})
		return err
	})
	if leading {
		queueOpenRows(u, b, v, tables.Payments, payers)
		queueOpenRows(u, b, v, tables.Orders, payers)
	}
}

// queueOpenRows queues the statement that reads the rows of a table that have a prompt open on the phones of payers.
func queueOpenRows[T any](u *work, b *pgx.Batch, v *unit.View, t *tables.Table[int64, T], payers []int64) {
	b.Queue("SELECT "+t.List("")+" FROM "+t.Of().Name+" WHERE "+openOf, payers).Query(func(r pgx.Rows) error {
		return u.each(r, t.Of(), func() error { return t.Take(v, &u.columns) })
	})
}
