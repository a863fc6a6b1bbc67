package unit

import (
	"maps"
	"slices"
)

// Reference names what commands look up and a unit of work does not write: rows that something else remembers, or answers that follow from
// rows of a table. What a command puts there only the commands after it see. The zero T says that there is none.
type Reference[K comparable, T any] struct {
	Name  string
	index int
}

// NewReference makes a reference.
func NewReference[K comparable, T any](name string) *Reference[K, T] {
	return &Reference[K, T]{Name: name, index: newIndex(name)}
}

type answers[K comparable, T any] struct {
	keys[K]
	name  string
	found map[K]T
}

func (a *answers[K, T]) tableName() string { return a.name }

func (a *answers[K, T]) reset() {
	clear(a.found)
	a.next()
}

func (a *answers[K, T]) loaded(k K) bool {
	_, ok := a.found[k]
	return ok
}

func (a *answers[K, T]) assume() {
	for _, k := range a.wanted {
		if !a.loaded(k) {
			var none T
			a.found[k] = none
		}
	}
}

func (a *answers[K, T]) borrow(from anySet) {
	for _, k := range a.wanted {
		a.found[k] = from.(*answers[K, T]).found[k]
	}
}

func (n *Reference[K, T]) of(v *View) *answers[K, T] {
	if n.index < len(v.sets) {
		if a, ok := v.sets[n.index].(*answers[K, T]); ok {
			return a
		}
	}
	a := &answers[K, T]{name: n.Name, found: map[K]T{}}
	v.put(n.index, a)
	return a
}

// Need asks for what has the key.
func (n *Reference[K, T]) Need(r Viewer, k K) {
	v := r.view()
	if a := n.of(v); !a.loaded(k) {
		a.wanted = append(a.wanted, k)
		v.wanted++
	}
}

// Lead asks for what has the key and leads to more. See Table.Lead.
func (n *Reference[K, T]) Lead(r Viewer, k K) {
	v := r.view()
	if a := n.of(v); !a.loaded(k) {
		a.wanted, a.leading = append(a.wanted, k), append(a.leading, k)
		v.wanted++
	}
}

// Wanted returns the keys that were asked for in this round, some more than once.
func (n *Reference[K, T]) Wanted(r Viewer) []K { return n.of(r.view()).wanted }

// Leading returns those of the wanted keys that lead to more.
func (n *Reference[K, T]) Leading(r Viewer) []K { return n.of(r.view()).leading }

// Loaded reports whether the view has an answer.
func (n *Reference[K, T]) Loaded(r Viewer, k K) bool { return n.of(r.view()).loaded(k) }

// Keys lists the keys that the view has an answer for.
func (n *Reference[K, T]) Keys(r Viewer) []K { return slices.Collect(maps.Keys(n.of(r.view()).found)) }

// Get returns what has the key; zero: nothing has, or nobody asked.
func (n *Reference[K, T]) Get(r Viewer, k K) T { return n.of(r.view()).found[k] }

// Put says what has the key.
func (n *Reference[K, T]) Put(r Viewer, k K, value T) { n.of(r.view()).found[k] = value }
