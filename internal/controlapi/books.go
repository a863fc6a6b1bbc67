package controlapi

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/store"
)

// booksQuery says what the books are to be checked by.
type booksQuery struct {
	Anchor string `query:"anchor" is:"hash" doc:"The hash of an anchor that was written down: 64 hexadecimal digits, with or without spaces. Checks that it is part of the chain."`
}

// getBooks adds all transfers up, and goes through the chain.
func (s *server) getBooks(r *request[booksQuery, none]) (*control.Books, error) {
	e := store.Evidence{Sign: s.Sign}
	if r.Query.Anchor != "" {
		e.Anchor, _ = store.ParseHash(r.Query.Anchor) // which has been read before
	}
	b, err := s.Store.Books(r.Context(), e)
	if err != nil {
		return nil, err
	}
	books := &control.Books{Accounts: b.Accounts, Transfers: b.Transfers, Payments: b.Payments, Open: b.Open, Sum: control.Amount(b.Sum), Wrong: []control.Discrepancy{}}
	if a := b.Anchor; a != nil {
		books.Anchor = &control.Anchor{Number: a.Number, At: control.At(a.At), Hash: store.FormatHash(a.Hash)}
	}
	for _, d := range b.Wrong {
		books.Wrong = append(books.Wrong, control.Discrepancy(d))
	}
	return books, nil
}
