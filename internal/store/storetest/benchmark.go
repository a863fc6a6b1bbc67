package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Benchmark measures units of work that each write a number of settled payments: a payment, two transfers and a delivery that
// are new, a wallet and three accounts of the shop and the operator that change.
func Benchmark(b *testing.B, open func(testing.TB) Database) {
	for _, payments := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("payments=%d", payments), func(b *testing.B) {
			s := open(b)
			w := &writing{store: s, view: mpesa.NewView(mpesa.Policy{}, nil), wallets: 100_000}
			w.open(b)
			for b.Loop() {
				if err := w.unit(b.Context(), payments); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*payments), "ns/payment")
		})
	}
}

// writing writes units of settled payments of one wallet after the other.
type writing struct {
	store   store.Store
	view    *mpesa.View
	wallets int64
	next    int64 // number of the next payment
}

// open makes the wallets.
func (w *writing) open(b *testing.B) {
	var rows []any
	for i := range w.wallets {
		rows = append(rows, mpesa.Account{ID: w.payer(i).Account(mpesa.Wallet), Balance: 1_000_000_00})
		if len(rows) == 10_000 {
			put(b, w.store, rows...)
			rows = rows[:0]
		}
	}
}

// payer spreads the wallets over the table.
func (w *writing) payer(n int64) mpesa.Party {
	return mpesa.CustomerParty(achieng + msisdn.Number(n*7919%w.wallets))
}

func (w *writing) unit(ctx context.Context, payments int) error {
	u, err := w.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer u.Rollback()
	w.view.Reset()
	utility, charges := shop.Party().Account(mpesa.Utility), shop.Party().Account(mpesa.ChargesPaid)
	for _, id := range []mpesa.AccountID{utility, charges, fees} {
		mpesa.Accounts.Need(w.view, id)
	}
	for i := range int64(payments) {
		mpesa.Accounts.Need(w.view, w.payer(w.next+i).Account(mpesa.Wallet))
		mpesa.OpenPrompts.Need(w.view, w.payer(w.next+i))
	}
	if err := u.Load(ctx, &w.view.View); err != nil {
		return err
	}
	for range payments {
		w.next++
		payer, at := w.payer(w.next-1), w.next*10
		wallet := payer.Account(mpesa.Wallet)
		mpesa.Payments.Create(w.view, w.next, mpesa.Payment{Header: mpesa.Header{ID: w.next, Kind: mpesa.Express, State: mpesa.Completed, Payer: payer, Payee: shop.Party(), Business: shop,
			Amount: 100, AcceptedAt: at, FinishedAt: at, Result: "0"}, Details: mpesa.Details{TransactionType: mpesa.CustomerPayBillOnline,
			CallBackURL: "https://duka.example/callback", Reference: "INV-2042", Description: "Payment"}})
		for i, to := range []mpesa.AccountID{utility, fees} {
			mpesa.Transfers.Add(w.view, mpesa.Transfer{ID: w.next<<4 | int64(i), Debit: wallet, Credit: to, Amount: 50, Kind: 1, At: at})
			add(w.view, wallet, -50)
			add(w.view, to, 50)
		}
		add(w.view, charges, 0)
		mpesa.Deliveries.Create(w.view, w.next<<4, mpesa.Delivery{ID: w.next << 4, Kind: mpesa.ExpressResult, Owner: shop, DueAt: at, URL: "https://duka.example/callback"})
	}
	return u.Commit(ctx, &w.view.View)
}

func add(v *mpesa.View, id mpesa.AccountID, amount money.Amount) {
	a, _ := mpesa.Accounts.Get(v, id)
	a.ID, a.Balance = id, a.Balance+amount
	mpesa.Accounts.Put(v, id, a)
}
