package controlapi

import (
	"context"
	"errors"
	"time"

	"github.com/kivuko/kivuko/internal/store"
)

// searchTime bounds how long a list is looked through for what no index finds: an index of payments by business, or of callbacks by their
// owner, would cost every payment more than it helps.
const searchTime = 2 * time.Second

// search has a list read within searchTime. narrower says what to add to the filter when that isn't enough.
func search[T any](ctx context.Context, narrower string, read func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	x, err := read(limited)
	if err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return x, tooBroad.problem("Nothing more was found within %v, and the list goes on: %s.", searchTime, narrower)
	}
	return x, err
}

// searchNewest reads a page of what a filter selects, and where the next one begins.
func searchNewest[T any](ctx context.Context, narrower string, p store.Page, id func(T) int64, read func(context.Context, store.Page) ([]T, error)) (rows []T, next string, err error) {
	limit := p.Limit
	p.Limit++ // shows whether there are more
	rows, err = search(ctx, narrower, func(ctx context.Context) ([]T, error) { return read(ctx, p) })
	rows, next = cut(rows, limit, func(x T) string { return inOrder(id(x)) })
	return rows, next, err
}
