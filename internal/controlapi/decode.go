package controlapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bounds"
)

// Decoding, strict and once: a body is one JSON object whose members each have a field of the operation's type, and a query is read alike. What a
// value has to be is said by the field: its type, its tag is (a format of the table), and its bounds. The error of a value says what is allowed.

// field is a field of a body, a parameter or a part of the path.
type field struct {
	name   string
	value  reflect.Value
	tag    reflect.StructTag
	needed bool
}

// fieldsBy lists the fields of a struct that have a tag, with those of structs that it embeds.
func fieldsBy(tag string, v reflect.Value) (list []field) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get(tag), ",")
		switch {
		case name != "":
			list = append(list, field{name, v.Field(i), f.Tag, !strings.Contains(rest, "omit")})
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			list = append(list, fieldsBy(tag, v.Field(i))...)
		}
	}
	return list
}

// bound is a number of a field's jsonschema tag, or what it usually is.
func (f *field) bound(name string, usual int64) int64 {
	for _, item := range strings.Split(f.tag.Get("jsonschema"), ",") {
		if key, value, _ := strings.Cut(item, "="); key == name {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				panic("control: a bound of " + f.name + ": " + err.Error())
			}
			return n
		}
	}
	return usual
}

func namesOf(list []field) string {
	var names []string
	for _, f := range list {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// readRequest reads the path and the query, in the order of the fields. Where an operation has parameters, others are refused.
func (s *server) readRequest(r *asked, into any) error {
	v := reflect.ValueOf(into).Elem()
	for _, f := range fieldsBy("path", v) {
		if err := s.read(r, &f, plainText(r.PathValue(f.name))); err != nil {
			return badParameter.of(f.name, "%v", err)
		}
	}
	parameters := fieldsBy("query", v)
	if len(parameters) == 0 {
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badParameter.problem("the query can't be read: %v", err)
	}
	for name, values := range query {
		i := slices.IndexFunc(parameters, func(f field) bool { return f.name == name })
		switch {
		case i < 0:
			return badParameter.of(name, "there is no such parameter; there are %s", namesOf(parameters))
		case len(values) > 1:
			return badParameter.of(name, "it is there %d times", len(values))
		}
		if err := s.readLine(r, &parameters[i], plainText(values[0])); err != nil {
			return badParameter.of(name, "%v", err)
		}
	}
	return byDefault(parameters, query)
}

// byDefault gives the parameters that are left out what they are then.
func byDefault(parameters []field, query url.Values) error {
	for _, f := range parameters {
		usual, ok := f.tag.Lookup("default")
		if _, given := query[f.name]; given || !ok {
			continue
		}
		if f.value.Kind() == reflect.String {
			f.value.SetString(usual)
			continue
		}
		n, err := strconv.ParseInt(usual, 10, 64)
		if err != nil {
			return err
		}
		f.value.SetInt(n)
	}
	return nil
}

// readBody reads the JSON object in the body. A problem with a field that came goes before one that is missing, and both before what the fields say
// together. A content type is not asked for.
func (s *server) readBody(r *asked, into any) error {
	known := fieldsBy("json", reflect.ValueOf(into).Elem())
	object, err := readObject(r.Request, namesOf(known))
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, member := range object {
		if n := noteOf(r.Context()); n != nil {
			n.fields = append(n.fields, member.name)
		}
		i := slices.IndexFunc(known, func(f field) bool { return f.name == member.name })
		if i < 0 {
			return badField.of(member.name, "there is no such field; there are %s", namesOf(known))
		}
		if err := s.readLine(r, &known[i], jsonText(member.value)); err != nil {
			return badField.of(member.name, "%v", err)
		}
		given[member.name] = true
	}
	var needed []string
	for _, f := range known {
		if f.needed {
			needed = append(needed, f.name)
		}
	}
	for _, name := range needed {
		if !given[name] {
			return badField.of(name, "it is missing; %s are needed", strings.Join(needed, ", "))
		}
	}
	if c, ok := into.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return badBody.problem("%v", err)
		}
	}
	return nil
}

