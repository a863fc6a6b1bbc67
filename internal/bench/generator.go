package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

const (
	troubledShare = 20              // one of so many pushes is for each merchant whose URL hangs or refuses: 5 %
	troubledRest  = 5 * time.Second // after its prompt was answered, until a customer of theirs is asked again
	pollAtMost    = 100 * time.Millisecond
	pacingTick    = time.Millisecond // of an open loop
	freshAtMost   = 4                // the steady interval leaves at most this part of the duration to first-time customers
)

// generator makes the load: merchants that send requests over persistent connections, and take their callbacks.
// All of it runs on one goroutine.
type generator struct {
	load
	tally
	network  network
	url      string // of the merchants' web server
	requests *requests
	flows    []*flow // by turns
	clients  []*client
	free     []*client // clients without a request under way
	start    time.Time
	sending  bool
	sent     uint64
	underWay int           // payments that count, from the request to the last callback
	lastNews time.Duration // when the last request was sent or the last callback came
	nextTick time.Duration
	failed   error // why the run can't go on
}

// load is what a generator is to do.
type load struct {
	address     string // host:port of the server
	token       string
	pid         int // of the server; 0 when it is not ours
	apis        []api
	concurrency int
	first       int64               // MSISDN of the first customer
	customers   int                 // shared out among the APIs; those of merchants whose URLs hang or refuse follow
	funds       func(account) int64 // shillings in a business's account
	rate        int                 // requests a second; 0 is as fast as they are acknowledged
	inFlight    int                 // most payments under way at a time, from the request to the last callback
	duration    time.Duration
	limit       uint64 // of requests; 0 is none
	answerAfter time.Duration
	patience    time.Duration // for the next of the outstanding callbacks once the last request is sent
	hang        bool
	refuse      bool
	progress    io.Writer
}

func newGenerator(l load, n network) (*generator, error) {
	g := &generator{load: l, network: n, requests: newRequests(l.address, l.token, l.apis)}
	url, err := listen(n, &receiver{generator: g})
	if err != nil {
		return nil, err
	}
	g.url = url
	each := l.customers / len(l.apis)
	for i, a := range l.apis {
		f := &flow{api: a, counts: newCounts(), generator: g, customers: newCustomers(l.first+int64(i*each), each, a.terms), funds: l.funds}
		if a.name == STK {
			f.troubled = newCustomers(l.first+int64(l.customers), troubledCustomers, a.terms)
			if f.trouble, err = g.troubledMerchants(f.troubled); err != nil {
				return nil, err
			}
		}
		f.open(url, time.Now())
		g.flows = append(g.flows, f)
	}
	for range l.concurrency {
		c := &client{generator: g}
		if err := c.dial(); err != nil {
			return nil, err
		}
		g.clients = append(g.clients, c)
		g.free = append(g.free, c)
	}
	return g, nil
}

// troubledMerchants are those whose URLs hang and refuse.
func (g *generator) troubledMerchants(customers *customers) (list []*merchant, err error) {
	if g.hang {
		url, err := listen(g.network, silent{})
		if err != nil {
			return nil, err
		}
		list = append(list, &merchant{shortcode: hangingPaybill, callback: url, customers: customers})
	}
	if g.refuse {
		list = append(list, &merchant{shortcode: refusingPaybill, callback: nobody, customers: customers})
	}
	return list, nil
}

// run makes the load for its duration, and then waits until the outstanding callbacks have come or no more are coming.
func (g *generator) run(ctx context.Context) error {
	g.start, g.sending = time.Now(), true
	g.stamp()
	for {
		now := time.Since(g.start)
		g.tick(now)
		pause := pollAtMost
		if g.sending {
			pause = g.send(now)
		}
		if g.over(now) {
			return nil
		}
		if err := errors.Join(g.network.poll(pause), g.failed, context.Cause(ctx)); err != nil {
			return err
		}
	}
}

