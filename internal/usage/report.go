package usage

import (
	"slices"
	"strings"
	"time"
)

// Line is what was counted of something.
type Line struct {
	Requests int64
	Refused  int64
	P50, P95 time.Duration    // how long the gateway took to answer
	Errors   map[string]int64 // refusals by errorCode; "400" are those whose answer has none
	Results  map[string]int64 // payments that ended, by result code
}

// Report is an app's usage.
type Report struct {
	From   time.Time
	Step   time.Duration
	Total  Line
	APIs   []OfAPI // those that were asked, by name
	Points []Line  // one a step
	Full   bool    // more apps and APIs were asked for than are counted: something may be missing
}

// OfAPI is the usage of an API.
type OfAPI struct {
	API string // "": a path that no API has
	Line
}

// sum is minutes added up.
type sum struct{ minute }

func (s *sum) add(m *minute) {
	s.requests += m.requests
	for i, n := range m.took {
		s.took[i] += n
	}
	for _, c := range m.errors {
		s.errors.addN(c.code, c.n)
	}
	for _, c := range m.results {
		s.results.addN(c.code, c.n)
	}
}

func (s *sum) line() Line {
	l := Line{Requests: s.requests, P50: s.took.quantile(0.5), P95: s.took.quantile(0.95), Errors: map[string]int64{}, Results: map[string]int64{}}
	for _, c := range s.errors {
		l.Errors[c.code] = c.n
		l.Refused += c.n
	}
	for _, c := range s.results {
		l.Results[c.code] = c.n
	}
	return l
}

// Of reports what an app ("": nobody that was recognised) did in the last minutes up to now, at most Kept, a point for each step
// minutes.
func (u *Usage) Of(app string, now time.Time, minutes, step int) Report {
	points := minutes / step
	first := minuteOf(now.UnixMilli()) - int64(points*step) + 1
	var total sum
	at := make([]sum, points)
	r := Report{From: time.UnixMilli(first * time.Minute.Milliseconds()), Step: time.Duration(step) * time.Minute}
	for api, s := range u.seriesOf(app, &r.Full) {
		var ofAPI sum
		s.each(first, int64(points*step), func(m *minute) {
			ofAPI.add(m)
			total.add(m)
			at[int(m.number-first)/step].add(m)
		})
		if ofAPI.requests > 0 || len(ofAPI.results) > 0 {
			r.APIs = append(r.APIs, OfAPI{api, ofAPI.line()})
		}
	}
	slices.SortFunc(r.APIs, func(a, b OfAPI) int { return strings.Compare(a.API, b.API) })
	r.Total = total.line()
	for i := range at {
		r.Points = append(r.Points, at[i].line())
	}
	return r
}

func (u *Usage) seriesOf(app string, full *bool) map[string]*series {
	u.mu.RLock()
	defer u.mu.RUnlock()
	*full = len(u.series) >= mostSeries
	list := map[string]*series{}
	for k, s := range u.series {
		if k.app == app {
			list[k.api] = s
		}
	}
	return list
}

// each calls do for each minute of a period in which something happened. The lock is held for one minute's copy at a time.
func (s *series) each(first, minutes int64, do func(*minute)) {
	for number := first; number < first+minutes; number++ {
		if number < 0 {
			continue
		}
		s.mu.Lock()
		m := s.minutes[number%Kept]
		m.errors, m.results = slices.Clone(m.errors), slices.Clone(m.results)
		s.mu.Unlock()
		if m.number == number {
			do(&m)
		}
	}
}
