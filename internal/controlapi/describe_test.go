package controlapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
)

// openapi.json is made of the routes and the types of package control: go test ./internal/controlapi -run OpenAPIIsGenerated -update writes it.
func TestOpenAPIIsGenerated(t *testing.T) {
	want := new(bytes.Buffer)
	e := json.NewEncoder(want)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(describe(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("openapi.json is not what the routes give: go test ./internal/controlapi -run OpenAPIIsGenerated -update writes it")
	}
}

// Each format of a field has a place in the document.
func TestFormatsAreDescribed(t *testing.T) {
	for _, name := range controlapi.Formats() {
		if _, ok := forms[name]; !ok && !slices.Contains(byType, name) {
			t.Errorf("nothing is said of the format %q", name)
		}
	}
}

// jsonObject is a JSON object.
type jsonObject = map[string]any

// describe makes the document (OpenAPI 3.1).
func describe(t *testing.T) jsonObject {
	d := &describer{t: t, types: map[string]reflect.Type{}, schemas: jsonObject{}, comments: comments(t)}
	d.reflector = &jsonschema.Reflector{Anonymous: true, Namer: d.name, Mapper: d.mapped, LookupComment: d.comment}
	d.add(reflect.TypeFor[control.Problem]())
	paths := jsonObject{}
	for _, r := range controlapi.Routes() {
		path := control.Root + r.Path
		if paths[path] == nil {
			paths[path] = jsonObject{}
		}
		paths[path].(jsonObject)[strings.ToLower(r.Method)] = d.operation(&r)
	}
	d.patch()
	return jsonObject{
		"openapi": "3.1.0",
		"info": jsonObject{
			"title": "Kivuko's control API", "version": "1", "license": jsonObject{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
			"description": "Drives the world of a self-hosted M-PESA in tests and shows what happened in it. Served to programs on the same machine; to others with the password, if there is one. Unknown fields are refused, and so are unknown parameters where there are any.",
		},
		"servers": []any{jsonObject{"url": "/"}},
		"paths":   paths,
		"components": jsonObject{"schemas": d.schemas, "responses": responses(), "parameters": jsonObject{
			"IdempotencyKey": header(control.IdempotencyHeader, "Has the request move money once: sent again with the same key and body, on whatever node, it gets the first answer, with the header Idempotent-Replayed. With another body it is refused. Use a new key for each payment.", jsonObject{"type": "string", "minLength": 1, "maxLength": 64}),
			"Operator":       header(control.OperatorHeader, "Username of the operator on whose behalf this is asked: the operator's rights are checked, and the audit says that the control API did it. Without it, it is the administrator.", jsonObject{"type": "string"}),
			"Session":        header(control.SessionHeader, "The token of the session.", jsonObject{"type": "string"}),
		}},
	}
}

func header(name, about string, schema jsonObject) jsonObject {
	return jsonObject{"name": name, "in": "header", "description": about, "schema": schema}
}

// problems are the answers that refuse, by status.
var problems = map[int]struct{ name, about, header string }{
	http.StatusBadRequest:            {"Refused", "Something in the request is not what is taken here.", ""},
	http.StatusUnauthorized:          {"Password", "From another machine: the password is needed.", "WWW-Authenticate"},
	http.StatusForbidden:             {"Forbidden", "From another machine without a password, under a foreign host name, or caused by another site's page; or the operator may not do it, or isn't signed in.", ""},
	http.StatusNotFound:              {"NotFound", "There is no such thing.", ""},
	http.StatusConflict:              {"Conflict", "Not now: no prompt is open, money is reserved, somebody else was faster, or a rule forbids it.", ""},
	http.StatusRequestEntityTooLarge: {"TooLarge", "The body is too large.", ""},
	http.StatusUnprocessableEntity:   {"BadRows", "Rows would not be paid: rows has each.", ""},
	http.StatusTooManyRequests:       {"TooSoon", "It was done just before. Retry-After says how many seconds to wait.", "Retry-After"},
	http.StatusInternalServerError:   {"Failed", "Kivuko failed.", ""},
	http.StatusServiceUnavailable:    {"Unavailable", "Nothing was kept, and it may be sent again; or something doesn't work.", "Retry-After"},
	http.StatusGatewayTimeout:        {"Unknown", "The database did not answer for half a minute: it may have been kept.", ""},
}

func responses() jsonObject {
	list := jsonObject{}
	for _, p := range problems {
		x := jsonObject{"description": p.about, "content": jsonObject{control.ProblemType: jsonObject{"schema": ref("Problem")}}}
		if p.header != "" {
			x["headers"] = jsonObject{p.header: jsonObject{"schema": jsonObject{"type": "string"}}}
		}
		list[p.name] = x
	}
	return list
}

func ref(name string) jsonObject { return jsonObject{"$ref": "#/components/schemas/" + name} }

// describer gathers the schemas of the types that operations take and give.
type describer struct {
	t         *testing.T
	reflector *jsonschema.Reflector
	types     map[string]reflect.Type // structs by the names of their schemas
	schemas   jsonObject
	comments  map[string]string // of types
}

// name is what a type's schema is called: the page of a type of rows is named for it.
func (d *describer) name(t reflect.Type) string {
	name := t.Name()
	if of, ok := strings.CutPrefix(name, "Page["); ok {
		name = strings.TrimSuffix(of[strings.LastIndex(of, ".")+1:], "]") + "Page"
	}
	if t.Kind() == reflect.Struct {
		if other, there := d.types[name]; there && other != t {
			d.t.Errorf("two types have the schema %s: %s and %s", name, t, other)
		}
		d.types[name] = t
	}
	return name
}

// comment is what is said of a type or a field.
func (d *describer) comment(t reflect.Type, field string) string {
	if field == "" {
		return d.comments[t.Name()]
	}
	f, _ := t.FieldByName(field)
	return f.Tag.Get("doc")
}

// mapped are the schemas of types that are no structs.
func (d *describer) mapped(t reflect.Type) *jsonschema.Schema {
	var s jsonObject
	switch {
	case t == reflect.TypeFor[control.Amount]():
		s = jsonObject{"type": "string", "pattern": `^-?[0-9]+\.[0-9]{2}$`, "examples": []any{"100.50"}, "description": "Shillings with two decimals."}
	case t == reflect.TypeFor[control.Time]():
		s = jsonObject{"type": "string", "format": "date-time", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+03:00$`,
			"examples": []any{"2026-11-20T12:30:00.125+03:00"}, "description": "RFC 3339 in East Africa Time with milliseconds."}
	case t == reflect.TypeFor[control.Delay]():
		s = jsonObject{"type": []any{"integer", "null"}, "format": "int64", "minimum": 0, "maximum": int(control.MaxDelay), "description": "Milliseconds; null is the service's default."}
	default:
		w, ok := reflect.Zero(t).Interface().(interface{ Choices() []string })
		if !ok {
			return nil
		}
		s = jsonObject{"type": "string", "enum": w.Choices(), "description": d.comments[t.Name()]}
	}
	d.schemas[t.Name()] = s
	return &jsonschema.Schema{Ref: "#/$defs/" + t.Name()}
}

// add adds the schemas of a struct and of what it has.
func (d *describer) add(t reflect.Type) {
	b, err := json.Marshal(d.reflector.ReflectFromType(t))
	if err != nil {
		d.t.Fatal(err)
	}
	var s struct {
		Definitions jsonObject `json:"$defs"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(b, []byte(`"#/$defs/`), []byte(`"#/components/schemas/`)), &s); err != nil {
		d.t.Fatal(err)
	}
	for name, schema := range s.Definitions {
		if _, there := d.schemas[name]; !there {
			d.schemas[name] = schema
		}
	}
}

// schema is that of what is taken or given.
func (d *describer) schema(t reflect.Type) jsonObject {
	if t.Kind() != reflect.Struct {
		d.t.Fatalf("%s is no struct", t)
	}
	d.add(t)
	return ref(d.name(t))
}

func (d *describer) operation(r *controlapi.Route) jsonObject {
	o := jsonObject{"operationId": r.ID, "summary": r.Summary}
	if r.About != "" {
		o["description"] = r.About
	}
	if list := d.parameters(r); len(list) > 0 {
		o["parameters"] = list
	}
	if r.Body != nil {
		o["requestBody"] = jsonObject{"required": true, "content": jsonObject{"application/json": jsonObject{"schema": d.schema(r.Body)}}}
	}
	o["responses"] = d.answers(r)
	return o
}

func (d *describer) answers(r *controlapi.Route) jsonObject {
	list := jsonObject{}
	for _, status := range r.Statuses {
		x := jsonObject{"description": r.Given}
		if status == http.StatusCreated && len(r.Statuses) > 1 {
			x["description"] = "Created."
		}
		switch {
		case status == http.StatusNoContent:
		case r.Media != "":
			x["content"] = jsonObject{r.Media: jsonObject{"schema": jsonObject{"type": "string"}}}
		case r.Out == reflect.TypeFor[controlapi.Answer]():
			x["content"] = jsonObject{"application/json": jsonObject{"schema": jsonObject{"type": "object"}}}
		default:
			x["content"] = jsonObject{"application/json": jsonObject{"schema": d.schema(r.Out)}}
		}
		list[strconv.Itoa(status)] = x
	}
	statuses := append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError, http.StatusServiceUnavailable}, r.ProblemStatuses()...)
	if r.Body != nil || r.Query != nil && refusable(r.Query) {
		statuses = append(statuses, http.StatusBadRequest)
	}
	if r.Body != nil {
		statuses = append(statuses, http.StatusRequestEntityTooLarge)
	}
	if r.Method != http.MethodGet {
		statuses = append(statuses, http.StatusGatewayTimeout)
	}
	for _, status := range statuses {
		list[strconv.Itoa(status)] = jsonObject{"$ref": "#/components/responses/" + problems[status].name}
	}
	return list
}

// refusable reports whether a parameter or a part of the path may be wrong.
func refusable(query reflect.Type) bool {
	return len(controlapi.Fields("query", query)) > 0 || slices.ContainsFunc(controlapi.Fields("path", query), func(f controlapi.Field) bool {
		return f.Type.Kind() != reflect.String || f.Tag.Get("is") != ""
	})
}

func (d *describer) parameters(r *controlapi.Route) (list []any) {
	for _, in := range []string{"path", "query"} {
		if r.Query == nil {
			break
		}
		for _, f := range controlapi.Fields(in, r.Query) {
			x := jsonObject{"name": f.Name, "in": in, "schema": d.parameter(&f)}
			if in == "path" || strings.Contains(f.Tag.Get("jsonschema"), "required") {
				x["required"] = true
			}
			if about := f.Tag.Get("doc"); about != "" {
				x["description"] = about
			}
			list = append(list, x)
		}
	}
	for name, takes := range map[string]bool{"IdempotencyKey": r.Once, "Operator": r.Operator, "Session": r.Session} {
		if takes {
			list = append(list, jsonObject{"$ref": "#/components/parameters/" + name})
		}
	}
	slices.SortStableFunc(list, func(a, b any) int {
		return strings.Compare(fmt.Sprint(a.(jsonObject)["$ref"]), fmt.Sprint(b.(jsonObject)["$ref"]))
	})
	return list
}

// parameter is the schema of a parameter or a part of the path.
func (d *describer) parameter(f *controlapi.Field) jsonObject {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s := jsonObject{"type": "string"}
	switch form := forms[f.Tag.Get("is")]; {
	case f.Name == "after": // a place in a list, whatever it is made of
	case form != nil:
		s = maps.Clone(form)
	case d.mapped(t) != nil:
		s = ref(t.Name())
	case t.Kind() == reflect.Bool:
		s["type"] = "boolean"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		s["type"] = "integer"
		for name, bound := range bounds(f.Tag) {
			s[name] = bound
		}
		if _, bounded := s["minimum"]; !bounded {
			s["minimum"] = 0
		}
	}
	if usual, ok := f.Tag.Lookup("default"); ok {
		s = maps.Clone(s)
		if n, err := strconv.Atoi(usual); err == nil {
			s["default"] = n
		} else {
			s = jsonObject{"allOf": []any{s}, "default": usual}
		}
	}
	return s
}

func bounds(tag reflect.StructTag) map[string]int64 {
	list := map[string]int64{}
	for _, item := range strings.Split(tag.Get("jsonschema"), ",") {
		if name, value, ok := strings.Cut(item, "="); ok {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				list[name] = n
			}
		}
	}
	return list
}

