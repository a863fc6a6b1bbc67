package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

// each runs a test on every document, with a Kivuko for each.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	for _, name := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, read(t, name)))
		})
	}
}

// Each sample request is accepted as it is printed, and answered in the printed form.
func TestRequestsAndAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, request := range w.document.of("request") {
			body := request.filled(t, func(s string) string { return w.fill(t, s) })
			a := w.Post(t, request.more, body)
			if a.Status != 200 || a.Text("ResponseCode") != "0" {
				t.Errorf("%s: HTTP %d %s", request.name, a.Status, a.Body)
				continue
			}
			for _, s := range w.document.sections {
				switch {
				case s.name != request.name:
				case s.kind == "answer":
					w.sameShape(t, s, a.Body)
				case s.kind == "answer parameters":
					checkParameters(t, s, a.Body)
				}
			}
		}
		for _, s := range w.document.of("refusal") {
			request := w.document.find(t, "request", s.name)
			f := w.fields(t, request)
			for name, value := range s.with {
				f[name] = value
			}
			body, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			a := w.post(t, request.more, s.token, body)
			if a.Status != s.status {
				t.Errorf("%s: HTTP %d %s; want %d", s.name, a.Status, a.Body, s.status)
			}
			testworld.SameForm(t, a.Body, s.filled(t, strings.Clone))
		}
	})
}

func TestTokenAnswer(t *testing.T) {
	w := newWorld(t, read(t, "DarajaTutorial"))
	testworld.SameForm(t, w.Renew(t).Body, w.document.find(t, "answer", "token").filled(t, strings.Clone))
}

// Each sample result comes of its request, in the printed form.
func TestResults(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, s := range w.document.of("result") {
			t.Run(s.name+" "+s.more, func(t *testing.T) {
				request := w.document.find(t, "request", s.name)
				path := w.path()
				if a := w.Send(t, request.more, w.fresh(t, request, s.with, path), nil); a.Status != 200 {
					t.Fatalf("HTTP %d %s", a.Status, a.Body)
				}
				body := w.At(t, path).Body
				if got := members(t, body)["ResultCode"]; string(got) != s.more {
					t.Fatalf("the result is %s", body)
				}
				w.sameShape(t, s, body)
				for _, p := range w.document.of("result parameters") {
					if p.name == s.name && (p.more == s.more || p.more == "any") {
						checkParameters(t, p, body)
					}
				}
			})
		}
		for _, p := range w.document.of("result parameters") {
			if !slices.ContainsFunc(w.document.of("result"), func(s *section) bool { return s.name == p.name && (s.more == p.more || p.more == "any") }) {
				t.Errorf("no result %s %s is printed", p.name, p.more)
			}
		}
	})
}

// sameShape compares what came with what a section prints.
func (w *world) sameShape(t testing.TB, s *section, body []byte) {
	t.Helper()
	printed := s.filled(t, func(text string) string { return w.fill(t, text) })
	if !s.anyOrder {
		testworld.SameShape(t, body, printed)
		return
	}
	if diff := cmp.Diff(sorted(testworld.Shape(t, printed)), sorted(testworld.Shape(t, body))); diff != "" {
		t.Errorf("%s differs (- printed, + ours):\n%s", body, diff)
	}
}

func sorted(text string) []string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return lines
}

// members are all members of a JSON text by their names, and what is listed as Key or Name and Value.
func members(t testing.TB, body []byte) map[string]json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	var walk func(json.RawMessage)
	walk = func(raw json.RawMessage) {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, x := range list {
				walk(x)
			}
		}
		if json.Unmarshal(raw, &object) != nil {
			return
		}
		for name, value := range object {
			var item string
			if name == "Key" || name == "Name" {
				if err := json.Unmarshal(value, &item); err != nil {
					t.Fatal(err)
				}
				all[item] = object["Value"]
			} else if name != "Value" {
				all[name] = value
			}
			walk(value)
		}
	}
	walk(body)
	return all
}

// checkParameters wants a body to have what a table of parameters lists, with the types that it gives.
func checkParameters(t testing.TB, table *section, body []byte) {
	t.Helper()
	found := members(t, body)
	for _, line := range table.lines {
		name, kind, _ := strings.Cut(line, " ")
		value, ok := found[name]
		if got := kindOf(value); !ok || kind != "" && got != kind && !(name == "DebitPartyCharges" && got == "nothing") {
			t.Errorf("%s is %s %s; want %s in %s", name, got, value, kind, body)
		}
	}
}

func kindOf(value json.RawMessage) string {
	switch value = bytes.TrimSpace(value); {
	case len(value) == 0:
		return "nothing"
	case value[0] == '{':
		return "object"
	case value[0] == '[':
		return "array"
	case value[0] == '"':
		return "string"
	}
	return "number"
}

