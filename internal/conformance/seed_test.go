// Package conformance_test walks the documents: each sample body, table of parameters and list of codes that they print, copied to
// testdata, a file a document. What the samples ask for is done, and what comes back has the names, types and order that the
// documents print.
package conformance_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var documents = []string{"BusinessPayBill", "BusinessToCustomer", "BusinessToPochi", "MpesaExpressSimulate", "DarajaTutorial"}

// section is a part of a document: a sample body, or a list.
type section struct {
	kind, name, more string // such as "result", "b2c" and "2001", or "request", "b2c" and a path
	with             map[string]any
	token            string // of a request that is refused
	status           int    // of a refusal
	anyOrder         bool
	edits            []edit
	body             string
	lines            []string
}

// edit is a change of a sample body, for a reason that the document gives above it.
type edit struct{ from, to string }

// document is a file of testdata.
type document struct {
	name     string
	sections []*section
}

func read(t testing.TB, name string) *document {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	d := &document{name: name}
	parts := strings.Split("\n"+string(text), "\n== ")
	for _, part := range parts[1:] {
		head, rest, _ := strings.Cut(part, "\n")
		d.sections = append(d.sections, parse(t, head, rest))
	}
	return d
}

func parse(t testing.TB, head, rest string) *section {
	t.Helper()
	words := append(strings.Fields(head), "", "", "")
	s := &section{kind: words[0], name: words[1], more: words[2]}
	if words[1] == "parameters" {
		s.kind, s.name, s.more = words[0]+" parameters", words[2], words[3]
	}
	list := strings.HasSuffix(s.kind, "parameters") || s.kind == "results" || s.kind == "errors"
	for _, line := range strings.Split(rest, "\n") {
		word, value, _ := strings.Cut(line, " ")
		switch {
		case s.body != "":
			s.body += line + "\n"
		case word == "#" || strings.TrimSpace(line) == "":
		case list:
			s.lines = append(s.lines, line)
		case word == "with":
			if err := json.Unmarshal([]byte(value), &s.with); err != nil {
				t.Fatalf("%s: %v", head, err)
			}
		case word == "token":
			s.token = value
		case word == "status":
			s.status, _ = strconv.Atoi(value)
		case line == "any order":
			s.anyOrder = true
		case word == "~":
			from, to, ok := strings.Cut(strings.ReplaceAll(value, "↵", "\n"), " => ")
			if !ok {
				t.Fatalf("%s: %q changes nothing", head, line)
			}
			s.edits = append(s.edits, edit{from, to})
		default:
			s.body = line + "\n"
		}
	}
	return s
}

// find gives the section of a kind about something.
func (d *document) find(t testing.TB, kind, name string) *section {
	t.Helper()
	i := slices.IndexFunc(d.sections, func(s *section) bool { return s.kind == kind && s.name == name })
	if i < 0 {
		t.Fatalf("%s has no %s %s", d.name, kind, name)
	}
	return d.sections[i]
}

// of lists the sections of a kind.
func (d *document) of(kind string) (list []*section) {
	for _, s := range d.sections {
		if s.kind == kind {
			list = append(list, s)
		}
	}
	return list
}

// filled is the sample body as it can be used: with its edits, each of which has to be needed, and its blanks filled in.
func (s *section) filled(t testing.TB, blanks func(string) string) []byte {
	t.Helper()
	body := s.body
	for _, e := range s.edits {
		if !strings.Contains(body, e.from) {
			t.Fatalf("%s %s has no %q", s.kind, s.name, e.from)
		}
		body = strings.ReplaceAll(body, e.from, e.to)
	}
	body = blanks(body)
	if !json.Valid([]byte(body)) {
		t.Fatalf("%s %s is not JSON:\n%s", s.kind, s.name, body)
	}
	return []byte(body)
}
