package gateway

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/access"
)

// Wrong consumer keys and secrets are counted by where they come from, and all together. Beyond these numbers nothing is looked at that
// comes from where no right secret came from in the last hour. They let a test suite be wrong as it likes, and stop a loop.
const (
	wrongAtOnce   = 100
	wrongEvery    = time.Second // one more
	allAtOnce     = 2000
	allEvery      = 20 * time.Millisecond
	familiarFor   = time.Hour
	mostAddresses = 10_000 // that are remembered
)

// tries are the wrong consumer keys and secrets of the last minutes.
type tries struct {
	mu   sync.Mutex
	all  pace
	from map[netip.Prefix]source
}

// source is an address, or a network of IPv6, that consumer secrets come from.
type source struct {
	pace
	right time.Time // when the latest right one came
}

// pace tells by one time how much came lately: the time until which what came is worked off at a steady rate.
type pace struct{ until time.Time }

func (p pace) over(now time.Time, atOnce int, every time.Duration) bool {
	return p.until.Sub(now) > time.Duration(atOnce)*every
}

func (p *pace) add(now time.Time, every time.Duration) {
	if p.until.Before(now) {
		p.until = now
	}
	p.until = p.until.Add(every)
}

// tooMany reports whether a try from an address is one too many.
func (t *tries) tooMany(from netip.Prefix, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.from[from]
	if !s.right.IsZero() && now.Sub(s.right) < familiarFor {
		return false
	}
	return s.over(now, wrongAtOnce, wrongEvery) || t.all.over(now, allAtOnce, allEvery)
}

// note counts a try.
func (t *tries) note(from netip.Prefix, right bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.from[from]
	if right {
		s.right = now
	} else {
		s.add(now, wrongEvery)
		t.all.add(now, allEvery)
	}
	if t.from == nil {
		t.from = map[netip.Prefix]source{}
	}
	if len(t.from) >= mostAddresses {
		t.forget(now)
	}
	t.from[from] = s
}

// forget makes room: what is over goes, or else whatever comes first.
func (t *tries) forget(now time.Time) {
	for from, s := range t.from {
		if s.until.Before(now) && now.Sub(s.right) >= familiarFor {
			delete(t.from, from)
		}
	}
	for from := range t.from {
		if len(t.from) < mostAddresses {
			return
		}
		delete(t.from, from)
	}
}

// origin is whose tries are counted together: an address, or a network of IPv6, which has too many addresses; of requests that a trusted
// proxy passes on, its client's.
func (g *Gateway) origin(r *http.Request) netip.Prefix {
	door := g.Door
	if door == nil {
		door = &access.Door{}
	}
	address := door.Client(r)
	if !address.IsValid() {
		return netip.Prefix{}
	}
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // which it has
	return prefix
}
