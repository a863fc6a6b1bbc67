package mpesa

import "cmp"

// AppliedTariff is the tariff that payments of a sort go by.
type AppliedTariff struct {
	Payments string // the sort, for people
	Tariff   string // name of the tariff
}

// AppliedTariffs lists the tariffs that an organisation's payments go by. Salary, business and promotion payments "all carry their own
// tariffs" (DarajaTutorial, B2C API).
func (o *Organisation) AppliedTariffs() []AppliedTariff {
	usual := func(kind Kind, command string) string {
		op, _ := FindOperation(kind, command)
		return op.Tariff
	}
	return []AppliedTariff{
		{"Payments by customers", o.tariff()},
		{"Salary payments", cmp.Or(o.Payouts, usual(B2C, SalaryPayment))},
		{"Business payments to customers", cmp.Or(o.Payouts, usual(B2C, BusinessPayment))},
		{"Promotion payments", cmp.Or(o.Payouts, usual(B2C, PromotionPayment))},
		{"Payments to Pochi la Biashara", cmp.Or(o.Payouts, usual(B2Pochi, BusinessPayToPochi))},
		{"Payments to businesses and of taxes", cmp.Or(o.Moves, usual(B2B, BusinessPayBill))}, // all have the same
		{"Each payment of a standing order, besides", standingOrderTariff},
	}
}
