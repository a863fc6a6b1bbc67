package controlapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
)

// member is a member of a JSON object.
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

// readPath reads a part of the path that is text.
func readPath[T any](r *http.Request, name string, read func(string) (T, error)) (T, error) {
	x, err := read(r.PathValue(name))
	if err != nil {
		return x, badParameter.of(name, "%v", err)
	}
	return x, nil
}

// limited bounds a page.
type limited struct {
	Limit int `query:"limit" default:"50" jsonschema:"minimum=1,maximum=1000" doc:"At most so many."`
}

// fromNumber is where a page of what has numbers begins, the highest first.
type fromNumber struct {
	After int64 `query:"after" jsonschema:"minimum=1" doc:"Only what comes after it: the next of the page before."`
}

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
func shownPage[Row, T any](rows []Row, next string, show func(Row) T) *control.Page[T] {
	p := &control.Page[T]{Items: []T{}, Next: next}
	for _, x := range rows {
		p.Items = append(p.Items, show(x))
	}
	return p
}
