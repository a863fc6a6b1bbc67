package developer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// object is a JSON object with its members in the order in which they stand, as people mean it when they type.
type object []member

// member is a member of an object. Names may come twice.
type member struct {
	Name  string
	Value json.RawMessage
}

// parseObject reads a JSON object and nothing after it.
func parseObject(text string) (object, error) {
	d := json.NewDecoder(strings.NewReader(text))
	switch t, err := d.Token(); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case err != nil:
		return nil, plainly(err)
	case t != json.Delim('{'):
		return nil, errors.New("it is not an object")
	}
	list := object{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, plainly(err)
		}
		name, _ := t.(string) // the decoder takes nothing else
		m := member{Name: name}
		if err := d.Decode(&m.Value); err != nil {
			return nil, plainly(err)
		}
		list = append(list, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, plainly(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return list, nil
}

// plainly says in plain words that a text ends too soon.
func plainly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it breaks off")
	}
	return err
}

// String writes the object, a member a line.
func (o object) String() string {
	var b bytes.Buffer
	if len(o) == 1 && o[0].Name == "" { // a list
		if json.Indent(&b, o[0].Value, "", "  ") != nil {
			b.Write(o[0].Value)
		}
		return b.String()
	}
	b.WriteString("{")
	for i, m := range o {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  ")
		b.Write(quoted(m.Name))
		b.WriteString(": ")
		if json.Indent(&b, m.Value, "  ", "  ") != nil {
			b.Write(m.Value)
		}
	}
	if len(o) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("}")
	return b.String()
}

// quoted writes a text as JSON does, and <, > and & as they are.
func quoted(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // texts can be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Text is a member's value as a form shows it; "" where there is none.
func (o object) Text(name string) string {
	i := o.index(name)
	if i < 0 {
		return ""
	}
	return text(o[i].Value)
}

// text is a JSON value as a form shows it: texts without their quotes, null as nothing.
func text(value json.RawMessage) string {
	var s string
	switch {
	case json.Unmarshal(value, &s) == nil:
		return s
	default:
		return string(value)
	}
}

func (o object) index(name string) int {
	return slices.IndexFunc(o, func(m member) bool { return m.Name == name })
}

// nested tells whether a field is of an object or a list in the body, which people write as JSON and not in the form.
func nested(f *control.CatalogueField) bool { return strings.ContainsAny(f.Name, ".[") }

// isList tells whether the body is a list, and no object.
func isList(api *control.CatalogueAPI) bool {
	return len(api.Fields) > 0 && strings.HasPrefix(api.Fields[0].Name, "[")
}

// parseBody reads the body of an API. A list is a member without a name.
func parseBody(api *control.CatalogueAPI, text string) (object, error) {
	if !isList(api) {
		return parseObject(text)
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, plainly(err)
	}
	return object{{Value: json.RawMessage(text)}}, nil
}

// follow is the object with what a form says of an API's fields. A number stays a number, optional fields that are empty are left out,
// and what the table doesn't know stays as it is.
func (o object) follow(api *control.CatalogueAPI, typed func(field string) string) object {
	o = slices.Clone(o)
	next := 0 // where a field that isn't there comes
	for i := range api.Fields {
		f := &api.Fields[i]
		if nested(f) {
			continue
		}
		at, value := o.index(f.Name), typed(f.Name)
		switch {
		case value == "" && f.Optional:
			if at >= 0 {
				o = slices.Delete(o, at, at+1)
			}
			continue
		case at < 0:
			o = slices.Insert(o, min(next, len(o)), member{f.Name, quoted(value)})
			at = o.index(f.Name)
		case text(o[at].Value) != value:
			o[at].Value = like(o[at].Value, value)
		}
		next = at + 1
	}
	return o
}

// like writes a text as JSON of the same sort as what stood there: a number where both are numbers, else as text.
func like(before json.RawMessage, value string) json.RawMessage {
	var old, n json.Number
	if before[0] != '"' && json.Unmarshal(before, &old) == nil && json.Unmarshal([]byte(value), &n) == nil && string(n) == value {
		return json.RawMessage(value)
	}
	return quoted(value)
}
