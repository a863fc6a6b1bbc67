package journal

import (
	"bytes"
	"unicode"
)

// quotes are what is written around names and values, right or wrong.
var quotes = []struct{ open, close []byte }{
	{[]byte(`\"`), []byte(`\"`)}, {[]byte(`"`), []byte(`"`)}, {[]byte(`'`), []byte(`'`)}, {[]byte("“"), []byte("”")}, {[]byte("”"), []byte("”")},
}

// guessed masks a text that is no JSON but may have been meant to be: broken JSON, JSON with other quotes, a form. A text without
// secrets is returned itself.
func guessed(body []byte) []byte {
	var out []byte
	kept := 0 // bytes of body that are in out, or masked there
	for i := 0; i < len(body); i++ {
		if c := body[i]; c != ':' && c != '=' || !secretBefore(body[kept:i]) {
			continue
		}
		start, end, mask := value(body, i)
		if out == nil {
			out = make([]byte, 0, len(body)+len(mask))
		}
		out = append(append(out, body[kept:start]...), mask...)
		kept, i = end, end-1
	}
	if out == nil {
		return body
	}
	return append(out, body[kept:]...)
}

// secretBefore reports whether the text ends with the name of a secret.
func secretBefore(text []byte) bool {
	if !mayEndName(lastByte(text)) {
		return false // most names are done with here, and bodies have many
	}
	text = bytes.TrimRightFunc(text, unicode.IsSpace)
	bare := text
	for _, q := range quotes {
		if !bytes.HasSuffix(text, q.close) {
			continue
		}
		const longest = 256 // of a name with every letter escaped and spaces between
		name := text[max(0, len(text)-longest) : len(text)-len(q.close)]
		if start := bytes.LastIndex(name, q.open); start >= 0 {
			return secret(name[start+len(q.open):])
		}
		bare = text[:len(text)-len(q.close)] // what opened it was taken for a part of the value before
	}
	start := bytes.LastIndexFunc(bare, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' }) + 1
	return secret(bare[start:])
}

// lastByte is the last byte of a text but for quotes, backslashes and spaces; 0 when there is none.
func lastByte(text []byte) byte {
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; c {
		case '"', '\'', '\\', ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// value finds the value after a separator, and what to write for it: in the quotes that it has, and as JSON where it has none.
func value(body []byte, separator int) (start, end int, mask []byte) {
	rest := bytes.TrimLeftFunc(body[separator+1:], unicode.IsSpace)
	start = len(body) - len(rest)
	for _, q := range quotes {
		if text, ok := bytes.CutPrefix(rest, q.open); ok {
			return start, start + len(q.open) + closing(text, q.close), bytes.Join([][]byte{q.open, q.close}, []byte("***"))
		}
	}
	switch {
	case body[separator] == '=':
		return start, start + until(rest, "& \t\r\n"), []byte("***")
	case len(rest) > 0 && (rest[0] == '{' || rest[0] == '['):
		return start, start + nested(rest), []byte(`"***"`)
	}
	return start, start + until(rest, ",}] \t\r\n"), []byte(`"***"`)
}

// until is the length of a text up to the first of the stops, or all of it.
func until(text []byte, stops string) int {
	if n := bytes.IndexAny(text, stops); n >= 0 {
		return n
	}
	return len(text)
}

// closing is the length of a text up to and including its closing quote, or all of it.
func closing(text, quote []byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == quote[0] && bytes.HasPrefix(text[i:], quote):
			return i + len(quote)
		case text[i] == '\\':
			i++
		}
	}
	return len(text)
}

// nested is the length of an object or array with all that is in it, or all of the text where it doesn't end.
func nested(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += closing(text[i+1:], []byte(`"`))
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
