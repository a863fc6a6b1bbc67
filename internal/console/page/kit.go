package page

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/news"
)

// Options are what the console is made of.
type Options struct {
	API      http.Handler // the control API, without a guard: the console has let the browser in
	Hub      *news.Hub
	Log      *slog.Logger
	Now      func() time.Time // the world's time, which can be moved
	Version  string
	Door     *access.Door
	Sessions *access.Sessions // for where the door has a password
}

// Room is a part of the console: its pages below /name, their templates and what they are drawn with.
type Room struct {
	Name   string // first element of its paths and names of assets
	Title  string
	Files  fs.FS // templates/*.html and assets/*
	Routes map[string]Handler
	Upload []string                // patterns of Routes whose forms have a file: their handlers read them, with Request.Upload
	Nav    func(q *Request) []Link // the room's own pages, beside the page; nil: none
}

// Link leads to a page. Without a path it is the title of those that follow.
type Link struct {
	Path, Title string
	Here        bool // the page is there, or below; set by the kit
}

// located marks the link that leads to a path, or else the nearest above it.
func located(links []Link, path string) []Link {
	here := -1
	for i, l := range links {
		if l.Path != "" && (path == l.Path || strings.HasPrefix(path, l.Path+"/")) && (here < 0 || len(l.Path) > len(links[here].Path)) {
			here = i
		}
	}
	if here >= 0 {
		links = slices.Clone(links)
		links[here].Here = true
	}
	return links
}

// Handler serves one route. Errors that are a *control.Problem are shown as such; any other is Kivuko's fault.
type Handler func(q *Request) error

// Kit serves rooms.
type Kit struct {
	Options
	client *control.Client
	rooms  []Room
	assets *assets
	pages  map[string]func() *template.Template // by room and name
	mux    *http.ServeMux
	once   once
}

// The bounds of the forms that browsers post, in bytes: those with a file, see Request.Upload, and all others.
const (
	MaxForm   = 64 << 10
	MaxUpload = 8 << 20

	inMemory = 1 << 20 // of an upload's files: the rest goes to disk
)

// New makes the console of some rooms. Routes that collide are defects: it panics.
func New(o Options, rooms ...Room) *Kit {
	k := &Kit{Options: o, rooms: rooms, pages: map[string]func() *template.Template{}, mux: http.NewServeMux()}
	k.client = control.NewVia(inside, transport{handler: o.API})
	k.assets = newAssets(append([]Room{{Name: "page", Files: files}}, rooms...))
	for i := range rooms {
		k.addTemplates(&rooms[i])
		for pattern, handle := range rooms[i].Routes {
			k.mux.Handle(pattern, k.route(&rooms[i], handle))
		}
	}
	for pattern, handle := range map[string]Handler{"GET " + signInPath: signIn, "POST " + signInPath: signIn, "POST " + signOutPath: signOut} {
		k.mux.Handle(pattern, k.route(&rooms[0], handle))
	}
	k.mux.HandleFunc("GET "+eventsPath, k.events)
	k.mux.Handle("GET /assets/", k.assets)
	k.mux.Handle("GET "+iconPath, http.RedirectHandler("/assets/page/mark.svg", http.StatusSeeOther))
	k.mux.Handle("/", k.route(&rooms[0], func(q *Request) error {
		return notFound("There is no page at %s.", q.HTTP.URL.Path)
	}))
	return k
}

// Serves reports whether a path is the console's: / itself, and what lies below the names of its rooms and its own.
func (k *Kit) Serves(path string) bool {
	if path == "/" {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "assets", "events", iconPath[1:], signInPath[1:], signOutPath[1:]:
		return true
	}
	return slices.ContainsFunc(k.rooms, func(r Room) bool { return r.Name == first })
}

// Merge puts the routes of a room's files together. It panics when two have the same pattern.
func Merge(parts ...map[string]Handler) map[string]Handler {
	all := map[string]Handler{}
	for _, part := range parts {
		for pattern, handle := range part {
			if all[pattern] != nil {
				panic("page: two routes for " + pattern)
			}
			all[pattern] = handle
		}
	}
	return all
}

// route makes an http.Handler of a room's handler.
func (k *Kit) route(room *Room, handle Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &Request{HTTP: r, kit: k, room: room, w: &response{header: http.Header{}}}
		if r.Method == http.MethodPost && !slices.Contains(room.Upload, r.Pattern) {
			r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
			if err := q.readForm(r.ParseForm, MaxForm); err != nil {
				q.fail(err)
				q.w.sendTo(w)
				return
			}
		}
		k.once.do(q.onceKey(), q.w, func() {
			if err := handle(q); err != nil {
				q.fail(err)
			}
		})
		q.w.sendTo(w)
	})
}

// fail shows why a request came to nothing.
func (q *Request) fail(err error) {
	problem, ok := errors.AsType[*control.Problem](err)
	if !ok {
		q.kit.Log.Error("page failed", "path", q.HTTP.URL.Path, "error", err)
		problem = &control.Problem{Status: http.StatusInternalServerError, Title: "Kivuko failed", Detail: err.Error()}
	}
	q.w.reset()
	q.w.status = problem.Status
	if err := q.Show("problem", problem); err != nil {
		http.Error(q.w, problem.Error(), problem.Status)
	}
}

// badField is a problem with a field of a form.
func badField(field, format string, args ...any) error {
	return &control.Problem{Status: http.StatusUnprocessableEntity, Title: "The form can't be taken", Field: field, Detail: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &control.Problem{Status: http.StatusNotFound, Title: "There is no such page", Detail: fmt.Sprintf(format, args...)}
}
