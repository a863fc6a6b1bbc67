package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
)

// booksTimeout bounds how long a server recomputes its books.
const booksTimeout = 5 * time.Minute

// Books is what the server says of its books, recomputed from the transfers (GET /kivuko/v1/books).
type Books = control.Books

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

// wrongBooks lists what is wrong with the books of a server that must know at least so many payments.
func wrongBooks(b Books, payments uint64) (wrong []string) {
	if b.Sum != 0 {
		wrong = append(wrong, fmt.Sprintf("the books don't balance: all accounts together hold %s", b.Sum))
	}
	for _, d := range b.Wrong {
		wrong = append(wrong, fmt.Sprintf("the books, %d times: %s (%s)", d.Count, d.Check, strings.Join(d.Rows, ", ")))
	}
	if b.Payments < 0 || uint64(b.Payments) < payments {
		wrong = append(wrong, fmt.Sprintf("the books have %d payments, and at least %d were acknowledged", b.Payments, payments))
	}
	return wrong
}
