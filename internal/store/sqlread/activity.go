package sqlread

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// activity is a table of what was asked for.
type activity struct {
	name    string
	waiting []string      // conditions of those that wait, each in the words of an index
	only    string        // the condition of those that no other table has, too; "": all
	states  []mpesa.State // that these can be in; nil: any
	kinds   []mpesa.Kind  // that only this table has; nil: those that no other claims
	page    func(ctx context.Context, r *Reader, f store.PaymentFilter, p store.Page) ([]mpesa.Subject, error)
}

// activities lists the tables of what was asked for, that of most first.
var activities = []activity{
	activityOf(tables.Payments, activity{waiting: []string{tables.Open, tables.Waiting}}, func(p *mpesa.Payment) mpesa.Subject { return p }),
	activityOf(tables.Queries, activity{waiting: []string{tables.Waiting}, states: []mpesa.State{mpesa.Queued, mpesa.Completed, mpesa.Failed},
		kinds: []mpesa.Kind{mpesa.StatusQuery, mpesa.BalanceQuery}},
		func(q *mpesa.Query) mpesa.Subject { return q }),
	activityOf(tables.Tasks, activity{waiting: []string{tables.ToBeApproved}, only: tables.NotMade, states: []mpesa.State{mpesa.Approving, mpesa.Failed}},
		func(t *portal.Task) mpesa.Subject { return &t.Payment }),
	activityOf(tables.Orders, activity{waiting: []string{tables.Open, tables.Waiting}, kinds: []mpesa.Kind{mpesa.StandingOrder}},
		func(o *mpesa.Order) mpesa.Subject { return o }),
}

func activityOf[T any](table described[T], a activity, subject func(*T) mpesa.Subject) activity {
	a.name = table.Of().Name
	a.page = func(ctx context.Context, r *Reader, f store.PaymentFilter, p store.Page) (list []mpesa.Subject, err error) {
		w := filtered(f, p)
		if a.only != "" {
			w.conditions = append(w.conditions, a.only)
		}
		query, args := w.newest(table, p.Limit)
		found, err := many(ctx, r, rows(table), query, args...)
		for i := range found {
			list = append(list, subject(&found[i]))
		}
		return list, err
	}
	return a
}

// has reports whether any that the filter selects can be in the table.
func (a *activity) has(f store.PaymentFilter) bool {
	switch {
	case f.State != nil && a.states != nil && !slices.Contains(a.states, *f.State):
		return false
	case f.Kind == 0 || slices.Contains(a.kinds, f.Kind):
		return true
	}
	return a.kinds == nil && !slices.ContainsFunc(activities, func(other activity) bool { return slices.Contains(other.kinds, f.Kind) })
}

// count is a query for how many there are, or wait.
func (a *activity) count(waiting bool) string {
	query := "SELECT COUNT(*) FROM " + a.name
	switch {
	case waiting:
		query += " WHERE " + strings.Join(a.waiting, " OR ")
	case a.only != "":
		query += " WHERE " + a.only
	}
	return query
}

// counted is a query for how many of all that was asked for there are, or wait.
func counted(waiting bool) string {
	var counts []string
	for i := range activities {
		counts = append(counts, "("+activities[i].count(waiting)+")")
	}
	return "SELECT " + strings.Join(counts, " + ")
}

// Activity implements store.Reader. It takes the newest of each table along its key, and of those the newest.
func (r *Reader) Activity(ctx context.Context, f store.PaymentFilter, p store.Page) (list []mpesa.Subject, err error) {
	for _, a := range activities {
		if !a.has(f) {
			continue
		}
		found, err := a.page(ctx, r, f, p)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, func(a, b mpesa.Subject) int { return cmp.Compare(b.Head().ID, a.Head().ID) })
	return list[:min(len(list), p.Limit)], nil
}
