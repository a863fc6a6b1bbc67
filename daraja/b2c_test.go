package daraja_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

func TestB2CResult(t *testing.T) {
	tests := []struct {
		name                   string
		receipt, receiver, at  string
		cents, utility, unpaid int64
	}{
		{"b2c-paid", "NLJ41HAY6Q", "254708374149 - John Doe", "2019-12-19 11:45:50", 1000, 1011600, -451000},
		{"b2c-paid-tutorial", "LHL41AHJ6G", "254708374149 - John Doe", "2017-08-21 12:01:59", 10000, 9883400, 0},
		{"pochi-paid", "SG632NMUAB", "254705912645 - NICHOLAS JOHN SONGOK", "2024-07-06 22:48:52", 1000, 895926960, -198000},
		{"b2c-paid-production", "SG31FWI0VP", "0712345678 - JOHN DOE", "2024-07-03 14:30:21", 1000, 490513500, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sampleResult(t, test.name)
			for key, want := range map[string]string{
				daraja.ParamTransactionReceipt:      test.receipt,
				daraja.ParamReceiverPartyPublicName: test.receiver,
				daraja.ParamRecipientIsRegistered:   "Y",
			} {
				if got := r.Parameter(key); string(got) != want {
					t.Errorf("%s is %q, want %q", key, string(got), want)
				}
			}
			for key, want := range map[string]int64{
				daraja.ParamTransactionAmount: test.cents,
				daraja.ParamUtilityFunds:      test.utility,
				daraja.ParamChargesPaidFunds:  test.unpaid,
			} {
				if got, ok := r.Parameter(key).Cents(); got != want || !ok {
					t.Errorf("%s is %d, %v, want %d", key, got, ok, want)
				}
			}
			at, ok := r.Parameter(daraja.ParamTransactionCompletedDateTime).Time()
			if _, offset := at.Zone(); !ok || at.Format(time.DateTime) != test.at || offset != 3*60*60 {
				t.Errorf("completed at %v, %v, want %s", at, ok, test.at)
			}
		})
	}
}
