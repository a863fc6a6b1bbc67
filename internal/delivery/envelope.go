package delivery

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

// envelope writes the lists of a result: keys with values by the rules that the real ones follow (wire.md §1). They look like XML
// turned into JSON: text that looks like a number becomes one, an empty value has no Value, and a list of one is no list.
type envelope struct {
	body  []byte
	start int // of the list in body
	count int
}

// open begins a list: parent is the object that holds it, name what it is called there.
func (e *envelope) open(parent, name string) {
	e.body = append(e.body, `,"`...)
	e.body = append(e.body, parent...)
	e.body = append(e.body, `":{"`...)
	e.body = append(e.body, name...)
	e.body = append(e.body, `":[`...)
	e.start, e.count = len(e.body), 0
}

// close ends the list. One element stands without its brackets.
func (e *envelope) close() {
	if e.count == 1 {
		copy(e.body[e.start-1:], e.body[e.start:])
		e.body = append(e.body[:len(e.body)-1], '}')
		return
	}
	e.body = append(e.body, "]}"...)
}

func (e *envelope) key(name string) {
	if e.count > 0 {
		e.body = append(e.body, ',')
	}
	e.count++
	e.body = append(e.body, `{"Key":"`...)
	e.body = append(e.body, name...)
	e.body = append(e.body, '"')
}

// text adds a value by what it looks like.
func (e *envelope) text(name, value string) {
	e.key(name)
	if value != "" {
		e.body = append(e.body, `,"Value":`...)
		e.body = appendText(e.body, value)
	}
	e.body = append(e.body, '}')
}

// raw adds a value that is JSON already.
func (e *envelope) raw(name string, value func(b []byte) []byte) {
	e.key(name)
	e.body = append(e.body, `,"Value":`...)
	e.body = append(value(e.body), '}')
}

// stamp adds a time as the number YYYYMMDDHHmmss in EAT.
func (e *envelope) stamp(name string, ms int64) {
	e.raw(name, func(b []byte) []byte { return clock.AppendStamp(b, time.UnixMilli(ms)) })
}

// amount adds an amount with two decimals.
func (e *envelope) amount(name string, a money.Amount) { e.raw(name, a.Append) }

// shillings adds an amount without decimals where it has none.
func (e *envelope) shillings(name string, a money.Amount) { e.raw(name, appendShort(a)) }

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
