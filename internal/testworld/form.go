package testworld

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// SameForm compares a JSON text of ours with one that a document prints: the same members, in the same order, with the same
// types and values. Identifiers and times have to be of the form that they have today (wire.md §16), whatever the printed ones are.
func SameForm(t testing.TB, ours, printed []byte) {
	t.Helper()
	want := Form(t, printed)
	for name := range forms {
		want = regexp.MustCompile(`(?m)^( *`+name+`) (".*"|[0-9]+)$`).ReplaceAllString(want, `$1 "…"`)
	}
	if diff := cmp.Diff(want, Form(t, ours)); diff != "" {
		t.Errorf("%s differs (- printed, + ours):\n%s", ours, diff)
	}
}

// forms are what identifiers and times look like, by the name of their member.
var forms = map[string]*regexp.Regexp{
	"requestId":                    generated,
	"MerchantRequestID":            generated,
	"OriginatorCoversationID":      generated,
	"CheckoutRequestID":            regexp.MustCompile(`^"ws_CO_[0-9]{14}[0-9]{1,3}[0-9]{9}"$`),
	"ConversationID":               regexp.MustCompile(`^"AG_20[0-9]{6}_[0-9a-z]{20}"$`),
	"access_token":                 regexp.MustCompile(`^"[A-Za-z0-9]{28}"$`),
	"MpesaReceiptNumber":           receipt,
	"TransactionID":                receipt,
	"TransactionReceipt":           receipt,
	"TransID":                      receipt,
	"ReceiptNo":                    receipt,
	"TransactionDate":              stamp,
	"TransCompletedTime":           stamp,
	"BOCompletedTime":              stamp,
	"InitiatedTime":                stamp,
	"FinalisedTime":                stamp,
	"TransactionCompletedDateTime": regexp.MustCompile(`^"[0-3][0-9]\.[01][0-9]\.20[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"$`),
	"PhoneNumber":                  phone,
}

var (
	generated = regexp.MustCompile(`^"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9]{1,8}"$`)
	receipt   = regexp.MustCompile(`^"[A-Z][A-L][1-9A-V][0-9A-Z]{7}"$`)
	stamp     = regexp.MustCompile(`^20[0-9]{12}$`)
	phone     = regexp.MustCompile(`^254[0-9]{9}$`)
)

// SameShape compares as SameForm does, but for the values: the same members, in the same order, with the same types. Identifiers and
// times of ours have to be of the form that they have today, or empty.
func SameShape(t testing.TB, ours, printed []byte) {
	t.Helper()
	if diff := cmp.Diff(Shape(t, printed), Shape(t, ours)); diff != "" {
		t.Errorf("%s differs (- printed, + ours):\n%s", ours, diff)
	}
	for name := range forms {
		if found := regexp.MustCompile(`(?m)^ *` + name + ` (".*"|[0-9]+)$`).FindString(Form(t, ours)); found != "" && !strings.HasSuffix(found, `"…"`) && !strings.HasSuffix(found, ` ""`) {
			t.Errorf("%s has not its form: %s", name, found)
		}
	}
}

// Shape writes a JSON text line by line with each value's type instead of the value, but for the names of what is listed.
func Shape(t testing.TB, text []byte) string {
	t.Helper()
	return regexp.MustCompile(`(?m)^( *)(\S+) (".*"|-?[0-9].*)$`).ReplaceAllStringFunc(Form(t, text), func(line string) string {
		name, value, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		kind := "string"
		switch {
		case name == "Key", name == "Name":
			return line
		case value[0] != '"', value == `"…"` && (forms[name] == stamp || forms[name] == phone):
			kind = "number"
		}
		return line[:len(line)-len(value)] + kind
	})
}

// Form writes a JSON text line by line, so that texts with the same members in the same order with the same types and values
// have the same form. Identifiers and times of the right form are all the same.
func Form(t testing.TB, text []byte) string {
	t.Helper()
	w := formWriter{d: json.NewDecoder(bytes.NewReader(text))}
	w.d.UseNumber()
	if err := w.value("", ""); err != nil || w.d.More() {
		t.Fatalf("%q is not one JSON text: %v", text, err)
	}
	return w.String()
}

type formWriter struct {
	strings.Builder
	d    *json.Decoder
	item string // the last value of a member called Name or Key, whose Value comes next
}

func (w *formWriter) value(indent, name string) error {
	token, err := w.d.Token()
	if err != nil {
		return err
	}
	opening, isDelim := token.(json.Delim)
	if !isDelim {
		written, err := json.Marshal(token)
		if name == "Value" {
			name = w.item
		}
		if text, ok := token.(string); ok && (name == "Name" || name == "Key") {
			w.item = text
		}
		if form := forms[name]; form != nil && form.Match(written) {
			written = []byte(`"…"`)
		}
		fmt.Fprintf(w, "%s\n", written)
		return err
	}
	fmt.Fprintf(w, "%s\n", opening)
	for w.d.More() {
		name := "-"
		if opening == '{' {
			key, err := w.d.Token()
			if err != nil {
				return err
			}
			name = key.(string)
		}
		shown := name
		if name == "Value" {
			shown = w.item
		}
		fmt.Fprintf(w, "%s %s ", indent, shown)
		if err := w.value(indent+" ", name); err != nil {
			return err
		}
	}
	closing, err := w.d.Token()
	fmt.Fprintf(w, "%s%s\n", indent, closing)
	return err
}
