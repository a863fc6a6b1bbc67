package ledger

import (
	"strconv"

	"github.com/kivuko/kivuko/internal/msisdn"
)

// Shortcode is the number of an organisation: a pay bill, a till, a store, a bulk account. Five to seven digits.
type Shortcode int64

// ParseShortcode reads five to seven digits (wire.md §4.1; the seed says "5 to 6 digits" and clients have seven).
func ParseShortcode(s string) (Shortcode, bool) {
	if len(s) < 5 || len(s) > 7 || s[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return Shortcode(n), err == nil
}

func (s Shortcode) String() string { return strconv.FormatInt(int64(s), 10) }

// Party is somebody who may own an account: a customer (by number), an organisation (by shortcode) or the provider of the service.
type Party int64

// Provider runs the service: it keeps the trust account, through which money enters and leaves, and the fees.
const Provider Party = 0

// Customer is the party with the phone number.
func CustomerParty(n msisdn.Number) Party { return Party(n) }

// Party is the party of an organisation.
func (s Shortcode) Party() Party { return Party(s) }

// Phone is the customer's number; ok is false for other parties.
func (p Party) Phone() (n msisdn.Number, ok bool) {
	return msisdn.Number(p), msisdn.Number(p).Valid()
}

// Shortcode is the organisation's shortcode; ok is false for other parties.
func (p Party) Shortcode() (s Shortcode, ok bool) {
	return Shortcode(p), p > Provider && !msisdn.Number(p).Valid()
}

func (p Party) String() string { return strconv.FormatInt(int64(p), 10) }
