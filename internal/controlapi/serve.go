package controlapi

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// maxBody bounds the bodies of requests, in bytes.
const maxBody = 64 << 10

// answer is what a handler gives: a status with a body, which is JSON unless it is bytes of another media type.
type answer struct {
	status int
	body   any
	media  string // "" is application/json

	replayed bool // the request has been answered before

	stream func(io.Writer) error // writes the body as it comes, instead of body; nil: there is one
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

// handler answers a request. An error that isn't an *api.Problem is the server's fault.
type handler func(*http.Request) (answer, error)

// do runs a command. Why it was refused is an error like any other.
func (s *server) do(r *http.Request, c mpesa.Command, refused *error) error {
	if err := s.run(r, c, func() bool { return *refused != nil }); err != nil {
		return err
	}
	return *refused
}

// methods are the handlers of a path by method.
type methods map[string]served

// served is a handler and how large the bodies may be that it reads, in bytes.
type served struct {
	handler
	most int64
}

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle, ok := m[method]
	if !ok {
		w.Header().Set("Allow", m.allowed())
		write(w, refusal(methodNotAllowed.problem("%s takes %s", r.URL.Path, m.allowed())))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, handle.most)
	a, err := handle.handler(r)
	if err != nil {
		a = refusal(problemOf(err))
	}
	if a.stream == nil || r.Method == http.MethodHead {
		write(w, a)
		return
	}
	head(w, a)
	if err := a.stream(w); err != nil {
		panic(http.ErrAbortHandler) // what was sent is not whole, and the client is to notice
	}
}

func (m methods) allowed() string {
	list := slices.Collect(maps.Keys(m))
	if _, ok := m[http.MethodGet]; ok {
		list = append(list, http.MethodHead)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func refusal(p *control.Problem) answer {
	return answer{status: p.Status, body: p, media: control.ProblemType}
}

// write sends an answer. JSON is indented: people read it too.
func write(w http.ResponseWriter, a answer) {
	if a.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	body, isBytes := a.body.([]byte)
	if !isBytes && a.stream == nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(a.body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body = b.Bytes()
	}
	head(w, a)
	_, _ = w.Write(body) // a client that doesn't read it has gone
}

// head sends what stands above an answer.
func head(w http.ResponseWriter, a answer) {
	h := w.Header()
	h.Set("Content-Type", a.media)
	if a.media == "" {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.replayed {
		h.Set(control.ReplayedHeader, "true")
	}
	if a.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "2")
	}
	w.WriteHeader(a.status)
}
