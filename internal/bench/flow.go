package bench

import (
	"bytes"
	"strconv"
	"time"
)

// flow is the load of one API: the businesses, the customers, and what came of their payments.
type flow struct {
	api
	counts
	generator *generator
	customers *customers
	troubled  *customers  // of the merchants whose URLs hang or refuse
	merchants []*merchant // by turns
	trouble   []*merchant // whose URLs hang or refuse
	waiting   []int       // businesses whose money is not touched yet
	funds     func(account) int64
	broke     bool     // no business has money any more
	scratch   [20]byte // digits
}

// open makes the flow's merchants, who take their callbacks at the URL.
func (f *flow) open(url string, now time.Time) {
	if f.purses == "" {
		for _, shortcode := range f.businesses {
			m := &merchant{customers: f.customers, counts: true}
			f.merchants = append(f.merchants, m)
			f.become(m, shortcode, url)
		}
	} else {
		f.waiting = f.businesses
		for range min(payersAtATime, len(f.waiting)) {
			m := &merchant{customers: f.customers, counts: true}
			f.merchants = append(f.merchants, m)
			f.next(m, url)
		}
	}
	f.stamp(now)
}

// become makes a merchant a business's.
func (f *flow) become(m *merchant, shortcode int, url string) {
	m.shortcode, m.callback = shortcode, url+"/"+f.name+"/"+strconv.Itoa(shortcode)
}

// next makes a merchant the next business that has money; false when there is none.
func (f *flow) next(m *merchant, url string) bool {
	if len(f.waiting) == 0 {
		return false
	}
	f.become(m, f.waiting[0], url)
	m.left, f.waiting = f.funds(account{f.waiting[0], f.purses}), f.waiting[1:]
	return true
}

// stamp renews what merchants' requests have in common.
func (f *flow) stamp(now time.Time) {
	for _, m := range f.merchants {
		m.request = newTemplate(f.body(m, now))
	}
	for _, m := range f.trouble {
		m.request = newTemplate(f.body(m, now))
	}
}

// afford sees to it that a merchant can pay an amount, as another business when need be.
func (f *flow) afford(m *merchant, amount int64) bool {
	if f.purses == "" {
		return true
	}
	for m.left < amount {
		if !f.next(m, f.generator.url) {
			f.broke = true
			return false
		}
		m.request = newTemplate(f.body(m, time.Now()))
	}
	m.left -= amount
	return true
}

// exhausted reports whether nobody can pay any more.
func (f *flow) exhausted() bool { return f.broke || f.customers.exhausted() }

// choose chooses the next merchant and customer; no merchant when nobody can be asked now.
func (f *flow) choose(now time.Duration) (m *merchant, customer int, amount int64) {
	if turn := int(f.sent % troubledShare); turn < len(f.trouble) {
		if customer, amount, ok := f.troubled.take(now); ok {
			return f.trouble[turn], customer, amount
		}
	}
	customer, amount, ok := f.customers.take(now)
	if !ok {
		return nil, 0, 0
	}
	m = f.merchants[f.sent%uint64(len(f.merchants))]
	if !f.afford(m, amount) {
		return nil, 0, 0
	}
	return m, customer, amount
}

// ask notes that a payment is asked for.
func (f *flow) ask(m *merchant, customer int, amount int64, due time.Duration) {
	x := &m.customers.list[customer]
	x.ask(due, m.shortcode, amount)
	if f.accepted == nil {
		x.open = payment(x.turn)
	}
	f.sent++
}

// acknowledged notes that the server has accepted a client's request.
func (f *flow) acknowledged(c *client, answer []byte) {
	g := f.generator
	now := time.Since(g.start)
	if !c.merchant.counts {
		f.uncounted++
		c.merchant.customers.rest(c.customer, now+g.answerAfter+troubledRest)
		return
	}
	f.acks++
	if g.measuring {
		f.ack.record(now - c.due)
	}
	x := &f.customers.list[c.customer]
	p := x.open
	if f.accepted != nil {
		p = f.accepted(f.customers, answer)
	}
	switch {
	case x.state != early:
		x.state, x.open = accepted, p
	case x.open == p:
		f.finish(c.customer, x.answered)
	default:
		f.unknown++ // whatever came early was not of this payment
		x.state, x.open = accepted, p
	}
}

