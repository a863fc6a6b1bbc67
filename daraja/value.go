package daraja

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Value is a scalar of a callback: text that travels as a JSON number where it looks like one, because M-PESA's callbacks
// are converted from XML (wire.md §1). It reads a number or a string, keeps the number's digits as they came ("1.00"
// stays "1.00"), and writes text that looks numeric as a number. Text with a leading zero does not.
type Value string

// MarshalJSON writes the value as M-PESA does: 20191219102115 as a number, NLJ7RT61SV as a string.
func (v Value) MarshalJSON() ([]byte, error) { return marshalText(string(v)) }

// UnmarshalJSON reads a string or a number. Anything else is kept as its JSON text, so that one unknown item in a
// callback does not hide the payment that the callback is about; null is no value.
func (v *Value) UnmarshalJSON(data []byte) error {
	text, ok := unmarshalText(data)
	if !ok {
		text = string(data)
	}
	*v = Value(text)
	return nil
}

// Cents reads the value as shillings and returns it in cents: "1", "1.00" and "10500.5" give 100, 100 and 1050050.
// It is not ok for anything else, also for fractions of a cent.
func (v Value) Cents() (cents int64, ok bool) {
	digits, negative := strings.CutPrefix(string(v), "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" || len(fraction) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(fraction + "00")[:2], 10, 63)
	if err != nil {
		return 0, false
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
}

// Time reads the value as a timestamp in East Africa Time: YYYYMMDDHHmmss, like nearly every timestamp on the wire
// (wire.md §1), or DD.MM.YYYY HH:mm:ss, as B2C's results have it (wire.md §8.3). It is not ok for anything else.
func (v Value) Time() (t time.Time, ok bool) {
	t, err := time.ParseInLocation(timestampLayout, string(v), eat)
	if err != nil {
		t, err = time.ParseInLocation(dottedLayout, string(v), eat)
	}
	return t, err == nil
}

// ResultCode is M-PESA's verdict on a payment. "0" is success; most others are numeric, such as "1032", and some are not,
// such as "SFC_IC0003" (MpesaExpressSimulate, result codes). Compare it as text.
type ResultCode string

// Success reports whether the code is 0: the payment was made.
func (c ResultCode) Success() bool { return c == "0" }

// MarshalJSON writes a numeric code as a number and any other as a string, as M-PESA's callbacks do (wire.md §1, §4.4).
func (c ResultCode) MarshalJSON() ([]byte, error) { return marshalText(string(c)) }

// UnmarshalJSON reads a number or a string. It returns an error for anything else, null excepted, which is an empty code.
func (c *ResultCode) UnmarshalJSON(data []byte) error {
	text, ok := unmarshalText(data)
	if !ok {
		return fmt.Errorf("daraja: a result code is a number or a string, not %s", data)
	}
	*c = ResultCode(text)
	return nil
}

// timestampLayout is YYYYMMDDHHmmss, the form of nearly every timestamp in Daraja.
const timestampLayout = "20060102150405"

// dottedLayout is DD.MM.YYYY HH:mm:ss, the form of B2C's TransactionCompletedDateTime.
const dottedLayout = "02.01.2006 15:04:05"

// eat is East Africa Time, UTC+3 without summer time.
var eat = time.FixedZone("EAT", 3*60*60)

// numeric is what the conversion from XML takes for a number: no exponent, no leading zero.
var numeric = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func marshalText(s string) ([]byte, error) {
	if numeric.MatchString(s) {
		return []byte(s), nil
	}
	return marshalPlain(s)
}

// marshalPlain is json.Marshal without the escapes for HTML: M-PESA writes the & between accounts as it is (wire.md §11).
// They come back when what it returns passes through json.Marshal.
func marshalPlain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// unmarshalText returns the text of a JSON string, the digits of a number, and nothing for null.
func unmarshalText(data []byte) (text string, ok bool) {
	switch c := data[0]; {
	case c == '"':
		err := json.Unmarshal(data, &text)
		return text, err == nil
	case c == '-' || '0' <= c && c <= '9':
		return string(data), true
	default:
		return "", string(data) == "null"
	}
}

// unmarshalTexts reads a flat object, whose values are text on the wire, into v. Numbers are taken for their digits.
func unmarshalTexts(data []byte, v any) error {
	var values map[string]Value
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	texts := make(map[string]string, len(values))
	for key, value := range values {
		texts[key] = string(value)
	}
	plain, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
