package controlapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	gopath "path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// description is openapi.json as it is served, a mux that finds its paths, and which of its operations have been seen to do as it says.
type description struct {
	*openapi3.T
	paths *http.ServeMux
	seen  sync.Map // operationId and status of an answer
}

var described = sync.OnceValues(func() (*description, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		return nil, err
	}
	d := &description{T: doc, paths: http.NewServeMux()}
	for path := range doc.Paths.Map() {
		d.paths.Handle(path, http.NotFoundHandler())
	}
	return d, nil
})

// operation finds what is said about a request, and its parameters; nil when nothing is.
func (d *description) operation(r *http.Request) (*openapi3.Operation, openapi3.Parameters) {
	_, path := d.paths.Handler(r) // of an unclean path, that of the clean one
	if r.URL.Path != gopath.Clean(r.URL.Path) {
		return nil, nil
	}
	if item := d.Paths.Value(path); item != nil && r.Method != "NONSENSE" && item.GetOperation(r.Method) != nil {
		operation := item.GetOperation(r.Method)
		return operation, slices.Concat(item.Parameters, operation.Parameters)
	}
	return nil, nil
}

func (d *description) schema(name string) *openapi3.Schema { return d.Components.Schemas[name].Value }

// conforms fails the test unless the response is one that the description has for the request, without secrets that nobody asked for,
// and unless the request is one too where it was taken.
func conforms(t testing.TB, r *http.Request, body string, got response) {
	t.Helper()
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{controltest.Passkey, controltest.AppSecret, "$argon2id$"} {
		if bytes.Contains(got.body, []byte(secret)) && !strings.Contains(r.URL.RawQuery, "secrets=1") {
			t.Errorf("%s %s tells a secret that was not asked for: %s", r.Method, r.URL, got.body)
		}
	}
	operation, parameters := d.operation(r)
	media, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	if operation == nil {
		if media != control.ProblemType || got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Fatalf("%s %s is not described but answers %d: %s", r.Method, r.URL, got.status, got.body)
		}
		visit(t, d.schema("Problem"), got.body)
		return
	}
	d.seen.Store(fmt.Sprint(operation.OperationID, " ", got.status), true)
	if got.status < 300 {
		taken(t, r, parameters)
	}
	answer := operation.Responses.Status(got.status)
	if answer != nil && got.status == http.StatusNoContent && len(got.body) == 0 {
		return
	}
	if answer == nil || answer.Value.Content[media] == nil {
		t.Fatalf("%s %s: HTTP %d with %q is not described: %s", r.Method, r.URL, got.status, media, got.body)
	}
	if strings.HasSuffix(media, "json") {
		visit(t, answer.Value.Content[media].Schema.Value, got.body)
	}
	if got.status < 300 && operation.RequestBody != nil {
		visit(t, operation.RequestBody.Value.Content["application/json"].Schema.Value, []byte(body))
	}
}

// taken fails the test unless the parameters of a request that was taken are described.
func taken(t testing.TB, r *http.Request, parameters openapi3.Parameters) {
	t.Helper()
	for name := range r.URL.Query() {
		if parameters.GetByInAndName("query", name) == nil {
			t.Errorf("%s %s took the parameter %s, which is not described", r.Method, r.URL, name)
		}
	}
	for _, name := range []string{control.OperatorHeader, control.SessionHeader} {
		if r.Header.Get(name) != "" && parameters.GetByInAndName("header", name) == nil {
			t.Errorf("%s %s took the header %s, which is not described", r.Method, r.URL, name)
		}
	}
}

// TestMain has a run of all tests fail unless each operation was seen to succeed as the description says, in each way that it has.
func TestMain(m *testing.M) {
	code := m.Run()
	part := testing.Short()
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		part = part || flag.Lookup("test."+name).Value.String() != ""
	}
	if d, err := described(); code == 0 && !part && err == nil {
		for _, missing := range d.unseen() {
			fmt.Println("no test has seen the answer:", missing)
			code = 1
		}
	}
	os.Exit(code)
}

// unseen lists the answers to requests that were taken which no test has seen.
func (d *description) unseen() (list []string) {
	for _, item := range d.Paths.Map() {
		for _, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				answer := operation.OperationID + " " + status
				if _, seen := d.seen.Load(answer); !seen && strings.HasPrefix(status, "2") {
					list = append(list, answer)
				}
			}
		}
	}
	return list
}

func visit(t testing.TB, schema *openapi3.Schema, body []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if err := schema.VisitJSON(v); err != nil {
		t.Fatalf("not as described: %v\n%s", err, body)
	}
}

