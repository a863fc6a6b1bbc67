package control_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	gopath "path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// description is openapi.json as it is served, and a mux that finds its paths.
type description struct {
	*openapi3.T
	paths *http.ServeMux
}

var described = sync.OnceValues(func() (*description, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		return nil, err
	}
	d := &description{doc, http.NewServeMux()}
	for path := range doc.Paths.Map() {
		d.paths.Handle(path, http.NotFoundHandler())
	}
	return d, nil
})

// operation finds what is said about a request; nil when nothing is.
func (d *description) operation(r *http.Request) *openapi3.Operation {
	_, path := d.paths.Handler(r) // of an unclean path, that of the clean one
	if r.URL.Path != gopath.Clean(r.URL.Path) {
		return nil
	}
	if item := d.Paths.Value(path); item != nil && r.Method != "NONSENSE" {
		return item.GetOperation(r.Method)
	}
	return nil
}

func (d *description) schema(name string) *openapi3.Schema { return d.Components.Schemas[name].Value }

// conforms fails the test unless the response is one that the description has for the request, and unless the request is one
// too where it was taken.
func conforms(t testing.TB, r *http.Request, body string, got response) {
	t.Helper()
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	operation := d.operation(r)
	media, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	if operation == nil {
		if media != api.ProblemType || got.status != http.StatusNotFound && got.status != http.StatusMethodNotAllowed {
			t.Fatalf("%s %s is not described but answers %d: %s", r.Method, r.URL, got.status, got.body)
		}
		visit(t, d.schema("Problem"), got.body)
		return
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

func TestDescriptionHasTheSamePathsAndMethods(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	inDocument := map[string][]string{}
	for path, item := range d.Paths.Map() {
		inDocument[path] = slices.Sorted(maps.Keys(item.Operations()))
	}
	served := control.Routes()
	for _, methods := range served {
		slices.Sort(methods)
	}
	if !maps.EqualFunc(inDocument, served, slices.Equal) {
		t.Errorf("described are %v, served %v", inDocument, served)
	}
}

func TestDescriptionHasTheSameCatalogues(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	property := func(schema, name string) []any { return d.schema(schema).Properties[name].Value.Enum }
	for what, x := range map[string]struct{ described, want []any }{
		"problems":        {property("Problem", "type"), anys(control.ProblemTypes())},
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
