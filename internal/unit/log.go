package unit

// Log names rows that are only added: nobody reads them in a unit of work, and nobody changes them.
type Log[T any] struct {
	Name  string
	index int
}

// NewLog makes a log.
func NewLog[T any](name string) *Log[T] { return &Log[T]{Name: name, index: newIndex(name)} }

type added[T any] struct {
	noKeys
	name string
	rows []T
}

func (a *added[T]) tableName() string { return a.name }

func (a *added[T]) reset() {
	clear(a.rows)
	a.rows = a.rows[:0]
}

func (l *Log[T]) of(v *View) *added[T] {
	if l.index < len(v.sets) {
		if a, ok := v.sets[l.index].(*added[T]); ok {
			return a
		}
	}
	a := &added[T]{name: l.Name}
	v.put(l.index, a)
	return a
}

// Add adds a row.
func (l *Log[T]) Add(r Viewer, row T) {
	v := r.view()
	a := l.of(v)
	a.rows = append(a.rows, row)
	v.changes++
}

// Added returns the rows that were added, in order. The caller must not keep the list.
func (l *Log[T]) Added(r Viewer) []T { return l.of(r.view()).rows }
