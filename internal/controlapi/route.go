package controlapi

import (
	"net/http"
	"reflect"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// Route is one operation of the API: what it is called, what it takes and gives, and what answers it.
type Route struct {
	Method, Path string // the path is below api.Root
	ID, Summary  string
	About        string // what else is to be said of it; "": nothing
	Given        string // what is in the answer

	Query, Body, Out reflect.Type // structs; nil: there is none. Fields of Query have a tag path or query
	Statuses         []int        // of answers that are no problems
	Problems         []problemKind
	Media            string // of the answer; "": JSON
	Most             int64  // bytes of the body; 0: maxBody
	Once             bool   // it takes an Idempotency-Key
	Operator         bool   // it takes the header that names an operator
	Session          bool   // it takes the header that has a session

	handle func(*server, *http.Request) (answer, error)
}

// none is the type of what there isn't: a query, a body, or an answer's content.
type none struct{}

// created is an answer that tells whether something is new.
type created[T any] struct {
	shown T
	isNew bool
}

func (c created[T]) answer() answer {
	if c.isNew {
		return answer{status: http.StatusCreated, body: c.shown}
	}
	return ok(c.shown)
}

// shownType is the type of what is created or changed.
func (created[T]) shownType() reflect.Type { return typeOf[T]() }

// asked is a request whose path and query have been read.
type asked struct {
	*http.Request
	By           mpesa.Actor         // who asks for something of an organisation's, after acting
	Organisation *mpesa.Organisation // that the path names, after acting
	App          *mpesa.App          // that the path names, after ofApp
	pass         pass                // whose session it is, after inSession

	file *bulkRequest               // the rows of a bulk file
	task map[portal.TaskField]given // what is said of a task, which its kind reads
}

// request is a request to an operation with what it says.
type request[Q, B any] struct {
	asked
	Query Q
	Body  B
}

// operation is what the constructors of a route and its options are about.
type operation struct {
	Route
	before []func(*server, *asked) error // after the path and the query are read, and before the body is
	wrap   []func(*server, handler) handler
}

// option says more of a route.
type option func(*operation)

// gives says what is in the answer.
func gives(text string) option { return func(o *operation) { o.Given = text } }

// fails lists problems that an operation has besides those of its form.
func fails(kinds ...problemKind) option {
	return func(o *operation) { o.Problems = append(o.Problems, kinds...) }
}

// status is that of the answer, where it isn't 200.
func status(code int) option { return func(o *operation) { o.Statuses = []int{code} } }

// media is the media type of an answer that isn't JSON.
func media(name string) option { return func(o *operation) { o.Media = name } }

// most bounds the body, in bytes.
func most(bytes int64) option { return func(o *operation) { o.Most = bytes } }

// once has an Idempotency-Key move money once.
func once(show shower) option {
	return func(o *operation) {
		o.Once = true
		o.Problems = append(o.Problems, conflict)
		o.wrap = append(o.wrap, func(s *server, h handler) handler { return s.once(h, show) })
	}
}

// needs asks for a right before anything else.
func needs(right portal.Right, action string) option {
	return func(o *operation) {
		o.Operator = true
		o.wrap = append(o.wrap, func(s *server, h handler) handler { return s.needs(right, action, h) })
	}
}

// byOperator lets the header name the operator who asks.
func byOperator(o *operation) { o.Operator = true }

// acting reads who asks and the organisation that the path names, before the body is read.
func acting(o *operation) {
	o.Operator = true
	o.Problems = append(o.Problems, notFound)
	o.before = append(o.before, func(s *server, r *asked) (err error) {
		r.By, r.Organisation, err = s.actingFor(r.Request)
		return err
	})
}

// asking reads who asks.
func asking(o *operation) {
	o.Operator = true
	o.before = append(o.before, func(_ *server, r *asked) (err error) {
		r.By, err = askerOf(r.Request)
		return err
	})
}

// ofApp reads the sandbox app that the path names, before the body is read.
func ofApp(o *operation) {
	o.Problems = append(o.Problems, notFound, conflict)
	o.before = append(o.before, func(s *server, r *asked) (err error) {
		r.App, err = s.sandboxApp(r.Request)
		return err
	})
}

// bySession lets the header name a session.
func bySession(o *operation) { o.Session = true }

// inSession reads whose session it is, before the body is read.
func inSession(o *operation) {
	o.Session = true
	o.Problems = append(o.Problems, notFound)
	o.before = append(o.before, func(s *server, r *asked) (err error) {
		r.pass, _, err = s.session(r.Request)
		return err
	})
}

func get[Q, Out any](path, id, summary string, h func(*server, *request[Q, none]) (Out, error), options ...option) Route {
	return route(http.MethodGet, path, id, summary, h, options)
}

func post[Q, B, Out any](path, id, summary string, h func(*server, *request[Q, B]) (Out, error), options ...option) Route {
	return route(http.MethodPost, path, id, summary, h, options)
}

func put[Q, B, Out any](path, id, summary string, h func(*server, *request[Q, B]) (Out, error), options ...option) Route {
	return route(http.MethodPut, path, id, summary, h, options)
}

func del[Q any](path, id, summary string, h func(*server, *request[Q, none]) (none, error), options ...option) Route {
	return route(http.MethodDelete, path, id, summary, h, options)
}

func route[Q, B, Out any](method, path, id, summary string, h func(*server, *request[Q, B]) (Out, error), options []option) Route {
	o := operation{Route: Route{Method: method, Path: path, ID: id, Summary: summary, Query: typeOf[Q](), Body: typeOf[B](), Out: typeOf[Out](), Statuses: []int{http.StatusOK}}}
	var out Out
	if x, ok := any(out).(interface{ shownType() reflect.Type }); ok {
		o.Out, o.Statuses = x.shownType(), []int{http.StatusOK, http.StatusCreated}
	} else if o.Out == nil {
		o.Statuses = []int{http.StatusNoContent}
	}
	for _, option := range options {
		option(&o)
	}
	success := o.Statuses[0]
	o.handle = func(s *server, r *http.Request) (answer, error) {
		handle := func(r *http.Request) (answer, error) {
			q := &request[Q, B]{asked: asked{Request: r, task: map[portal.TaskField]given{}}}
			if err := s.readRequest(&q.asked, &q.Query); err != nil {
				return answer{}, err
			}
			for _, before := range o.before {
				if err := before(s, &q.asked); err != nil {
					return answer{}, err
				}
			}
			if o.Body != nil {
				if err := s.readBody(&q.asked, &q.Body); err != nil {
					return answer{}, err
				}
			}
			out, err := h(s, q)
			if err != nil {
				return answer{}, err
			}
			return answerOf(out, success), nil
		}
		for _, wrap := range o.wrap {
			handle = wrap(s, handle)
		}
		return handle(r)
	}
	return o.Route
}

// answerOf makes the answer of what a handler gave.
func answerOf(out any, status int) answer {
	switch x := out.(type) {
	case answer:
		return x
	case interface{ answer() answer }:
		return x.answer()
	case none:
		return answer{status: http.StatusNoContent}
	}
	return answer{status: status, body: out}
}

// typeOf is the type of what is taken or given; nil for nothing.
func typeOf[T any]() reflect.Type {
	t := reflect.TypeFor[T]()
	if t == reflect.TypeFor[none]() {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// methodsOf gathers the handlers of each path.
func (s *server) methodsOf(routes []Route) map[string]methods {
	paths := map[string]methods{}
	for _, x := range routes {
		path := control.Root + x.Path
		if paths[path] == nil {
			paths[path] = methods{}
		}
		h := func(r *http.Request) (answer, error) { return x.handle(s, r) }
		if action, ok := provided[x.Method+" "+x.Path]; ok {
			h = s.noted(action, h)
		}
		paths[path][x.Method] = served{h, max(x.Most, maxBody)}
	}
	return paths
}
