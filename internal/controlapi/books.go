package controlapi

import (
	"github.com/kivuko/kivuko/control"
)

// getBooks adds all transfers up.
func (s *server) getBooks(r *request[none, none]) (*control.Books, error) {
	b, err := s.Store.Books(r.Context())
	if err != nil {
		return nil, err
	}
	books := &control.Books{Accounts: b.Accounts, Transfers: b.Transfers, Payments: b.Payments, Open: b.Open, Sum: control.Amount(b.Sum), Wrong: []control.Discrepancy{}}
	for _, d := range b.Wrong {
		books.Wrong = append(books.Wrong, control.Discrepancy(d))
	}
	return books, nil
}
