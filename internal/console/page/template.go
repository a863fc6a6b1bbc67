package page

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/outcome"
)

// View is the dot of every template.
type View struct {
	Data any // what the handler shows
	Form *Form

	Path    string // of the request
	Room    Room
	Rooms   []Room
	Version string
	Now     time.Time // of the world
	Styles  []string  // URLs of the room's style sheets
	Scripts []string  // and scripts

	Nav      []Link // of the room
	Flash    string // what the page before this one has done
	SignedIn bool   // with the console's password
	Outside  bool   // nobody has signed in, and has to
}

// addTemplates notes a room's pages: each file of templates is a page, with the frame and the components, and with what the room's
// pages have in common, in templates/parts. A page is parsed when it is first shown: many a Kivuko is started to be asked, not looked at.
func (k *Kit) addTemplates(room *Room) {
	base := sync.OnceValue(func() *template.Template {
		return template.Must(template.New("").Funcs(k.functions()).ParseFS(files, "templates/*.html"))
	})
	add := func(files fs.FS, name string, parts []string) {
		k.pages[room.Name+"/"+strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValue(func() *template.Template {
			return template.Must(template.Must(base().Clone()).ParseFS(files, append(parts, name)...))
		})
	}
	for _, name := range glob(files, "templates/shared/*.html") {
		add(files, name, nil)
	}
	for _, name := range glob(room.Files, "templates/*.html") {
		add(room.Files, name, glob(room.Files, "templates/parts/*.html"))
	}
}

func glob(files fs.FS, pattern string) []string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err) // the pattern is bad
	}
	return names
}

// Show answers with a page of the room: the template templates/name.html, which defines "title" and "main". When htmx asks, it gets only
// a part: the template that is called like the id of the target, or else "main".
func (q *Request) Show(name string, data any) error {
	if !q.Partial() {
		return q.render(name, "frame", data)
	}
	part := q.HTTP.Header.Get("Hx-Target")
	if t := q.kit.pages[q.room.Name+"/"+name]; t == nil || part == "" || t().Lookup(part) == nil {
		part = "main"
	}
	return q.render(name, part, data)
}

// Fragment answers with one template of a page, without the frame.
func (q *Request) Fragment(name, part string, data any) error { return q.render(name, part, data) }

func (q *Request) render(name, part string, data any) error {
	t := q.kit.pages[q.room.Name+"/"+name]
	if t == nil {
		return fmt.Errorf("room %s has no template %s", q.room.Name, name)
	}
	v := q.view(part, data)
	var b bytes.Buffer
	if err := t().ExecuteTemplate(&b, part, v); err != nil {
		return err
	}
	q.w.header.Set("Content-Type", "text/html; charset=utf-8")
	_, err := q.w.Write(b.Bytes())
	return err
}

// view is the dot of a part. The frame has more.
func (q *Request) view(part string, data any) View {
	v := View{Data: data, Form: q.Form(), Path: q.HTTP.URL.Path, Room: *q.room, Rooms: q.kit.rooms, Version: q.kit.Version, Now: q.kit.Now()}
	if part != "frame" {
		return v
	}
	v.Styles, v.Scripts = q.kit.assets.of(q.room.Name, ".css"), q.kit.assets.of(q.room.Name, ".js")
	v.Flash, v.SignedIn = q.takeFlash(), q.kit.Door.Password != nil && q.kit.signedIn(q.HTTP)
	v.Outside = q.kit.Door.Password != nil && !v.SignedIn
	if q.room.Nav != nil {
		v.Nav = located(q.room.Nav(q), v.Path)
	}
	return v
}

// functions are what templates may call.
func (k *Kit) functions() template.FuncMap {
	return template.FuncMap{
		"asset":   k.assets.url,
		"once":    Unique,
		"money":   grouped,
		"date":    func(at any) (string, error) { return eat(at, "2 Jan 2006") },
		"time":    func(at any) (string, error) { return eat(at, "15:04:05") },
		"when":    func(at any) (string, error) { return eat(at, "2 Jan 2006, 15:04:05") },
		"ago":     ago,
		"tone":    tone,
		"stage":   outcome.OfTask,
		"iso":     func(at any) (string, error) { return eat(at, time.RFC3339) },
		"json":    pretty,
		"dict":    dict,
		"list":    func(values ...any) []any { return values },
		"options": options,
		"join":    joined,

		"paymentTopic":      control.PaymentTopic,
		"phoneTopic":        control.PhoneTopic,
		"organisationTopic": control.OrganisationTopic,
		"appTopic":          control.AppTopic,
		"paymentsTopic":     func() string { return control.PaymentsTopic },
		"callbacksTopic":    func() string { return control.CallbacksTopic },
		"journalTopic":      func() string { return control.JournalTopic },
	}
}

// dict makes a map of pairs, for templates that take several values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// joined joins the texts or words of a list.
func joined(list any, separator string) string {
	v := reflect.ValueOf(list)
	texts := make([]string, v.Len())
	for i := range texts {
		texts[i] = v.Index(i).String()
	}
	return strings.Join(texts, separator)
}

// options makes the options of a select of pairs: value, label.
func options(pairs ...string) (list []Option, err error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("options come in pairs")
	}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, Option{pairs[i], pairs[i+1]})
	}
	return list, nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
