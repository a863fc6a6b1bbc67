package money

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Amount{
		"0": 0, "1": 100, "1.0": 100, "1.00": 100, "1.000": 100, "99.5": 9950, "0.01": 1, "-1540.00": -154000, "250000": 25000000,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d cents", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1.005", "1,000", "1e3", "+1", " 1", "0x1", "99999999999999999999", "NaN", "١"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %d; want an error", text, got)
		}
	}
}

func TestAmountsReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(-int64(Max), int64(Max)).Draw(t, "cents"))
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("%d cents are written %q and read back as %d, %v", a, a.String(), back, err)
		}
	})
}

func TestGrouped(t *testing.T) {
	for a, want := range map[Amount]string{0: "0.00", 100: "1.00", 123456: "1,234.56", 100000000: "1,000,000.00", -123456: "-1,234.56"} {
		if got := a.Grouped(); got != want {
			t.Errorf("Grouped(%d) = %q; want %q", a, got, want)
		}
	}
}

func TestShareRoundsHalfUp(t *testing.T) {
	if got := Shillings(201).Share(55); got != 111 { // 1.1055 shillings
		t.Errorf("0.55 %% of 201.00 = %s; want 1.11", got)
	}
}
