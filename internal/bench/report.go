package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what a run found. Latencies are milliseconds, CPU is microseconds, memory is MB of 1,000,000 bytes; what can't be
// known (the CPU of a server that bench didn't start) is null. Rates, latencies and CPU are of the steady interval.
type Report struct {
	Database    string  `json:"database,omitempty"`
	URL         string  `json:"url,omitempty"` // of a server that was running already
	Preloaded   int     `json:"preloaded"`     // payments stored before the server started
	Concurrency int     `json:"concurrency"`
	Customers   int     `json:"customers"`
	InFlight    int     `json:"inFlight"`    // most payments at a time, from the push to the callback
	Rate        int     `json:"rate"`        // pushes a second asked for; 0 is as fast as possible
	AnswerAfter float64 `json:"answerAfter"` // seconds that a customer takes to enter the PIN

	SteadyFrom        float64  `json:"steadyFrom"` // seconds since the first push
	SteadyTo          float64  `json:"steadyTo"`
	PaymentsPerSecond float64  `json:"paymentsPerSecond"` // whole: acknowledged, answered, booked and called back
	PerSecond         []uint64 `json:"perSecond"`         // the whole payments of each second of the run

	Acknowledgement Latency `json:"acknowledgement"` // from the push to its answer
	EndToEnd        Latency `json:"endToEnd"`        // from the push to the callback, which includes AnswerAfter

	ServerCPU    *float64 `json:"serverCPU"`    // a payment
	GeneratorCPU float64  `json:"generatorCPU"` // a payment
	PeakMemory   *float64 `json:"peakMemory"`
	StartUp      *float64 `json:"startUp"` // milliseconds from exec to the first answered request
	Starved      float64  `json:"starved"` // seconds in which every customer was occupied: the load was less than the server could take

	Sent         uint64            `json:"sent"` // pushes, also the troubled merchants'
	Acknowledged uint64            `json:"acknowledged"`
	Whole        uint64            `json:"whole"`
	Troubled     uint64            `json:"troubled"` // payments to the merchants whose URLs hang or refuse; counted nowhere else
	Lost         uint64            `json:"lost"`     // acknowledged, and no callback came
	Duplicates   uint64            `json:"duplicates"`
	Unknown      uint64            `json:"unknown"`     // callbacks of payments that nobody asked for
	Misdirected  uint64            `json:"misdirected"` // callbacks at another merchant's URL
	Refused      map[string]uint64 `json:"refused"`
	Unanswered   map[string]uint64 `json:"unanswered"`
	Results      map[string]uint64 `json:"results"` // callbacks by ResultCode, other than 0
	Books        Books             `json:"books"`
	Failures     []string          `json:"failures"` // checks that failed
}

// Latency is how long something took: half of them, 90 % of them, 99 % of them, the longest.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func latency(h *histogram) Latency {
	return Latency{milliseconds(h.quantile(0.5)), milliseconds(h.quantile(0.9)), milliseconds(h.quantile(0.99)), milliseconds(h.most)}
}

func milliseconds(d time.Duration) float64 { return math.Round(float64(d.Microseconds())) / 1000 }

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

func (l Latency) String() string {
	return fmt.Sprintf("p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms", l.P50, l.P90, l.P99, l.Max)
}

// measured fills in what the generator measured.
func (r *Report) measured(t *tally) {
	interval, payments := t.to.at-t.from.at, float64(t.to.whole-t.from.whole)
	r.SteadyFrom, r.SteadyTo = seconds(t.from.at), seconds(t.to.at)
	if interval > 0 {
		r.PaymentsPerSecond = math.Round(payments / interval.Seconds())
	}
	r.PerSecond = t.perSecond
	r.Acknowledgement, r.EndToEnd = latency(&t.ack), latency(&t.end)
	if payments > 0 {
		r.GeneratorCPU = microsecondsEach(t.to.generator-t.from.generator, payments)
		if t.from.known && t.to.known {
			r.ServerCPU = new(microsecondsEach(t.to.server-t.from.server, payments))
		}
	}
	if t.peak > 0 {
		r.PeakMemory = new(megabytes(t.peak))
	}
	r.Starved = seconds(t.starved)
	r.Sent, r.Acknowledged, r.Whole, r.Troubled, r.Lost = t.sent, t.acks, t.whole, t.uncounted, t.acks-t.whole
	r.Duplicates, r.Unknown, r.Misdirected = t.duplicates, t.unknown, t.misdirected
	r.Refused, r.Unanswered, r.Results = t.refusals, t.broken, t.results
}

