package post

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReasonsAreShortAndOnOneLine(t *testing.T) {
	for reason, want := range map[string]string{
		"connection refused":                        "connection refused",
		"tls:\n\x1b[2J\u0085names":                  "tls:  [2J names",
		strings.Repeat("a", 299) + "é" + "b":        strings.Repeat("a", 299) + "…",
		strings.Repeat("a", longestReason):          strings.Repeat("a", longestReason),
		strings.Repeat("example.com, ", 100_000)[:]: strings.Repeat("example.com, ", 100)[:longestReason] + "…",
	} {
		if got := short(reason); got != want || !utf8.ValidString(got) {
			t.Errorf("%.50q is %q; want %q", reason, got, want)
		}
	}
}
