package apis

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/money"
)

// The typing rules of results, wire.md §1.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"353353": `353353`, "0": `0`, "1": `1`, "-4510.00": `-4510.00`, "20261006093245": `20261006093245`, "1.50": `1.50`, "0.5": `0.5`, "999999999999999": `999999999999999`,
		"PRN1234XN": `"PRN1234XN"`, "Y": `"Y"`, "19.12.2019 11:45:50": `"19.12.2019 11:45:50"`, "007": `"007"`, "00": `"00"`, "-": `"-"`, ".5": `".5"`, "-.5": `"-.5"`, "5.": `"5."`,
		"1.2.3": `"1.2.3"`, "1-2": `"1-2"`, "+1": `"+1"`, "1e5": `"1e5"`, "0x1": `"0x1"`, "1,000": `"1,000"`, " 1": `" 1"`, "1 ": `"1 "`, "٣": `"٣"`, "-01": `"-01"`,
		"1234567890123456": `"1234567890123456"`, "NaN": `"NaN"`, "a\"b\\c\n<&>": `"a\"b\\c\n<&>"`, "a\xffb": "\"a\ufffdb\"",
	} {
		if got := string(appendText(nil, text)); got != want {
			t.Errorf("%q is written %s; want %s", text, got, want)
		}
	}
}

// FuzzText writes any text in a way that JSON readers give it back, as a number or as a string, and clients that count in floating
// point don't lose a digit.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "0", "-0", "007", "1.10", "-4510.00", "1e5", "353353", "PRN1234XN", "999999999999999", "1234567890123456789", "a\xff\"\\\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		written := appendText(nil, text)
		var v daraja.Value
		if err := json.Unmarshal(written, &v); err != nil || string(v) != strings.ToValidUTF8(text, "\ufffd") && strings.ToValidUTF8(text, "") == text {
			t.Fatalf("%q is written %s, which reads %q, %v", text, written, v, err)
		}
		if written[0] == '"' {
			return
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%q is written as a number: %v", text, err)
		}
		short := text
		if strings.Contains(short, ".") {
			short = strings.TrimSuffix(strings.TrimRight(short, "0"), ".")
		}
		if again := strconv.FormatFloat(n, 'f', -1, 64); again != short {
			t.Fatalf("a client would read %q as %s", text, again)
		}
	})
}

func TestLists(t *testing.T) {
	for name, test := range map[string]struct {
		fill func(*Writer)
		want string
	}{
		"one is no list":      {func(e *Writer) { e.text("A", "1") }, `,"P":{"L":{"Key":"A","Value":1}}`},
		"one without a value": {func(e *Writer) { e.text("A", "") }, `,"P":{"L":{"Key":"A"}}`},
		"several": {func(e *Writer) {
			e.text("A", "x")
			e.text("B", "")
			e.amount("C", -451000)
			e.shillings("D", 1000)
			e.shillings("E", 1050)
			e.stamp("F", 1577191555000)
		}, `,"P":{"L":[{"Key":"A","Value":"x"},{"Key":"B"},{"Key":"C","Value":-4510.00},{"Key":"D","Value":10},{"Key":"E","Value":10.50},{"Key":"F","Value":20191224154555}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			e := &Writer{body: []byte("before")}
			e.open("P", "L")
			test.fill(e)
			e.close()
			if got, _ := strings.CutPrefix(string(e.body), "before"); got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
	e := &Writer{}
	for range 2 { // one list after the other
		e.open("P", "L")
		e.amount("A", money.Shilling)
		e.close()
	}
	if got, want := string(e.body), `,"P":{"L":{"Key":"A","Value":1.00}},"P":{"L":{"Key":"A","Value":1.00}}`; got != want {
		t.Errorf("two lists are %s", got)
	}
}
