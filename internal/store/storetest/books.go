package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

var bookTests = map[string]func(*testing.T, Database){
	"BooksAddUp":                   testBooks,
	"BooksTellWhatWasTamperedWith": testTampered,
}

var (
	working  = shop.Party().Account(mpesa.Working)
	trust    = mpesa.Provider.Account(mpesa.Trust)
	fees     = mpesa.Provider.Account(mpesa.Fees)
	wallet   = achieng1.Account(mpesa.Wallet)
	hold     = ledger.HoldID(3 << 4) // of payment 3
	taskHold = ledger.HoldID(8 << 4) // of task 8
)

// paid is a customer with 500, of which 200 are held, and a shop with the results of two requests, in books that are right.
var paid = []any{
	mpesa.Account{ID: trust, Balance: -500, Entries: 2}, mpesa.Account{ID: wallet, Balance: 500, Held: 200, Entries: 2},
	mpesa.Payment{Header: mpesa.Header{ID: 1, Kind: mpesa.Deposit, State: mpesa.Completed, Payer: mpesa.Provider, Payee: achieng1, Amount: 400}},
	mpesa.Transfer{ID: 1 << 4, Debit: trust, Credit: wallet, Amount: 400, Kind: mpesa.Principal, DebitAfter: -400, CreditAfter: 400, DebitEntry: 1, CreditEntry: 1},
	mpesa.Payment{Header: mpesa.Header{ID: 2, Kind: mpesa.Deposit, State: mpesa.Completed, Payer: mpesa.Provider, Payee: achieng1, Amount: 100}},
	mpesa.Transfer{ID: 2 << 4, Debit: trust, Credit: wallet, Amount: 100, Kind: mpesa.Principal, DebitAfter: -500, CreditAfter: 500, DebitEntry: 2, CreditEntry: 2},
	mpesa.Payment{Header: mpesa.Header{ID: 3, Kind: mpesa.C2B, State: mpesa.Validating, Payer: achieng1, Amount: 150}}, ledger.Hold{ID: hold, Reservation: ledger.Reservation{Account: wallet, Amount: 200}},
	mpesa.Payment{Header: mpesa.Header{ID: 4, Kind: mpesa.Express, State: mpesa.Failed, Payer: achieng1, Business: shop}}, mpesa.Delivery{ID: 4 << 4, Owner: shop},
	mpesa.Query{Header: mpesa.Header{ID: 5, Kind: mpesa.StatusQuery, State: mpesa.Completed, Business: shop}}, mpesa.Delivery{ID: 5 << 4, Owner: shop},
	mpesa.Payment{Header: mpesa.Header{ID: 6, Kind: mpesa.B2C, State: mpesa.Queued, Payer: shop.Party(), Business: shop}, Details: mpesa.Details{CallBackURL: "http://duka/", Originator: "1"}},
	key{originator("1"), 6},
	mpesa.Order{Header: mpesa.Header{ID: 10, Kind: mpesa.StandingOrder, State: mpesa.Failed, Payer: achieng1, Business: shop}}, mpesa.Delivery{ID: 10 << 4, Owner: shop},
}

// initiated are tasks of a shop that has 50: carried out, waiting with all of it, and rejected. They come after paid.
var initiated = []any{
	mpesa.Account{ID: trust, Balance: -550, Entries: 3}, mpesa.Account{ID: working, Held: 50, Balance: 50, Entries: 1},
	mpesa.Payment{Header: mpesa.Header{ID: 7, Kind: mpesa.Deposit, State: mpesa.Completed, Payee: shop.Party(), Amount: 50}},
	mpesa.Transfer{ID: 7 << 4, Debit: trust, Credit: working, Amount: 50, Kind: mpesa.Principal, DebitAfter: -550, CreditAfter: 50, DebitEntry: 3, CreditEntry: 1},
	portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: 7, State: mpesa.Completed}}},
	portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: 8, State: mpesa.Approving, Payer: shop.Party(), Amount: 50}}},
	ledger.Hold{ID: taskHold, Reservation: ledger.Reservation{Account: working, Amount: 50}},
	portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: 9, State: mpesa.Failed}}},
}

