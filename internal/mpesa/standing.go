package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Standing orders: M-Pesa Ratiba (wire.md §14.4).
//
// An order moves nothing itself. It is Prompting until the customer has answered, and then Queued: its DueAt is
// the next day on which it pays. Each time it makes a C2B payment, with all that comes with one, and waits for the next day, until
// there is none. What fell due while nothing ran is paid when it runs again.

// Frequency is how often a standing order pays, in the numbering of 2026 (wire.md §14.4).
type Frequency int

// frequencies are how far apart an order's payments are. The first has no other.
var frequencies = map[Frequency]struct {
	name         string
	months, days int
}{
	1: {name: "once"},
	2: {name: "daily", days: 1},
	3: {name: "weekly", days: 7},
	4: {name: "every two weeks", days: 14},
	5: {name: "monthly", months: 1},
	6: {name: "every two months", months: 2},
	7: {name: "quarterly", months: 3},
	8: {name: "half-yearly", months: 6},
	9: {name: "yearly", months: 12},
}

func (f Frequency) String() string { return frequencies[f].name }

// Schedule is what a customer calls a standing order, and when it pays.
type Schedule struct {
	Name      string    `json:"name"`
	Frequency Frequency `json:"freq"`
	First     int64     `json:"first"` // the day of the first payment: its midnight in EAT, milliseconds
	Last      int64     `json:"last"`  // the last day on which a payment can be
}

// Orders are the standing orders that customers have been asked to agree to.
var Orders = unit.NewTable[int64, Order]("standing_orders")

// Order is a standing order: what a customer agrees to, and how far it has come.
type Order struct {
	Header      `json:"-"`
	Type        string `json:"type"` // CustomerPayBillOnline or CustomerBuyGoodsOnline: what its payments are
	CallBackURL string `json:"url"`
	Reference   string `json:"ref,omitempty"`
	Description string `json:"desc,omitempty"`
	RequestID   string `json:"request,omitempty"` // CustomStoId; "": ours
	Schedule
	Agreed int64 `json:"agreed,omitempty"` // when the customer agreed, milliseconds
	Count  int   `json:"count,omitempty"`  // payments that were made or tried
}

// ReceiptAt is the time that dates the receipt: when the customer agreed, or when the order failed.
func (o *Order) ReceiptAt() int64 {
	if o.Agreed != 0 {
		return o.Agreed
	}
	return o.FinishedAt
}

// due is the day of the payment after n others: its midnight in EAT. ok is false when there is none any more. Where a month has not the
// first payment's day, its last day counts.
func (o *Schedule) due(n int) (at time.Time, ok bool) {
	first := time.UnixMilli(o.First).In(clock.EAT)
	step := frequencies[o.Frequency]
	if n > 0 && step.months == 0 && step.days == 0 {
		return first, false
	}
	month := time.Date(first.Year(), first.Month()+time.Month(n*step.months), 1, 0, 0, 0, 0, clock.EAT)
	end := month.AddDate(0, 1, -1).Day()
	at = month.AddDate(0, 0, min(first.Day(), end)-1+n*step.days)
	return at, at.UnixMilli() <= o.Last
}

// standingOrderTariff is what the business pays for each payment beside the usual charges: 5 %, at most KES 5 (wire.md §14.4).
const standingOrderTariff = "standing-order"

// AcceptOrder accepts a request for a standing order, and opens the prompt by which the customer agrees.
type AcceptOrder struct {
	Business    Shortcode // BusinessShortCode
	Phone       msisdn.Number
	Type        string // CustomerPayBillOnline or CustomerBuyGoodsOnline: what its payments are
	Amount      money.Amount
	Schedule    Schedule
	CallBackURL string
	Reference   string
	Description string
	RequestID   string // CustomStoId; "": ours

	Order   Order        // as accepted
	Refused *codes.Error // or why not; nothing has changed then
	Reason  string       // more about the refusal, for people
}

// Need names the customer, the business and the order's name.
func (c *AcceptOrder) Need(v *View) {
	v.needCustomer(c.Phone)
	Organisations.Need(v, c.Business)
	Idempotency.Need(v, orderKey(CustomerParty(c.Phone), c.Schedule.Name))
}

// Decide refuses, or opens a prompt, or ends the order at once where it can't come to one.
func (c *AcceptOrder) Decide(v *View, now time.Time) {
	c.Order, c.Refused, c.Reason = Order{}, nil, ""
	if Organisations.Get(v, c.Business) == nil {
		c.Refused, c.Reason = new(codes.ForeignShortCode), fmt.Sprintf("%s is nobody's shortcode", c.Business)
		return
	}
	s, known := v.Customer(c.Phone, now)
	if !known {
		c.Refused = new(codes.InvalidField("PartyA"))
		_, c.Reason = NoCustomer(c.Phone)
		return
	}
	o := Order{
		Header: Header{ID: v.NewID(), Kind: StandingOrder, State: Prompting, Payer: s.Party(), Payee: c.Business.Party(), Business: c.Business, Amount: c.Amount,
			AcceptedAt: now.UnixMilli()},
		Type: c.Type, CallBackURL: c.CallBackURL, Reference: c.Reference, Description: c.Description, RequestID: c.RequestID, Schedule: c.Schedule,
	}
	if result, reason := v.offer(&o, s, now); result != codes.Success {
		v.failOrder(&o, result, now, reason)
	} else {
		Orders.Create(v, o.ID, o)
	}
	c.Order = o
}

