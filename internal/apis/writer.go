package apis

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

// The lists of results are keys with values by the rules that the real ones follow (wire.md §1). They look like XML turned into JSON: text
// that looks like a number becomes one, an empty value has no Value, and a list of one is no list.

// open begins a list: parent is the object that holds it, name what it is called there.
func (w *Writer) open(parent, name string) {
	w.body = append(w.body, `,"`...)
	w.body = append(w.body, parent...)
	w.body = append(w.body, `":{"`...)
	w.body = append(w.body, name...)
	w.body = append(w.body, `":[`...)
	w.start, w.count = len(w.body), 0
}

// close ends the list. One element stands without its brackets.
func (w *Writer) close() {
	if w.count == 1 {
		copy(w.body[w.start-1:], w.body[w.start:])
		w.body = append(w.body[:len(w.body)-1], '}')
		return
	}
	w.body = append(w.body, "]}"...)
}

func (w *Writer) key(name string) {
	if w.count > 0 {
		w.body = append(w.body, ',')
	}
	w.count++
	w.body = append(w.body, `{"Key":"`...)
	w.body = append(w.body, name...)
	w.body = append(w.body, '"')
}

// text adds a value by what it looks like.
func (w *Writer) text(name, value string) {
	w.key(name)
	if value != "" {
		w.body = append(w.body, `,"Value":`...)
		w.body = appendText(w.body, value)
	}
	w.body = append(w.body, '}')
}

// raw adds a value that is JSON already.
func (w *Writer) raw(name string, value func(b []byte) []byte) {
	w.key(name)
	w.body = append(w.body, `,"Value":`...)
	w.body = append(value(w.body), '}')
}

// stamp adds a time as the number YYYYMMDDHHmmss in EAT.
func (w *Writer) stamp(name string, ms int64) {
	w.raw(name, func(b []byte) []byte { return clock.AppendStamp(b, time.UnixMilli(ms)) })
}

// amount adds an amount with two decimals.
func (w *Writer) amount(name string, a money.Amount) { w.raw(name, a.Append) }

// shillings adds an amount without decimals where it has none.
func (w *Writer) shillings(name string, a money.Amount) { w.raw(name, appendShort(a)) }

// appendText writes text as a number where it looks like one that a client can read exactly, and as a string otherwise.
func appendText(b []byte, text string) []byte {
	if looksNumeric(text) {
		return append(b, text...)
	}
	return appendString(b, text)
}

func appendString(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text) // the error tells of invalid UTF-8, which it has replaced
	return b
}

// exactDigits is how many digits every client's numbers keep.
const exactDigits = 15

// looksNumeric takes what is a JSON number without an exponent: text such as 007 stays text, or its zeros would be lost.
func looksNumeric(text string) bool {
	digits, dots := 0, 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.' && i > 0 && i < len(text)-1 && digits > 0:
			dots++
		case r != '-' || i > 0:
			return false
		}
	}
	if digits == 0 || digits > exactDigits || dots > 1 {
		return false
	}
	if text[0] == '-' {
		text = text[1:]
	}
	return text[0] != '.' && (text[0] != '0' || len(text) == 1 || text[1] == '.')
}

// appendShort writes whole shillings without decimals.
func appendShort(a money.Amount) func(b []byte) []byte {
	return func(b []byte) []byte {
		if whole, ok := a.Whole(); ok {
			return strconv.AppendInt(b, whole, 10)
		}
		return a.Append(b)
	}
}
