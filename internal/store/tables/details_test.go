package tables_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// same checks that what is written by hand is what encoding/json writes, and can be read again.
func same[T any](t *testing.T, value T, got string, err error) {
	t.Helper()
	want, wrong := json.Marshal(value)
	if err != nil || wrong != nil || got != string(want) {
		t.Fatalf("got %s, %v\nwant %s, %v", got, err, want, wrong)
	}
	var read T
	if err := json.Unmarshal([]byte(got), &read); err != nil {
		t.Fatal(err)
	}
}

// fill sets every field, and those of the structs and lists in it, to something.
func fill(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n+i)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n+1)
	case reflect.String:
		v.SetString("text " + string(rune('A'+n)))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n) - 5)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a field of kind " + v.Kind().String())
	}
}

// A field that is added to the details has to be added to DetailsDocument too.
func TestEveryFieldOfDetailsIsWritten(t *testing.T) {
	for n := range 12 { // so that every number is zero, below and above it
		var d mpesa.Details
		fill(reflect.ValueOf(&d).Elem(), n)
		got, err := tables.DetailsDocument(&d)
		same(t, d, got, err)
	}
	v := reflect.TypeFor[mpesa.Details]()
	for i := range v.NumField() { // each alone
		var d mpesa.Details
		fill(reflect.ValueOf(&d).Elem().Field(i), 6)
		got, err := tables.DetailsDocument(&d)
		same(t, d, got, err)
	}
	got, err := tables.DetailsDocument(&mpesa.Details{})
	same(t, mpesa.Details{}, got, err)
}

func FuzzDetails(f *testing.F) {
	f.Add("http://h/?a=1&b=<2>", "O'Brien \"quoted\" \\ \x00\x7f\xff\u2028é", int64(-1), true)
	f.Add("", "", int64(0), false)
	f.Add("plain", "text", int64(254708374149), true)
	f.Fuzz(func(t *testing.T, a, b string, n int64, yes bool) {
		d := mpesa.Details{TransactionType: a, CallBackURL: b, Originator: b, Occasion: a, PartyA: msisdn.Number(n), TimedOut: yes,
			Original: n, Payee: b,
			Funds: []mpesa.Funds{{Kind: mpesa.AccountKind(n), Balance: money.Amount(n)}, {Held: money.Amount(n)}}}
		got, err := tables.DetailsDocument(&d)
		same(t, d, got, err)
	})
}

func FuzzAttempts(f *testing.F) {
	f.Add(int64(1), 200, int64(5), "")
	f.Add(int64(-1), 0, int64(0), "dial tcp: \"refused\" <&>")
	f.Fuzz(func(t *testing.T, at int64, status int, micros int64, why string) {
		attempts := []mpesa.Attempt{{At: at, Status: status, Micros: micros, Error: why}, {Error: why}}
		got, err := tables.AttemptsDocument(&attempts)
		same(t, attempts, got, err)
	})
}

func TestNoAttemptsAreNoText(t *testing.T) {
	if got, err := tables.AttemptsDocument(new([]mpesa.Attempt)); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func BenchmarkDetailsDocument(b *testing.B) {
	d := mpesa.Details{TransactionType: "BusinessPayment", CallBackURL: "https://merchant.example/results/b2c", Description: "salary of May",
		Originator: "29115-34620561-1", Initiator: "testapi", TimeoutURL: "https://merchant.example/timeouts/b2c", Settled: true, Payee: "John Doe",
		Charge: 500, Funds: []mpesa.Funds{{Kind: mpesa.Utility, Balance: 1234500}, {Kind: mpesa.Working, Balance: 100}, {Kind: mpesa.ChargesPaid, Balance: -500}}}
	for name, write := range map[string]func() (string, error){
		"by hand":       func() (string, error) { return tables.DetailsDocument(&d) },
		"encoding/json": func() (string, error) { b, err := json.Marshal(&d); return string(b), err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := write(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
