package daraja_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestParseAccounts(t *testing.T) {
	tests := []struct {
		name  string
		value daraja.Value
		want  []daraja.Account
	}{
		{"all of an organisation's", sampleResult(t, "balance-production").Parameter(daraja.ParamAccountBalance), []daraja.Account{
			{Name: daraja.WorkingAccount, Currency: "KES"},
			{Name: daraja.UtilityAccount, Currency: "KES", Current: 22803700, Available: 22803700},
			{Name: daraja.ChargesPaidAccount, Currency: "KES", Current: -154000, Available: -154000},
			{Name: daraja.MerchantAccount, Currency: "KES"},
			{Name: daraja.OrganizationSettlementAccount, Currency: "KES"},
		}},
		{"one with a reserve", "Working Account|KES|346568.83|6186.83|340382.00|0.00", []daraja.Account{
			{Name: daraja.WorkingAccount, Currency: "KES", Current: 34656883, Available: 618683, Reserved: 34038200},
		}},
		{"small and below zero", "Float Account|KES|-0.05|-1.50|0.01|10.00", []daraja.Account{
			{Name: daraja.FloatAccount, Currency: "KES", Current: -5, Available: -150, Reserved: 1, Uncleared: 1000},
		}},
		{"a reversal's", sampleResult(t, "reversal-done").Parameter(daraja.ParamDebitAccountBalance), []daraja.Account{
			{Name: daraja.UtilityAccount, Currency: "KES", Current: 772217962, Available: 772217962},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := daraja.ParseAccounts(test.value)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, test.want)
			}
			var texts []string
			for _, account := range got {
				texts = append(texts, account.String())
			}
			if text := strings.Join(texts, "&"); text != string(test.value) {
				t.Errorf("written again it is %s\nwant %s", text, test.value)
			}
		})
	}
}

func TestAnAccountAtTheEndsOfTheRangeIsWritten(t *testing.T) {
	account := daraja.Account{Name: "x", Currency: "KES", Current: 1<<63 - 1, Available: -1 << 63}
	if got := account.String(); got != "x|KES|92233720368547758.07|-92233720368547758.08|0.00|0.00" {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNotAccountsIsRefused(t *testing.T) {
	for _, value := range []daraja.Value{
		"", "Working Account", "Working Account|KES|1.00|1.00|0.00", "Working Account|KES|1.00|1.00|0.00|0.00|0.00",
		"Working Account|KES|1.00|x|0.00|0.00", "Working Account|KES|1.00|1.00|0.00|0.00&", "Working Account|KES|1.005|1.00|0.00|0.00",
	} {
		if got, err := daraja.ParseAccounts(value); err == nil {
			t.Errorf("%q is %+v", string(value), got)
		}
	}
}
