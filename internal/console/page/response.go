package page

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// response is an answer that is sent when it is whole: a template that fails half-way leaves nothing behind, and a double click
// can be given the same answer again.
type response struct {
	header http.Header
	status int // 0: 200
	body   bytes.Buffer

	stream func(io.Writer) error // writes the body as it is sent; nil: it is in body
}

// Header implements http.ResponseWriter.
func (a *response) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *response) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *response) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *response) reset() {
	a.status = 0
	a.body.Reset()
}

func (a *response) copyFrom(b *response) {
	a.header, a.status = b.header.Clone(), b.status
	a.body.Reset()
	a.body.Write(b.body.Bytes())
}

func (a *response) sendTo(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.header {
		if name == "Set-Cookie" { // beside the one that keeps the session
			values = append(h[name], values...)
		}
		h[name] = values
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.stream != nil {
		w.WriteHeader(a.status)
		if err := a.stream(w); err != nil {
			panic(http.ErrAbortHandler) // what was sent is not whole, and the browser is to notice
		}
		return
	}
	h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that doesn't read it has gone
}
