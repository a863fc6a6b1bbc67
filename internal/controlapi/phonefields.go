package controlapi

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/money"
)

const (
	maxName    = 100                                // characters
	maxBalance = money.Amount(1e9) * money.Shilling // so that the trust account can't overflow before 90 million phones have it
)

func digits(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// printable reports whether a text can be shown as it is. What isn't UTF-8 is RuneError by then.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}
