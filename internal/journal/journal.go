// Package journal remembers the latest requests with their answers, and why each refused one was refused. It lives in memory,
// is bounded, and does as little as it can when a request is noted: whoever reads it pays for the rest.
package journal

import (
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
	App         string // consumer key; "" where no app was recognised
	Remote      string // address of the client
	Request     []byte // the body as far as it was read; Entries masks the secrets in it
	Status      int    // HTTP status
	Answer      []byte
	Code        string // errorCode of a refusal
	Explanation string // of a refusal or a warning: which check, what was expected, what came
	Payment     int64  // the payment that was accepted or asked about; 0: none
}

// Size is how many entries a journal keeps by default, and maxBytes how large their bodies may be together.
const (
	Size     = 4096
	maxBytes = 16 << 20
)

// Journal is a ring of entries.
type Journal struct {
	mu      sync.Mutex
	entries []Entry // ring, by ID modulo its length
	last    int64
	oldest  int64 // the first that is still there
	bytes   int
}

// New makes a journal of size entries.
func New(size int) *Journal { return &Journal{entries: make([]Entry, size), oldest: 1} }

// Add notes an entry and gives it its ID.
func (j *Journal) Add(e Entry) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	if j.last-j.oldest >= int64(len(j.entries)) {
		j.drop()
	}
	*j.at(e.ID) = e
	j.bytes += len(e.Request) + len(e.Answer)
	for j.bytes > maxBytes && j.oldest < j.last {
		j.drop()
	}
	return e.ID
}

func (j *Journal) at(id int64) *Entry { return &j.entries[id%int64(len(j.entries))] }

func (j *Journal) drop() {
	e := j.at(j.oldest)
	j.bytes -= len(e.Request) + len(e.Answer)
	*e = Entry{}
	j.oldest++
}

// Entries lists up to limit entries, newest first, with IDs above after and, unless before is 0, below before, that keep
// accepts. keep may be nil. Passwords in their requests are masked: who sends one wrongly may have sent it as it is.
func (j *Journal) Entries(after, before int64, limit int, keep func(*Entry) bool) []Entry {
	list := j.list(after, before, limit, keep)
	for i := range list {
		list[i].Request = masked(list[i].Request)
	}
	return list
}

func (j *Journal) list(after, before int64, limit int, keep func(*Entry) bool) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if before <= 0 || before > j.last {
		before = j.last + 1
	}
	var list []Entry
	for id := before - 1; id >= j.oldest && id > after && len(list) < limit; id-- {
		if e := j.at(id); keep == nil || keep(e) {
			list = append(list, *e)
		}
	}
	return list
}
