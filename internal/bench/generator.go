package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	troubledShare = 20              // one of so many pushes is for each merchant whose URL hangs or refuses: 5 %
	troubledRest  = 5 * time.Second // after its prompt was answered, until a customer of theirs is asked again
	pollAtMost    = 100 * time.Millisecond
	pacingTick    = time.Millisecond // of an open loop
	freshAtMost   = 4                // the steady interval leaves at most this part of the duration to first-time customers
)

// generator makes the load: merchants that ask customers to pay, over persistent connections, and take their callbacks.
// All of it runs on one goroutine.
type generator struct {
	load
	tally
	network   network
	pushes    *pushes
	merchants []*merchant // the paybills, and then the others
	clients   []*client
	free      []*client // clients without a push under way
	start     time.Time
	sending   bool
	underWay  int           // payments that count, from the push to the callback
	lastNews  time.Duration // when the last push was sent or the last callback came
	nextTick  time.Duration
	failed    error // why the run can't go on
}

// load is what a generator is to do.
type load struct {
	address     string // host:port of the server
	token       string
	pid         int // of the server; 0 when it is not ours
	concurrency int
	customers   *customers
	troubled    *customers // of the merchants whose URLs hang or refuse
	rate        int        // pushes a second; 0 is as fast as they are acknowledged
	inFlight    int        // most payments under way at a time, from the push to the callback
	duration    time.Duration
	limit       uint64 // of pushes; 0 is none
	answerAfter time.Duration
	patience    time.Duration // for the next of the outstanding callbacks once the last push is sent
	hang        bool
	refuse      bool
	progress    io.Writer
}

