package daraja_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

func TestStatusResult(t *testing.T) {
	r := sampleResult(t, "status-completed-production")
	for key, want := range map[string]daraja.Value{
		daraja.ParamTransactionStatus: daraja.StatusCompleted, daraja.ParamReceiptNo: "SFT1FWI0VP",
		daraja.ParamDebitPartyName: "254708374149 - JOHN DOE", daraja.ParamCreditPartyName: "000000 - agg",
		daraja.ParamDebitAccountType: daraja.CustomerAccount, daraja.ParamReasonType: "Pay Bill Online",
		daraja.ParamConversationID:           "AG_20240629_2040165691b903e92930",
		daraja.ParamOriginatorConversationID: "16740-34861180-1",
		daraja.ParamCreditPartyCharges:       "", daraja.ParamTransactionReason: "", daraja.ParamAmount: "100",
	} {
		if got := r.Parameter(key); got != want {
			t.Errorf("%s is %q, want %q", key, string(got), string(want))
		}
	}
	for _, key := range []string{daraja.ParamInitiatedTime, daraja.ParamFinalisedTime} {
		if at, ok := r.Parameter(key).Time(); !ok || at.Format(time.DateTime) != "2024-06-29 18:43:02" {
			t.Errorf("%s is %v, %v", key, at, ok)
		}
	}
	if got := r.Reference(daraja.ReferenceOccasion); got != "OK" {
		t.Errorf("Occasion is %q", string(got))
	}
}