// patch says of the fields what only their tags tell.
func (d *describer) patch() {
	for name, t := range d.types {
		schema, _ := d.schemas[name].(jsonObject)
		properties, _ := schema["properties"].(jsonObject)
		if properties == nil {
			continue
		}
		for _, f := range controlapi.Fields("json", t) {
			properties[f.Name] = d.property(&f, properties[f.Name])
		}
		if name == "Answer" {
			schema["oneOf"] = []any{jsonObject{"required": []any{"pin"}}, jsonObject{"required": []any{"cancel"}}}
		}
		if name == "Problem" {
			properties["type"].(jsonObject)["enum"] = controlapi.ProblemTypes()
		}
	}
}

// property is what a field's schema is with what its tags tell.
func (d *describer) property(f *controlapi.Field, was any) any {
	s, ok := was.(jsonObject)
	if !ok {
		s = jsonObject{} // true: anything
	}
	is, about := f.Tag.Get("is"), f.Tag.Get("doc")
	form := forms[is]
	if form == nil {
		form = shown[is]
	}
	if form != nil {
		s = maps.Clone(form)
		for name, bound := range bounds(f.Tag) {
			s[name] = bound
		}
	}
	switch {
	case is == "task field" && f.Name == "amount":
		s = maps.Clone(moneyForm(1))
	case is == "task field" && f.Name == "from":
		is = "from account"
	}
	if f.Type.Kind() == reflect.Int64 || f.Type == reflect.TypeFor[*int64]() {
		s["format"] = "int64"
	}
	if choices := controlapi.Choices(is); choices != nil {
		if s["type"] == "array" {
			s["items"] = jsonObject{"type": "string", "enum": choices}
		} else {
			s = jsonObject{"type": "string", "enum": choices}
		}
	}
	if to, ok := s["$ref"]; ok && len(s) > 1 {
		delete(s, "$ref")
		s["allOf"] = []any{jsonObject{"$ref": to}}
	}
	if f.Type.Kind() == reflect.Pointer && f.Needed {
		delete(s, "description")
		s = jsonObject{"anyOf": []any{s, jsonObject{"type": "null"}}}
	}
	if about != "" {
		if to, ok := s["$ref"]; ok {
			s = jsonObject{"allOf": []any{jsonObject{"$ref": to}}}
		}
		s["description"] = about
	}
	return s
}