func TestDescriptionIsServedAndValid(t *testing.T) {
	got := start(t).get("/kivuko/v1/openapi.json")
	doc, err := openapi3.NewLoader().LoadFromData(got.body)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// Readers in most languages keep only the last of two members with one name.
func TestDescriptionHasNoNameTwice(t *testing.T) {
	b, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	var open []map[string]bool // names in the objects around; nil: an array
	name := ""                 // "": one comes next, or an array's element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		text, isText := token.(string)
		if last := len(open) - 1; isText && last >= 0 && open[last] != nil && name == "" {
			if name = text; open[last][name] {
				t.Errorf("%q is there twice, before byte %d", name, d.InputOffset())
			}
			open[last][name] = true
			continue
		}
		name = ""
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
	}
}

func TestDescriptionHasTheSamePathsAndMethods(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	inDocument := map[string][]string{}
	for path, item := range d.Paths.Map() {
		inDocument[path] = slices.Sorted(maps.Keys(item.Operations()))
	}
	served := controlapi.Served()
	for _, methods := range served {
		slices.Sort(methods)
	}
	if !maps.EqualFunc(inDocument, served, slices.Equal) {
		t.Errorf("described are %v, served %v", inDocument, served)
	}
}

// What there is no such field or parameter for is answered with those that there are.
func TestDescriptionHasTheSameFieldsAndParameters(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	c := start(t)
	session := http.Header{control.SessionHeader: {c.activated()}}
	values := strings.NewReplacer("{shortcode}", controltest.PayBill.String(), "{msisdn}", controltest.John.String(), "{key}", controltest.AppKey, "{username}", "api", "{id}", "1")
	taken := func(got response) []string {
		var p control.Problem
		got.answers(http.StatusBadRequest, &p)
		_, names, _ := strings.Cut(p.Detail, "there are ")
		return strings.Split(names, ", ")
	}
	for path, item := range d.Paths.Map() {
		for method, operation := range item.Operations() {
			var query []string
			for _, p := range operation.Parameters {
				if p.Value.In == "query" {
					query = append(query, p.Value.Name)
				}
			}
			if slices.Sort(query); len(query) > 0 {
				if names := taken(c.with(session, method, values.Replace(path)+"?nonsense=1", "")); !slices.Equal(names, query) {
					t.Errorf("%s %s takes the parameters %v; described are %v", method, path, names, query)
				}
			}
			if operation.RequestBody == nil {
				continue
			}
			schema := operation.RequestBody.Value.Content["application/json"].Schema.Value
			fields := fieldsOf(schema)
			if names := taken(c.with(session, method, values.Replace(path), `{"nonsense":1}`)); !slices.Equal(names, fields) {
				t.Errorf("%s %s takes the fields %v; described are %v", method, path, names, fields)
			}
		}
	}
}

// fieldsOf lists the fields that a schema of an object has, in any of its forms.
func fieldsOf(schema *openapi3.Schema) []string {
	fields := slices.Collect(maps.Keys(schema.Properties))
	for _, one := range schema.OneOf {
		fields = slices.AppendSeq(fields, maps.Keys(one.Value.Properties))
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

func TestDescriptionHasTheSameCatalogues(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	property := func(schema, name string) []any { return d.schema(schema).Properties[name].Value.Enum }
	for what, x := range map[string]struct{ described, want []any }{
		"problems":        {property("Problem", "type"), anys(controlapi.ProblemTypes())},
		"answers":         {d.schema("Answers").Enum, anys(append(mpesa.AllAnswers(), mpesa.AnswersByDefault))},
		"payment states":  {property("Payment", "state"), names[mpesa.State](0)},
		"payment kinds":   {property("Payment", "kind"), names[mpesa.Kind](1)},
		"transfer kinds":  {property("Transfer", "kind"), names[mpesa.TransferKind](1)},
		"callback states": {property("Callback", "state"), names[mpesa.DeliveryState](0)},
		"callback kinds":  {property("Callback", "kind"), names[mpesa.DeliveryKind](1)},
	} {
		if !slices.Equal(x.described, x.want) {
			t.Errorf("%s: described are %q, there are %q", what, x.described, x.want)
		}
	}
}

// names lists the names of a catalogue whose values count up.
func names[T interface {
	~int64
	String() string
}](first T) (list []any) {
	for value := first; value.String() != ""; value++ {
		list = append(list, value.String())
	}
	return list
}

func anys[T any](values []T) (list []any) {
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
