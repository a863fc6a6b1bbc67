// Package bounds keeps what clients can take of the process within bounds, all clients together: connections, the bodies of requests that
// are read into memory, and the time in which an answer has to be read.
package bounds

import (
	"errors"
	"io"
	"net/http"
)

const (
	// Small is how many bytes of a body are read without further ado.
	Small = 64 << 10
	// largeAtOnce is how many bodies that are larger are read, and worked on, at the same time. The largest are files of bulk payments,
	// of which each takes several times its size.
	largeAtOnce = 4
)

// ErrBusy is the error of reading on in a large body while as many as are read at once are under way.
var ErrBusy = errors.New("other large requests are being worked on: try again in a few seconds")

// handler serves next, of each connection with a bound on the bodies of its requests.
type handler struct {
	next  http.Handler
	large chan struct{} // has one element for each large body that is read
}

// Handler serves next with bounds on the bodies of requests.
func Handler(next http.Handler) http.Handler {
	return &handler{next: next, large: make(chan struct{}, largeAtOnce)}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := r.Context().Value(connKey{}).(*conn)
	if !ok {
		c = new(conn) // the request did not come through a Listener
	}
	c.has(r.ContentLength == 0)
	if r.ContentLength != 0 {
		c.body = body{ReadCloser: r.Body, conn: c, large: h.large, small: r.ContentLength > 0 && r.ContentLength <= Small}
		r.Body = &c.body
		defer c.body.release()
	}
	h.next.ServeHTTP(w, r)
}

// body is the body of the request that a connection has now.
type body struct {
	io.ReadCloser
	conn  *conn
	large chan struct{}
	small bool // by its length: most have a few hundred bytes
	read  int64
	holds bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if !b.small && !b.holds && b.read >= Small {
		select {
		case b.large <- struct{}{}:
			b.holds = true
		default:
			return 0, ErrBusy
		}
	}
	if !b.small && !b.holds {
		p = p[:min(int64(len(p)), Small-b.read)]
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if errors.Is(err, io.EOF) {
		b.conn.has(true)
	}
	return n, err
}

func (b *body) release() {
	if b.holds {
		<-b.large
		b.holds = false
	}
}
