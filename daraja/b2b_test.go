package daraja_test

import (
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestB2BResult(t *testing.T) {
	tests := []struct {
		name    string
		cents   int64
		balance int64 // available, in cents
		charge  daraja.Charge
	}{
		{"b2b-paid-tutorial", 1000, 4671300, daraja.Charge{Name: "Business Pay Bill Charge", Currency: "KES", Cents: 7700}},
		{"paybill-paid-production", 1000, 19997900, daraja.Charge{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sampleResult(t, test.name)
			if cents, ok := r.Parameter(daraja.ParamAmount).Cents(); cents != test.cents || !ok {
				t.Errorf("Amount is %d, %v", cents, ok)
			}
			for _, key := range []string{daraja.ParamDebitCurrentBalance, daraja.ParamInitiatorCurrentBalance} {
				if cents, ok := r.Parameter(key).BasicAmount(); cents != test.balance || !ok {
					t.Errorf("%s is %d, %v, want %d", key, cents, ok, test.balance)
				}
			}
			accounts, err := daraja.ParseAccounts(r.Parameter(daraja.ParamDebitPartyAffected))
			if err != nil || len(accounts) != 1 || accounts[0].Available != test.balance {
				t.Errorf("the account is %+v, %v", accounts, err)
			}
			charge, ok := daraja.ParseCharge(r.Parameter(daraja.ParamDebitPartyCharges))
			if charge != test.charge || ok != (test.charge.Cents != 0) {
				t.Errorf("the charge is %+v, %v, want %+v", charge, ok, test.charge)
			}
			if at, ok := r.Parameter(daraja.ParamTransCompletedTime).Time(); !ok || at.IsZero() {
				t.Errorf("the time is %v, %v", at, ok)
			}
		})
	}
}

func TestBasicAmount(t *testing.T) {
	for value, want := range map[daraja.Value]int64{
		"{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}":    618683,
		"{ Amount={BasicAmount=46713.00, MinimumAmount=4671300, CurrencyCode=KES}}": 4671300,
		"{Amount={BasicAmount=-1540.00}}":                                           -154000,
	} {
		if got, ok := value.BasicAmount(); got != want || !ok {
			t.Errorf("%s is %d, %v, want %d", value, got, ok, want)
		}
	}
	for _, value := range []daraja.Value{
		"", "6186.83", "{Amount={MinimumAmount=618683}}", "{Amount={BasicAmount=}}", "{Amount={BasicAmount=x}}",
		"{Amount={NotBasicAmount=1.00}}", "BasicAmount=1.00", "{Amount={BasicAmount=1.00}", "{Amount={BasicAmount=1.005}}",
	} {
		if got, ok := value.BasicAmount(); ok {
			t.Errorf("%q is %d", string(value), got)
		}
	}
}

func TestWhatIsNotAChargeIsRefused(t *testing.T) {
	for _, value := range []daraja.Value{"", "77.00", "Charge|KES", "Charge|KES|x", "Charge|KES|1.00|1.00"} {
		if got, ok := daraja.ParseCharge(value); ok {
			t.Errorf("%q is %+v", string(value), got)
		}
	}
}
