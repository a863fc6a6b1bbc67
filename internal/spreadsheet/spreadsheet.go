// Package spreadsheet writes CSV that spreadsheets take for text and numbers, and for nothing else.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
)

// Writer writes a table as CSV. Its cells may have come from anybody: all of them are Inert.
type Writer struct{ csv *csv.Writer }

// NewWriter returns a Writer whose lines end with CR LF, as RFC 4180 has them.
func NewWriter(w io.Writer) *Writer {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	return &Writer{table}
}

// Write writes a row. What goes wrong is told by Flush.
func (w *Writer) Write(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = Inert(cell)
	}
	_ = w.csv.Write(row) // the error stays with the writer
}

// Flush writes what is not yet written, and returns the first error of all writes.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// A formula begins a cell (OWASP, CSV injection; the wide signs too). Where a semicolon separates cells, as in half of the world's settings,
// one begins after it as well, quotes or not.
var (
	formula = regexp.MustCompile(`^[=+\-@\t\r\n＝＋－＠']|;[=+\-@＝＋－＠']`)
	number  = regexp.MustCompile(`^-[0-9]+(\.[0-9]+)?$`)
	inert   = regexp.MustCompile(`^'|;'[=+\-@＝＋－＠']`)
)

// Inert gives a text that no spreadsheet takes for a formula: what looks like one begins with an apostrophe. A negative number stays one. Text
// that begins with an apostrophe gets another, so that Text gives back what was there.
func Inert(text string) string {
	if !strings.ContainsAny(text, "=+-@\t\r\n＝＋－＠'") || number.MatchString(text) {
		return text
	}
	return formula.ReplaceAllStringFunc(text, func(begin string) string {
		if sign, after := strings.CutPrefix(begin, ";"); after {
			return ";'" + sign
		}
		return "'" + begin
	})
}

// Text gives a cell without the apostrophe by which spreadsheets, and Inert, say that it is text.
func Text(cell string) string {
	if !strings.Contains(cell, "'") {
		return cell
	}
	return inert.ReplaceAllStringFunc(cell, func(begin string) string { return strings.Replace(begin, "'", "", 1) })
}
