package apis

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzParseFields compares the reading of bodies with encoding/json's.
func FuzzParseFields(f *testing.F) {
	for _, body := range []string{
		"", "{}", " {} ", "{}x", "[]", "null", "1", `"a"`, `{"a":1}`, `{"a":"b","a":2}`, `{"a":{"b":[1]},"c":null,"d":true}`, `{"a":1.50e3}`, `{"a":"\u00e9\n"}`, `{"a":"\ud800"}`,
		"{\"a\":\"\xff\"}", `{"a":1,}`, `{"a":01}`, `{"a"}`, `{"a":`, `{"a":"b}`, `{1:2}`, `{"a":1,"a ":2}`, "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseFields(body)
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(body, &want)
		if wantErr == nil && want == nil {
			if err == nil {
				t.Fatalf("%q is taken for an object", body)
			}
			return
		}
		if !utf8.Valid(body) || bytes.Contains(body, []byte(`\u`)) {
			return // encoding/json replaces what isn't text in its own way
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v; encoding/json says %v", body, err, wantErr)
		}
		if err != nil {
			return
		}
		for name := range want {
			if spaceless(name) != name {
				return // it may be another's name too, and which of the two came last, a map doesn't tell
			}
		}
		for name, raw := range want {
			var text string
			switch kind := jsontext.Value(raw).Kind(); kind {
			case '"':
				if err := json.Unmarshal(raw, &text); err != nil {
					t.Fatal(err)
				}
			case '0', '{', '[':
				text = string(raw)
			}
			if last := got.last(name); last == nil || last.value != text || last.kind != jsontext.Value(raw).Kind() {
				t.Fatalf("%q: %q is %+v; want %q", body, name, last, text)
			}
		}
	})
}