// refused notes that the server has refused a client's request.
func (f *flow) refused(c *client, why string) {
	g := f.generator
	if !c.merchant.counts {
		c.merchant.customers.rest(c.customer, time.Since(g.start)+g.answerAfter+troubledRest)
		return
	}
	f.problems++
	f.refusals[why]++
	g.underWay--
	f.customers.put(c.customer)
}

// unanswered notes that the connection broke before the server had answered a client's request. If there is a payment, its
// callback gives the customer back; else they are not asked again.
func (f *flow) unanswered(c *client, err error) {
	if !c.merchant.counts {
		return
	}
	f.problems++
	f.broken[err.Error()]++
	f.generator.underWay--
	if x := &f.customers.list[c.customer]; x.state == early {
		x.done = append(x.done, x.open)
		f.customers.put(c.customer)
	} else {
		x.state = doubtful
	}
}

// calledBack notes a callback to a business, and says what to answer it.
func (f *flow) calledBack(business, rest, body []byte) (answer []byte) {
	i, p, ok := f.told(f.customers, rest, body)
	if !ok {
		f.unknown++
		return thanks
	}
	if f.asks && bytes.Equal(rest, []byte(validationStep)) {
		f.validated(i, p, business)
		return accepts
	}
	result := []byte("0")
	if !f.asks {
		result = value(body, `"ResultCode"`)
	}
	f.result(i, p, business, result)
	return thanks
}

// validated notes that a business was asked about a payment.
func (f *flow) validated(i int, p payment, business []byte) {
	switch x := &f.customers.list[i]; {
	case x.checked == p:
		f.duplicates++
	case x.open == p && (x.state == asked || x.state == accepted || x.state == doubtful):
		x.checked = p
		f.validations++
		f.place(x, business)
	default:
		f.unknown++
	}
}

// result notes the end of a payment.
func (f *flow) result(i int, p payment, business, result []byte) {
	now := time.Since(f.generator.start)
	x := &f.customers.list[i]
	mayBe := x.open == p || x.open == 0 // what an unanswered push is of, only its callback says
	switch {
	case x.state == accepted && x.open == p:
		f.check(x, p, business, result)
		f.finish(i, now)
	case x.over(p) || x.state == early && x.open == p:
		f.duplicates++
	case x.state == asked && mayBe:
		f.check(x, p, business, result)
		x.state, x.open, x.answered = early, p, now
	case x.state == doubtful && mayBe:
		f.check(x, p, business, result)
		x.done = append(x.done, p)
		f.customers.put(i)
	default:
		f.unknown++
	}
}

// check looks at what a result says.
func (f *flow) check(x *customer, p payment, business, result []byte) {
	f.place(x, business)
	if f.asks && x.checked != p {
		f.unasked++
	}
	if !bytes.Equal(result, []byte("0")) {
		f.results[string(result)]++
		return
	}
	f.moved[x.business] += x.amount
}

// place sees that a callback came to the business whose payment it is of.
func (f *flow) place(x *customer, business []byte) {
	if !bytes.Equal(business, strconv.AppendInt(f.scratch[:0], int64(x.business), 10)) {
		f.misdirected++
	}
}

// finish ends a payment that was acknowledged, and called back at a time.
func (f *flow) finish(i int, at time.Duration) {
	g := f.generator
	x := &f.customers.list[i]
	f.whole++
	g.underWay--
	if g.measuring {
		f.end.record(at - x.asked)
	}
	x.done = append(x.done, x.open)
	f.customers.put(i)
}
