package apis

import (
	"fmt"
	"slices"
	"strings"
)

// Field is a field of a request. One of an object in it has the names of both: "header.requestID".
type Field struct {
	Name string // "" where the body itself is a list
	Also string // another name, which is read where this one is missing or empty; "" is none
	Rule
	Cases   []Case  // other rules, by the values of earlier fields
	Instead string  // a field with which this one may be left out; "" is none
	Own     bool    // names the shortcode that asks: a production app has one only
	Note    string  // for people
	Example Mark    // that works in the world of a new installation; "": the first of Values, and else the form's
	Each    []Field // of a List: the fields of each object in it
}

// Case is what holds for a field where another one has some values.
type Case struct {
	Of string   // the other field
	Is []string // its values
	Rule
}

// Rule is what a field takes.
type Rule struct {
	Form     Form
	Optional bool     // may be missing or empty
	Values   []string // the only ones that it takes; nil: all of the form

	Least, Most int    // characters of a text, where Most isn't 0; bounds of a number; the most objects in a list
	Bytes       int    // the most of a text; 0: no bound of its own
	Lines       bool   // a text may have line breaks and tabs; no text has other control characters
	Local       bool   // a phone number may also be written as Kenyans do: 07XXXXXXXX (DarajaTutorial, C2B API and B2C API)
	Nobody      bool   // a shortcode may also be Nobody
	What        string // what is expected, for explanations; "": what the rest of the rule says
}

// Nobody is what BusinessPayBill's sample pays. It has the form of a shortcode, and the rules find that nobody has it.
const Nobody = "000000"

// Form is what the values of a field look like.
type Form string

// The forms.
const (
	Text       Form = "text"
	Number     Form = "number"     // a whole number
	Shortcode  Form = "shortcode"  // five to seven digits
	Phone      Form = "phone"      // 2547XXXXXXXX or 2541XXXXXXXX
	Amount     Form = "amount"     // 0.01 to 999,999,999 shillings, with cents or without: "integer or float" (DarajaTutorial, API errors)
	Shillings  Form = "shillings"  // 1 to 999,999,999 whole shillings, of the APIs that no document gives cents
	URL        Form = "url"        // http or https; strict profile: https, and without some words
	Timestamp  Form = "timestamp"  // YYYYMMDDHHmmss
	Day        Form = "day"        // yyyymmdd
	DateTime   Form = "datetime"   // YYYY-MM-DD HH:mm:ss
	Password   Form = "password"   // base64 of shortcode, passkey and timestamp; missing is as wrong as wrong, and not looked at here
	Credential Form = "credential" // base64 of the operator's password, encrypted with the certificate
	Nothing    Form = "nothing"    // the field must be missing or empty
	List       Form = "list"       // of objects
)

// Expected says what a field must be, as in "Amount is empty; expected an amount in shillings". Of a password it says nothing.
func (r *Rule) Expected() string {
	switch {
	case r.What != "":
		return r.What
	case r.Form == Number:
		return fmt.Sprintf("a whole number from %d to %d", r.Least, r.Most)
	case len(r.Values) > 0:
		return oneOf(r.Values)
	case r.Form == Text && r.Most > 0:
		return fmt.Sprintf("text of %d to %d characters", r.Least, r.Most)
	case r.Form == Text && r.Bytes > 0:
		return fmt.Sprintf("text of at most %d bytes", r.Bytes)
	}
	return expected[r.Form]
}

var expected = map[Form]string{
	Text:       "text",
	Shortcode:  "a shortcode of five to seven digits",
	Phone:      "a phone number",
	Amount:     "an amount in shillings with at most two decimals",
	Shillings:  "an amount in whole shillings",
	URL:        "a URL",
	Timestamp:  "a date and time as YYYYMMDDHHmmss",
	Day:        "a day as yyyymmdd",
	DateTime:   "a date and time as YYYY-MM-DD HH:mm:ss",
	Credential: "the operator's password, encrypted with the certificate and in base64",
	List:       "a list of objects",
}

// oneOf lists values: "4 or 2", "4, 2 or 1".
func oneOf(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// Choices lists the values that a field can have in any case; nil is all of its form.
func (f *Field) Choices() []string {
	list := slices.Clone(f.Values)
	for i := range f.Cases {
		for _, v := range f.Cases[i].Values {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return list
}
