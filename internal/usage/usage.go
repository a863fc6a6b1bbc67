// Package usage counts what each app asked for, minute by minute for the last hours: requests, refusals by their code, how long the
// gateway took, and the results of the payments that came of them. It lives in memory, is bounded, and costs a request less than a
// microsecond.
package usage

import (
	"math/bits"
	"strconv"
	"sync"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
)

const (
	Kept = 6 * 60 // minutes that are remembered

	mostSeries = 256     // of apps and APIs: later ones are not counted
	mostCodes  = 64      // of a minute; the catalogue has fewer
	followed   = 1 << 15 // payments whose app is remembered until they end
)

// Usage counts. Make one with New.
type Usage struct {
	mu     sync.RWMutex
	series map[key]*series

	following sync.Mutex
	payments  []payment // ring, by number
}

// key is an app and the name of an API.
type key struct{ app, api string }

// payment is one that a series has brought, or whose result came before its request was counted.
type payment struct {
	id     int64
	by     *series
	result string
	at     int64 // minute of the result
}

// series are the minutes of one app and one API.
type series struct {
	mu      sync.Mutex
	minutes [Kept]minute // ring, by number
}

// minute is what happened in one.
type minute struct {
	number   int64 // since 1970
	requests int64
	took     histogram
	errors   counts
	results  counts
}

// New makes a Usage with nothing counted.
func New() *Usage { return &Usage{series: map[key]*series{}, payments: make([]payment, followed)} }

// Note counts a request. It is a journal's listener.
func (u *Usage) Note(e journal.Entry) {
	s := u.of(key{e.App, e.API})
	if s == nil {
		return
	}
	s.mu.Lock()
	m := s.at(minuteOf(e.At.UnixMilli()))
	m.requests++
	m.took.add(e.Took)
	if refused := code(e); refused != "" {
		m.errors.add(refused)
	}
	s.mu.Unlock()
	if e.Payment != 0 && e.API != codes.APIQuery { // a query asks about a payment that another request has brought
		u.brought(e.Payment, s)
	}
}

// code is what a refusal is counted by: its errorCode, or its status where the answer has no body.
func code(e journal.Entry) string {
	if e.Code == "" && e.Status >= 400 {
		return strconv.Itoa(e.Status) // wrong consumer key or secret (wire.md §3)
	}
	return e.Code
}

// of finds a series or begins it; nil when there are too many.
func (u *Usage) of(k key) *series {
	u.mu.RLock()
	s := u.series[k]
	u.mu.RUnlock()
	if s != nil {
		return s
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if s = u.series[k]; s == nil && len(u.series) < mostSeries {
		s = &series{}
		u.series[k] = s
	}
	return s
}

// brought remembers whose a payment is, so that its result can be counted.
func (u *Usage) brought(id int64, by *series) {
	u.following.Lock()
	defer u.following.Unlock()
	p := &u.payments[id%followed]
	if p.id == id && p.result != "" { // it was faster than its acknowledgement
		by.ended(p.result, p.at)
		return
	}
	*p = payment{id: id, by: by}
}

// Listen counts the results of a committed view. It is an engine.Listener.
func (u *Usage) Listen(v *mpesa.View) {
	for p := range mpesa.Changed(v) {
		if p.State.Final() && p.Result != "" {
			u.end(p.ID, string(p.Result), minuteOf(p.FinishedAt))
		}
	}
}

func (u *Usage) end(id int64, result string, at int64) {
	u.following.Lock()
	defer u.following.Unlock()
	p := &u.payments[id%followed]
	switch {
	case p.id == id && p.by != nil:
		p.by.ended(result, at)
		*p = payment{}
	case p.id < id:
		*p = payment{id: id, result: result, at: at}
	}
}

func (s *series) ended(result string, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(at).results.add(result)
}

// at is a minute; whatever was in its place is over.
func (s *series) at(number int64) *minute {
	m := &s.minutes[number%Kept]
	if m.number != number {
		*m = minute{number: number}
	}
	return m
}

func minuteOf(ms int64) int64 { return ms / time.Minute.Milliseconds() }

// counts are numbers by code. There are few codes in a minute: looking through them is faster than a map.
type counts []count

type count struct {
	code string
	n    int64
}

func (c *counts) add(code string) { c.addN(code, 1) }

func (c *counts) addN(code string, n int64) {
	for i := range *c {
		if (*c)[i].code == code {
			(*c)[i].n += n
			return
		}
	}
	if len(*c) < mostCodes {
		*c = append(*c, count{code, n})
	}
}

// histogram counts durations in steps of half a power of two, from 16 µs to 16 s.
type histogram [steps]uint32

const (
	steps    = 40
	smallest = 5 // bits of 16 µs
)

func (h *histogram) add(d time.Duration) {
	us := uint64(max(d.Microseconds(), 0))
	length := bits.Len64(us)
	if length < smallest {
		h[0]++
		return
	}
	h[min(2*(length-smallest)+int(us>>(length-2)&1), steps-1)]++
}

// bound is where a step begins, in microseconds.
func bound(step int) float64 {
	if step == 0 {
		return 0
	}
	whole := float64(uint64(1) << (step/2 + smallest - 1))
	if step%2 == 1 {
		return whole * 1.5
	}
	return whole
}

// quantile is the duration that a share of all took at most, by the step that it is in.
func (h *histogram) quantile(share float64) time.Duration {
	total := 0.0
	for _, n := range h {
		total += float64(n)
	}
	left := share * total
	for step, n := range h {
		if n > 0 && left <= float64(n) {
			from, to := bound(step), bound(step+1)
			return time.Duration((from + (to-from)*left/float64(n)) * float64(time.Microsecond))
		}
		left -= float64(n)
	}
	return 0
}