// readObject reads the body to its end.
func readObject(r *http.Request, names string) ([]member, error) {
	body, err := io.ReadAll(r.Body)
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, bodyTooLarge.problem("at most %d bytes are read", large.Limit)
	}
	if errors.Is(err, bounds.ErrBusy) {
		return nil, busy.problem("%v", err)
	}
	if err != nil {
		return nil, badBody.problem("it could not be read to its end: %v", err)
	}
	object, err := parseObject(body)
	if err != nil {
		return nil, badBody.problem("it has to be one JSON object with some of %s: %v", names, err)
	}
	return object, nil
}

// errUnprintable is the error of text that could steer the terminal, the page or the file in which somebody reads it later.
var errUnprintable = errors.New("it has to be text on one line, without line breaks and other characters that can't be printed")

// readLine reads a value into a field. No text is taken, whatever its format, that isn't fit to be shown.
func (s *server) readLine(r *asked, f *field, given given) error {
	err := s.read(r, f, given)
	if err == nil && given.isText && !printable(given.text) && !slices.Contains(ofLines, f.tag.Get("is")) {
		return errUnprintable
	}
	return err
}

// read reads a value into a field.
func (s *server) read(r *asked, f *field, given given) error {
	read := formats[f.tag.Get("is")]
	if read == nil {
		panic("control: " + f.name + " has no known format")
	}
	x, err := read(&reading{s, r, f}, given)
	if err != nil {
		return err
	}
	to := f.value
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	v := reflect.ValueOf(x)
	switch {
	case !v.IsValid(): // it is kept elsewhere
	case to.Kind() == reflect.String && v.Kind() != reflect.String:
		to.SetString(given.text) // of what is checked here and read again where it is used
	default:
		to.Set(v.Convert(to.Type()))
	}
	return nil
}

// words are the choices of a field's type; nil where it isn't one of words.
func (f *field) words() []string {
	t := f.value.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if w, ok := reflect.Zero(t).Interface().(interface{ Choices() []string }); ok {
		return w.Choices()
	}
	return nil
}

// usual reads a value by the type of its field.
func usual(c *reading, given given) (any, error) {
	t := c.field.value.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if words := c.field.words(); words != nil {
		return among(given, words)
	}
	switch {
	case t == reflect.TypeFor[control.Amount]():
		return balance(given)
	case t == reflect.TypeFor[control.Delay]():
		var d control.Delay
		err := d.UnmarshalJSON([]byte(given.bare))
		return d, err
	case t.Kind() == reflect.Bool:
		return boolean(given)
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return whole(given, c.field.bound("minimum", 0), c.field.bound("maximum", noBound))
	}
	return given.mustText()
}

// given is a value as it was given.
type given struct {
	text   string // of JSON text or a parameter
	isText bool
	bare   string // JSON as it stands, or a parameter
	json   bool
}

func plainText(s string) given { return given{text: s, isText: true, bare: s} }

func jsonText(raw []byte) given {
	g := given{bare: string(raw), json: true}
	if s, err := text(raw); err == nil {
		g.text, g.isText = s, true
	}
	return g
}

func (g given) mustText() (string, error) {
	if !g.isText {
		return "", errors.New("it has to be text")
	}
	return g.text, nil
}

// among is one of some words.
func among[T ~string](g given, words []T) (T, error) {
	if !g.isText || !slices.Contains(words, T(g.text)) {
		return "", fmt.Errorf("it has to be one of %q", words)
	}
	return T(g.text), nil
}

// whole is a whole number within bounds.
func whole(g given, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(g.bare, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("it has to be a whole number from %d to %d", least, most)
	}
	return n, nil
}

// boolean is true or false; of a parameter also 1, 0, t and f.
func boolean(g given) (bool, error) {
	if g.json && g.bare != "true" && g.bare != "false" {
		return false, errors.New("it has to be true or false")
	}
	b, err := strconv.ParseBool(g.bare)
	if err != nil {
		return false, errors.New("it has to be true or false")
	}
	return b, nil
}