func newGenerator(l load, n network) (*generator, error) {
	g := &generator{load: l, tally: newTally(), network: n, pushes: newPushes(l.address, l.token)}
	url, err := listen(n, &receiver{generator: g})
	if err != nil {
		return nil, err
	}
	for _, shortcode := range paybills {
		g.merchants = append(g.merchants, &merchant{shortcode: shortcode, callback: url + "/" + shortcode, customers: l.customers, counts: true})
	}
	if l.hang {
		url, err := listen(n, silent{})
		if err != nil {
			return nil, err
		}
		g.merchants = append(g.merchants, &merchant{shortcode: hangingPaybill, callback: url + "/" + hangingPaybill, customers: l.troubled})
	}
	if l.refuse {
		g.merchants = append(g.merchants, &merchant{shortcode: refusingPaybill, callback: nobody + "/" + refusingPaybill, customers: l.troubled})
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

// over tells whether there is nothing left to send or to wait for.
func (g *generator) over(now time.Duration) bool {
	done := g.underWay == 0 && len(g.free) == len(g.clients)
	return !g.sending && (done || now > g.lastNews+g.patience)
}

// send sends what is due, and says how long there is nothing else to send.
func (g *generator) send(now time.Duration) time.Duration {
	if now >= g.duration || g.limit > 0 && g.sent >= g.limit || g.customers.exhausted() {
		g.sending, g.lastNews = false, now
		g.fed(now, true)
		g.measuring, g.to = false, g.mark(now, g.pid)
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
		m, customer, amount := g.choose(now)
		if g.fed(now, m != nil); m == nil {
			return min(pause, pacingTick)
		}
		c := g.free[len(g.free)-1]
		g.free = g.free[:len(g.free)-1]
		m.customers.list[customer].ask(due)
		if m.counts {
			g.underWay++
		}
		g.sent++
		c.push(m, customer, amount, due)
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

// due is when an open loop sends its next push: at the tick in which its turn falls.
func (g *generator) due() time.Duration {
	exact := time.Duration(float64(g.sent) / float64(g.rate) * float64(time.Second))
	return (exact + pacingTick - 1) / pacingTick * pacingTick
}

// choose chooses the next merchant and customer; no merchant when all customers are occupied.
func (g *generator) choose(now time.Duration) (m *merchant, customer int, amount int64) {
	turn := int(g.sent % troubledShare)
	if troubled := g.merchants[len(paybills):]; turn < len(troubled) {
		if customer, amount, ok := g.troubled.take(now); ok {
			return troubled[turn], customer, amount
		}
	}
	customer, amount, ok := g.customers.take(now)
	if !ok {
		return nil, 0, 0
	}
	at := int(g.sent % uint64(len(paybills)))
	g.customers.list[customer].merchant = uint8(at)
	return g.merchants[at], customer, amount
}

// acknowledged notes that the server has accepted a client's push.
func (g *generator) acknowledged(c *client, checkout []byte) {
	now := time.Since(g.start)
	if !c.merchant.counts {
		g.uncounted++
		c.merchant.customers.rest(c.customer, now+g.answerAfter+troubledRest)
		return
	}
	g.acks++
	if g.measuring {
		g.ack.record(now - c.due)
	}
	x, p := &g.customers.list[c.customer], g.customers.payment(checkout)
	switch {
	case x.state != early:
		x.state, x.open = accepted, p
	case x.open == p:
		g.finish(c.customer, x.answered)
	default:
		g.unknown++ // whatever came early was not of this payment
		x.state, x.open = accepted, p
	}
}

// refused notes that the server has refused a client's push.
func (g *generator) refused(c *client, why string) {
	if !c.merchant.counts {
		c.merchant.customers.rest(c.customer, time.Since(g.start)+g.answerAfter+troubledRest)
		return
	}
	g.problems++
	g.refusals[why]++
	g.underWay--
	g.customers.put(c.customer)
}

// unanswered notes that the connection broke before the server had answered a client's push. If there is a payment, its
// callback gives the customer back; else he is not asked again.
func (g *generator) unanswered(c *client, err error) {
	if !c.merchant.counts {
		return
	}
	g.problems++
	g.broken[err.Error()]++
	g.underWay--
	if x := &g.customers.list[c.customer]; x.state == early {
		x.done = append(x.done, x.open)
		g.customers.put(c.customer)
	} else {
		x.state = doubtful
	}
}

// calledBack notes a callback.
func (g *generator) calledBack(path, checkout, result []byte) {
	now := time.Since(g.start)
	g.lastNews = now
	i, ok := g.customers.find(checkout)
	if !ok {
		g.unknown++
		return
	}
	x, p := &g.customers.list[i], g.customers.payment(checkout)
	switch {
	case x.state == accepted && x.open == p:
		g.check(x, path, result)
		g.finish(i, now)
	case x.over(p) || x.state == early && x.open == p:
		g.duplicates++
	case x.state == asked:
		g.check(x, path, result)
		x.state, x.open, x.answered = early, p, now
	case x.state == doubtful:
		g.check(x, path, result)
		x.done = append(x.done, p)
		g.customers.put(i)
	default:
		g.unknown++
	}
}

// check looks at what a callback says.
func (g *generator) check(x *customer, path, result []byte) {
	if len(path) == 0 || !bytes.Equal(path[1:], []byte(paybills[x.merchant])) {
		g.misdirected++
	}
	if !bytes.Equal(result, []byte("0")) {
		g.results[string(result)]++
	}
}

// finish ends a payment that was acknowledged, and called back at a time.
func (g *generator) finish(i int, at time.Duration) {
	x := &g.customers.list[i]
	g.whole++
	g.underWay--
	if g.measuring {
		g.end.record(at - x.asked)
	}
	x.done = append(x.done, x.open)
	g.customers.put(i)
}

// tick does what is done once a second, and begins the steady interval when all customers have paid once (a first payment
// registers the customer, and costs more) or a quarter of the duration is over.
func (g *generator) tick(now time.Duration) {
	if g.sending && !g.measuring && (g.customers.fresh == 0 || now >= g.duration/freshAtMost) {
		g.measuring, g.from = true, g.mark(now, g.pid)
	}
	if now < g.nextTick {
		return
	}
	g.remember(g.pid)
	if g.nextTick > 0 {
		n := g.second()
		fmt.Fprintf(g.progress, "%4.0f s  %s done  %s/s  %s in flight  %s errors\n", g.nextTick.Seconds(), thousands(g.whole), thousands(n),
			thousands(uint64(g.underWay)), thousands(g.problems))
	}
	g.nextTick += time.Second
	g.stamp()
}

// stamp gives the merchants' requests the time.
func (g *generator) stamp() {
	now := time.Now()
	for _, m := range g.merchants {
		m.stamp(now)
	}
}
