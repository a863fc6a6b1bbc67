// Package msisdn is about the subscribers' phone numbers.
package msisdn

import (
	"errors"
	"fmt"
	"strconv"
)

// Number is a subscriber's number in international form without a plus sign: 254708374149.
type Number int64

// Err says that a text is not a Safaricom mobile number.
var Err = errors.New("not a Safaricom mobile number of the form 2547XXXXXXXX or 2541XXXXXXXX")

const (
	first = Number(254_000_000_000)
	last  = Number(254_999_999_999)
)

// Parse reads the one form that the gateway takes: 12 digits that begin with 2547 or 2541
// (MpesaExpressSimulate, request parameters; wire.md §4.1). Anything else is Err.
func Parse(s string) (Number, error) {
	if len(s) != 12 || s[:3] != "254" || s[3] != '7' && s[3] != '1' {
		return 0, Err
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0, Err
	}
	return Number(n), nil
}

// ParseLoose also reads what people type on a phone: 0708374149, +254708374149, 708374149.
func ParseLoose(s string) (Number, error) {
	if len(s) > 0 && s[0] == '+' {
		s = s[1:]
	}
	switch {
	case len(s) == 10 && s[0] == '0':
		s = "254" + s[1:]
	case len(s) == 9:
		s = "254" + s
	}
	return Parse(s)
}

// Valid reports whether n has the form of a Kenyan subscriber's number.
func (n Number) Valid() bool { return n >= first && n <= last }

// String is the international form without a plus sign.
func (n Number) String() string { return strconv.FormatInt(int64(n), 10) }

// Local is the form that Kenyans write: 0708374149.
func (n Number) Local() string { return fmt.Sprintf("0%09d", n.LastNine()) }

// LastNine is the part after the country code; CheckoutRequestIDs end with it (wire.md §16).
func (n Number) LastNine() int64 { return int64(n) % 1_000_000_000 }
