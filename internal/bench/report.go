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
	API         string  `json:"api"`
	Database    string  `json:"database,omitempty"`
	URL         string  `json:"url,omitempty"` // of a server that was running already
	Preloaded   int     `json:"preloaded"`     // payments stored before the server started
	Concurrency int     `json:"concurrency"`
	Customers   int     `json:"customers"`
	InFlight    int     `json:"inFlight"`    // most payments at a time, from the request to the last callback
	Rate        int     `json:"rate"`        // requests a second asked for; 0 is as fast as possible
	AnswerAfter float64 `json:"answerAfter"` // seconds that a customer takes to enter the PIN

	SteadyFrom        float64  `json:"steadyFrom"` // seconds since the first request
	SteadyTo          float64  `json:"steadyTo"`
	PaymentsPerSecond float64  `json:"paymentsPerSecond"` // whole: acknowledged, processed, booked and called back
	PerSecond         []uint64 `json:"perSecond"`         // the whole payments of each second of the run

	Totals           // of all APIs
	APIs   []APIPart `json:"apis"` // each API by itself

	ServerCPU    *float64 `json:"serverCPU"`    // a payment
	GeneratorCPU float64  `json:"generatorCPU"` // a payment
	PeakMemory   *float64 `json:"peakMemory"`
	StartUp      *float64 `json:"startUp"` // milliseconds from exec to the first answered request
	Starved      float64  `json:"starved"` // seconds in which every customer was occupied: the load was less than the server could take

	Pages   []Page   `json:"pages,omitempty"`   // the slowest first; where they were asked for
	Watched *Watched `json:"watched,omitempty"` // where pages were open

	Books    Books    `json:"books"`
	Unmoved  []string `json:"unmoved"`  // accounts of businesses that didn't change by what was paid
	Failures []string `json:"failures"` // checks that failed
}

// APIPart is what a run found of one API.
type APIPart struct {
	Name              string  `json:"name"`
	PaymentsPerSecond float64 `json:"paymentsPerSecond"`
	Totals
}

