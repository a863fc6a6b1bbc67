package control

import "github.com/kivuko/kivuko/internal/money"

// Amount is a sum of money in cents of a Kenya shilling. It may be negative: a charges account is. As JSON it is text in shillings with two
// decimals, "100.50".
type Amount int64

// Shillings returns the amount of n whole shillings.
func Shillings(n int64) Amount { return Amount(money.Shillings(n)) }

// ParseAmount reads shillings with up to two significant decimals: "100", "99.5", "-1540.00". It fails for anything else, and for amounts
// beyond a trillion shillings.
func ParseAmount(s string) (Amount, error) {
	a, err := money.Parse(s)
	return Amount(a), err
}

// String writes the amount with two decimals and without a thousands separator: "-1540.00".
func (a Amount) String() string { return money.Amount(a).String() }

// Grouped writes the amount as M-PESA's messages do, without the currency: "1,234.50".
func (a Amount) Grouped() string { return money.Amount(a).Grouped() }

// MarshalText implements encoding.TextMarshaler. JSON carries the amount as text, so that no reader makes a float of it.
func (a Amount) MarshalText() ([]byte, error) { return money.Amount(a).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler: it reads what ParseAmount reads.
func (a *Amount) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAmount(string(b))
	return err
}
