package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// secrets are the names of the members whose values are not kept, in lower case: what the APIs take, and what clients have been seen
// to send in its place.
var secrets = [][]byte{[]byte("password"), []byte("securitycredential"), []byte("access_token"), []byte("initiatorpassword"), []byte("passkey"),
	[]byte("consumersecret"), []byte("consumer_secret"), []byte("client_secret")}

// shortestSecret is the length of the shortest of their names.
const shortestSecret = len("passkey")

// mask stands for a secret's value in JSON.
var mask = []byte(`"***"`)

// Masked returns a body in which *** stands for each secret's value; the rest stays as it is, byte for byte. JSON is masked by its
// tokens, since the text of a value may look like a member; whatever else was sent, by guessing. A body without secrets is returned itself.
func Masked(body []byte) []byte {
	if masked, ok := maskedJSON(body); ok {
		return masked
	}
	return guessed(body)
}

// maskedJSON masks JSON; ok is false where the body is something else.
func maskedJSON(body []byte) (masked []byte, ok bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var out []byte
	kept := 0 // bytes of body that are in out, or masked there
	replace := func(raw jsontext.Value, by []byte) {
		end := int(d.InputOffset())
		out, kept = append(append(out, body[kept:end-len(raw)]...), by...), end
	}
	secretName := false // the value that comes is a secret's
	for {
		switch kind := d.PeekKind(); {
		case !secretName && (kind == '{' || kind == '[') || kind == '}' || kind == ']':
			if _, err := d.ReadToken(); err != nil {
				return nil, false
			}
			continue
		}
		isName := nameComes(d)
		raw, err := d.ReadValue()
		switch {
		case errors.Is(err, io.EOF) && out == nil:
			return body, true
		case errors.Is(err, io.EOF):
			return append(out, body[kept:]...), true
		case err != nil:
			return nil, false
		case isName:
			secretName = secret(raw[1 : len(raw)-1])
			continue
		case secretName:
			replace(raw, mask)
		case raw.Kind() == '"':
			if within, changed := maskedText(raw); changed {
				replace(raw, within)
			}
		}
		secretName = false
	}
}

// nameComes reports whether a member's name is the next token, or the end of its object.
func nameComes(d *jsontext.Decoder) bool {
	kind, length := d.StackIndex(d.StackDepth())
	return kind == '{' && length%2 == 0
}

// maskedText masks what is within a JSON string: some clients send a whole body as one.
func maskedText(raw jsontext.Value) (masked []byte, changed bool) {
	if !bytes.ContainsAny(raw, ":=") {
		return nil, false
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil && len(text) == 0 {
		return nil, false
	}
	within := Masked(text)
	if bytes.Equal(within, text) {
		return nil, false
	}
	masked, _ = jsontext.AppendQuote(nil, within) // invalid UTF-8 is replaced
	return masked, true
}

// secret reports whether a name is that of a secret, in whatever case, with escapes and with the spaces that the gateway ignores.
func secret(name []byte) bool {
	if len(name) < shortestSecret {
		return false
	}
	if !mayEndName(name[len(name)-1]) {
		return false
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		name = unescaped(name)
	}
	if bytes.ContainsFunc(name, unicode.IsSpace) {
		name = bytes.Join(bytes.FieldsFunc(name, unicode.IsSpace), nil)
	}
	for _, s := range secrets {
		if bytes.EqualFold(name, s) {
			return true
		}
	}
	return false
}

// mayEndName reports whether the name of a secret may end with a character: most names end with others.
func mayEndName(last byte) bool {
	c := last | 0x20
	return c < 'a' || c > 'z' || bytes.IndexByte([]byte("dlnyt"), c) >= 0
}

// unescaped is a name as JSON means it, or as it is where it is none.
func unescaped(name []byte) []byte {
	var plain string
	if json.Unmarshal([]byte(`"`+string(name)+`"`), &plain) != nil {
		return name
	}
	return []byte(plain)
}