// byType are the formats of fields that are described by their types and bounds.
var byType = []string{"", "line", "printed", "try", "task", "result code", "api path", "seconds", "requests a second", "requests a day", "simulated body", "judged", "limits", "tariff",
	"id type", "email", "password", "csv", "number", "task list", "from account", "to account",
	"deposit account", "bulk command"}

// forms are the schemas of formats of fields.
var forms = map[string]jsonObject{
	"raw":               {},
	"msisdn":            {"type": "string", "examples": []any{"254708374149", "0708374149"}},
	"msisdn or none":    {"type": "string"},
	"operator phone":    {"type": "string"},
	"search amount":     {"type": "string", "examples": []any{"100.50"}},
	"shortcode":         {"type": "string", "pattern": "^[1-9][0-9]{4,6}$", "examples": []any{"174379"}},
	"shortcode or none": {"type": "string", "pattern": "^([1-9][0-9]{4,6})?$"},
	"username":          {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._@-]{0,49}$"},
	"appKey":            {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,100}$"},
	"hash":              {"type": "string", "examples": []any{"7f3a91c204de88b15c0e6d2f4a9b7c31e8d05f6a2b94c7d810e3f5a6b7c8d9e0"}},
	"day":               {"type": "string", "format": "date"},
	"secrets":           {"type": "string", "enum": []any{"0", "1"}},
	"pin":               {"type": "string", "pattern": "^[0-9]{4}$", "examples": []any{"1234"}},
	"otp":               {"type": "string", "pattern": "^.{6}$"},
	"filled":            {"type": "string", "minLength": 1},
	"filled username":   {"type": "string", "minLength": 1},
	"duration":          {"type": "string", "examples": []any{"90s", "36h"}},
	"holder":            {"type": "string", "pattern": "^[0-9A-Za-z_-]{0,32}$"},
	"url":               {"type": "string", "format": "uri"},
	"amount":            moneyForm(1),
	"balance":           moneyForm(0),
	"threshold":         moneyForm(0),
	"task field":        nil,
	"version":           {"type": "integer", "enum": []any{1, 2}},
	"true":              {"type": "boolean", "enum": []any{true}},
	"true: simSwapped":  {"type": "boolean", "enum": []any{true}},
	"false: blocked":    {"type": "boolean", "enum": []any{false}},
	"false: pinLocked":  {"type": "boolean", "enum": []any{false}},
	"products":          {"type": "array", "uniqueItems": true, "items": jsonObject{"type": "string"}},
	"roles":             {"type": "array", "uniqueItems": true, "items": jsonObject{"type": "string"}},
	"app products":      {"type": "array", "uniqueItems": true, "items": jsonObject{"type": "string"}},
	"offered products":  {"type": "array", "uniqueItems": true, "items": jsonObject{"type": "string"}},
	"live products":     {"type": "array", "uniqueItems": true, "items": jsonObject{"type": "string"}},
	"rows":              {"type": "array", "minItems": 1, "maxItems": controlapi.MaxRows, "items": ref("NewBulkRow")},
}

