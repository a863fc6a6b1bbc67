package daraja_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// sampleResult reads a result as it was delivered: testdata/results has those of the seeds (repaired where they are not JSON)
// and of wire.md §7.3, §8 to §12.
func sampleResult(t testing.TB, name string) *daraja.Result {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "results", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := daraja.ParseResult(body)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func TestResultsAreWrittenAsTheyWereRead(t *testing.T) {
	files, err := filepath.Glob("testdata/results/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := daraja.ParseResult(body)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(compact(t, string(body)), `\/`, `/`)
			if got := written(t, r); got != want {
				t.Errorf("written again it is %s\nwant %s", got, want)
			}
		})
	}
}

func TestResult(t *testing.T) {
	tests := []struct {
		name       string
		code       daraja.ResultCode
		receipt    string
		parameters int
		references int
	}{
		{"b2c-paid", "0", "NLJ41HAY6Q", 8, 1},
		{"b2c-invalid-initiator", "2001", "NLJ0000000", 0, 1},
		{"pochi-locked", "8006", "UJ622T8IYO", 1, 1},
		{"paybill-paid-production", "0", "SI31FWI0VP", 8, 3},
		{"paybill-invalid-initiator", "2001", "OAK0000000", 1, 1},
		{"status-unknown", "2032", "UJ60000000", 0, 1},
		{"reversal-invalid", "R000002", "UJ60000000", 0, 1},
		{"minimal", "0", "UJ622T8IYO", 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sampleResult(t, test.name)
			if r.ResultCode != test.code || r.TransactionID != test.receipt || r.ResultType != "0" {
				t.Errorf("got %+v", r)
			}
			if len(r.Parameters) != test.parameters || len(r.References) != test.references {
				t.Errorf("it has %d parameters and %d references, want %d and %d",
					len(r.Parameters), len(r.References), test.parameters, test.references)
			}
		})
	}
}

// stringsResult is BusinessPayBill's successful result, repaired to be JSON: all of it is strings.
const stringsResult = `{"Result":{"ResultType":"0","ResultCode":"0",
	"ResultDesc":"The service request is processed successfully",
	"OriginatorConversationID":"626f6ddf-ab37-4650-b882-b1de92ec9aa4","ConversationID":"12345677dfdf89099B3",
	"TransactionID":"QKA81LK5CY","ResultParameters":{"ResultParameter":[
	{"Key":"DebitAccountBalance","Value":"{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}"},
	{"Key":"Amount","Value":"190.00"},
	{"Key":"DebitPartyAffectedAccountBalance","Value":"Working Account|KES|346568.83|6186.83|340382.00|0.00"},
	{"Key":"TransCompletedTime","Value":"20221110110717"},{"Key":"DebitPartyCharges","Value":""},
	{"Key":"ReceiverPartyPublicName","Value":"000000 - Biller Companty"},{"Key":"Currency","Value":"KES"},
	{"Key":"InitiatorAccountCurrentBalance","Value":"{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}"}]},
	"ReferenceData":{"ReferenceItem":[{"Key":"BillReferenceNumber","Value":"19008"},
	{"Key":"QueueTimeoutURL","Value":"http://172.31.234.68:8888/Listener.php"}]}}}`

