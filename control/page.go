package control

import "iter"

// Page is a part of a list. Next continues it, as After of the query; it is "" at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"What to ask for as after to go on; empty at the end."`
}

// ListQuery selects a page of a list.
type ListQuery struct {
	After string // Next of the page before; "": from the beginning
	Limit int    // at most so many; 0: the API's usual number
}

// every goes through all pages of a list. after is where the query continues.
func every[T any](after *string, page func() (*Page[T], error)) iter.Seq2[T, error] {
	first := *after
	return func(yield func(T, error) bool) {
		for *after = first; ; {
			p, err := page()
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, x := range p.Items {
				if !yield(x, nil) {
					return
				}
			}
			if *after = p.Next; p.Next == "" {
				return
			}
		}
	}
}
