package storetest

import (
	"fmt"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var bookTests = map[string]func(*testing.T, Database){
	"BooksAddUp":                   testBooks,
	"BooksTellWhatWasTamperedWith": testTampered,
}

var (
	trust  = mpesa.Provider.Account(mpesa.Trust)
	fees   = mpesa.Provider.Account(mpesa.Fees)
	wallet = achieng1.Account(mpesa.Wallet)
)

// deposited is a customer with 500 and an open prompt, in books that are right.
var deposited = []any{
	mpesa.Account{ID: trust, Balance: -500, Entries: 2}, mpesa.Account{ID: wallet, Balance: 500, Held: 200, Entries: 2},
	mpesa.Payment{ID: 1, Kind: mpesa.Deposit, State: mpesa.Completed, Payer: mpesa.Provider, Payee: achieng1, Amount: 500},
	mpesa.Transfer{ID: 1 << 4, Debit: trust, Credit: wallet, Amount: 400}, mpesa.Transfer{ID: 1<<4 | 1, Debit: trust, Credit: wallet, Amount: 100},
	mpesa.Payment{ID: 2, Kind: mpesa.C2B, State: mpesa.Validating, Payer: achieng1, Details: mpesa.Details{Hold: 200}},
	mpesa.Payment{ID: 3, Kind: mpesa.Express, State: mpesa.Failed, Payer: achieng1},
	mpesa.Payment{ID: 4, Kind: mpesa.StatusQuery, State: mpesa.Completed, Payer: shop.Party()},
	mpesa.Payment{ID: 5, Kind: mpesa.B2C, State: mpesa.Queued, Payer: shop.Party()},
}

func testBooks(t *testing.T, s Database) {
	put(t, s, deposited...)
	same(t, "books", must[store.Books](t)(s.Books(t.Context())), store.Books{Accounts: 2, Transfers: 2, Payments: 5, Open: 2})
}

func testTampered(t *testing.T, s Database) {
	if s.Execute == nil {
		t.Skip("nobody can get behind this store's back")
	}
	put(t, s, deposited...)
	right := must[store.Books](t)(s.Books(t.Context()))
	for _, tampered := range []struct {
		by, undo string
		want     func(*store.Books)
	}{
		{
			fmt.Sprintf("UPDATE accounts SET balance = 501 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET balance = 500 WHERE id = %d", wallet),
			func(b *store.Books) { b.Sum, b.Mismatches = 1, 1 },
		},
		{
			fmt.Sprintf("UPDATE accounts SET balance = 199 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET balance = 500 WHERE id = %d", wallet),
			func(b *store.Books) { b.Sum, b.Mismatches, b.Overdrawn = -301, 1, 1 },
		},
		{
			"UPDATE transfers SET amount = 99 WHERE id = 17", "UPDATE transfers SET amount = 100 WHERE id = 17",
			func(b *store.Books) { b.Mismatches = 2 },
		},
		{
			fmt.Sprintf("UPDATE accounts SET entries = 3 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET entries = 2 WHERE id = %d", wallet),
			func(b *store.Books) { b.Mismatches = 1 },
		},
		{
			"UPDATE payments SET state = 2 WHERE id = 1", "UPDATE payments SET state = 1 WHERE id = 1",
			func(b *store.Books) { b.Orphans = 1 },
		},
		{
			"UPDATE payments SET state = 1 WHERE id = 3", "UPDATE payments SET state = 2 WHERE id = 3",
			func(b *store.Books) { b.Orphans = 1 },
		},
		{
			"UPDATE payments SET id = 6 WHERE id = 1", "UPDATE payments SET id = 1 WHERE id = 6",
			func(b *store.Books) { b.Orphans = 2 },
		},
		{
			fmt.Sprintf("UPDATE accounts SET id = 99 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET id = %d WHERE id = 99", wallet),
			func(b *store.Books) { b.Mismatches = 2 },
		},
		{
			"UPDATE payments SET kind = 5 WHERE id = 4", "UPDATE payments SET kind = 10 WHERE id = 4",
			func(b *store.Books) { b.Orphans = 1 },
		},
		{
			fmt.Sprintf("UPDATE accounts SET held = 201 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET held = 200 WHERE id = %d", wallet),
			func(b *store.Books) { b.Stray = 1 },
		},
		{
			fmt.Sprintf("UPDATE accounts SET held = 501 WHERE id = %d", wallet), fmt.Sprintf("UPDATE accounts SET held = 200 WHERE id = %d", wallet),
			func(b *store.Books) { b.Stray, b.Overdrawn = 301, 1 },
		},
		{
			"UPDATE payments SET state = 2 WHERE id = 2", "UPDATE payments SET state = 4 WHERE id = 2",
			func(b *store.Books) { b.Stray, b.Open = 200, 1 },
		},
	} {
		s.Execute(t, tampered.by)
		want := right
		tampered.want(&want)
		same(t, tampered.by, must[store.Books](t)(s.Books(t.Context())), want)
		s.Execute(t, tampered.undo)
	}
	same(t, "books as they were", must[store.Books](t)(s.Books(t.Context())), right)
}