// shown are the schemas of what only answers have.
var shown = map[string]jsonObject{
	"customer":        {"type": "string", "pattern": "^254[17][0-9]{8}$", "examples": []any{"254708374149"}, "description": "A Safaricom number."},
	"party":           {"type": "string", "pattern": "^(254[0-9]{9}|[1-9][0-9]{4,6}|operator)$", "description": "A phone number, a shortcode or operator."},
	"conversation id": {"type": "string", "pattern": "^AG_[0-9]{8}_[0-9a-z]{20}$"},
	"checkout id":     {"type": "string", "pattern": "^ws_CO_[0-9]{24,26}$"},
	"receipt":         {"type": "string", "pattern": "^[A-Z][A-L][1-9A-V][0-9A-Z]{7}$"},
}

// moneyForm is an amount in a request.
func moneyForm(least int) jsonObject {
	return jsonObject{"oneOf": []any{
		jsonObject{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?$`, "examples": []any{"100.50"}},
		jsonObject{"type": "integer", "minimum": least, "maximum": 1_000_000_000},
	}}
}

// comments are the doc comments of the types of package control.
func comments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../control/*.go")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					if x, ok := spec.(*ast.TypeSpec); ok {
						text := x.Doc.Text()
						if text == "" {
							text = d.Doc.Text()
						}
						list[x.Name.Name] = strings.Join(strings.Fields(text), " ")
					}
				}
			}
			return true
		})
	}
	return list
}

// Each field of what operations take has a format that there is: reading another one would panic.
func TestFieldsHaveKnownFormats(t *testing.T) {
	known := controlapi.Formats()
	for _, r := range controlapi.Routes() {
		for tag, of := range map[string]reflect.Type{"path": r.Query, "query": r.Query, "json": r.Body} {
			if of == nil {
				continue
			}
			for _, f := range controlapi.Fields(tag, of) {
				if is := f.Tag.Get("is"); !slices.Contains(known, is) {
					t.Errorf("%s %s: %s is %q, which is no format", r.Method, r.Path, f.Name, is)
				}
			}
		}
	}
}

// The operations have names of their own, and say what they are and what they give.
func TestRoutesAreNamed(t *testing.T) {
	names := map[string]bool{}
	for _, r := range controlapi.Routes() {
		if r.ID == "" || r.Summary == "" || r.Given == "" || names[r.ID] {
			t.Errorf("%s %s is called %q: %q, %q", r.Method, r.Path, r.ID, r.Summary, r.Given)
		}
		names[r.ID] = true
	}
}
