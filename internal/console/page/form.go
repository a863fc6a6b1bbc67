package page

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bounds"
)

// Form is what was typed into a form, and why it was refused, if it was. On a GET it holds the query, so that a link can fill a form in.
type Form struct {
	Problem *control.Problem // nil: nothing is wrong
	posted  bool
	values  url.Values
	shown   map[string]bool // fields that a template has asked for
}

// Form gives the request's form.
func (q *Request) Form() *Form {
	if q.form == nil {
		q.form = &Form{values: q.HTTP.URL.Query()}
	}
	return q.form
}

// Upload reads the posted form of a route that takes a file, and has act answer it. A handler calls it when it knows who asks: nothing
// was read before. The file is in HTTP.MultipartForm until act returns.
func (q *Request) Upload(act Handler) error {
	q.HTTP.Body = http.MaxBytesReader(q.w, q.HTTP.Body, MaxUpload)
	defer func() {
		if files := q.HTTP.MultipartForm; files != nil {
			_ = files.RemoveAll() // temporary files
		}
	}()
	err := q.readForm(func() error {
		if err := q.HTTP.ParseMultipartForm(inMemory); !errors.Is(err, http.ErrNotMultipart) {
			return err
		}
		return nil
	}, MaxUpload)
	if err != nil {
		return err
	}
	q.kit.once.do(q.onceKey(), q.w, func() {
		if err := act(q); err != nil {
			q.fail(err)
		}
	})
	return nil
}

// readForm reads the fields of a posted form of at most some bytes, by parse.
func (q *Request) readForm(parse func() error, most int) error {
	err := parse()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return &control.Problem{Status: http.StatusRequestEntityTooLarge, Title: "That is too much", Detail: "At most " + size(most) + " are taken."}
	}
	if errors.Is(err, bounds.ErrBusy) {
		return &control.Problem{Status: http.StatusServiceUnavailable, Title: "Kivuko is busy", Detail: "Other large files are being worked on: send it again in a few seconds."}
	}
	if err != nil {
		return &control.Problem{Status: http.StatusBadRequest, Title: "The form could not be read", Detail: err.Error()}
	}
	q.form = &Form{posted: true, values: q.HTTP.PostForm}
	return nil
}

// Posted reports whether the form was sent, by a button.
func (f *Form) Posted() bool { return f.posted }

// Get gives a field as it was typed, without the spaces around it; "" when it is empty or missing.
func (f *Form) Get(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// All gives every value of a field: of several checkboxes with one name.
func (f *Form) All(name string) []string { return f.values[name] }

// On reports whether a checkbox is ticked.
func (f *Form) On(name string) bool { return f.values.Get(name) != "" }

// Set gives a field a value: what a form has when it is first shown. What was typed stays.
func (f *Form) Set(name, value string) {
	if _, typed := f.values[name]; !typed && !f.posted {
		f.values.Set(name, value)
	}
}

// Fields gives the named fields that are not empty as the members of a JSON object, as text as it was typed. A name with ":number" is
// a JSON number where what was typed is one, with ":bool" true or false, with ":list" the list of all its values.
func (f *Form) Fields(names ...string) map[string]any {
	object := map[string]any{}
	for _, spec := range names {
		name, kind, _ := strings.Cut(spec, ":")
		text := f.Get(name)
		switch {
		case kind == "bool":
			object[name] = f.On(name)
		case kind == "list":
			object[name] = append([]string{}, f.All(name)...)
		case text == "":
		case kind == "number" && isNumber(text):
			object[name] = json.Number(text)
		default:
			object[name] = text
		}
	}
	return object
}

func isNumber(text string) bool {
	var n json.Number
	return json.Unmarshal([]byte(text), &n) == nil && !strings.HasPrefix(text, `"`)
}

// Field is an input of a form, for the templates "field", "area", "select" and "check".
type Field struct {
	ID, Name, Label, Value, Error string
	Options                       []Option          // of a select
	Attr                          map[string]string // id (where a page has two of the name), hint, type, value, placeholder, inputmode, maxlength, rows, required…
}

// Option is a choice of a select.
type Option struct{ Value, Label string }

// Field describes an input: its name, its label, then pairs of attributes, such as "hint" and a text, or "type" and "password".
func (f *Form) Field(name, label string, pairs ...string) (Field, error) {
	if len(pairs)%2 != 0 {
		return Field{}, fmt.Errorf("field %s: its attributes come in pairs", name)
	}
	field := Field{Name: name, Label: label, Value: f.values.Get(name), Attr: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		field.Attr[pairs[i]] = pairs[i+1]
	}
	field.ID = cmp.Or(field.Attr["id"], name)
	if field.Value == "" && !f.posted {
		field.Value = field.Attr["value"]
	}
	if field.Attr["type"] == "password" {
		field.Value = "" // secrets are not sent back
	}
	f.show(name)
	if f.Problem != nil && f.Problem.Field == name {
		field.Error = f.Problem.Detail
	}
	return field, nil
}

// Select describes a choice among options.
func (f *Form) Select(name, label string, options []Option, pairs ...string) (Field, error) {
	field, err := f.Field(name, label, pairs...)
	field.Options = options
	return field, err
}

func (f *Form) show(name string) {
	if f.shown == nil {
		f.shown = map[string]bool{}
	}
	f.shown[name] = true
}

// Checked tells a template whether a checkbox or a radio button is on.
func (f *Form) Checked(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Refusal is why the form was refused, where no field that is shown before it is to blame; "" when nothing is to be said. The template
// "refusal" shows it: it comes after the fields.
func (f *Form) Refusal() string {
	switch {
	case f.Problem == nil || f.shown[f.Problem.Field]:
		return ""
	case f.Problem.Field != "":
		return f.Problem.Field + ": " + f.Problem.Detail
	}
	return f.Problem.Detail
}

// size writes a number of bytes as people read it: 64 KB, 8 MB.
func size(bytes int) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%d KB", bytes>>10)
}
