package journal

import "sort"

// ring keeps the latest entries that fit it, in the order of their IDs.
type ring struct {
	entries  []Entry // a ring: the oldest is at first
	first    int
	count    int
	bytes    int // of all bodies
	maxBytes int
	dropped  bool // some no longer fitted
}

func newRing(size, maxBytes int) ring { return ring{entries: make([]Entry, size), maxBytes: maxBytes} }

// at gives the i-th entry, the oldest first.
func (r *ring) at(i int) *Entry { return &r.entries[(r.first+i)%len(r.entries)] }

func (r *ring) add(e Entry) {
	if r.count == len(r.entries) {
		r.drop()
	}
	*r.at(r.count) = e
	r.count++
	r.bytes += len(e.Request) + len(e.Answer)
	for r.bytes > r.maxBytes && r.count > 1 {
		r.drop()
	}
}

func (r *ring) drop() {
	e := r.at(0)
	r.bytes -= len(e.Request) + len(e.Answer)
	*e = Entry{}
	r.first, r.count, r.dropped = (r.first+1)%len(r.entries), r.count-1, true
}

// below counts the entries whose IDs are below one.
func (r *ring) below(id int64) int {
	return sort.Search(r.count, func(i int) bool { return r.at(i).ID >= id })
}

// latest copies the newest entries with IDs between two, newest first, of several rings, and gives how many.
func latest(into []Entry, after, before int64, rings ...*ring) (n int) {
	left := make([]int, len(rings)) // entries of each that may still come
	for i, r := range rings {
		left[i] = r.below(before)
	}
	for n < len(into) {
		newest := -1
		for i, r := range rings {
			if left[i] > 0 && (newest < 0 || r.at(left[i]-1).ID > rings[newest].at(left[newest]-1).ID) {
				newest = i
			}
		}
		if newest < 0 {
			return n
		}
		left[newest]--
		e := rings[newest].at(left[newest])
		if e.ID <= after {
			return n
		}
		into[n] = *e
		n++
	}
	return n
}
