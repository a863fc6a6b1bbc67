package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// fields are the members of a request's JSON object whose values are text or numbers, which clients send the one way or the
// other (wire.md §1). Names count as they are written, but for spaces in them, which the documents print here and there
// ("Command ID", BusinessPayBill); of a name that comes twice the last counts.
type fields struct {
	list []field
	err  error // of the first field that was wrong
}

type field struct {
	name  string
	value string
	kind  jsontext.Kind // '"', '0', or whatever else it was
}

// fields reads the body. A body that isn't JSON by its Content-Type cannot be read: the gateway then misses every field
// (wire.md §1), and so it is with an empty one.
func (c *call) fields() (*fields, error) {
	if media, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || !strings.EqualFold(media, "application/json") {
		c.note.Explanation = fmt.Sprintf("Content-Type is %q, not application/json: the body is not read", c.request.Header.Get("Content-Type"))
		return &fields{}, nil
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		c.note.Explanation = "the body is empty"
		return &fields{}, nil
	}
	f, err := parseFields(c.body)
	if err != nil {
		return nil, refuse(codes.BadPayload, "the body is not a JSON object: %v", err)
	}
	return f, nil
}

// decoders are kept for the next body.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

func parseFields(body []byte) (*fields, error) {
	d := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(d)
	d.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		if _, err := d.ReadValue(); err != nil {
			return nil, err
		}
		return nil, errors.New("it is another kind of value")
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	f := &fields{list: make([]field, 0, 12)}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		x := field{name: spaceless(name.String()), kind: d.PeekKind()}
		switch x.kind {
		case '"', '0':
			token, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			x.value = token.String()
		default:
			if err := d.SkipValue(); err != nil {
				return nil, err
			}
		}
		f.list = append(f.list, x)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("something follows the object")
	}
	return f, nil
}

// spaceless is a name without the spaces in it, non-breaking ones too.
func spaceless(name string) string {
	if !strings.ContainsFunc(name, unicode.IsSpace) {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, unicode.IsSpace), "")
}

// text gives a field's value as text, trimmed of what people paste around it; what names what it must be.
// Once a field was wrong, the ones after it are not looked at.
func (f *fields) text(name, what string) string {
	value, ok := f.optional(name)
	switch {
	case f.err != nil:
	case !ok:
		f.wrong(name, "%s is missing", name)
	case value == "":
		f.wrong(name, "%s is empty; expected %s", name, what)
	}
	return value
}

// optional gives a field that need not be there. Null counts as not there.
func (f *fields) optional(name string) (string, bool) {
	for i := len(f.list) - 1; i >= 0; i-- {
		if x := &f.list[i]; x.name == name {
			switch x.kind {
			case '"', '0':
				return strings.TrimSpace(x.value), true
			case 'n':
			default:
				f.wrong(name, "%s is neither text nor a number", name)
			}
			return "", false
		}
	}
	return "", false
}

func (f *fields) wrong(name, format string, args ...any) {
	if f.err == nil {
		f.err = refuse(codes.InvalidField(name), format, args...)
	}
}

func (f *fields) shortcode(name string) mpesa.Shortcode {
	const what = "a shortcode of five to seven digits"
	text := f.text(name, what)
	s, ok := mpesa.ParseShortcode(text)
	if !ok {
		f.wrong(name, "%s is %q; expected %s", name, text, what)
	}
	return s
}

func (f *fields) phone(name string) msisdn.Number {
	text := f.text(name, "a phone number")
	n, err := msisdn.Parse(text)
	if err != nil {
		f.wrong(name, "%s is %q: %v", name, text, err)
	}
	return n
}

// customer reads the number of a customer as the APIs without a prompt take it: in the form of phone, or as Kenyans write it
// (DarajaTutorial, C2B and B2C: "07XX or 2547XX").
func (f *fields) customer(name string) msisdn.Number {
	text := f.text(name, "a phone number")
	international := text
	if len(text) == 10 && text[0] == '0' {
		international = "254" + text[1:]
	}
	n, err := msisdn.Parse(international)
	if err != nil {
		f.wrong(name, "%s is %q: %v, nor 07XXXXXXXX or 01XXXXXXXX", name, text, err)
	}
	return n
}

// largest is what any API takes as an amount (DarajaTutorial, API errors: Invalid Amount).
const largest = 999_999_999 * money.Shilling

func (f *fields) amount(name string) money.Amount {
	text := f.text(name, "an amount in whole shillings")
	a, err := money.Parse(text)
	_, whole := a.Whole()
	switch {
	case err != nil:
		f.wrong(name, "%s is %q: %v", name, text, err)
	case !whole:
		f.wrong(name, "%s is %q; expected whole shillings", name, text)
	case a < money.Shilling || a > largest:
		f.wrong(name, "%s is %q; expected 1 to %d", name, text, largest/money.Shilling)
	}
	return a
}

func (f *fields) timestamp(name string) string {
	text := f.text(name, "a timestamp YYYYMMDDHHmmss")
	if _, err := time.ParseInLocation("20060102150405", text, clock.EAT); err != nil || len(text) != 14 {
		f.wrong(name, "%s is %q; expected a date and time as YYYYMMDDHHmmss", name, text)
	}
	return text
}

// url reads a URL that results are to be sent to, by the rules of the profile.
func (f *fields) url(name string, rules Rules) string {
	text := f.text(name, "a URL")
	if reason := checkURL(text, rules); reason != "" {
		f.wrong(name, "%s %s", name, reason)
	}
	return text
}

// forbidden are the words that the gateway filters out of URLs (wire.md §6.1; DarajaTutorial, Register URL).
var forbidden = []string{"m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query"}

// checkURL says what is wrong with a URL; "" is nothing.
func checkURL(text string, rules Rules) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Sprintf("is not a URL: %v", err)
	case len(text) > 2048:
		return fmt.Sprintf("has %d characters; 2048 are the most", len(text))
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "contains a space or a control character"
	case u.Scheme != "https" && (u.Scheme != "http" || rules.HTTPSOnly):
		if rules.HTTPSOnly {
			return fmt.Sprintf("begins with %q; the %s profile takes https only", u.Scheme, rules.Profile)
		}
		return fmt.Sprintf("begins with %q; expected http or https", u.Scheme)
	case u.Hostname() == "":
		return "names no host"
	case u.User != nil:
		return "contains a user name"
	case u.Host != strings.ToLower(u.Host):
		return "has upper-case letters in its host, which the gateway refuses" // wire.md §4.1
	case !validPort(u.Port()):
		return fmt.Sprintf("has the port %s, which is no port", u.Port())
	}
	if rules.WordFilter {
		for _, word := range forbidden {
			if strings.Contains(strings.ToLower(text), word) {
				return fmt.Sprintf("contains %q, which the %s profile doesn't allow in URLs", word, rules.Profile)
			}
		}
	}
	return ""
}

// validPort takes what is a port, or none. Port 0 is one that nothing listens on, and BusinessPayBill's sample names it.
func validPort(port string) bool {
	n := 0
	for _, r := range port {
		n = n*10 + int(r-'0')
		if n > 65535 {
			return false
		}
	}
	return true
}

// quote writes a text as a JSON string.
func quote(s string) []byte {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil { // invalid UTF-8, which b has replaced
		return b
	}
	return b
}
