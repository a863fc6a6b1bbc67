package spreadsheet_test

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/spreadsheet"
)

// cells are texts, and what is written of them.
var cells = map[string]string{
	"": "", "rent": "rent", "a=1": "a=1", "0708374149": "0708374149", "ä": "ä", "-12.50": "-12.50", "-3": "-3", "12.50": "12.50", "2026-11-28 10:00:00": "2026-11-28 10:00:00",
	"=1+1": "'=1+1", "+254": "'+254", "-a": "'-a", "-1+1": "'-1+1", "-1.": "'-1.", "--1": "'--1", "@x": "'@x", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1", "＠x": "'＠x", "'tis": "''tis",
	"a;=1": "a;'=1", "=1;+2": "'=1;'+2", "a;'=1": "a;''=1", ";@x": ";'@x", "a;b": "a;b", "a; 'b'": "a; 'b'", "a;'b": "a;''b", "-1;=2": "'-1;'=2", "-1\n": "'-1\n",
}

func TestTextIsNoFormula(t *testing.T) {
	for text, want := range cells {
		got := spreadsheet.Inert(text)
		if got != want || spreadsheet.Text(got) != text {
			t.Errorf("%q becomes %q, and %q again; want %q", text, got, spreadsheet.Text(got), want)
		}
	}
}

// Neither with commas nor with semicolons between cells does a line have one that begins a formula.
func TestEveryCellIsInert(t *testing.T) {
	for text, want := range cells {
		var b strings.Builder
		w := spreadsheet.NewWriter(&b)
		w.Write(text, "x", text)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		row, err := csv.NewReader(strings.NewReader(b.String())).Read()
		if want = strings.ReplaceAll(want, "\r", ""); err != nil || strings.Contains(text, "\r") {
			continue // the reader makes LF of CR LF
		}
		if !slices.Equal(row, []string{want, "x", want}) {
			t.Errorf("%q is %q", text, row)
		}
		if strings.ContainsAny(text, ",\"\n\t") {
			continue
		}
		for cell := range strings.SplitSeq(strings.TrimSpace(b.String()), ";") {
			if strings.ContainsAny(cell[:min(len(cell), 1)], "=+@") {
				t.Errorf("between semicolons %q has a cell %q", text, cell)
			}
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	w := spreadsheet.NewWriter(full{})
	w.Write("a")
	if w.Flush() == nil {
		t.Error("it is written")
	}
}
