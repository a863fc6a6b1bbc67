package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// What strangers send is in log lines: in paths, names and errors. Nothing of it steers a terminal or begins a line, wherever it stands.
func TestALogLineSteersNoTerminal(t *testing.T) {
	var b bytes.Buffer
	l := newLog(&b, "info")
	check := func(text string) {
		t.Helper()
		b.Reset()
		l.Info("path "+text, "path", text, "error", errors.New(text), slog.Group("g", "k"+text, []string{text}))
		l.flush()
		line, ended := strings.CutSuffix(b.String(), "\n")
		if !ended || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("of %q there is %q", text, line)
		}
	}
	for r := range rune(0x10000) {
		if !unicode.IsPrint(r) && utf8.ValidRune(r) {
			check(string(r))
		}
	}
	for _, text := range []string{"\xff", "\xed\xa0\x80", "\x1b]0;P\x07", "\U000e0001", "a\nlevel=ERROR msg=x", "\x7f\x7f"} {
		check(text)
	}
}
