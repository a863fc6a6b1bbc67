package controlapi

import (
	api "github.com/kivuko/kivuko/control"
)

// getBooks adds all transfers up.
func (s *server) getBooks(r *request[none, none]) (*api.Books, error) {
	b, err := s.Store.Books(r.Context())
	if err != nil {
		return nil, err
	}
	books := &api.Books{Accounts: b.Accounts, Transfers: b.Transfers, Payments: b.Payments, Open: b.Open, Sum: api.Amount(b.Sum), Wrong: []api.Discrepancy{}}
	for _, d := range b.Wrong {
		books.Wrong = append(books.Wrong, api.Discrepancy(d))
	}
	return books, nil
}