func testBooks(t *testing.T, s Database) {
	put(t, s, paid...)
	put(t, s, initiated...)
	same(t, "books", must[store.Books](t)(s.Books(t.Context(), store.Evidence{})), store.Books{Accounts: 3, Transfers: 3, Payments: 10, Open: 3})
}

// found are the rows by check.
type found map[string]string

const firstUnit = "unit 1 of chain 1, 1970-01-01 03:00:00: "

// unchained is what the chain says of a column that was changed by hand.
func unchained(table, column string, id, value int64) found {
	switch row := fmt.Sprintf("row %d of %s", id, table); {
	case table == "accounts" || table == "deliveries" || table == "holds":
		return found{}
	case table == "payments" && (id == 3 || id == 6), table == "tasks" && id == 8: // they had not ended
		return found{store.NotInChain: row}
	case column == "id":
		return found{store.UnitDiffers: firstUnit + row + " is gone", store.NotInChain: fmt.Sprintf("row %d of %s", value, table)}
	default:
		return found{store.UnitDiffers: firstUnit + row + " has changed"}
	}
}

func testTampered(t *testing.T, s Database) {
	if s.Execute == nil {
		t.Skip("nobody can get behind this store's back")
	}
	put(t, s, slices.Concat(paid, initiated)...) // in one unit
	right := must[store.Books](t)(s.Books(t.Context(), store.Evidence{}))
	set := func(table, column string, id, value, back int64) (by, undo string) {
		const update = "UPDATE %s SET %s = %d WHERE id = %d"
		if column == "id" {
			return fmt.Sprintf(update, table, column, value, id), fmt.Sprintf(update, table, column, id, value)
		}
		return fmt.Sprintf(update, table, column, value, id), fmt.Sprintf(update, table, column, back, id)
	}
	w, tr := int64(wallet), int64(trust)
	for _, tampered := range []struct {
		table, column   string
		id, value, back int64
		sum             money.Amount
		want            found
	}{
		{"accounts", "balance", w, 501, 500, 1, found{store.BalanceDiffers: wallet.String()}},
		{"accounts", "balance", w, 199, 500, -301, found{store.BalanceDiffers: wallet.String(), store.Overdrawn: wallet.String()}},
		{"accounts", "entries", w, 3, 2, 0, found{store.BalanceDiffers: wallet.String()}},
		{"accounts", "held", w, 201, 200, 0, found{store.HeldDiffers: wallet.String()}},
		{"accounts", "held", w, 0, 200, 0, found{store.HeldDiffers: wallet.String()}},
		{"accounts", "held", tr, 1, 0, 0, found{store.HeldDiffers: trust.String()}},
		{"accounts", "id", w, 99, 0, 0, found{store.BalanceDiffers: wallet.String() + ", " + mpesa.AccountID(99).String(), store.HeldDiffers: wallet.String() + ", " + mpesa.AccountID(99).String()}},
		{"transfers", "amount", 2 << 4, 99, 100, 0, found{store.BalanceDiffers: trust.String() + ", " + wallet.String(), store.EntryDoesNotFollow: trust.String() + ", " + wallet.String(), store.AmountDiffers: "payment 2"}},
		{"transfers", "credit_after", 1 << 4, 401, 400, 0, found{store.EntryDoesNotFollow: wallet.String()}},
		{"transfers", "credit_after", 2 << 4, 501, 500, 0, found{store.EntryDoesNotFollow: wallet.String()}},
		{"transfers", "debit_after", 2 << 4, -501, -500, 0, found{store.EntryDoesNotFollow: trust.String()}},
		{"transfers", "credit_entry", 2 << 4, 3, 2, 0, found{store.EntryDoesNotFollow: wallet.String()}},
		{"transfers", "debit_entry", 2 << 4, 1, 2, 0, found{store.EntryDoesNotFollow: trust.String()}},
		{"transfers", "kind", 2 << 4, 2, 1, 0, found{store.AmountDiffers: "payment 2"}},
		{"transfers", "id", 2 << 4, 1<<4 | 1, 0, 0, found{store.AmountDiffers: "payment 1, payment 2", store.NotMoved: "payment 2"}},
		{"payments", "amount", 1, 40_000, 400, 0, found{store.AmountDiffers: "payment 1"}},
		{"payments", "state", 1, 2, 1, 0, found{store.NotMoved: "payment 1"}},
		{"payments", "state", 4, 1, 2, 0, found{store.NotMoved: "payment 4"}}, // of an amount of nothing
		{"payments", "id", 1, 19, 0, 0, found{store.NotMoved: "payment 19", store.AmountDiffers: "payment 19", store.NoPayment: "payment 1"}},
		{"payments", "state", 6, 1, 3, 0, found{store.NotMoved: "payment 6", store.NotDelivered: "payment 6"}},
		{"holds", "amount", int64(hold), 199, 200, 0, found{store.HeldDiffers: wallet.String()}},
		{"holds", "amount", int64(hold), 149, 200, 0, found{store.HeldDiffers: wallet.String(), store.NotHeld: "payment 3"}},
		{"holds", "account", int64(hold), tr, w, 0, found{store.HeldDiffers: trust.String() + ", " + wallet.String()}},
		{"holds", "id", int64(hold), 4 << 4, 0, 0, found{store.HeldByNone: "payment 4", store.NotHeld: "payment 3"}},
		{"holds", "id", int64(hold), 19 << 4, 0, 0, found{store.HeldByNone: "payment 19", store.NotHeld: "payment 3"}},
		{"holds", "id", int64(taskHold), 9 << 4, 0, 0, found{store.HeldByNone: "payment 9", store.NotHeld: "payment 8"}},
		{"payments", "state", 3, 2, 4, 0, found{store.HeldByNone: "payment 3"}},
		{"queries", "state", 5, 2, 1, 0, found{}},
		{"standing_orders", "state", 10, 1, 2, 0, found{}},
		{"deliveries", "id", 10 << 4, 11 << 4, 0, 0, found{store.NotDelivered: "payment 10"}},
		{"tasks", "state", 8, 2, 5, 0, found{store.HeldByNone: "payment 8"}},
		{"tasks", "state", 9, 1, 2, 0, found{store.NotMade: "payment 9"}},
		{"tasks", "id", 7, 17, 0, 0, found{store.NotMade: "payment 17"}},
		{"tasks", "state", 7, 2, 1, 0, found{store.NotMade: "payment 7"}},
		{"deliveries", "id", 4 << 4, 9 << 4, 0, 0, found{store.NotDelivered: "payment 4"}},
		{"deliveries", "id", 5 << 4, 9 << 4, 0, 0, found{store.NotDelivered: "payment 5"}},
		{"deliveries", "owner", 5 << 4, 600_000, int64(shop), 0, found{store.NotDelivered: "payment 5"}},
	} {
		by, undo := set(tampered.table, tampered.column, tampered.id, tampered.value, tampered.back)
		s.Execute(t, by)
		b := must[store.Books](t)(s.Books(t.Context(), store.Evidence{}))
		got := found{}
		for _, d := range b.Wrong {
			slices.Sort(d.Rows) // which come in any order
			got[d.Check] = strings.Join(d.Rows, ", ")
		}
		want := maps.Clone(tampered.want)
		maps.Copy(want, unchained(tampered.table, tampered.column, tampered.id, tampered.value))
		same(t, by, got, want)
		same(t, by, b.Sum, tampered.sum)
		s.Execute(t, undo)
	}
	s.Execute(t, "DELETE FROM idempotency")
	same(t, "without keys", must[store.Books](t)(s.Books(t.Context(), store.Evidence{})).Wrong, []store.Discrepancy{
		{Check: store.KeyMissing, Count: 1, Rows: []string{"payment 6"}},
		{Check: store.UnitDiffers, Count: 1, Rows: []string{firstUnit + fmt.Sprintf("row %d 1 of idempotency is gone", shop)}},
	})
	s.Execute(t, fmt.Sprintf("INSERT INTO idempotency VALUES (%d, '1', 6)", shop))
	same(t, "books as they were", must[store.Books](t)(s.Books(t.Context(), store.Evidence{})), right)
}
