package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

const (
	endTokens   = "DELETE FROM tokens WHERE app = $1"
	sweepTokens = "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)"
	trimTokens  = `DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE app = $1 AND issued <
		(SELECT issued FROM tokens WHERE app = $1 ORDER BY issued DESC OFFSET $2 LIMIT 1) LIMIT 100 FOR UPDATE SKIP LOCKED)`
)

// write queues the statements that write all changes of a view. What they update is locked already. Only an insert may have to wait for
// another unit, which inserts the same key, or be a unique violation: this unit was decided without it. So the tables come in the same order
// in all units, and in each table the rows.
func (u *work) write(b *pgx.Batch, v *unit.View) error {
	for i, t := range tables.All {
		rows := bulk{plan: &u.plans[i]}
		if err := t.Write(v, &u.columns, &rows); err != nil {
			return err
		}
		rows.queue(b)
	}
	for i, l := range tables.Logs {
		rows := bulk{plan: &u.logs[i]}
		if err := l.Write(v, &u.columns, &rows); err != nil {
			return err
		}
		rows.queue(b)
	}
	return u.writeTokens(b, v)
}

// writeTokens queues the new tokens, and ends those of apps that are deleted. Two nodes that issue the sole token of an app at once take
// turns: the unit has locked the app's row, so that the second one ends the first one's token.
func (u *work) writeTokens(b *pgx.Batch, v *unit.View) error {
	for key := range mpesa.Apps.In(v).Deleted {
		b.Queue(endTokens, key)
	}
	added := mpesa.Tokens.Added(v)
	if len(added) == 0 {
		return nil
	}
	for i := range added {
		t := &added[i]
		if t.Sole {
			b.Queue(endTokens, t.App)
		}
		row := bulk{plan: &u.token}
		if err := tables.Tokens.Add(t, &u.columns, &row); err != nil {
			return err
		}
		row.queue(b)
	}
	for _, app := range store.AppsOf(added) {
		b.Queue(trimTokens, app, store.MostTokens-1)
	}
	b.Queue(sweepTokens, added[len(added)-1].Issued)
	return nil
}

// statements are those of all tables.
type statements struct {
	plans []plan // in the order of tables.All
	logs  []plan // in the order of tables.Logs
	token plan
}

func newPlans() statements {
	p := statements{token: newPlan(tables.Tokens.Of())}
	for _, t := range tables.All {
		p.plans = append(p.plans, newPlan(t.Of()))
	}
	for _, l := range tables.Logs {
		p.logs = append(p.logs, newPlan(l.Of()))
	}
	return p
}
