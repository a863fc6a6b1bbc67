package page

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"sync"
)

// onceField is the hidden field that makes a form act once. Every form has one with a text of its own.
const onceField = "_once"

// maxOnce bounds the forms that are remembered. A double click comes within moments, a reload within an hour.
const maxOnce = 1024

// once gives a form that comes a second time, from a double click or a reload, the answer that it got the first time. A form that was
// changed in between is another one, and one that Kivuko failed at may be sent again.
type once struct {
	mu    sync.Mutex
	known map[formKey]*sent
	order []formKey // of known, oldest first
}

// formKey is a digest of a form's path and of everything in it.
type formKey [sha256.Size]byte

// sent is a form that has come.
type sent struct {
	done   chan struct{}
	answer response
}

// Unique gives a text of letters and digits that no form and no page has had.
func Unique() string { return rand.Text() }

// onceKey is the form's key; the zero key when it may act each time that it comes. What everybody may post does, or strangers could have
// the forms of people who have signed in forgotten.
func (q *Request) onceKey() (key formKey) {
	if q.form == nil || q.form.values.Get(onceField) == "" || forEverybody(q.HTTP.URL.Path) {
		return key
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s", q.HTTP.URL.RequestURI(), q.form.values.Encode())
	if files := q.HTTP.MultipartForm; files != nil {
		for _, name := range sortedKeys(files.File) {
			for _, file := range files.File[name] {
				digest(h, name, file)
			}
		}
	}
	h.Sum(key[:0])
	return key
}

// digest adds a file of a form to a digest. One that can't be read is for the handler to say.
func digest(h io.Writer, field string, file *multipart.FileHeader) {
	fmt.Fprintf(h, "\x00%s\x00%s\x00", field, file.Filename)
	f, err := file.Open()
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = io.Copy(h, f)
}

// do fills in an answer, by act or from before. Without a key it always acts.
func (o *once) do(key formKey, answer *response, act func()) {
	if key == (formKey{}) {
		act()
		return
	}
	s, first := o.claim(key)
	if !first {
		<-s.done
		answer.copyFrom(&s.answer)
		return
	}
	s.answer = response{header: http.Header{}, status: http.StatusInternalServerError} // when act panics
	defer func() {
		if s.answer.status >= http.StatusInternalServerError {
			o.forget(key)
		}
		close(s.done)
	}()
	act()
	s.answer.copyFrom(answer)
}

func (o *once) forget(key formKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.known, key)
	o.order = slices.DeleteFunc(o.order, func(k formKey) bool { return k == key })
}

func (o *once) claim(key formKey) (s *sent, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.known[key]; s != nil {
		return s, false
	}
	if o.known == nil {
		o.known = map[formKey]*sent{}
	}
	for len(o.order) >= maxOnce {
		delete(o.known, o.order[0])
		o.order = o.order[1:]
	}
	s = &sent{done: make(chan struct{})}
	o.known[key] = s
	o.order = append(o.order, key)
	return s, true
}