// Each parameter of a request's table is read; one that is mandatory can't be left out, and one that is optional can.
func TestRequestParameters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, request := range w.document.of("request") {
			table := w.document.find(t, "parameters", request.name)
			named := map[string]bool{}
			for _, line := range table.lines {
				name, how := line, ""
				for _, h := range []string{"optional", "credentials"} {
					if cut, ok := strings.CutSuffix(line, " "+h); ok {
						name, how = cut, h
					}
				}
				name = spaceless(name)
				named[name] = true
				w.wantRefused(t, request, testworld.Fields{name: testworld.Fields{}}, codes.InvalidField(name))
				switch how {
				case "optional":
					if a := w.Send(t, request.more, w.fresh(t, request, nil, w.path()), testworld.Fields{name: testworld.Absent}); a.Status != 200 {
						t.Errorf("%s without %s: HTTP %d %s", request.name, name, a.Status, a.Body)
					}
				case "credentials":
					w.wantRefused(t, request, testworld.Fields{name: testworld.Absent}, codes.WrongCredentials)
				default:
					w.wantRefused(t, request, testworld.Fields{name: testworld.Absent}, codes.InvalidField(name))
				}
			}
			for name := range w.fields(t, request) {
				if !named[name] {
					t.Errorf("the sample of %s has %s, and its table hasn't", request.name, name)
				}
			}
		}
	})
}

func (w *world) wantRefused(t testing.TB, request *section, changes testworld.Fields, want codes.Error) {
	t.Helper()
	if a := w.Send(t, request.more, w.fields(t, request), changes); a.Status != want.Status || a.Code() != want.Code || a.Message() != want.Message {
		t.Errorf("%s with %v: HTTP %d %s; want %s", request.name, changes, a.Status, a.Body, want)
	}
}

// Each result code that a document lists is in the catalogue with the text that it has there, but for the full stop at the end, which
// the documents print or leave out.
func TestResultCodes(t *testing.T) {
	for _, name := range documents {
		for _, s := range read(t, name).of("results") {
			for _, line := range s.lines {
				code, text, _ := strings.Cut(line, " ")
				_, there := codes.Result(code).Entry()
				if got := codes.Result(code).Desc(s.name); !there || strings.TrimSuffix(got, ".") != strings.TrimSuffix(text, ".") {
					t.Errorf("%s, %s: the catalogue has %q for %s; want %q", name, s.name, got, code, text)
				}
			}
		}
	}
}

// So is each error code.
func TestErrorCodes(t *testing.T) {
	for _, name := range documents {
		for _, s := range read(t, name).of("errors") {
			for _, line := range s.lines {
				code, rest, _ := strings.Cut(line, " ")
				status, message, _ := strings.Cut(rest, " ")
				if !slices.ContainsFunc(codes.Errors(), func(e codes.Error) bool {
					return e.Code == code && strconv.Itoa(e.Status) == status && e.Message == message
				}) {
					t.Errorf("%s: the catalogue hasn't %s", name, line)
				}
			}
		}
	}
}

// A customer pays a business that is asked first, with the tutorial's bodies for question and answers. 502007 asks, in the world that
// a new installation starts with.
func TestValidation(t *testing.T) {
	w := newWorld(t, read(t, "DarajaTutorial"))
	reply := func(name string) http.HandlerFunc {
		body := w.document.find(t, "reply", name).filled(t, strings.Clone)
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			io.Copy(rw, bytes.NewReader(body))
		}
	}
	register, simulate := w.document.find(t, "request", "register"), w.document.find(t, "request", "simulate")
	shortcode := testworld.Fields{"ShortCode": "502007"}
	if a := w.Send(t, register.more, w.fields(t, register), shortcode); a.Status != 200 {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	w.AnswerAt("/confirmation", reply("confirm"))
	receipts := map[string]string{}
	for _, answer := range []string{"reject", "accept"} {
		w.AnswerAt("/validation", reply(answer))
		if a := w.Send(t, simulate.more, w.fresh(t, simulate, shortcode, ""), nil); a.Status != 200 {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
		asked := w.At(t, "/validation").Body
		w.sameNotification(t, asked)
		receipts[answer] = fmt.Sprint(string(members(t, asked)["TransID"]))
	}
	confirmed := w.At(t, "/confirmation").Body
	w.sameNotification(t, confirmed)
	if got := string(members(t, confirmed)["TransID"]); got != receipts["accept"] || got == receipts["reject"] {
		t.Errorf("%s is confirmed; the payments were %v", got, receipts)
	}
	if left := w.Left(); len(left) > 0 {
		t.Errorf("there came more: %v", left)
	}
}

func (w *world) sameNotification(t testing.TB, body []byte) {
	t.Helper()
	w.sameShape(t, w.document.find(t, "notification", "validation"), body)
	checkParameters(t, w.document.find(t, "notification parameters", "validation"), body)
}