// over reports whether there is nothing left to send or to wait for.
func (g *generator) over(now time.Duration) bool {
	done := g.underWay == 0 && len(g.free) == len(g.clients)
	return !g.sending && (done || now > g.lastNews+g.patience)
}

// send sends what is due, and says how long there is nothing else to send.
func (g *generator) send(now time.Duration) time.Duration {
	if now >= g.duration || g.limit > 0 && g.sent >= g.limit || slices.ContainsFunc(g.flows, (*flow).exhausted) {
		g.sending, g.lastNews = false, now
		g.fed(now, true)
		g.measuring, g.to = false, g.mark(now)
		for _, f := range g.flows {
			f.wholeTo = f.whole
		}
		g.remember(g.pid)
		return 0
	}
	pause := min(pollAtMost, g.duration-now, g.nextTick-now)
	for len(g.free) > 0 && g.underWay < g.inFlight && (g.limit == 0 || g.sent < g.limit) {
		due := now
		if g.rate > 0 {
			if due = g.due(); due > now {
				return min(pause, due-now)
			}
		}
		f := g.flows[g.sent%uint64(len(g.flows))]
		m, customer, amount := f.choose(now)
		if g.fed(now, m != nil); m == nil {
			return min(pause, pacingTick)
		}
		c := g.free[len(g.free)-1]
		g.free = g.free[:len(g.free)-1]
		f.ask(m, customer, amount, due)
		if m.counts {
			g.underWay++
		}
		g.sent++
		c.send(f, m, customer, amount, due)
	}
	return pause
}

// fed notes whether there was somebody to ask.
func (g *generator) fed(now time.Duration, yes bool) {
	switch {
	case !yes && g.hungry == 0:
		g.hungry = now
	case yes && g.hungry > 0:
		g.starved += now - g.hungry
		g.hungry = 0
	}
}

// due is when an open loop sends its next request: at the tick in which its turn falls.
func (g *generator) due() time.Duration {
	exact := time.Duration(float64(g.sent) / float64(g.rate) * float64(time.Second))
	return (exact + pacingTick - 1).Truncate(pacingTick)
}

// flow finds the load of an API by its name; nil when there is none.
func (g *generator) flow(name []byte) *flow {
	for _, f := range g.flows {
		if f.name == string(name) {
			return f
		}
	}
	return nil
}

// whole counts the whole payments.
func (g *generator) whole() (n uint64) {
	for _, f := range g.flows {
		n += f.whole
	}
	return n
}

// fresh counts the customers who were never asked.
func (g *generator) fresh() (n int) {
	for _, f := range g.flows {
		n += f.customers.fresh
	}
	return n
}

// mark notes how far everything is.
func (g *generator) mark(now time.Duration) mark { return newMark(now, g.whole(), g.pid) }

// tick does what is done once a second, and begins the steady interval when all customers have paid once (a first payment
// registers the customer, and costs more) or a quarter of the duration is over.
func (g *generator) tick(now time.Duration) {
	if g.sending && !g.measuring && (g.fresh() == 0 || now >= g.duration/freshAtMost) {
		g.measuring, g.from = true, g.mark(now)
		for _, f := range g.flows {
			f.wholeFrom = f.whole
		}
	}
	if now < g.nextTick {
		return
	}
	g.remember(g.pid)
	if g.nextTick > 0 {
		whole, problems := g.whole(), uint64(0)
		for _, f := range g.flows {
			problems += f.problems
		}
		fmt.Fprintf(g.progress, "%4.0f s  %s done  %s/s  %s in flight  %s errors\n", g.nextTick.Seconds(), thousands(whole),
			thousands(g.second(whole)), thousands(uint64(g.underWay)), thousands(problems))
	}
	g.nextTick += time.Second
	g.stamp()
}

// stamp gives requests that say so the time.
func (g *generator) stamp() {
	now := time.Now()
	for _, f := range g.flows {
		if f.timed {
			f.stamp(now)
		}
	}
}
