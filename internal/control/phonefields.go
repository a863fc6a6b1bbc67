package control

import (
	"slices"
	"unicode"

	"github.com/kivuko/kivuko/internal/money"
)

const (
	maxName    = 100                                // characters
	maxBalance = money.Amount(1e9) * money.Shilling // so that the trust account can't overflow before 90 million phones have it
)

func digits(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

func printable(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return !unicode.IsPrint(r) })
}
