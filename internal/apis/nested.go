package apis

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/daraja/codes"
)

// Objects and lists in requests. An object is no field: its members are, named "header.requestID". A list is one, whose objects have the
// fields Each; an object of it is named "invoiceItems[3]", or "[3]" where the body is the list.

// list is a list of objects that may be missing.
func list(name string, most int, fields ...Field) Field {
	return Field{Name: name, Rule: Rule{Form: List, Optional: true, Most: most}, Each: fields}
}

// each makes a body that is a list of at least one object.
func each(most int, fields ...Field) []Field {
	return []Field{{Rule: Rule{Form: List, Least: 1, Most: most}, Each: fields}}
}

// isList tells whether the body is a list of objects.
func (p *Path) isList() bool { return len(p.Fields) == 1 && p.Fields[0].Name == "" }

// member gives a member of an object in the request.
func (f *fields) member(object, name string) (*field, string, error) {
	outer := f.last(object)
	switch {
	case outer == nil || outer.kind == 'n':
		return nil, "", nil
	case outer.kind != '{':
		return nil, "", wrong(f.at+object, "is not an object")
	}
	inner, err := parseFields([]byte(outer.value))
	if err != nil {
		return nil, "", err
	}
	inner.at = f.at + object + "."
	found, text, err := inner.get(name)
	if found != nil {
		found.name = object + "." + found.name
	}
	return found, text, err
}

// rows reads and checks the objects of a list. Of a list that needs one and has none, the fields of the first are missing.
func (f *fields) rows(x *Field, rules *Rules) ([]values, error) {
	objects, err := f.objects(x)
	if err != nil {
		return nil, err
	}
	if len(objects) > x.Most {
		return nil, wrong(f.at+x.Name, "has %d objects; expected at most %d", len(objects), x.Most)
	}
	if len(objects) < x.Least {
		objects = []string{"{}"}
	}
	rows := make([]values, len(objects))
	for i, object := range objects {
		at := fmt.Sprintf("%s%s[%d]", f.at, x.Name, i)
		inner, err := parseFields([]byte(object))
		if err != nil {
			return nil, wrong(at, "is not an object")
		}
		inner.at = at + "."
		if rows[i], err = checkAll(inner, x.Each, rules); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// objects gives the JSON of each thing in a list.
func (f *fields) objects(x *Field) ([]string, error) {
	found := f.last(x.Name)
	switch {
	case found == nil || found.kind == 'n' || found.value == "":
		return nil, nil
	case found.kind != '[':
		return nil, wrong(f.at+x.Name, "is not a list")
	}
	list, err := parseList(found.value)
	if err != nil {
		return nil, Refuse(codes.BadPayload, "the body is not a JSON list: %v", err)
	}
	return list, nil
}

func parseList(text string) (list []string, err error) {
	d := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch begin, err := d.ReadToken(); {
	case err != nil:
		return nil, err
	case begin.Kind() != '[':
		return nil, errors.New("it is another kind of value")
	}
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		list = append(list, string(value))
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the list")
	}
	return list, nil
}

// each gives the objects of a list.
func (v *values) each(name string) []values { return v.rows[v.get(name).number] }

// Leaves lists the fields that have a value of their own: those of the objects in a list under the name of it, "invoiceItems[].amount".
func (p *Path) Leaves() []Field { return leaves(p.Fields, "", false) }

func leaves(table []Field, at string, optional bool) (list []Field) {
	for _, x := range table {
		x.Name = at + x.Name
		x.Optional = x.Optional || optional
		if x.Form == List {
			list = append(list, leaves(x.Each, x.Name+"[].", x.Optional)...)
		} else {
			list = append(list, x)
		}
	}
	return list
}

// Member is a field of a request by the name that Leaves gives it, and its text.
type Member struct{ Name, Text string }

// Body writes a request of members, in their order. A list has one object.
func Body(members []Member) []byte {
	if len(members) > 0 && strings.HasPrefix(members[0].Name, "[].") {
		return append(appendMembers([]byte{'['}, members, "[]."), ']')
	}
	return appendMembers(nil, members, "")
}

// appendMembers writes the object of those members whose name begins with at.
func appendMembers(b []byte, members []Member, at string) []byte {
	b = append(b, '{')
	written := map[string]bool{}
	for _, m := range members {
		name, within := strings.CutPrefix(m.Name, at)
		first, _, nested := strings.Cut(name, ".")
		if !within || written[first] {
			continue
		}
		if len(written) > 0 {
			b = append(b, ',', ' ')
		}
		written[first] = true
		key, isList := strings.CutSuffix(first, "[]")
		b = append(appendString(b, key), ':', ' ')
		switch {
		case isList:
			b = append(appendMembers(append(b, '['), members, at+first+"."), ']')
		case nested:
			b = appendMembers(b, members, at+first+".")
		default:
			b = appendString(b, m.Text)
		}
	}
	return append(b, '}')
}
