// Package journal remembers the latest requests with their answers, and why each refused one was refused. It lives in memory,
// is bounded, and does as little as it can when a request is noted: readers pay for the rest.
package journal

import (
	"strings"
	"sync"
	"time"
)

// Entry is a request and its answer.
type Entry struct {
	ID          int64 // counts up from 1
	At          time.Time
	Took        time.Duration
	Method      string
	Path        string
	API         string // its name; "" where no API has the path
	App         string // consumer key; "" where no app was recognised: a stranger's request
	Remote      string // address of the client
	Request     []byte // the body as far as it was read; Entries masks the secrets in it and in Answer
	Status      int    // HTTP status
	Answer      []byte
	Code        string // errorCode of a refusal
	Explanation string // of a refusal or a warning: which check, what was expected, what came
	Cause       string // of a refusal: what makes the gateway answer so
	Fix         string // of a refusal: what to do about it
	Payment     int64  // the payment that was accepted or asked about; 0: none
}

// Size is how many requests of apps a journal keeps by default, and maxBytes how large their bodies may be together. Requests that no
// app's token or secret came with have a ring of their own, a part as large: strangers push out nobody's requests but their own.
const (
	Size          = 4096
	maxBytes      = 16 << 20
	strangersPart = 16
)

// Journal keeps the latest entries, in memory.
type Journal struct {
	mu        sync.Mutex
	last      int64
	apps      ring // requests of apps
	strangers ring // all others

	listeners []func(Entry)
}

// Listen adds a listener that hears of each entry when it has been added. It must be quick. All must be added before the first
// entry.
func (j *Journal) Listen(l func(Entry)) { j.listeners = append(j.listeners, l) }

// New makes a journal of size entries of apps.
func New(size int) *Journal {
	return &Journal{apps: newRing(size, maxBytes), strangers: newRing(max(size/strangersPart, 1), maxBytes/strangersPart)}
}

// Add notes an entry and gives it its ID.
func (j *Journal) Add(e Entry) int64 {
	e.ID = j.add(e)
	for _, l := range j.listeners {
		l(e)
	}
	return e.ID
}

func (j *Journal) add(e Entry) int64 {
	// They are parts of the request's first line, and would keep all of it, query and all, which nobody counts.
	e.Method, e.Path = strings.Clone(e.Method), strings.Clone(e.Path)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	if e.App == "" {
		j.strangers.add(e)
	} else {
		j.apps.add(e)
	}
	return e.ID
}

// Entries lists up to limit entries, newest first, with IDs above after and, unless before is 0, below before, that keep
// accepts. keep may be nil. Secrets in their requests and answers are masked: who sends one wrongly may have sent it as it is. keep sees them
// unmasked, and is called without the lock, so that no request waits however long it takes.
func (j *Journal) Entries(after, before int64, limit int, keep func(*Entry) bool) (list []Entry) {
	var chunk [128]Entry
	for {
		n := j.copy(chunk[:], after, before)
		for i := range chunk[:n] {
			if e := &chunk[i]; keep == nil || keep(e) {
				e.Request, e.Answer = Masked(e.Request), Masked(e.Answer)
				list = append(list, *e)
			}
			if len(list) >= limit {
				return list
			}
		}
		if n == 0 {
			return list
		}
		before = chunk[n-1].ID
	}
}

// copy copies entries between two IDs, newest first, and gives how many. Their bodies are shared: nobody changes them.
func (j *Journal) copy(into []Entry, after, before int64) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if before <= 0 || before > j.last {
		before = j.last + 1
	}
	return latest(into, after, before, &j.apps, &j.strangers)
}

// Oldest is the ID from which on everything is there, but for requests that no app's token or secret came with; 0 when nothing was
// noted yet.
func (j *Journal) Oldest() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.last == 0:
		return 0
	case j.apps.dropped:
		return j.apps.at(0).ID
	case j.strangers.dropped:
		return j.strangers.at(0).ID
	}
	return 1
}
