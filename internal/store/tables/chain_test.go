package tables_test

import (
	"bytes"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// sealed is a view with so many payments, each with two transfers.
func sealed(payments int) *unit.View {
	v := &unit.View{At: 1_772_442_000_000}
	for n := range int64(payments) {
		mpesa.Payments.Create(v, n, mpesa.Payment{Header: mpesa.Header{ID: n, Kind: mpesa.Express, State: mpesa.Completed, Result: "0", Payer: 254_700_000_000, Payee: 174_379, Amount: 100}})
		for i := range int64(2) {
			mpesa.Transfers.Add(v, mpesa.Transfer{ID: n<<4 | i, Debit: 254_700_000_000 << 4, Credit: 174_379 << 4, Amount: 100, Kind: mpesa.Principal, At: v.At})
		}
	}
	return v
}

// What a unit has written is found in its row, in the order in which it was hashed.
func TestAUnitsRowTellsWhatItHasWritten(t *testing.T) {
	v := sealed(2)
	mpesa.Idempotency.Create(v, mpesa.IdempotencyKey{Owner: 7, Name: "ß"}, mpesa.KeyHolder{IdempotencyKey: mpesa.IdempotencyKey{Owner: 7, Name: "ß"}, Payment: 1})
	mpesa.Audit.Add(v, mpesa.AuditEntry{ID: 5})
	var s tables.Sealer
	l := s.Seal(v, 1, 2, nil)
	type written struct {
		table string
		id    int64
		name  string
	}
	var got []written
	for w, err := range tables.WrittenRows(l.Rows) {
		if err != nil {
			t.Fatal(err)
		}
		x := written{table: tables.Chained[w.Table].Table, id: w.Key[0].Integer}
		if len(w.Key) > 1 {
			x.name = w.Key[1].String
		}
		got = append(got, x)
	}
	want := []written{{"transfers", 0, ""}, {"transfers", 1, ""}, {"transfers", 16, ""}, {"transfers", 17, ""}, {"payments", 0, ""}, {"payments", 1, ""}, {"idempotency", 7, "ß"}, {"audit", 5, ""}}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

// The hash is over the place in the chain, the row before, the time and each row.
func TestEverythingIsInTheHash(t *testing.T) {
	hash := func(v *unit.View, chain, seq int64, before []byte) []byte {
		var s tables.Sealer
		return s.Seal(v, chain, seq, before).Hash
	}
	first := hash(sealed(1), 1, 1, nil)
	if again := hash(sealed(1), 1, 1, nil); !bytes.Equal(first, again) {
		t.Error("the same unit has two hashes")
	}
	later := sealed(1)
	later.At++
	for name, other := range map[string][]byte{"chain": hash(sealed(1), 2, 1, nil), "seq": hash(sealed(1), 1, 2, nil), "before": hash(sealed(1), 1, 1, first),
		"rows": hash(sealed(2), 1, 1, nil), "time": hash(later, 1, 1, nil)} {
		if bytes.Equal(first, other) {
			t.Errorf("the %s is not in the hash", name)
		}
	}
	if none := hash(&unit.View{}, 1, 1, nil); none != nil {
		t.Errorf("a unit that has written nothing has a hash: %x", none)
	}
}

// Lists that nobody wrote are refused, whatever is in them.
func FuzzWrittenRows(f *testing.F) {
	var s tables.Sealer
	f.Add(s.Seal(sealed(2), 1, 1, nil).Rows)
	f.Add([]byte{2, 1, 0, 200})
	f.Fuzz(func(t *testing.T, rows []byte) {
		n := 0
		for _, err := range tables.WrittenRows(rows) {
			if n++; err == nil && n > len(rows) {
				t.Fatalf("%d rows in %d bytes", n, len(rows))
			}
		}
	})
}

// BenchmarkSeal is of units of 500 payments; bytes are what a payment adds to the unit's row.
func BenchmarkSeal(b *testing.B) {
	const payments = 500
	v := sealed(payments)
	var s tables.Sealer
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		size = len(s.Seal(v, 1, 1, nil).Rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*payments), "ns/payment")
	b.ReportMetric(float64(size)/payments, "bytes/payment")
}
