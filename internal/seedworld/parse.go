package seedworld

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Parse reads a world in the format of world.json, and checks that it can be made. Its errors say where in the text something is
// wrong, and why. Secrets that it leaves out are for Complete to make.
func Parse(text []byte, rules *mpesa.Rulebook) (*World, error) {
	w := &World{}
	if err := json.Unmarshal(text, w, json.RejectUnknownMembers(true)); err != nil {
		return nil, placed(text, err)
	}
	sample, err := Read()
	if err != nil {
		return nil, err
	}
	c := &checker{text: text, world: w, rules: rules, appProducts: sample.AppProducts()}
	c.apps()
	c.operators()
	c.organisations()
	c.portal()
	c.customers()
	c.test()
	return w, c.err
}

// AppProducts lists the products of the world's apps, each once.
func (w *World) AppProducts() (list []string) {
	met := map[string]bool{}
	for _, a := range w.Apps {
		for _, p := range a.Products {
			if !met[p] {
				met[p] = true
				list = append(list, p)
			}
		}
	}
	return list
}

// placed is an error of package json with its place in front.
func placed(text []byte, err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return at(text, syntax.ByteOffset, string(syntax.JSONPointer), "%v", syntax.Err)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		reason := fmt.Sprintf("it can't be a JSON %s", semantic.JSONKind)
		switch {
		case errors.Is(semantic.Err, json.ErrUnknownName):
			reason = "there is no such member here"
		case semantic.Err != nil:
			reason = semantic.Err.Error()
		}
		return at(text, semantic.ByteOffset, string(semantic.JSONPointer), "%s", reason)
	}
	return err
}

// at is an error at an offset and a JSON pointer.
func at(text []byte, offset int64, pointer, format string, args ...any) error {
	line := 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
	if pointer == "" {
		pointer = "/"
	}
	return fmt.Errorf("line %d, %s: %s", line, pointer, fmt.Sprintf(format, args...))
}

// offset is where the value of a pointer ends that is no object or array, and where one that is begins; of one that isn't there, where
// what it would be in begins.
func offset(text []byte, pointer string) int64 {
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		d := jsontext.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.ReadToken(); err != nil {
				break
			}
			if string(d.StackPointer()) == pointer {
				return d.InputOffset()
			}
		}
	}
	return 0
}
