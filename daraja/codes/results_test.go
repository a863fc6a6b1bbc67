package codes_test

import (
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
)

// Texts in the very words of the documents: MpesaExpressSimulate and BusinessToPochi, result codes; BusinessPayBill, successful result body;
// DarajaTutorial, B2C API; wire.md §13.
func TestTextsAreTheDocuments(t *testing.T) {
	for api, texts := range map[string]map[codes.Result]string{
		codes.APIExpress: {
			"0":          "The service request is processed successfully.",
			"1":          "The balance is insufficient for the transaction.",
			"2":          "Declined due to limit rule.",
			"3":          "Declined due to limit rule: greater than the maximum transaction amount.",
			"4":          "Declined due to limit rule: would exceed daily transfer limit.",
			"8":          "Declined due to limit rule: would exceed the maximum balance.",
			"17":         "Rule limited.",
			"1001":       "Unable to lock subscriber, a transaction is already in process for the current subscriber.",
			"1019":       "Transaction has expired.",
			"1025":       "An error occurred while sending a push request.",
			"1032":       "Request cancelled by user",
			"1036":       "SMSC ACK timeout.",
			"1037":       "DS timeout user cannot be reached.",
			"2001":       "The initiator information is invalid.",
			"2028":       "The request is not permitted according to product assignment.",
			"8006":       "The security credential is locked.",
			"SFC_IC0003": "The operator does not exist.",
		},
		codes.APIPochi: {
			"0":          "The service request is processed successfully.",
			"1":          "The balance is insufficient for the transaction.",
			"2":          "Declined due to limit rule",
			"3":          "Declined due to limit rule: greater than the maximum transaction amount.",
			"4":          "Declined due to limit rule: would exceed daily transfer limit",
			"8":          "Declined due to limit rule: would exceed the maximum balance.",
			"11":         "The DebitParty is in an invalid state.",
			"17":         "System internal error.",
			"21":         "The initiator is not allowed to initiate this request",
			"2001":       "The initiator information is invalid.",
			"2006":       "Declined due to account rule: The account status does not allow this transaction.",
			"2028":       "The request is not permitted according to product assignment.",
			"2040":       "Credit Party customer type (Unregistered or Registered Customer) can't be supported by the service.",
			"8006":       "The security credential is locked",
			"SFC_IC0003": "The operator does not exist.",
		},
		codes.APIB2C: {
			"2":    "Declined due to limit rule: less than the minimum transaction amount.",
			"4":    "Declined due to limit rule: would exceed daily transfer limit",
			"17":   "System internal error.",
			"21":   "The initiator is not allowed to initiate this request.",
			"8006": "The security credential is locked.",
		},
		codes.APIB2B: {
			"0":    "The service request is processed successfully",
			"2001": "The initiator information is invalid.",
		},
		codes.APIReversal: {"0": "The service request is processed successfully."},
	} {
		for code, want := range texts {
			if got := code.Desc(api); got != want {
				t.Errorf("%s of %s is %q; want %q", code, api, got, want)
			}
		}
	}
	if got := codes.CancelledByUser.Query(); got != "Request Cancelled by user." {
		t.Errorf("the query's 1032 is %q", got)
	}
}
