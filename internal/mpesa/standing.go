package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Standing orders: M-Pesa Ratiba (wire.md §14.4).
//
// An order is a payment of its own that moves nothing. It is Prompting until the customer has answered, and then Queued: its DueAt is
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

// Order is what a customer agrees to with a standing order, and how far it has come.
type Order struct {
	Name      string    `json:"name"`
	Frequency Frequency `json:"freq"`
	First     int64     `json:"first"`            // the day of the first payment: its midnight in EAT, milliseconds
	Last      int64     `json:"last"`             // the last day on which a payment can be
	Agreed    int64     `json:"agreed,omitempty"` // when the customer agreed, milliseconds
	Count     int       `json:"count,omitempty"`  // payments that were made or tried
}

// due is the day of the payment after n others: its midnight in EAT. ok is false when there is none any more. Where a month has not the
// first payment's day, its last day counts.
func (o *Order) due(n int) (at time.Time, ok bool) {
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
	Order       Order
	CallBackURL string
	Reference   string
	Description string
	RequestID   string // CustomStoId; "": ours

	Payment Payment      // the order as accepted
	Refused *codes.Error // or why not; nothing has changed then
	Reason  string       // more about the refusal, for people
}

// Need names the customer, the business and the order's name.
func (c *AcceptOrder) Need(v *View) {
	v.needCustomer(c.Phone)
	Organisations.Need(v, c.Business)
	Idempotency.Need(v, orderKey(CustomerParty(c.Phone), c.Order.Name))
}

// Decide refuses, or opens a prompt, or ends the order at once where it can't come to one.
func (c *AcceptOrder) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Reason = Payment{}, nil, ""
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
	p := Payment{
		Header: Header{ID: v.NewID(), Kind: StandingOrder, State: Prompting, Payer: s.Party(), Payee: c.Business.Party(), Business: c.Business, Amount: c.Amount,
			AcceptedAt: now.UnixMilli()}, Details: Details{TransactionType: c.Type, CallBackURL: c.CallBackURL, Reference: c.Reference,
			Description: c.Description, Originator: c.RequestID, Order: c.Order},
	}
	taken, there := Idempotency.Get(v, p.orderKey())
	switch open := OpenPrompts.Get(v, s.Party()); {
	case there:
		v.Fail(&p, codes.OrderNameTaken, now, fmt.Sprintf("%s has agreed to a standing order %q before: payment %d", c.Phone, c.Order.Name, taken.Payment))
	case open != 0:
		v.Fail(&p, codes.SubscriberLocked, now, fmt.Sprintf("payment %d is waiting for an answer on %s", open, c.Phone))
	default:
		v.openPrompt(&p, s, now)
	}
	c.Payment = p
}

func orderPrompt(p *Payment, receiver string) string {
	o := &p.Details.Order
	day := func(ms int64) string { return time.UnixMilli(ms).In(clock.EAT).Format("2/1/06") }
	account := ""
	if p.Details.TransactionType == CustomerPayBillOnline {
		account = " Account no. " + p.Details.Reference
	}
	return fmt.Sprintf("Do you want to pay Ksh%s to %s%s %s from %s to %s? Enter M-PESA PIN:",
		p.Amount.Grouped(), receiver, account, o.Frequency, day(o.First), day(o.Last))
}

// orderKey is the key by which a customer's orders have different names. A name counts for good, from when the customer agreed.
func orderKey(customer Party, name string) IdempotencyKey {
	return IdempotencyKey{customer, "standing order " + name}
}

func (p *Payment) orderKey() IdempotencyKey { return orderKey(p.Payer, p.Details.Order.Name) }

// ordered reports whether the payment was made by a standing order.
func (p *Payment) ordered() bool { return p.Kind == C2B && p.Details.Original != 0 }

// orderedPayment is the next payment of a standing order.
func (p *Payment) orderedPayment(id int64, now time.Time) Payment {
	d := Details{TransactionType: p.Details.TransactionType, Reference: p.Details.Reference, Description: p.Details.Order.Name, Original: p.ID}
	if d.TransactionType == CustomerBuyGoodsOnline {
		d.Reference = ""
	}
	return Payment{Header: Header{ID: id, Kind: C2B, Payer: p.Payer, Payee: p.Payee, Business: p.Business, Amount: p.Amount, AcceptedAt: now.UnixMilli()}, Details: d}
}

// agree begins a standing order whose customer entered the PIN, unless the customer or the business can't have it.
func (v *View) agree(p *Payment, s Subscriber, now time.Time) {
	if _, result, reason := v.receivingAccount(p.orderedPayment(0, now), s); result != codes.Success {
		v.Fail(p, result, now, reason)
		return
	}
	order := &p.Details.Order
	order.Agreed = now.UnixMilli()
	p.State, p.DueAt = Queued, max(order.First, order.Agreed)
	v.Claim(p.orderKey(), p.ID)
	v.chainPayer(p)
	v.PutPayment(p)
	v.deliver(&p.Header, OrderResult, p.Details.CallBackURL, now)
}

// payOrdered makes the payment of a standing order that is due, and has the order wait for the next. One that fails is not tried again.
func (v *View) payOrdered(p Payment, now time.Time) {
	phone, _ := p.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	payment := p.orderedPayment(v.NewID(), now)
	v.approve(&payment, s, now)
	order := &p.Details.Order
	order.Count++
	if next, more := order.due(order.Count); more {
		p.DueAt = next.UnixMilli()
	} else {
		p.State, p.Result, p.FinishedAt, p.DueAt = Completed, codes.Success, now.UnixMilli(), 0
	}
	Payments.Put(v, p.ID, p)
}
