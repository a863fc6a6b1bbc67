package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bounds"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// fields are the fields that a body may have, each with what takes its value. The error of a taker says what is allowed.
type fields map[string]func(json.RawMessage) error

// readBody hands each field of the JSON object in the body to its taker. A content type is not asked for.
func readBody(r *http.Request, f fields) error {
	body, err := io.ReadAll(r.Body)
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge.problem("at most %d bytes are read", large.Limit)
	}
	if errors.Is(err, bounds.ErrBusy) {
		return busy.problem("%v", err)
	}
	if err != nil {
		return badBody.problem("it could not be read to its end: %v", err)
	}
	object, err := parseObject(body)
	if err != nil {
		return badBody.problem("it has to be one JSON object with some of %s: %v", names(f), err)
	}
	for _, member := range object {
		if n := noteOf(r.Context()); n != nil {
			n.fields = append(n.fields, member.name)
		}
		take := f[member.name]
		if take == nil {
			return badField.of(member.name, "there is no such field; there are %s", names(f))
		}
		if err := take(member.value); err != nil {
			return badField.of(member.name, "%v", err)
		}
	}
	return nil
}

// readFields reads the body like readBody, and insists on some of its fields. A problem with a field that came goes before one that
// is missing.
func readFields(r *http.Request, f fields, needed ...string) error {
	given := map[string]bool{}
	noted := fields{}
	for name, take := range f {
		noted[name] = func(raw json.RawMessage) error {
			given[name] = true
			return take(raw)
		}
	}
	if err := readBody(r, noted); err != nil {
		return err
	}
	for _, name := range needed {
		if !given[name] {
			return badField.of(name, "it is missing; %s are needed", strings.Join(needed, ", "))
		}
	}
	return nil
}

type member struct {
	name  string
	value json.RawMessage
}

// parseObject reads a JSON object and nothing after it. A name may come once.
func parseObject(body []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	switch t, err := d.Token(); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case err != nil:
		return nil, err
	case t != json.Delim('{'):
		return nil, errors.New("it is something else")
	}
	var list []member
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: t.(string)} // the decoder takes nothing else
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(x member) bool { return x.name == m.name }) {
			return nil, fmt.Errorf("%q is there twice", m.name)
		}
		list = append(list, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	return list, nil
}

// text reads a JSON string.
func text(raw json.RawMessage) (s string, err error) {
	if raw[0] != '"' {
		return "", errors.New("it has to be text")
	}
	return s, json.Unmarshal(raw, &s)
}

// oneOf reads a JSON string that is one of some names.
func oneOf[T ~string](raw json.RawMessage, allowed []T) (*T, error) {
	s, err := text(raw)
	if err != nil || !slices.Contains(allowed, T(s)) {
		return nil, fmt.Errorf("it has to be one of %q", allowed)
	}
	return new(T(s)), nil
}

// parameters are the query parameters that a resource has, each with what takes its value.
type parameters map[string]func(string) error

// readQuery hands each query parameter to its taker.
func readQuery(r *http.Request, p parameters) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badParameter.problem("the query can't be read: %v", err)
	}
	for name, values := range query {
		take := p[name]
		if take == nil {
			return badParameter.of(name, "there is no such parameter; there are %s", names(p))
		}
		if len(values) > 1 {
			return badParameter.of(name, "it is there %d times", len(values))
		}
		if err := take(values[0]); err != nil {
			return badParameter.of(name, "%v", err)
		}
	}
	return nil
}

// number takes a whole number within bounds.
func number[T int | int64](into *T, least, most int64) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < least || n > most {
			return fmt.Errorf("it has to be a whole number from %d to %d", least, most)
		}
		*into = T(n)
		return nil
	}
}

// named takes one of the names of a catalogue whose values count up from 0.
func named[T interface {
	~int64
	String() string
}](into **T) func(string) error {
	return func(s string) error {
		var known []string
		for value := T(0); value.String() != ""; value++ {
			if value.String() == s {
				*into = &value
				return nil
			}
			known = append(known, value.String())
		}
		return fmt.Errorf("it has to be one of %q", known)
	}
}

func shortcode(into *mpesa.Shortcode) func(string) error {
	return func(s string) error {
		code, ok := mpesa.ParseShortcode(s)
		if !ok {
			return errors.New("it has to be a shortcode: five to seven digits")
		}
		*into = code
		return nil
	}
}

func phone(into *msisdn.Number) func(string) error {
	return func(s string) error {
		n, err := msisdn.ParseLoose(s)
		if err != nil {
			return errors.New("it has to be a Safaricom number such as 254708374149, +254708374149 or 0708374149")
		}
		*into = n
		return nil
	}
}

// readPath hands a part of the path to its taker.
func readPath(r *http.Request, name string, take func(string) error) error {
	if err := take(r.PathValue(name)); err != nil {
		return badParameter.of(name, "%v", err)
	}
	return nil
}

func names[T any](m map[string]T) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// cut cuts a list that was read with one row more than were asked for, and returns where the next page begins: "" at the end.
func cut[T any](list []T, limit int, place func(T) string) (_ []T, next string) {
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], place(list[limit-1])
}

// inOrder is the place in a list of what has a number.
func inOrder(id int64) string { return strconv.FormatInt(id, 10) }

// shownPage shows a page of rows.
func shownPage[Row, T any](rows []Row, next string, show func(Row) T) api.Page[T] {
	p := api.Page[T]{Items: []T{}, Next: next}
	for _, x := range rows {
		p.Items = append(p.Items, show(x))
	}
	return p
}
