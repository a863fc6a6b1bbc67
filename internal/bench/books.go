package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// booksTimeout bounds how long a server recomputes its books.
const booksTimeout = 5 * time.Minute

// Books is what the server says of its books, recomputed from the transfers (GET /kivuko/v1/books).
type Books struct {
	Accounts   int64  `json:"accounts"`
	Transfers  int64  `json:"transfers"`
	Payments   int64  `json:"payments"`
	Open       int64  `json:"open"`       // payments without a result
	Sum        string `json:"sum"`        // over all accounts, in shillings
	Mismatches int64  `json:"mismatches"` // balances that are not what the transfers make them
	Overdrawn  int64  `json:"overdrawn"`  // accounts below zero that may not be
	Orphans    int64  `json:"orphans"`    // transfers without a payment, or payments without transfers
	Stray      string `json:"stray"`      // reserved without a waiting payment that says so, in shillings
}

// fetchBooks has the server recompute its books.
func fetchBooks(ctx context.Context, url string) (Books, error) {
	ctx, cancel := context.WithTimeout(ctx, booksTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/kivuko/v1/books", nil)
	if err != nil {
		return Books{}, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return Books{}, fmt.Errorf("reading the books: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return Books{}, fmt.Errorf("reading the books: %w", err)
	}
	var books Books
	if err := json.Unmarshal(body, &books); err != nil || answer.StatusCode != http.StatusOK {
		return Books{}, fmt.Errorf("reading the books: %s: %.200q", answer.Status, body)
	}
	return books, nil
}

// wrong lists what is wrong with the books of a server that must know at least so many payments.
func (b Books) wrong(payments uint64) (wrong []string) {
	if b.Sum != "0.00" {
		wrong = append(wrong, fmt.Sprintf("the books don't balance: all accounts together hold %s", b.Sum))
	}
	if b.Mismatches != 0 {
		wrong = append(wrong, fmt.Sprintf("%d balances are not what their transfers make them", b.Mismatches))
	}
	if b.Overdrawn != 0 {
		wrong = append(wrong, fmt.Sprintf("%d accounts are overdrawn", b.Overdrawn))
	}
	if b.Orphans != 0 {
		wrong = append(wrong, fmt.Sprintf("%d transfers belong to no payment, or payments have none", b.Orphans))
	}
	if b.Stray != "0.00" {
		wrong = append(wrong, fmt.Sprintf("%s is reserved for no payment", b.Stray))
	}
	if b.Payments < 0 || uint64(b.Payments) < payments {
		wrong = append(wrong, fmt.Sprintf("the books have %d payments, and at least %d were acknowledged", b.Payments, payments))
	}
	return wrong
}
