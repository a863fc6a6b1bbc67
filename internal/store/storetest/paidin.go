package storetest

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var paidInTests = map[string]func(*testing.T, Database){
	"PaidInAreCompletedPaymentsByCustomersOldestFirst": testPaidIn,
}

func testPaidIn(t *testing.T, s Database) {
	const hour = 60 * 60 * 1000
	paid := func(id, accepted, finished int64, changes ...func(*mpesa.Payment)) any {
		p := mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.C2B, State: mpesa.Completed, Payer: achieng1, Payee: shop.Party(), AcceptedAt: accepted, FinishedAt: finished}}
		for _, change := range changes {
			change(&p)
		}
		return p
	}
	put(t, s,
		paid(1, hour+30, hour+40, func(p *mpesa.Payment) { p.Kind = mpesa.Express }),
		paid(2, hour+10, hour+20),
		paid(3, hour-100, hour), // accepted before the period
		paid(4, hour, hour-1+101),
		paid(5, hour, hour, func(p *mpesa.Payment) { p.Payee = till.Party() }),
		paid(6, hour, hour, func(p *mpesa.Payment) { p.State = mpesa.Failed }),
		paid(7, hour, 0, func(p *mpesa.Payment) { p.State = mpesa.Validating }),
		paid(8, hour, hour, func(p *mpesa.Payment) { p.Kind, p.Payer = mpesa.B2B, till.Party() }),
		paid(9, hour-200, hour-1),
		paid(10, hour+100, hour+101),
	)
	period := store.Period{From: hour, To: hour + 100}
	for name, test := range map[string]struct {
		payee         mpesa.Party
		period        store.Period
		offset, limit int
		want          []int64
	}{
		"all":            {shop.Party(), period, 0, 10, []int64{3, 4, 2, 1}},
		"first page":     {shop.Party(), period, 0, 2, []int64{3, 4}},
		"second page":    {shop.Party(), period, 2, 2, []int64{2, 1}},
		"behind the end": {shop.Party(), period, 4, 2, nil},
		"a millisecond":  {shop.Party(), store.Period{From: hour + 20, To: hour + 20}, 0, 10, []int64{2}},
		"other party":    {till.Party(), period, 0, 10, []int64{5}},
		"nobody":         {kamau1, period, 0, 10, nil},
	} {
		var got []int64
		for _, p := range must[[]mpesa.Payment](t)(s.PaidIn(t.Context(), test.payee, test.period, test.offset, test.limit)) {
			got = append(got, p.ID)
		}
		same(t, name, got, test.want)
	}
}
