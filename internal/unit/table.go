package unit

import (
	"fmt"
	"slices"
)

// Table names the rows of one kind, and has them in a view. It is a package variable where the type of the rows is. Rows are found by their
// keys, which a command names (Need) before it reads them.
type Table[K comparable, T any] struct {
	Name    string
	index   int
	assumed func(K) T
}

// NewTable makes a table.
func NewTable[K comparable, T any](name string) *Table[K, T] {
	return &Table[K, T]{Name: name, index: newIndex(name)}
}

// Assume says what View.Assume has for a row that was not loaded.
func (t *Table[K, T]) Assume(row func(K) T) *Table[K, T] {
	t.assumed = row
	return t
}

// of returns what a view has of the table.
func (t *Table[K, T]) of(v *View) *Set[K, T] {
	if t.index < len(v.sets) {
		if s, ok := v.sets[t.index].(*Set[K, T]); ok {
			return s
		}
	}
	s := &Set[K, T]{table: t, rows: map[K]*row[T]{}}
	v.put(t.index, s)
	return s
}

// In returns the rows of the table in a view.
func (t *Table[K, T]) In(r Viewer) *Set[K, T] { return t.of(r.view()) }

// Set is what a view has of a table's rows.
type Set[K comparable, T any] struct {
	keys[K]
	table *Table[K, T]
	rows  map[K]*row[T]
	order []K // of the changed rows: the order in which they first changed
	free  []*row[T]
}

type row[T any] struct {
	value   T
	exists  bool
	stored  bool // exists in the database
	changed bool
}

func (s *Set[K, T]) tableName() string { return s.table.Name }

func (s *Set[K, T]) reset() {
	for _, x := range s.rows {
		*x = row[T]{}
		s.free = append(s.free, x)
	}
	clear(s.rows)
	s.order = s.order[:0]
	s.next()
}

func (s *Set[K, T]) add(k K) *row[T] {
	var x *row[T]
	if n := len(s.free); n > 0 {
		x, s.free = s.free[n-1], s.free[:n-1]
	} else {
		x = new(row[T])
	}
	s.rows[k] = x
	return x
}

func (s *Set[K, T]) load(k K, value T) {
	x := s.add(k)
	x.value, x.exists, x.stored = value, true, true
}

func (s *Set[K, T]) missing(k K) {
	if _, ok := s.rows[k]; !ok {
		s.add(k)
	}
}

func (s *Set[K, T]) loaded(k K) bool {
	_, ok := s.rows[k]
	return ok
}

// row returns a row that was loaded. To ask for one that nobody needed is a defect and panics.
func (s *Set[K, T]) row(k K) *row[T] {
	x := s.rows[k]
	if x == nil {
		panic(fmt.Sprintf("unit: row %v of %s was not loaded", k, s.table.Name))
	}
	return x
}

func (s *Set[K, T]) change(v *View, k K, x *row[T], value T) {
	x.value, x.exists = value, true
	if !x.changed {
		x.changed = true
		v.changes++
		s.order = append(s.order, k)
	}
}

func (s *Set[K, T]) assume() {
	for _, k := range s.wanted {
		switch {
		case s.loaded(k):
		case s.table.assumed != nil:
			s.load(k, s.table.assumed(k))
		default:
			s.add(k)
		}
	}
}

func (s *Set[K, T]) borrow(from anySet) {
	for _, k := range s.wanted {
		if s.loaded(k) {
			continue
		}
		if x := from.(*Set[K, T]).row(k); x.exists {
			s.load(k, x.value)
		} else {
			s.add(k)
		}
	}
}

// Need asks for a row. It is loaded before Decide.
func (t *Table[K, T]) Need(r Viewer, k K) {
	v := r.view()
	if s := t.of(v); !s.loaded(k) {
		s.wanted = append(s.wanted, k)
		v.wanted++
	}
}