// offer opens the prompt of a new order, or says why it can't come to one.
func (v *View) offer(o *Order, s Subscriber, now time.Time) (codes.Result, string) {
	taken, there := Idempotency.Get(v, o.key())
	switch open := OpenPrompts.Get(v, s.Party()); {
	case there:
		return codes.OrderNameTaken, fmt.Sprintf("%s has agreed to a standing order %q before: payment %d", s.MSISDN, o.Name, taken.Payment)
	case open != 0:
		return codes.SubscriberLocked, fmt.Sprintf("payment %d is waiting for an answer on %s", open, s.MSISDN)
	}
	return v.openPrompt(&o.Header, o.prompt(Organisations.Get(v, o.Business)), &s, now)
}

func (o *Order) prompt(receiver *Organisation) string {
	day := func(ms int64) string { return time.UnixMilli(ms).In(clock.EAT).Format("2/1/06") }
	account := ""
	if o.Type == CustomerPayBillOnline {
		account = " Account no. " + o.Reference
	}
	return fmt.Sprintf("Do you want to pay Ksh%s to %s%s %s from %s to %s? Enter M-PESA PIN:",
		o.Amount.Grouped(), called(receiver, o.Payee), account, o.Frequency, day(o.First), day(o.Last))
}

// orderKey is the key by which a customer's orders have different names. A name counts for good, from when the customer agreed.
func orderKey(customer Party, name string) IdempotencyKey {
	return IdempotencyKey{customer, "standing order " + name}
}

func (o *Order) key() IdempotencyKey { return orderKey(o.Payer, o.Name) }

// OrderDue is the moment at which something happens to a standing order: an unattended phone answers its prompt, or a payment is due.
type OrderDue struct {
	Order int64
	Payer Party
}

// Need names the order and what its next payment would move.
func (c *OrderDue) Need(v *View) {
	if phone, ok := c.Payer.Phone(); ok {
		v.needCustomer(phone)
	}
	v.needOrder(c.Order)
}

// needOrder names a waiting order and everything that going on with it reads.
func (v *View) needOrder(id int64) {
	if !Orders.Loaded(v, id) {
		Orders.Lead(v, id)
		return
	}
	o, ok := Orders.Get(v, id)
	if !ok || o.State.Final() {
		return
	}
	if o.State == Prompting {
		Idempotency.Need(v, o.key())
	}
	Organisations.Need(v, o.Business)
	p := o.payment(0, time.Time{})
	v.needCustomerPayment(&p)
}

// Decide lets happen what falls due.
func (c *OrderDue) Decide(v *View, now time.Time) {
	o, ok := Orders.Get(v, c.Order)
	if !ok || o.State.Final() || now.UnixMilli() < o.DueAt {
		return // somebody was faster, or it was put off
	}
	phone, _ := o.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	if o.State == Queued {
		v.payOrdered(&o, s, now)
	} else if result, reason, over := v.unattended(&o.Header, &s, now); over {
		o.answered(v, s, result, reason, now)
	} else {
		o.put(v)
	}
}

func (o *Order) put(v *View) { Orders.Put(v, o.ID, *o) }

// ordered reports whether the payment was made by a standing order.
func (p *Payment) ordered() bool { return p.Kind == C2B && p.Details.Original != 0 }

// payment is the next payment of a standing order.
func (o *Order) payment(id int64, now time.Time) Payment {
	d := Details{TransactionType: o.Type, Reference: o.Reference, Description: o.Name, Original: o.ID}
	if d.TransactionType == CustomerBuyGoodsOnline {
		d.Reference = ""
	}
	return Payment{Header: Header{ID: id, Kind: C2B, Payer: o.Payer, Payee: o.Payee, Business: o.Business, Amount: o.Amount, AcceptedAt: now.UnixMilli()}, Details: d}
}

// answered begins a standing order whose customer agreed, unless they or the business can't have it.
func (o *Order) answered(v *View, s Subscriber, result codes.Result, reason string, now time.Time) {
	if result == codes.Success {
		_, result, reason = v.receivingAccount(o.payment(0, now), s)
	}
	if result != codes.Success {
		v.failOrder(o, result, now, reason)
		return
	}
	o.Agreed = now.UnixMilli()
	o.State, o.DueAt = Queued, max(o.First, o.Agreed)
	v.Claim(o.key(), o.ID)
	v.leavePhone(&o.Header)
	o.put(v)
	v.deliver(&o.Header, OrderResult, o.CallBackURL, now)
}

// failOrder ends an order to which the customer has not agreed.
func (v *View) failOrder(o *Order, result codes.Result, now time.Time, reason string) {
	o.Reason = reason
	o.end(Failed, result, now)
	v.leavePhone(&o.Header)
	keep(v, Orders, o.ID, *o)
	v.deliver(&o.Header, OrderResult, o.CallBackURL, now)
}

// payOrdered makes the payment of a standing order that is due, and has the order wait for the next. One that fails is not tried again.
func (v *View) payOrdered(o *Order, s Subscriber, now time.Time) {
	payment := o.payment(v.NewID(), now)
	v.approve(&payment, s, now)
	o.Count++
	if next, more := o.due(o.Count); more {
		o.DueAt = next.UnixMilli()
	} else {
		o.end(Completed, codes.Success, now)
	}
	o.put(v)
}