func microsecondsEach(d time.Duration, n float64) float64 {
	return math.Round(float64(d.Nanoseconds())/n/100) / 10
}

func megabytes(bytes int64) float64 { return math.Round(float64(bytes)/1e5) / 10 }

// judge fills in what is wrong.
func (r *Report) judge() {
	r.Failures = r.Books.wrong(uint64(r.Preloaded) + r.Acknowledged)
	fail := func(n uint64, format string) {
		if n > 0 {
			r.Failures = append(r.Failures, fmt.Sprintf(format, thousands(n)))
		}
	}
	if r.Whole == 0 {
		r.Failures = append(r.Failures, "no payment was made")
	}
	fail(r.Lost, "%s payments were acknowledged and never called back")
	fail(r.Unknown, "%s callbacks were of payments that nobody asked for")
	fail(r.Misdirected, "%s callbacks came to another merchant's URL")
	fail(total(r.Refused), "%s pushes were refused")
	fail(total(r.Unanswered), "%s pushes were not answered")
	fail(total(r.Results), "%s payments failed")
	if r.Results["1"]+r.Results["4"]+r.Results["17"] > 0 {
		r.Failures = append(r.Failures, "(results 1, 4 and 17 come of customers who have paid before: choose others with --first-customer)")
	}
}

func total(counts map[string]uint64) (sum uint64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// writeJSON writes the report for programs.
func (r *Report) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// writeText writes the report for people.
func (r *Report) writeText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, a ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", a...) }
	known := func(v *float64, format string) string {
		if v == nil {
			return "not known"
		}
		return fmt.Sprintf(format, *v)
	}
	line("server", "%s", r.serverText())
	line("load", "%s", r.loadText())
	line("whole payments", "%s a second, from %.1f s to %.1f s", thousands(uint64(r.PaymentsPerSecond)), r.SteadyFrom, r.SteadyTo)
	line("acknowledgement", "%s", r.Acknowledgement)
	line("end to end", "%s, of which the customer takes %.0f ms", r.EndToEnd, r.AnswerAfter*1000)
	line("server CPU", "%s", known(r.ServerCPU, "%.1f µs a payment"))
	line("generator CPU", "%.1f µs a payment", r.GeneratorCPU)
	line("peak memory", "%s", known(r.PeakMemory, "%.1f MB"))
	line("start-up", "%s", known(r.StartUp, "%.0f ms to the first answer"))
	if r.Starved > 0 {
		line("starved", "%.1f s: all customers were occupied", r.Starved)
	}
	if r.Troubled > 0 {
		line("troubled merchants", "%s payments beside those counted here", thousands(r.Troubled))
	}
	line("callbacks", "%s payments acknowledged, %s called back, %s lost, %s called back more than once",
		thousands(r.Acknowledged), thousands(r.Whole), thousands(r.Lost), thousands(r.Duplicates))
	line("books", "%s payments, %s transfers, %s accounts, sum %s, %d mismatches, %d overdrawn, %d orphans", thousands(uint64(r.Books.Payments)),
		thousands(uint64(r.Books.Transfers)), thousands(uint64(r.Books.Accounts)), r.Books.Sum, r.Books.Mismatches, r.Books.Overdrawn, r.Books.Orphans)
	list := func(name string, counts map[string]uint64) {
		for _, key := range slices.Sorted(maps.Keys(counts)) {
			line(name, "%s × %s", thousands(counts[key]), key)
		}
	}
	list("refused", r.Refused)
	list("unanswered", r.Unanswered)
	list("result", r.Results)
	for _, failure := range r.Failures {
		line("FAILED", "%s", failure)
	}
	if len(r.Failures) == 0 {
		line("checks", "all passed")
	}
	return t.Flush()
}

func (r *Report) serverText() string {
	switch {
	case r.URL != "":
		return r.URL
	case r.Preloaded > 0:
		return fmt.Sprintf("%s, %s payments stored before", r.Database, thousands(uint64(r.Preloaded)))
	default:
		return r.Database
	}
}

func (r *Report) loadText() string {
	pace := "as fast as they are acknowledged"
	if r.Rate > 0 {
		pace = thousands(uint64(r.Rate)) + " a second"
	}
	return fmt.Sprintf("%s customers, %d connections, at most %s payments in flight, pushes %s",
		thousands(uint64(r.Customers)), r.Concurrency, thousands(uint64(r.InFlight)), pace)
}

// thousands writes a number with its thousands set apart: 1,000,000.
func thousands(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
