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

// Handler serves next with bounds on the bodies of requests.
func Handler(next http.Handler) http.Handler {
	large := make(chan struct{}, largeAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength >= 0 && r.ContentLength <= Small { // most: a few hundred bytes
			next.ServeHTTP(w, r)
			return
		}
		body := &body{ReadCloser: r.Body, large: large}
		defer body.release()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

// body is the body of a request that may be large.
type body struct {
	io.ReadCloser
	large chan struct{} // has one element for each that is read
	read  int64
	holds bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if !b.holds && b.read >= Small {
		select {
		case b.large <- struct{}{}:
			b.holds = true
		default:
			return 0, ErrBusy
		}
	}
	if !b.holds {
		p = p[:min(int64(len(p)), Small-b.read)]
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

func (b *body) release() {
	if b.holds {
		<-b.large
		b.holds = false
	}
}