func TestAResultOfStringsIsWrittenByTheTypingRules(t *testing.T) {
	r, err := daraja.ParseResult([]byte(stringsResult))
	if err != nil {
		t.Fatal(err)
	}
	if cents, ok := r.Parameter(daraja.ParamAmount).Cents(); cents != 19000 || !ok {
		t.Errorf("Amount is %d, %v", cents, ok)
	}
	if got := r.Reference(daraja.ReferenceBillReferenceNumber); got != "19008" {
		t.Errorf("BillReferenceNumber is %q", string(got))
	}
	want := compact(t, stringsResult)
	for quoted, plain := range map[string]string{
		`"ResultType":"0"`: `"ResultType":0`, `"ResultCode":"0"`: `"ResultCode":0`, `"190.00"`: `190.00`,
		`"20221110110717"`: `20221110110717`, `"DebitPartyCharges","Value":""`: `"DebitPartyCharges"`, `"19008"`: `19008`,
	} {
		want = strings.Replace(want, quoted, plain, 1)
	}
	if got := written(t, r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestResultsAreReadInEveryForm(t *testing.T) {
	item := daraja.ResultItem{Key: "Amount", Value: "10"}
	tests := []struct {
		name, body string
		want       []daraja.ResultItem
	}{
		{"absent", ``, nil},
		{"null", `,"ResultParameters":null`, nil},
		{"empty", `,"ResultParameters":{}`, nil},
		{"null inside", `,"ResultParameters":{"ResultParameter":null}`, nil},
		{"empty text inside", `,"ResultParameters":{"ResultParameter":""}`, nil},
		{"empty array", `,"ResultParameters":{"ResultParameter":[]}`, []daraja.ResultItem{}},
		{"object", `,"ResultParameters":{"ResultParameter":{"Key":"Amount","Value":10}}`, []daraja.ResultItem{item}},
		{"array of one", `,"ResultParameters":{"ResultParameter":[{"Key":"Amount","Value":"10"}]}`, []daraja.ResultItem{item}},
		{"null value", `,"ResultParameters":{"ResultParameter":{"Key":"Amount","Value":null}}`, []daraja.ResultItem{{Key: "Amount"}}},
		{"odd value", `,"ResultParameters":{"ResultParameter":[{"Key":"Odd","Value":{"a":[1]}},{"Key":"Amount","Value":10}]}`,
			[]daraja.ResultItem{{Key: "Odd", Value: `{"a":[1]}`}, item}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := daraja.ParseResult([]byte(`{"Result":{"ResultCode":0,"OriginatorConversationID":71` + test.body + `}}`))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Parameters, test.want) {
				t.Errorf("got %+v, want %+v", r.Parameters, test.want)
			}
			if r.OriginatorConversationID != "71" {
				t.Errorf("OriginatorConversationID is %q", r.OriginatorConversationID)
			}
		})
	}
}

func TestWhatIsNotAResultIsRefused(t *testing.T) {
	tests := []struct {
		name, body string
		isJSON     bool
	}{
		{"empty", ``, false},
		{"HTML", `<html>`, false},
		{"wrong type", `{"Result":{"ResultCode":[0],"ConversationID":"AG_1"}}`, false},
		{"wrong item", `{"Result":{"ResultCode":0,"ConversationID":"AG_1","ResultParameters":{"ResultParameter":[1]}}}`, false},
		{"null", `null`, true},
		{"empty object", `{}`, true},
		{"an STK callback", paid, true},
		{"no ResultCode", `{"Result":{"ConversationID":"AG_1"}}`, true},
		{"no ids", `{"Result":{"ResultCode":0}}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := daraja.ParseResult([]byte(test.body))
			if err == nil || errors.Is(err, daraja.ErrNotResult) != test.isJSON {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnUnknownParameterIsEmpty(t *testing.T) {
	r := sampleResult(t, "b2c-paid")
	if r.Parameter("x") != "" || r.Reference(daraja.ParamTransactionAmount) != "" {
		t.Errorf("got %q, %q", r.Parameter("x"), r.Reference(daraja.ParamTransactionAmount))
	}
}

func FuzzParseResult(f *testing.F) {
	for _, name := range []string{"b2c-paid", "pochi-locked", "paybill-locked", "minimal"} {
		f.Add([]byte(written(f, sampleResult(f, name))))
	}
	f.Add([]byte(stringsResult))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := daraja.ParseResult(body)
		if err != nil {
			return
		}
		text := written(t, r)
		again, err := daraja.ParseResult([]byte(text))
		if err != nil {
			t.Fatalf("%s can't be read again: %v", text, err)
		}
		if got := written(t, again); got != text {
			t.Errorf("%s\nbecomes %s", text, got)
		}
	})
}

// written is v as JSON, without the escapes for HTML.
func written(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// compact is JSON text without white space between its tokens.
func compact(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
