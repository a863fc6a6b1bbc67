package controlapi_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

var update = flag.Bool("update", false, "write the files that tests compare with")

// What each operation says of each field, parameter and part of the path that is not as it has to be is pinned, word by word: a value of each
// sort is sent for each, by itself. go test -run Problems -update writes the file.
func TestProblemsAreWordedAsBefore(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(d.Paths.Map())) {
		item := d.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			operation := item.GetOperation(method)
			asker := &asker{caller: start(t), method: method, path: path, said: &said}
			if strings.Contains(path, "/session") {
				asker.session = http.Header{control.SessionHeader: {asker.activated()}}
			}
			parameters := slices.Concat(item.Parameters, operation.Parameters)
			slices.SortFunc(parameters, func(a, b *openapi3.ParameterRef) int {
				return cmp.Or(cmp.Compare(a.Value.In, b.Value.In), cmp.Compare(a.Value.Name, b.Value.Name))
			})
			for _, p := range parameters {
				switch p.Value.In {
				case "query":
					asker.query(p.Value.Name)
				case "path":
					asker.part(p.Value.Name)
				}
			}
			if operation.RequestBody != nil {
				asker.body(fieldsOf(operation.RequestBody.Value.Content["application/json"].Schema.Value))
			}
		}
	}
	const name = "testdata/problems.txt"
	if *update {
		if err := os.WriteFile(name, said.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(said.String(), "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			t.Fatalf("%s, line %d (of %d, now %d):\nwas %s\nis  %s", name, i+1, len(was), len(is), at(was, i), at(is, i))
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// asker asks for one operation in all wrong ways.
type asker struct {
	caller
	method, path string
	session      http.Header
	said         *bytes.Buffer

	order  []string            // what was said of the part that is asked about
	values map[string][]string // of which values
}

// known are values for the parts of paths that are there.
var known = map[string]string{"shortcode": controltest.PayBill.String(), "msisdn": controltest.John.String(), "key": controltest.AppKey, "username": "api", "id": "1"}

func (a *asker) at(other map[string]string) string {
	path := a.path
	for name, value := range known {
		if v, ok := other[name]; ok {
			value = url.PathEscape(v)
		}
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}

// ask asks, and notes what was said. What is said of several values alike is written once.
func (a *asker) ask(path, body, what string) {
	a.t.Helper()
	got := a.with(a.session, a.method, path, body)
	var p control.Problem
	said := fmt.Sprint(got.status)
	if got.status >= http.StatusBadRequest && json.Unmarshal(got.body, &p) == nil {
		said = fmt.Sprintf("%d %s %q %s", p.Status, strings.TrimPrefix(p.Type, "urn:kivuko:problem:"), p.Field, p.Detail)
	}
	if !slices.Contains(a.order, said) {
		a.order = append(a.order, said)
	}
	if a.values == nil {
		a.values = map[string][]string{}
	}
	a.values[said] = append(a.values[said], what)
}

// tell writes what was said of a part of the request.
func (a *asker) tell(part string) {
	for _, said := range a.order {
		fmt.Fprintf(a.said, "%s %s %s\n\t%s\n\t%s\n", a.method, strings.TrimPrefix(a.path, control.Root), part, strings.Join(a.values[said], "  "), said)
	}
	a.order, a.values = nil, nil
}

func (a *asker) part(name string) {
	for _, value := range []string{"x", "0", "-1", "99999999999999999999", "a b", strings.Repeat("9", 60)} {
		a.ask(a.at(map[string]string{name: value}), "", value)
	}
	a.tell("{" + name + "}")
}

func (a *asker) query(name string) {
	for _, value := range []string{"", "x", "0", "-1", "1.5", "1001", "99999999999999999999", "true", "a b", "2026-13-01"} {
		a.ask(a.at(nil)+"?"+url.Values{name: {value}}.Encode(), "", strconv.Quote(value))
	}
	a.ask(a.at(nil)+"?"+url.Values{name: {"1", "1"}}.Encode(), "", "twice")
	a.tell("?" + name)
	a.ask(a.at(nil)+"?nonsense=1", "", "1")
	a.tell("?nonsense")
}

func (a *asker) body(names []string) {
	for _, body := range []string{"", "[]", "null", "{", "{} x", "{}", `{"nonsense":1}`, `{"` + names[0] + `":1,"` + names[0] + `":2}`} {
		a.ask(a.at(nil), body, cmp.Or(body, "none"))
	}
	wrong := []string{}
	for _, name := range slices.Backward(names) { // the first that is wrong is said, in the order of the body
		wrong = append(wrong, `"`+name+`":{}`)
	}
	a.ask(a.at(nil), "{"+strings.Join(wrong, ",")+"}", "all fields are objects")
	a.tell("")
	for _, name := range names {
		for _, value := range []string{"null", "true", "0", "-1", "1.5", "1e3", "99999999999999999999", `""`, `" "`, `"x"`, `"a\nb"`, `"-1"`, `"0"`, `"1.005"`, `"1"`, "[]", `["x"]`, `[1]`, "{}", `{"a":1}`} {
			a.ask(a.at(nil), `{"`+name+`":`+value+`}`, value)
		}
		a.ask(a.at(nil), `{"`+name+`":"`+strings.Repeat("ä", 300)+`"}`, "300 characters")
		a.tell(name)
	}
}
