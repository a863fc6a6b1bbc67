package page

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Stream answers with a file that is written while it is sent, however long it is. What could be refused has to be asked for before:
// when write fails, the browser's download does.
func (q *Request) Stream(name, media string, write func(io.Writer) error) error {
	q.w.header.Set("Content-Type", media)
	q.w.header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	q.w.stream = write
	return nil
}

// piped has the handler answer while the caller reads.
func (t transport) piped(r *http.Request) *http.Response {
	body, to := io.Pipe()
	a := &pipedAnswer{header: http.Header{}, to: to, begun: make(chan struct{})}
	go func() {
		defer func() {
			a.WriteHeader(http.StatusOK) // of an answer without a body
			if x := recover(); x != nil {
				_ = to.CloseWithError(fmt.Errorf("%v", x))
				return
			}
			_ = to.Close()
		}()
		t.handler.ServeHTTP(a, r)
	}()
	<-a.begun
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: a.sent, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1, Body: body,
	}
}

// pipedAnswer is an answer that is read as it is written.
type pipedAnswer struct {
	header http.Header
	to     *io.PipeWriter

	once   sync.Once
	begun  chan struct{} // closed when status and sent are known
	status int
	sent   http.Header
}

// Header implements http.ResponseWriter.
func (a *pipedAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *pipedAnswer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	})
}

// Write implements http.ResponseWriter.
func (a *pipedAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.to.Write(b)
}
