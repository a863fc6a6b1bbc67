// Package unit holds the rows of a unit of work: which ones its commands need, what the database has of them, and what the commands have made
// of them. It knows no table: each is a package variable where the type of its rows is.
package unit

import (
	"fmt"
	"slices"
	"strings"
)

// View is the part of the world that a unit of work has loaded, and what the unit's commands have changed in it so far. Each command sees the
// effects of those before it. The zero value is an empty view; its memory is used again after Reset.
type View struct {
	NewID func() int64 // gives numbers for new rows, each once
	At    int64        // when the unit was decided, milliseconds

	sets    []anySet // by the index of their table; nil where nothing was asked for yet
	wanted  int      // keys that were named in this round
	changes int      // rows that were changed or added
}

// Viewer is a *View, or a pointer to a type that embeds a View.
type Viewer interface{ view() *View }

func (v *View) view() *View { return v }

// anySet is what a view has of one table.
type anySet interface {
	reset()        // forgets rows and wanted keys
	forget()       // forgets the known keys
	next()         // forgets the wanted keys
	remember()     // adds the wanted keys to the known ones
	recall() int   // makes the known keys the wanted ones, and counts them
	assume()       // has rows for the wanted keys that were not loaded
	borrow(anySet) // loads the rows with the wanted keys as another set has them
	leads() bool   // tells whether some of the wanted keys lead to more
	wants() []any  // the wanted keys
	tableName() string
}

// noKeys are the methods of a set of which no rows are loaded.
type noKeys struct{}

func (noKeys) forget()       {}
func (noKeys) next()         {}
func (noKeys) remember()     {}
func (noKeys) recall() int   { return 0 }
func (noKeys) assume()       {}
func (noKeys) borrow(anySet) {}
func (noKeys) leads() bool   { return false }
func (noKeys) wants() []any  { return nil }

// names are those of all tables, logs and references of the program. They are package variables: the list stands before main begins, and
// nothing changes it afterwards.
var names []string

// newIndex returns the index of a new table.
func newIndex(name string) int {
	names = append(names, name)
	return len(names) - 1
}

// Names lists all tables, logs and references of the program.
func Names() []string { return slices.Clone(names) }

// put keeps the set of a table.
func (v *View) put(index int, s anySet) {
	if more := index + 1 - len(v.sets); more > 0 {
		v.sets = append(v.sets, make([]anySet, more)...)
	}
	v.sets[index] = s
}

// each calls do for what the view has of each table.
func (v *View) each(do func(anySet)) {
	for _, s := range v.sets {
		if s != nil {
			do(s)
		}
	}
}

// Reset empties the view, but for the keys that it is to remember, and keeps its memory.
func (v *View) Reset() {
	v.each(anySet.reset)
	v.wanted, v.changes = 0, 0
}

// Forget empties the view and forgets the keys too.
func (v *View) Forget() {
	v.Reset()
	v.each(anySet.forget)
}

// Empty reports whether the commands changed nothing.
func (v *View) Empty() bool { return v.changes == 0 }

// Wanted counts the keys that were named since Next or Recall.
func (v *View) Wanted() int { return v.wanted }

// Next begins a round of asking commands what they need: no key is wanted.
func (v *View) Next() {
	v.each(anySet.next)
	v.wanted = 0
}

// Remember keeps the wanted keys beyond Reset, for Recall.
func (v *View) Remember() { v.each(anySet.remember) }

// Recall makes all keys that were remembered the wanted ones.
func (v *View) Recall() {
	v.wanted = 0
	for _, s := range v.sets {
		if s != nil {
			v.wanted += s.recall()
		}
	}
}

// Leads reports whether some of the wanted keys lead to more. See Table.Lead.
func (v *View) Leads() bool {
	return slices.ContainsFunc(v.sets, func(s anySet) bool { return s != nil && s.leads() })
}

// Assume has the view answer for wanted rows that were not loaded, so that commands can be asked what else they would need: such a row
// is missing, unless its table says what is assumed of it. Nothing is to be decided on such a view.
func (v *View) Assume() { v.each(anySet.assume) }

// Borrow loads the wanted rows as another view has them, which must have loaded them. What is changed then stays here: by a view that is
// thrown away commands can be tried out.
func (v *View) Borrow(from *View) {
	for i, s := range v.sets {
		if s != nil && len(s.wants()) > 0 {
			s.borrow(from.sets[i])
		}
	}
}

// Wants lists the wanted keys by table, for people.
func (v *View) Wants() string {
	var list []string
	v.each(func(s anySet) {
		if keys := s.wants(); len(keys) > 0 {
			list = append(list, fmt.Sprintf("%s %v", s.tableName(), keys))
		}
	})
	return strings.Join(list, ", ")
}
