// Package spreadsheet is about what spreadsheets make of CSV.
package spreadsheet

import "strings"

// Inert gives a text that no spreadsheet takes for a formula: what looks like one begins with an apostrophe. Text
// that begins with an apostrophe gets another, so that Text gives back what was there.
func Inert(text string) string {
	if strings.IndexAny(text, "=+-@\t\r\n＝＋－＠'") == 0 { // the wide ones too (OWASP, CSV injection)
		return "'" + text
	}
	return text
}

// Text gives a cell without the apostrophe by which spreadsheets, and Inert, say that it is text.
func Text(cell string) string { return strings.TrimPrefix(cell, "'") }
