package bench

import (
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"time"
)

// A customer pays one amount after the other of a lap in which all are different, and then the next lap. Run too fast, they would
// pay the same amount twice in two minutes (result 17); run too long, more than they have (result 1). They are not asked to.
const (
	lap     = 200
	halfLap = lap / 2

	// restBetween is the least time between the starts of two half laps. An amount comes again in the half lap after the next,
	// so it is always further away than that; result 17 needs two minutes (MpesaExpressSimulate, result codes).
	restBetween = 125 * time.Second

	// openingBalance is what a customer has that is registered on first use, and room what they may be paid until the wallet is
	// full (BusinessToPochi, FAQ 10), in shillings.
	openingBalance = 100_000
	room           = 500_000 - openingBalance

	// dearest is the most that a payment of up to 1,500 shillings costs a customer, by any tariff (wire.md §19).
	dearest = 15
)

// terms are what one customer's payments are of.
type terms struct {
	amount func(turn int) int64 // shillings
	most   int64                // shillings of all of them
	fee    int64                // shillings that each may cost besides
	rest   time.Duration        // the least time between the starts of two half laps
}

// The terms of customers who pay, of those who are paid, and of places for payments that are not by customers.
var (
	paying    = terms{amount: shillings, most: openingBalance, fee: dearest, rest: restBetween}
	paid      = terms{amount: fewShillings, most: room}
	unlimited = terms{amount: fewShillings, most: math.MaxInt64}
)

// fewShillings is the amount of a payment by a business: five of ten are of 10 to 100 shillings, which cost it nothing, and five
// of 101 to 150, which do (wire.md §19). Businesses have a million each to pay from.
func fewShillings(turn int) int64 {
	if turn%2 == 0 {
		return 10 + int64(turn/2%91)
	}
	return 101 + int64(turn/2%50)
}

// shillings is the amount of a customer's payment in a turn of their lap. Five of ten payments are of 1 to 100 shillings, free
// for all; four are of 101 to 180, where the customer is charged; one is of 1,001 to 1,020, where the business is charged as
// well. A payment moves 1.6 amounts on average, and 183 shillings. A customer's opening balance lasts for 500 payments.
func shillings(turn int) int64 {
	round, step := int64(turn%lap/10), int64(turn%10)
	switch {
	case step < 5:
		return 1 + 5*round + step
	case step < 9:
		return 101 + 4*round + step - 5
	default:
		return 1001 + round
	}
}

// state is where a customer is with the payment that they are asked for.
type state uint8

const (
	idle     state = iota // not asked for any
	asked                 // the push is sent
	early                 // the callback came before the acknowledgement
	accepted              // the push is acknowledged
	doubtful              // the connection broke before the acknowledgement: there may be a payment or not
)

// customer is one customer and the payment that they are asked for.
type customer struct {
	state    state
	business int           // that asked, or is paid
	amount   int64         // shillings
	turn     int           // counts all their payments
	half     time.Duration // when this half lap began
	spent    int64         // shillings, at most; of those who are paid: what they got
	asked    time.Duration // when the push was sent, or should have been
	answered time.Duration // when the early callback came
	open     payment       // that is accepted, or early; where the request names it also while it is asked for
	checked  payment       // that the business was asked about
	done     []payment     // whose callbacks came
}

// payment is one of a customer's: the hash of its CheckoutRequestID, or which of theirs it is. 0 is none.
type payment uint64

// customers are the customers of a run: consecutive numbers, taken in turn.
type customers struct {
	terms
	first   int64 // MSISDN of number 0
	list    []customer
	free    queue
	resting queue
	until   []time.Duration // when a resting customer is free again
	broke   int             // who have no money left, or no room for more
	fresh   int             // who were never taken
	seed    maphash.Seed
}

func newCustomers(first int64, n int, t terms) *customers {
	c := &customers{terms: t, first: first, list: make([]customer, n), free: newQueue(n), resting: newQueue(n), until: make([]time.Duration, n),
		fresh: n, seed: maphash.MakeSeed()}
	for i := range c.list {
		c.list[i].turn, c.list[i].half = i%lap, -t.rest
		c.free.push(i)
	}
	return c
}

// take takes the customer who has waited longest, and says what they are to pay.
func (c *customers) take(now time.Duration) (i int, amount int64, ok bool) {
	for {
		if i, ok = c.next(now); !ok {
			return 0, 0, false
		}
		x := &c.list[i]
		amount = c.amount(x.turn)
		switch newHalf := x.turn%halfLap == 0; {
		case x.spent > c.most-amount-c.fee:
			c.broke++
			continue
		case newHalf && now < x.half+c.terms.rest:
			c.rest(i, x.half+c.terms.rest)
			continue
		case newHalf:
			x.half = now
		}
		if x.spent == 0 {
			c.fresh--
		}
		x.turn++
		x.spent += amount + c.fee
		return i, amount, true
	}
}

func (c *customers) next(now time.Duration) (i int, ok bool) {
	if i, ok = c.resting.peek(); ok && c.until[i] <= now {
		return c.resting.pop()
	}
	return c.free.pop()
}

// put gives a customer back who may be asked again at once.
func (c *customers) put(i int) {
	c.list[i].state = idle
	c.free.push(i)
}

// rest gives a customer back who may be asked again from a time on.
func (c *customers) rest(i int, until time.Duration) {
	c.list[i].state = idle
	c.until[i] = until
	c.resting.push(i)
}

// exhausted reports whether there can't be another payment of anybody.
func (c *customers) exhausted() bool { return c.broke == len(c.list) }

// msisdn is the customer's phone number.
func (c *customers) msisdn(i int) int64 { return c.first + int64(i) }

// find reads from a CheckoutRequestID whose payment it is of: it ends with the last nine digits of the number (wire.md §16).
func (c *customers) find(checkout []byte) (i int, ok bool) {
	const nine = 1_000_000_000
	if len(checkout) < 9 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(checkout[len(checkout)-9:]), 10, 32)
	i = int(int64(n) - c.first%nine)
	return i, err == nil && i >= 0 && i < len(c.list)
}

// payment is what a CheckoutRequestID is remembered as.
func (c *customers) payment(checkout []byte) payment { return payment(maphash.Bytes(c.seed, checkout)) }

// ask notes that the customer is asked to pay, or is to be paid.
func (x *customer) ask(at time.Duration, business int, amount int64) {
	x.state, x.asked, x.business, x.amount, x.open = asked, at, business, amount, 0
}

// over reports whether the callback of the customer's payment has come.
func (x *customer) over(p payment) bool { return slices.Contains(x.done, p) }

// queue is a ring with room for all customers.
type queue struct {
	ring        []int32
	head, count int
}

func newQueue(n int) queue { return queue{ring: make([]int32, n)} }

func (q *queue) push(i int) {
	at := q.head + q.count
	if at >= len(q.ring) {
		at -= len(q.ring)
	}
	q.ring[at] = int32(i)
	q.count++
}

func (q *queue) peek() (i int, ok bool) {
	if q.count == 0 {
		return 0, false
	}
	return int(q.ring[q.head]), true
}

func (q *queue) pop() (i int, ok bool) {
	if i, ok = q.peek(); ok {
		q.count--
		if q.head++; q.head == len(q.ring) {
			q.head = 0
		}
	}
	return i, ok
}
