package spreadsheet_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/spreadsheet"
)

func TestTextIsNoFormula(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "rent": "rent", "a=1": "a=1", "0708374149": "0708374149", "ä": "ä",
		"=1+1": "'=1+1", "+254": "'+254", "-a": "'-a", "@x": "'@x", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1", "＠x": "'＠x", "'tis": "''tis",
	} {
		got := spreadsheet.Inert(text)
		if got != want || spreadsheet.Text(got) != text {
			t.Errorf("%q becomes %q, and %q again; want %q", text, got, spreadsheet.Text(got), want)
		}
	}
}
