package daraja_test

import (
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestReversalResult(t *testing.T) {
	r := sampleResult(t, "reversal-done")
	for key, want := range map[string]daraja.Value{
		daraja.ParamOriginalTransactionID: "SKC82PACB8",
		daraja.ParamCreditPartyPublicName: "254705912645 - NICHOLAS JOHN SONGOK",
		daraja.ParamDebitPartyPublicName:  "600992 - Safaricom Daraja 992",
	} {
		if got := r.Parameter(key); got != want {
			t.Errorf("%s is %q, want %q", key, string(got), string(want))
		}
	}
	for key, want := range map[string]int64{daraja.ParamAmount: 100, daraja.ParamCharge: 0} {
		if got, ok := r.Parameter(key).Cents(); got != want || !ok {
			t.Errorf("%s is %d, %v, want %d", key, got, ok, want)
		}
	}
}
