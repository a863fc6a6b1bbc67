package bench

import "time"

// tally is what a run counts.
type tally struct {
	sent        uint64 // pushes, also those that don't count
	acks        uint64 // payments acknowledged
	whole       uint64 // payments acknowledged and called back
	duplicates  uint64 // callbacks that came again
	unknown     uint64 // callbacks of no payment of ours
	misdirected uint64 // callbacks at another merchant's URL
	uncounted   uint64 // acknowledged payments that don't count: of the merchants whose URLs hang or refuse
	problems    uint64 // pushes refused or unanswered

	refusals map[string]uint64 // refused pushes by status and error
	broken   map[string]uint64 // unanswered pushes by what happened to the connection
	results  map[string]uint64 // callbacks by ResultCode, other than 0

	measuring bool      // within the steady interval
	ack       histogram // from push to acknowledgement, in the steady interval
	end       histogram // from push to callback, in the steady interval
	from, to  mark      // of the steady interval
	perSecond []uint64  // whole payments
	counted   uint64    // of them
	peak      int64     // of the server's memory, bytes

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

func newTally() tally {
	return tally{refusals: map[string]uint64{}, broken: map[string]uint64{}, results: map[string]uint64{}}
}

// mark notes how far everything is.
func (t *tally) mark(now time.Duration, pid int) mark {
	m := mark{at: now, whole: t.whole, generator: ownCPU()}
	m.server, m.known = processCPU(pid)
	return m
}

// second ends a second of the run: it gives the whole payments in it.
func (t *tally) second() uint64 {
	n := t.whole - t.counted
	t.counted = t.whole
	t.perSecond = append(t.perSecond, n)
	return n
}

// remember notes the peak of the server's memory so far.
func (t *tally) remember(pid int) {
	if peak, ok := processPeak(pid); ok {
		t.peak = max(t.peak, peak)
	}
}