// Lead asks for a row that leads to more: the command cannot name the rest before it has seen this one. Where rows are locked, it is first
// read without a lock, so that all rows can be locked together.
func (t *Table[K, T]) Lead(r Viewer, k K) {
	v := r.view()
	if s := t.of(v); !s.loaded(k) {
		s.wanted, s.leading = append(s.wanted, k), append(s.leading, k)
		v.wanted++
	}
}

// Wanted returns the keys that were asked for in this round, some more than once, and some of rows that were loaded since.
func (t *Table[K, T]) Wanted(r Viewer) []K { return t.of(r.view()).wanted }

// Leading returns those of the wanted keys that lead to more.
func (t *Table[K, T]) Leading(r Viewer) []K { return t.of(r.view()).leading }

// Wants reports whether a row was asked for and is not loaded.
func (t *Table[K, T]) Wants(r Viewer) bool {
	s := t.of(r.view())
	return slices.ContainsFunc(s.wanted, func(k K) bool { return !s.loaded(k) })
}

// Known returns the keys that the view remembers (View.Remember).
func (t *Table[K, T]) Known(r Viewer) []K { return t.of(r.view()).known }

// Know has the view remember a key.
func (t *Table[K, T]) Know(r Viewer, k K) {
	s := t.of(r.view())
	s.known = append(s.known, k)
}

// Follow says which of the leading keys do lead to more. The others are only wanted.
func (t *Table[K, T]) Follow(r Viewer, leads func([]K) []K) {
	s := t.of(r.view())
	s.leading = leads(s.leading)
}

// Load puts a row into the view as the database has it.
func (t *Table[K, T]) Load(r Viewer, k K, value T) { t.of(r.view()).load(k, value) }

// Missing notes that the database has no such row.
func (t *Table[K, T]) Missing(r Viewer, k K) { t.of(r.view()).missing(k) }

// Loaded reports whether the view knows of the row, be it there or not.
func (t *Table[K, T]) Loaded(r Viewer, k K) bool { return t.of(r.view()).loaded(k) }

// Get returns the row as it stands. To ask for a row that nobody needed is a defect and panics.
func (t *Table[K, T]) Get(r Viewer, k K) (value T, ok bool) {
	x := t.of(r.view()).row(k)
	return x.value, x.exists
}

// Put changes the row, or creates it.
func (t *Table[K, T]) Put(r Viewer, k K, value T) {
	v := r.view()
	s := t.of(v)
	s.change(v, k, s.row(k), value)
}

// Create adds a row with a key that is new in the database.
func (t *Table[K, T]) Create(r Viewer, k K, value T) {
	v := r.view()
	s := t.of(v)
	if s.loaded(k) {
		panic(fmt.Sprintf("unit: row %v of %s is not new", k, t.Name))
	}
	s.change(v, k, s.add(k), value)
}

// Delete removes the row, if it is there.
func (t *Table[K, T]) Delete(r Viewer, k K) {
	v := r.view()
	s := t.of(v)
	if x := s.row(k); x.exists {
		var none T
		s.change(v, k, x, none)
		x.exists = false
	}
}

// Changes counts the changed rows.
func (t *Table[K, T]) Changes(r Viewer) int { return len(t.of(r.view()).order) }

// Changed goes through the changed rows in the order of their first change; isNew tells the inserts from the updates.
func (s *Set[K, T]) Changed(yield func(value *T, isNew bool) bool) {
	for _, k := range s.order {
		if x := s.rows[k]; x.exists && !yield(&x.value, !x.stored) {
			return
		}
	}
}

// ChangedKeys goes through the changed rows like Changed, with their keys.
func (s *Set[K, T]) ChangedKeys(yield func(k K, value *T) bool) {
	for _, k := range s.order {
		if x := s.rows[k]; x.exists && !yield(k, &x.value) {
			return
		}
	}
}

// Deleted goes through the keys of the rows that are to be removed from the database.
func (s *Set[K, T]) Deleted(yield func(k K) bool) {
	for _, k := range s.order {
		if x := s.rows[k]; !x.exists && x.stored && !yield(k) {
			return
		}
	}
}
