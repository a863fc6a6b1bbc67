// Package money counts Kenya shillings in whole cents. There are no floats in it, and none may come near it.
package money

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Amount is a sum of money in cents of a Kenya shilling. It may be negative: a charges account is.
type Amount int64

// Shilling is one Kenya shilling, 100 cents.
const Shilling Amount = 100

// Max is the largest amount that Parse returns: a trillion shillings, so that sums of amounts stay far from overflow.
const Max = Amount(1_000_000_000_000) * Shilling

// ErrSyntax says that a text is not an amount of shillings with at most two decimals.
var ErrSyntax = errors.New("not an amount in shillings with at most two decimals")

// Shillings makes an amount of n whole shillings.
func Shillings(n int64) Amount { return Amount(n) * Shilling }

// Parse reads shillings with up to two significant decimals: "100", "99.5", "-1540.00", "1.000".
// It returns ErrSyntax for anything else, also for amounts beyond Max.
func Parse(s string) (Amount, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" {
		return 0, ErrSyntax
	}
	cents, err := parseDigits(whole, 0)
	if err != nil {
		return 0, err
	}
	trimmed := strings.TrimRight(fraction, "0")
	if len(trimmed) > 2 {
		return 0, ErrSyntax
	}
	cents, err = parseDigits((trimmed + "00")[:2], cents)
	if err != nil {
		return 0, err
	}
	if negative {
		cents = -cents
	}
	return Amount(cents), nil
}

func parseDigits(s string, n int64) (int64, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, ErrSyntax
		}
		n = n*10 + int64(s[i]-'0')
		if n > int64(Max) {
			return 0, ErrSyntax
		}
	}
	return n, nil
}

// Whole reports whether the amount has no cents, and how many shillings it is.
func (a Amount) Whole() (shillings int64, ok bool) {
	return int64(a / Shilling), a%Shilling == 0
}

// String writes the amount as M-PESA does in its accounts: two decimals, no thousands separator, "-1540.00".
func (a Amount) String() string { return string(a.Append(nil)) }

// Append appends String to b.
func (a Amount) Append(b []byte) []byte {
	n := uint64(a)
	if a < 0 {
		b = append(b, '-')
		n = uint64(-a)
	}
	b = strconv.AppendUint(b, n/100, 10)
	return append(b, '.', byte('0'+n/10%10), byte('0'+n%10))
}

// Grouped writes the amount as M-PESA's messages do: "Ksh1,234.50" without the currency, "1,234.50".
func (a Amount) Grouped() string {
	s := a.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, cents := s[:len(s)-3], s[len(s)-3:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + cents
}

// MarshalText writes the amount as String does, so that JSON carries it as text and no reader makes a float of it.
func (a Amount) MarshalText() ([]byte, error) { return a.Append(nil), nil }

// UnmarshalText reads what Parse reads.
func (a *Amount) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// Share is basisPoints hundredths of a percent of the amount, rounded half up to a cent. Both must not be negative.
func (a Amount) Share(basisPoints int64) Amount {
	if a < 0 || basisPoints < 0 || basisPoints > 0 && int64(a) > (math.MaxInt64-5000)/basisPoints {
		panic("money: share of an amount out of range")
	}
	return (a*Amount(basisPoints) + 5000) / 10000
}
