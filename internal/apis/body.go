package apis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"sync"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/daraja/codes"
)

// fields are the members of a request's JSON object. Values are text or numbers, which clients send the one way or the other (wire.md §1),
// and here and there objects or lists of objects. Names count as they are written, but for spaces in them, which the documents print here
// and there ("Command ID", BusinessPayBill); of a name that comes twice the last counts.
type fields struct {
	at   string // where the object stands in the body: "invoiceItems[0]."; "" is the body itself
	list []field
}

type field struct {
	name  string
	value string        // of an object or a list its JSON
	kind  jsontext.Kind // '"', '0', or whatever else it was
}

// fields reads the body. A body that isn't JSON by its Content-Type cannot be read: the gateway then misses every field
// (wire.md §1), and so it is with an empty one.
func (c *Call) fields() (*fields, error) {
	if media, _, err := mime.ParseMediaType(c.ContentType); err != nil || !strings.EqualFold(media, "application/json") {
		c.Note.Explanation = fmt.Sprintf("Content-Type is %q, not application/json: the body is not read", c.ContentType)
		return &fields{}, nil
	}
	if len(bytes.TrimSpace(c.Body)) == 0 {
		c.Note.Explanation = "the body is empty"
		return &fields{}, nil
	}
	if c.Path.isList() {
		return &fields{list: []field{{value: string(c.Body), kind: '['}}}, nil
	}
	f, err := parseFields(c.Body)
	if err != nil {
		return nil, Refuse(codes.BadPayload, "the body is not a JSON object: %v", err)
	}
	return f, nil
}

// decoders are kept for the next body.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

func parseFields(body []byte) (*fields, error) {
	d := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(d)
	d.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		if _, err := d.ReadValue(); err != nil {
			return nil, err
		}
		return nil, errors.New("it is another kind of value")
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	f := &fields{list: make([]field, 0, 12)}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		x := field{name: spaceless(name.String()), kind: d.PeekKind()}
		switch x.kind {
		case '"', '0':
			token, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			x.value = token.String()
		case '{', '[':
			value, err := d.ReadValue()
			if err != nil {
				return nil, err
			}
			x.value = string(value)
		default:
			if err := d.SkipValue(); err != nil {
				return nil, err
			}
		}
		f.list = append(f.list, x)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return f, nil
}

// spaceless is a name without the spaces in it, non-breaking ones too.
func spaceless(name string) string {
	if !strings.ContainsFunc(name, unicode.IsSpace) {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, unicode.IsSpace), "")
}
