package crashtest

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/store"
)

// The bulk file of these tests: each hundredth of its customers is suspended between its check and its payment.
const bulkRows = 6000

func TestEachRowOfABulkFileIsPaidOnceWhenKilledWhilePaying(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { surviveBulk(t, filepath.Join(t.TempDir(), "kivuko.db"), func() {}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		db := pgtest.StartWith(t, pgtest.Options{Durable: true}).Database(t)
		surviveBulk(t, db, func() { cutConnections(t, db) })
	})
}

// surviveBulk kills a node that pays a bulk file, again and again, until all of it is paid.
func surviveBulk(t *testing.T, db string, disturb func()) {
	dice := chance(t)
	s := proctest.Start(t, serve(db))
	b := approvedBulk(t, s.URL)
	kills := 0
	for ; !b.Ended(); kills++ {
		until := b.Paid + b.Failed + dice.Int64N(bulkRows/int64(rounds(t)))
		proctest.Await(t, "more rows to be paid", func() bool {
			b = look(t, s.URL, b)
			return b.Ended() || b.Paid+b.Failed >= until
		})
		disturb()
		s.Kill()
		killWhileStarting(t, db, dice)
		s = proctest.Start(t, serve(db))
		b = look(t, s.URL, b)
	}
	awaitRest(t, db)
	s.Stop(t)
	t.Logf("killed %d times: %+v", kills, b)
	checkBulk(t, open(t, db), b)
}

// approvedBulk submits a bulk file, suspends some of its customers, and approves it.
func approvedBulk(t *testing.T, url string) *control.Bulk {
	t.Helper()
	api := control.New(url)
	file := control.NewBulk{Name: "march.csv"}
	for i := range bulkRows {
		file.Rows = append(file.Rows, control.NewBulkRow{Phone: customer(i).String(), Amount: fmt.Sprint(10 + i%90), Remarks: fmt.Sprint(i)})
	}
	b, err := api.As("manager").SubmitBulk(t.Context(), payer.String(), file)
	if err != nil {
		t.Fatal(err)
	}
	inactive := control.StandingInactive
	for i := 0; i < bulkRows; i += 100 {
		if _, _, err := api.PutPhone(t.Context(), customer(i).String(), control.PhoneChange{Standing: &inactive}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.As("checker").Approve(t.Context(), payer.String(), b.ID); err != nil {
		t.Fatal(err)
	}
	return b
}

// look asks how far a bulk file is. It asks again while connections are cut.
func look(t *testing.T, url string, b *control.Bulk) *control.Bulk {
	t.Helper()
	now, err := control.New(url).Bulk(t.Context(), payer.String(), b.ID)
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Status >= 500 {
		return b
	}
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// checkBulk reads the database, in which everything has come to rest: each row has one payment, and no payment has none.
func checkBulk(t *testing.T, s store.Store, b *control.Bulk) {
	t.Helper()
	checkRest(t, s)
	payments := map[int64]*mpesa.Payment{}
	eachPayment(t, s, func(p *mpesa.Payment) {
		if p.OfBulk() {
			payments[p.ID] = p
		}
	})
	rows, err := s.BulkRows(t.Context(), b.ID, 0, bulkRows+1)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != bulkRows || len(payments) != bulkRows || b.Paid+b.Failed != bulkRows || b.Failed != bulkRows/100 || b.State != "completed" || b.Held != 0 {
		t.Errorf("%d rows have %d payments, and the file says: %+v", len(rows), len(payments), b)
	}
	var paid money.Amount
	for _, r := range rows {
		p := payments[r.Payment]
		delete(payments, r.Payment)
		if p == nil || p.Payee != mpesa.CustomerParty(r.Phone) || p.Amount != r.Amount || p.Details.Description != r.Remarks || p.Details.Original != b.ID {
			t.Errorf("row %+v has the payment %+v", r, p)
			continue
		}
		if p.State == mpesa.Completed {
			paid += p.Amount
		}
	}
	utility, err := store.Get(t.Context(), s, mpesa.Accounts, payer.Party().Account(mpesa.Utility))
	if err != nil || utility.Balance != money.Shillings(1_000_000)-paid || control.Amount(paid) != b.PaidAmount {
		t.Errorf("%s was paid, the file says %s, and the Utility Account is %+v, %v", paid, b.PaidAmount, utility, err)
	}
}