// Totals are numbers of payments and how long they took.
type Totals struct {
	Acknowledgement Latency `json:"acknowledgement"` // from the request to its answer
	EndToEnd        Latency `json:"endToEnd"`        // from the request to the last callback; of M-Pesa Express it includes AnswerAfter

	Sent         uint64            `json:"sent"` // requests, also the troubled merchants'
	Acknowledged uint64            `json:"acknowledged"`
	Whole        uint64            `json:"whole"`
	Moved        int64             `json:"moved"`    // shillings
	Troubled     uint64            `json:"troubled"` // payments to the merchants whose URLs hang or refuse; counted nowhere else
	Lost         uint64            `json:"lost"`     // acknowledged, and no callback came
	Duplicates   uint64            `json:"duplicates"`
	Unknown      uint64            `json:"unknown"`     // callbacks of payments that nobody asked for
	Misdirected  uint64            `json:"misdirected"` // callbacks at another merchant's URL
	Validations  uint64            `json:"validations"` // payments that a business was asked about
	Unasked      uint64            `json:"unasked"`     // payments confirmed to a business that was to be asked and was not
	Refused      map[string]uint64 `json:"refused"`
	Unanswered   map[string]uint64 `json:"unanswered"`
	Results      map[string]uint64 `json:"results"` // callbacks by ResultCode, other than 0
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
func (r *Report) measured(g *generator) {
	interval, payments := g.to.at-g.from.at, float64(g.to.whole-g.from.whole)
	r.SteadyFrom, r.SteadyTo = seconds(g.from.at), seconds(g.to.at)
	r.PaymentsPerSecond = perSecond(g.to.whole-g.from.whole, interval)
	r.PerSecond = g.perSecond
	if payments > 0 {
		r.GeneratorCPU = microsecondsEach(g.to.generator-g.from.generator, payments)
		if g.from.known && g.to.known {
			r.ServerCPU = new(microsecondsEach(g.to.server-g.from.server, payments))
		}
	}
	if g.peak > 0 {
		r.PeakMemory = new(megabytes(g.peak))
	}
	r.Starved = seconds(g.starved)
	all := newCounts()
	for _, f := range g.flows {
		r.APIs = append(r.APIs, APIPart{f.name, perSecond(f.wholeTo-f.wholeFrom, interval), totals(&f.counts)})
		all.add(&f.counts)
	}
	r.Totals = totals(&all)
}

func perSecond(n uint64, interval time.Duration) float64 {
	if interval <= 0 {
		return 0
	}
	return math.Round(float64(n) / interval.Seconds())
}

func totals(c *counts) Totals {
	t := Totals{
		Acknowledgement: latency(&c.ack), EndToEnd: latency(&c.end),
		Sent: c.sent, Acknowledged: c.acks, Whole: c.whole, Troubled: c.uncounted, Lost: c.acks - c.whole,
		Duplicates: c.duplicates, Unknown: c.unknown, Misdirected: c.misdirected, Validations: c.validations, Unasked: c.unasked,
		Refused: c.refusals, Unanswered: c.broken, Results: c.results,
	}
	for _, shillings := range c.moved {
		t.Moved += shillings
	}
	return t
}

func microsecondsEach(d time.Duration, n float64) float64 {
	return math.Round(float64(d.Nanoseconds())/n/100) / 10
}

func megabytes(bytes int64) float64 { return math.Round(float64(bytes)/1e5) / 10 }

// judge fills in what is wrong.
func (r *Report) judge() {
	r.Failures = append(wrongBooks(r.Books, uint64(r.Preloaded)+r.Acknowledged), slow(r.Pages)...)
	fail := func(n uint64, format string) {
		if n > 0 {
			r.Failures = append(r.Failures, fmt.Sprintf(format, thousands(n)))
		}
	}
	if r.Whole == 0 {
		r.Failures = append(r.Failures, "no payment was made")
	}
	fail(r.Lost, "%s payments were acknowledged and never called back")
	fail(r.Duplicates, "%s callbacks came more than once")
	fail(r.Unknown, "%s callbacks were of payments that nobody asked for")
	fail(r.Misdirected, "%s callbacks came to another merchant's URL")
	fail(r.Unasked, "%s payments were confirmed to businesses that were to be asked and were not")
	fail(total(r.Refused), "%s requests were refused")
	fail(total(r.Unanswered), "%s requests were not answered")
	fail(total(r.Results), "%s payments failed")
	if n := len(r.Unmoved); n > 0 {
		fail(uint64(n), "%s accounts didn't change by what was paid; the first:")
		r.Failures = append(r.Failures, r.Unmoved[0])
	}
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
	for _, a := range r.APIs {
		r.apiText(line, a)
	}
	line("server CPU", "%s", known(r.ServerCPU, "%.1f µs a payment"))
	line("generator CPU", "%.1f µs a payment", r.GeneratorCPU)
	line("peak memory", "%s", known(r.PeakMemory, "%.1f MB"))
	line("start-up", "%s", known(r.StartUp, "%.0f ms to the first answer"))
	if w := r.Watched; w != nil {
		line("open pages", "%d phones, %d logs: %s events, %s parts asked for", w.Phones, w.Logs, thousands(w.Events), thousands(w.Parts))
	}
	for _, p := range r.Pages {
		line("page", "%s: p50 %.1f ms, p95 %.1f ms, max %.1f ms, %d times", p.Path, p.P50, p.P95, p.Max, p.Times)
	}
	if r.Starved > 0 {
		line("starved", "%.1f s: all customers were occupied", r.Starved)
	}
	if r.Troubled > 0 {
		line("troubled merchants", "%s payments beside those counted here", thousands(r.Troubled))
	}
	line("callbacks", "%s payments acknowledged, %s called back, %s lost, %s called back more than once",
		thousands(r.Acknowledged), thousands(r.Whole), thousands(r.Lost), thousands(r.Duplicates))
	line("money", "KES %s moved, %d accounts of businesses differ from that", thousands(uint64(r.Moved)), len(r.Unmoved))
	line("books", "%s payments, %s transfers, %s accounts, sum %s, %d checks that found something", thousands(uint64(r.Books.Payments)),
		thousands(uint64(r.Books.Transfers)), thousands(uint64(r.Books.Accounts)), r.Books.Sum, len(r.Books.Wrong))
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

// apiText writes what was found of one API; with several, its name stands before each line.
func (r *Report) apiText(line func(name, format string, a ...any), a APIPart) {
	prefix := ""
	if len(r.APIs) > 1 {
		prefix = a.Name + " "
		line(a.Name, "%s a second; %s whole", thousands(uint64(a.PaymentsPerSecond)), thousands(a.Whole))
	}
	line(prefix+"acknowledgement", "%s", a.Acknowledgement)
	customer := ""
	if a.Name == STK {
		customer = fmt.Sprintf(", of which the customer takes %.0f ms", r.AnswerAfter*1000)
	}
	line(prefix+"end to end", "%s%s", a.EndToEnd, customer)
	if a.Validations > 0 {
		line(prefix+"validations", "%s", thousands(a.Validations))
	}
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
	return fmt.Sprintf("%s customers, %d connections, at most %s payments in flight, requests for %s %s",
		thousands(uint64(r.Customers)), r.Concurrency, thousands(uint64(r.InFlight)), r.API, pace)
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
