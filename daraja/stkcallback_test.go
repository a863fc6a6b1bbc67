package daraja_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// Callbacks as they were delivered. The first two are MpesaExpressSimulate's samples.
const (
	cancelled = `{"Body": {"stkCallback": {
		"MerchantRequestID": "f1e2-4b95-a71d-b30d3cdbb7a7942864",
		"CheckoutRequestID": "ws_CO_21072024125243250722943992",
		"ResultCode": 1032, "ResultDesc": "Request cancelled by user"}}}`
	paid = `{"Body": {"stkCallback": {
		"MerchantRequestID": "29115-34620561-1", "CheckoutRequestID": "ws_CO_191220191020363925",
		"ResultCode": 0, "ResultDesc": "The service request is processed successfully.",
		"CallbackMetadata": {"Item": [
			{"Name": "Amount", "Value": 1.00},
			{"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
			{"Name": "TransactionDate", "Value": 20191219102115},
			{"Name": "PhoneNumber", "Value": 254708374149}]}}}}`
	// DarajaTutorial, Lipa na M-Pesa Online: Balance has no Value.
	paidWithBalance = `{"Body": {"stkCallback": {
		"MerchantRequestID": "21605-295434-4", "CheckoutRequestID": "ws_CO_04112017184930742",
		"ResultCode": 0, "ResultDesc": "The service request is processed successfully.",
		"CallbackMetadata": {"Item": [
			{"Name": "Amount", "Value": 1},
			{"Name": "MpesaReceiptNumber", "Value": "LK451H35OP"},
			{"Name": "Balance"},
			{"Name": "TransactionDate", "Value": 20171104184944},
			{"Name": "PhoneNumber", "Value": 254727894083}]}}}}`
	// wire.md §4.4: a code that is not numeric is a string.
	noOperator = `{"Body": {"stkCallback": {
		"MerchantRequestID": "29115-34620561-1", "CheckoutRequestID": "ws_CO_191220191020363925",
		"ResultCode": "SFC_IC0003", "ResultDesc": "The operator does not exist."}}}`
)

func TestSTKCallback(t *testing.T) {
	eat := time.FixedZone("EAT", 3*60*60)
	tests := []struct {
		name, body     string
		code           daraja.ResultCode
		cents          int64 // 0 when nothing was paid
		receipt, phone string
		at             time.Time
	}{
		{"cancelled", cancelled, "1032", 0, "", "", time.Time{}},
		{"no operator", noOperator, "SFC_IC0003", 0, "", "", time.Time{}},
		{"paid", paid, "0", 100, "NLJ7RT61SV", "254708374149", time.Date(2019, 12, 19, 10, 21, 15, 0, eat)},
		{"paid with Balance", paidWithBalance, "0", 100, "LK451H35OP", "254727894083", time.Date(2017, 11, 4, 18, 49, 44, 0, eat)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := daraja.ParseSTKCallback([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			made := test.cents != 0
			if c.ResultCode != test.code || c.ResultCode.Success() != made {
				t.Errorf("ResultCode is %q", c.ResultCode)
			}
			if cents, ok := c.Amount(); cents != test.cents || ok != made {
				t.Errorf("Amount is %d, %v, want %d", cents, ok, test.cents)
			}
			if at, ok := c.TransactionDate(); !at.Equal(test.at) || ok != made {
				t.Errorf("TransactionDate is %v, %v, want %v", at, ok, test.at)
			}
			if c.Receipt() != test.receipt || c.PhoneNumber() != test.phone {
				t.Errorf("Receipt and PhoneNumber are %q, %q", c.Receipt(), c.PhoneNumber())
			}
			var want bytes.Buffer
			if err := json.Compact(&want, []byte(test.body)); err != nil {
				t.Fatal(err)
			}
			if got, err := json.Marshal(c); string(got) != want.String() || err != nil {
				t.Errorf("written again it is %s, %v\nwant %s", got, err, &want)
			}
		})
	}
}

func TestSTKCallbackIsReadFromStringsAndWithUnknownItems(t *testing.T) {
	c, err := daraja.ParseSTKCallback([]byte(`{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_1","ResultCode":"0",
		"CallbackMetadata":{"Item":[{"Name":"Odd","Value":{"a":[1]}},{"Name":"Amount","Value":"10500.5"},
		{"Name":"TransactionDate","Value":"20191219102115"},{"Name":"PhoneNumber","Value":"254708374149"}]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if cents, ok := c.Amount(); cents != 1050050 || !ok {
		t.Errorf("Amount is %d, %v", cents, ok)
	}
	if at, ok := c.TransactionDate(); !ok || at.Format(time.RFC3339) != "2019-12-19T10:21:15+03:00" {
		t.Errorf("TransactionDate is %v, %v", at, ok)
	}
	if !c.ResultCode.Success() || c.PhoneNumber() != "254708374149" || c.Value("Odd") != `{"a":[1]}` {
		t.Errorf("got %+v", c)
	}
}

func TestWhatIsNotAnSTKCallbackIsRefused(t *testing.T) {
	tests := []struct {
		name, body string
		isJSON     bool
	}{
		{"empty", ``, false},
		{"HTML", `<html>`, false},
		{"wrong type", `{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_1","ResultCode":[0]}}}`, false},
		{"null", `null`, true},
		{"empty object", `{}`, true},
		{"another result", `{"Result":{"ResultCode":0}}`, true},
		{"no CheckoutRequestID", `{"Body":{"stkCallback":{"ResultCode":0}}}`, true},
		{"no ResultCode", `{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_1"}}}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := daraja.ParseSTKCallback([]byte(test.body))
			if err == nil || errors.Is(err, daraja.ErrNotSTKCallback) != test.isJSON {
				t.Errorf("got %v", err)
			}
		})
	}
}
