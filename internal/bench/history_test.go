package bench

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// created is a core with the world in it.
func created(t *testing.T) *testworld.Core {
	t.Helper()
	core := testworld.NewCore(t, testworld.CoreOptions{})
	core.Start(t)
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	core.Do(t, &seedworld.Create{World: w, PIN: testworld.Digest, Hash: func(password string) (string, error) { return password, nil }})
	return core
}

func TestHistoryIsAsIfItHadHappened(t *testing.T) {
	core := created(t)
	before := core.Books(t)
	const first, payments, customers = msisdn.Number(254710000000), 240, 20
	for done := 0; done < payments; done += 100 { // the last unit is a short one
		core.Do(t, &History{Number: done, Count: min(100, payments-done), Customers: customers, First: first, Every: time.Second, End: payments})
	}
	after := core.Books(t)
	if !after.Balanced() || after.Open != 0 {
		t.Errorf("the books are %+v", after)
	}
	if got := after.Payments - before.Payments; got != payments+customers { // who is new gets an opening balance
		t.Errorf("%d payments more", got)
	}
	list, err := core.Store.Payments(t.Context(), store.PaymentFilter{}, store.Page{Limit: payments + customers})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[mpesa.Kind]int{}
	for i := range list {
		if kinds[list[i].Kind]++; list[i].Kind != mpesa.Deposit {
			whole(t, core, &list[i])
		}
	}
	for _, kind := range []mpesa.Kind{mpesa.Express, mpesa.C2B, mpesa.B2C, mpesa.B2B} {
		if kinds[kind] != payments/4 {
			t.Errorf("%d payments are %s", kinds[kind], kind)
		}
	}
}

// whole checks that a payment of the history has what others have.
func whole(t *testing.T, core *testworld.Core, p *mpesa.Payment) {
	t.Helper()
	deliveries := map[mpesa.Kind][]mpesa.DeliveryKind{
		mpesa.Express: {mpesa.ExpressResult}, mpesa.C2B: {mpesa.Validation, mpesa.Confirmation}, mpesa.B2C: {mpesa.Result}, mpesa.B2B: {mpesa.Result},
	}[p.Kind]
	for _, kind := range deliveries {
		if d, err := store.Get(t.Context(), core.Store, mpesa.Deliveries, p.DeliveryID(kind)); err != nil || d == nil || d.State != mpesa.Delivered || d.Kind != kind {
			t.Errorf("the %s of payment %d (%s) is %+v, %v", kind, p.ID, p.Kind, d, err)
		}
	}
	if p.State != mpesa.Completed || p.Amount < money.Shillings(10) || p.Amount > money.Shillings(100) || p.Business == 0 {
		t.Errorf("%+v", p)
	}
	if p.Kind == mpesa.B2C {
		key := mpesa.IdempotencyKey{Owner: p.Payer, Name: p.Details.Originator}
		if id, err := store.Holder(t.Context(), core.Store, key); err != nil || id != p.ID {
			t.Errorf("%v is the key of %d, %v; want %d", key, id, err, p.ID)
		}
	}
	if named := p.Details.Payer + p.Details.Payee; p.Kind != mpesa.Express && (named == "" || !p.Details.Settled || len(p.Details.Funds) == 0) {
		t.Errorf("the result of payment %d has nothing to tell: %+v", p.ID, p.Details)
	}
}
