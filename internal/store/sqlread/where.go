package sqlread

import (
	"strings"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// after selects the rows of a page.
func after(p store.Page) where {
	var w where
	if p.Before > 0 {
		w.and("id < ?", p.Before)
	}
	if p.After > 0 {
		w.and("id > ?", p.After)
	}
	return w
}

// where collects conditions and their arguments.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, arg any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, arg)
}

// newest selects the rows of a table, newest first.
func (w where) newest(table interface{ Of() *tables.Schema }, limit int) (query string, args []any) {
	return from(table) + w.clause() + " ORDER BY id DESC LIMIT ?", append(w.args, limit)
}

func (w *where) clause() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}
