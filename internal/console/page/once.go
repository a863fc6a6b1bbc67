package page

import (
	"crypto/rand"
	"sync"
)

// onceField is the hidden field that makes a form act once. Every form has one with a text of its own.
const onceField = "_once"

// maxOnce bounds the forms that are remembered. A double click comes within moments, a reload within an hour.
const maxOnce = 1024

// once gives a form that comes a second time, from a double click or a reload, the answer that it got the first time.
type once struct {
	mu    sync.Mutex
	known map[string]*sent
	order []string // of known, oldest first
}

// sent is a form that has come.
type sent struct {
	done   chan struct{}
	answer response
}

func newOnce() string { return rand.Text() }

func (q *Request) onceKey() string {
	if q.form == nil || q.form.values.Get(onceField) == "" {
		return ""
	}
	return q.HTTP.URL.Path + "\x00" + q.form.values.Get(onceField)
}

// do fills in an answer, by act or from before. Without a key it always acts.
func (o *once) do(key string, answer *response, act func()) {
	if key == "" {
		act()
		return
	}
	s, first := o.claim(key)
	if !first {
		<-s.done
		answer.copyFrom(&s.answer)
		return
	}
	defer close(s.done)
	act()
	s.answer.copyFrom(answer)
}

func (o *once) claim(key string) (s *sent, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.known[key]; s != nil {
		return s, false
	}
	if o.known == nil {
		o.known = map[string]*sent{}
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
