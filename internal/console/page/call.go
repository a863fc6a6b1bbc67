package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
)

// inside is the URL of the control API in this process. Nothing looks it up.
const inside = "http://kivuko"

// transport has a handler of this process answer, without a network. Who calls it says in the context: headers are anybody's.
type transport struct {
	handler  http.Handler
	operator string // who has signed in to the portal; "": nobody
	from     string // the browser's address
	form     func() formKey
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(access.WithCaller(r.Context(), access.Caller{From: t.from, SignedIn: t.operator != ""}))
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RemoteAddr, r.RequestURI = t.from, r.URL.RequestURI()
	if t.operator != "" {
		r.Header.Set(control.OperatorHeader, t.operator)
	}
	if r.Method == http.MethodPost && t.form != nil {
		t.setKey(r)
	}
	if path.Ext(r.URL.Path) == ".csv" { // a file, which may be long
		return t.piped(r), nil
	}
	a := &response{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(a, r)
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: a.header, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(a.body.Len()), Body: io.NopCloser(&a.body),
	}, nil
}

// setKey has a call move money once for the form that it comes from: also when the form comes again to another node or after a restart, or
// because the answer was lost or said that the outcome is unknown. The key is the form's, and one of its own for each path that the form has called.
func (t transport) setKey(r *http.Request) {
	form := t.form()
	if form == (formKey{}) {
		return
	}
	key := sha256.Sum256(fmt.Appendf(form[:], "%s\x00%s", t.operator, r.URL.Path))
	r.Header.Set(control.IdempotencyHeader, hex.EncodeToString(key[:]))
}
