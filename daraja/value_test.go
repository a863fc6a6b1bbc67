package daraja_test

import (
	"encoding/json"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestValueIsWrittenAsMPESADoes(t *testing.T) {
	tests := []struct {
		value daraja.Value
		want  string
	}{
		{"0", `0`}, {"1", `1`}, {"1.00", `1.00`}, {"-1540.50", `-1540.50`}, {"20191219102115", `20191219102115`},
		{"353353", `353353`}, {"PRN1234XN", `"PRN1234XN"`}, {"SFC_IC0003", `"SFC_IC0003"`}, {"", `""`},
		{"00000000", `"00000000"`}, {"0712", `"0712"`}, {"1E5", `"1E5"`}, {"1.", `"1."`}, {".5", `".5"`}, {"1 ", `"1 "`},
		{"0x10", `"0x10"`}, {"1\n", `"1\n"`}, {`a"b`, `"a\"b"`},
	}
	for _, test := range tests {
		got, err := json.Marshal(test.value)
		if string(got) != test.want || err != nil {
			t.Errorf("Value %q is written %s, %v, want %s", string(test.value), got, err, test.want)
		}
		code, err := json.Marshal(daraja.ResultCode(test.value))
		if string(code) != test.want || err != nil {
			t.Errorf("ResultCode %q is written %s, %v, want %s", string(test.value), code, err, test.want)
		}
		var back daraja.Value
		if err := json.Unmarshal(got, &back); back != test.value || err != nil {
			t.Errorf("%s is read as %q, %v", got, string(back), err)
		}
	}
}

func TestResultCodeIsReadFromNumbersAndStrings(t *testing.T) {
	for text, want := range map[string]daraja.ResultCode{
		`0`: "0", `"0"`: "0", `1032`: "1032", `"1032"`: "1032", `"R000002"`: "R000002", `null`: "", `""`: "",
	} {
		var got daraja.ResultCode
		if err := json.Unmarshal([]byte(text), &got); got != want || err != nil {
			t.Errorf("%s is read as %q, %v, want %q", text, string(got), err, string(want))
		}
	}
	for _, text := range []string{`true`, `{}`, `[0]`} {
		var got daraja.ResultCode
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read as %q", text, string(got))
		}
	}
}

func TestCents(t *testing.T) {
	for value, want := range map[daraja.Value]int64{
		"0": 0, "1": 100, "1.00": 100, "1.5": 150, "1.05": 105, "1.000": 100, "250000": 25000000, "-1540.00": -154000,
		"92233720368547758.07": 1<<63 - 1,
	} {
		if got, ok := value.Cents(); got != want || !ok {
			t.Errorf("%s is %d, %v, want %d", value, got, ok, want)
		}
	}
	for _, value := range []daraja.Value{
		"", "-", "x", "1.005", "1,000", ".5", "1e2", "1.2.3", "--1", "1.-5", "+1", "1_0", "92233720368547758.08", "99999999999999999999",
	} {
		if got, ok := value.Cents(); ok {
			t.Errorf("%q is %d", string(value), got)
		}
	}
}

func TestTime(t *testing.T) {
	for _, value := range []daraja.Value{"", "20191219", "20191319102115", "2.0191219102115e13", "2019121910211", "31.13.2019 10:21:15", "19.12.2019"} {
		if got, ok := value.Time(); ok {
			t.Errorf("%q is %v", string(value), got)
		}
	}
}
