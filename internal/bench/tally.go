package bench

import "time"

// counts is what a run counts of an API.
type counts struct {
	sent        uint64 // requests, also those that don't count
	acks        uint64 // payments acknowledged
	whole       uint64 // payments acknowledged and called back
	duplicates  uint64 // callbacks that came again
	unknown     uint64 // callbacks of no payment of ours
	misdirected uint64 // callbacks at another merchant's URL
	validations uint64 // payments that the business was asked about
	unasked     uint64 // payments confirmed to a business that was not asked and should have been
	uncounted   uint64 // acknowledged payments that don't count: of the merchants whose URLs hang or refuse
	problems    uint64 // requests refused or unanswered

	refusals map[string]uint64 // refused requests by status and error
	broken   map[string]uint64 // unanswered requests by what happened to the connection
	results  map[string]uint64 // results by ResultCode, other than 0
	moved    map[int]int64     // shillings of completed payments by business

	ack       histogram // from request to acknowledgement, in the steady interval
	end       histogram // from request to the last callback, in the steady interval
	wholeFrom uint64    // whole payments when the steady interval began
	wholeTo   uint64    // and when it ended
}

func newCounts() counts {
	return counts{refusals: map[string]uint64{}, broken: map[string]uint64{}, results: map[string]uint64{}, moved: map[int]int64{}}
}

// add adds what was counted of another API, but for the steady interval's marks.
func (c *counts) add(other *counts) {
	c.sent += other.sent
	c.acks += other.acks
	c.whole += other.whole
	c.duplicates += other.duplicates
	c.unknown += other.unknown
	c.misdirected += other.misdirected
	c.validations += other.validations
	c.unasked += other.unasked
	c.uncounted += other.uncounted
	c.problems += other.problems
	addAll(c.refusals, other.refusals)
	addAll(c.broken, other.broken)
	addAll(c.results, other.results)
	addAll(c.moved, other.moved)
	c.ack.add(&other.ack)
	c.end.add(&other.end)
}

func addAll[K comparable, V int64 | uint64](to, from map[K]V) {
	for k, n := range from {
		to[k] += n
	}
}

// tally is what a run counts of all APIs together.
type tally struct {
	measuring bool     // within the steady interval
	from, to  mark     // of the steady interval
	perSecond []uint64 // whole payments
	counted   uint64   // of them
	peak      int64    // of the server's memory, bytes

	starved time.Duration // time without anybody to ask
	hungry  time.Duration // since when there is nobody to ask; 0 when there is
}

// mark is how far everything was at a moment.
type mark struct {
	at        time.Duration // since the run began
	whole     uint64
	server    time.Duration // CPU, where it is known
	known     bool
	generator time.Duration // CPU
}

// newMark notes how far everything is.
func newMark(now time.Duration, whole uint64, pid int) mark {
	m := mark{at: now, whole: whole, generator: ownCPU()}
	m.server, m.known = processCPU(pid)
	return m
}

// second ends a second of the run: it gives the whole payments in it.
func (t *tally) second(whole uint64) uint64 {
	n := whole - t.counted
	t.counted = whole
	t.perSecond = append(t.perSecond, n)
	return n
}

// remember notes the peak of the server's memory so far.
func (t *tally) remember(pid int) {
	if peak, ok := processPeak(pid); ok {
		t.peak = max(t.peak, peak)
	}
}
