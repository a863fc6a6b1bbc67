package controlapi

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/store"
)

// span is how many payments are looked through for a page of those that a filter selects: no index helps to find them, and a page has
// to come soon however many payments there are.
const span = 20_000

// sequence is a list that is kept in the order of numbers.
type sequence[T any] struct {
	read   func(store.Page) ([]T, error) // what the filter selects
	all    func(store.Page) ([]T, error) // everything
	id     func(T) int64
	at     func(T) control.Time
	number int64 // numbers that a payment takes up
}

// page reads a page of what is selected. It ends where it is full, at the end of the list, or where a span has been looked through:
// then looked says how far that was, and next goes on from there.
func (l sequence[T]) page(p store.Page) (rows []T, next string, looked *control.Looked, err error) {
	newest, err := l.all(store.Page{Before: p.Before, Limit: 1})
	if err != nil || len(newest) == 0 {
		return nil, "", nil, err
	}
	limit := p.Limit
	p.Limit++ // shows whether there are more
	p.After = max(l.id(newest[0])-span*l.number, 0)
	if rows, err = l.read(p); err != nil {
		return nil, "", nil, err
	}
	if rows, next = cut(rows, limit, func(x T) string { return inOrder(l.id(x)) }); next != "" {
		return rows, next, nil, nil
	}
	below, err := l.all(store.Page{Before: p.After + 1, Limit: 1})
	if err != nil || len(below) == 0 {
		return rows, "", nil, err
	}
	return rows, inOrder(p.After + 1), &control.Looked{ID: p.After + 1, At: l.at(below[0])}, nil
}
