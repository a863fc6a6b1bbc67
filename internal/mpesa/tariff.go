package mpesa

import "cmp"

// AppliedTariff is the tariff that payments of a sort go by.
type AppliedTariff struct {
	Payments string // the sort, for people
	Tariff   string // name of the tariff
}

// AppliedTariffs lists the tariffs that an organisation's payments go by.
func (o *Organisation) AppliedTariffs() []AppliedTariff {
	payouts, _ := FindOperation(B2C, SalaryPayment) // all payouts have one, and all payments to businesses
	moves, _ := FindOperation(B2B, BusinessPayBill)
	return []AppliedTariff{
		{"Payments by customers", o.tariff()},
		{"Payments to customers and to their Pochi", cmp.Or(o.Payouts, payouts.Tariff)},
		{"Payments to businesses and of taxes", cmp.Or(o.Moves, moves.Tariff)},
		{"Each payment of a standing order, besides", standingOrderTariff},
	}
}
