package mpesa_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
)

// day is a midnight in Nairobi, in milliseconds.
func day(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, clock.EAT).UnixMilli()
}

// rent is a request for a standing order: John pays the pay bill KES 50 daily from tomorrow on for three days.
func rent(changes ...func(*mpesa.AcceptOrder)) *mpesa.AcceptOrder {
	c := &mpesa.AcceptOrder{Business: payBill, Phone: john, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(50),
		Schedule:    mpesa.Schedule{Name: "Rent", Frequency: 2, First: day(2026, 11, 21), Last: day(2026, 11, 23)},
		CallBackURL: "http://merchant.example/ratiba", Reference: "House 7", Description: "Rent"}
	for _, change := range changes {
		change(c)
	}
	return c
}

func (b *bench) order(changes ...func(*mpesa.AcceptOrder)) mpesa.Payment {
	b.t.Helper()
	c := rent(changes...)
	b.run(c)
	if c.Refused != nil {
		b.t.Fatalf("the order was refused: %v: %s", c.Refused, c.Reason)
	}
	return mpesatest.PaymentOf(&c.Order)
}

// agree has John agree to a standing order.
func (b *bench) agree(changes ...func(*mpesa.AcceptOrder)) mpesa.Payment {
	b.t.Helper()
	b.order(changes...)
	p := b.enter(john, "1234")
	if p.State != mpesa.Queued || b.orders[p.ID].Agreed != b.now.UnixMilli() {
		b.t.Fatalf("after the PIN the order is %s: %+v", p.State, b.orders[p.ID])
	}
	b.wantOwed(p, mpesa.OrderResult)
	return p
}

// next moves the clock to when the order falls due, and gives the payment that it then makes.
func (b *bench) next(order mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	order = b.payments[order.ID]
	b.now = time.UnixMilli(max(order.DueAt, b.now.UnixMilli())).In(clock.EAT)
	before := b.lastID
	b.run(falls(order))
	if b.lastID != before+1 {
		b.t.Fatalf("the order made %d payments", b.lastID-before)
	}
	return b.payments[b.lastID]
}

func TestStandingOrderPays(t *testing.T) {
	b := newBench(t)
	order := b.agree()
	for i := range 3 {
		before := b.balance(payBill.Party(), mpesa.Utility)
		p := b.next(order)
		if p.Kind != mpesa.C2B || p.State != mpesa.Completed || p.Details.Original != order.ID || p.Details.Reference != "House 7" {
			t.Errorf("payment %d is %+v", i, p)
		}
		if got := time.UnixMilli(p.FinishedAt).In(clock.EAT).Format(time.DateTime); got != fmt.Sprintf("2026-11-%d 00:00:00", 21+i) {
			t.Errorf("payment %d was made at %s", i, got)
		}
		if got := b.balance(payBill.Party(), mpesa.Utility) - before; got != money.Shillings(50) {
			t.Errorf("payment %d brought %s", i, got)
		}
	}
	if p := b.payments[order.ID]; p.State != mpesa.Completed || p.Result != codes.Success || p.DueAt != 0 || b.orders[order.ID].Count != 3 {
		t.Errorf("in the end the order is %+v", p)
	}
	b.advance(30 * 24 * time.Hour)
	before := b.lastID
	b.run(falls(order))
	if b.lastID != before {
		t.Error("an order that is over paid once more")
	}
}

// Each payment costs the business 5 %, and KES 5 at most, beside the usual charges.
func TestStandingOrderCharges(t *testing.T) {
	for _, test := range []struct{ amount, customer, business money.Amount }{
		{money.Shillings(50), 0, 250},
		{money.Shillings(100), 0, money.Shillings(5)},
		{money.Shillings(1500), money.Shillings(10), money.Shillings(10)}, // Mgao takes 10 and 5
	} {
		t.Run(test.amount.String(), func(t *testing.T) {
			b := newBench(t)
			order := b.agree(func(c *mpesa.AcceptOrder) { c.Amount = test.amount })
			wallet := b.balance(order.Payer, mpesa.Wallet)
			b.next(order)
			if got := wallet - b.balance(order.Payer, mpesa.Wallet); got != test.amount+test.customer {
				t.Errorf("the customer paid %s", got)
			}
			if got := -b.balance(payBill.Party(), mpesa.ChargesPaid); got != test.business {
				t.Errorf("the business owes %s, want %s", got, test.business)
			}
		})
	}
}

func TestStandingOrderOfATill(t *testing.T) {
	b := newBench(t)
	order := b.agree(func(c *mpesa.AcceptOrder) { c.Business, c.Type = till, mpesa.CustomerBuyGoodsOnline })
	if p := b.next(order); p.State != mpesa.Completed || p.Details.Reference != "" {
		t.Errorf("the payment is %+v", p)
	}
	if got := b.balance(till.Party(), mpesa.Merchant); got != money.Shillings(50) {
		t.Errorf("the till has %s", got)
	}
}

// The days on which each frequency pays.
func TestStandingOrderFrequencies(t *testing.T) {
	for _, test := range []struct {
		frequency   mpesa.Frequency
		first, last int64
		want        string
	}{
		{1, day(2026, 12, 1), day(2027, 12, 1), "2026-12-01"},
		{2, day(2026, 12, 30), day(2027, 1, 1), "2026-12-30 2026-12-31 2027-01-01"},
		{2, day(2026, 12, 30), day(2026, 12, 30), "2026-12-30"},
		{3, day(2026, 12, 1), day(2026, 12, 21), "2026-12-01 2026-12-08 2026-12-15"},
		{4, day(2026, 12, 1), day(2026, 12, 29), "2026-12-01 2026-12-15 2026-12-29"},
		{5, day(2026, 12, 31), day(2027, 4, 1), "2026-12-31 2027-01-31 2027-02-28 2027-03-31"},
		{5, day(2028, 1, 30), day(2028, 3, 29), "2028-01-30 2028-02-29"},
		{6, day(2026, 12, 31), day(2027, 4, 30), "2026-12-31 2027-02-28 2027-04-30"},
		{7, day(2026, 11, 30), day(2027, 6, 1), "2026-11-30 2027-02-28 2027-05-30"},
		{8, day(2026, 12, 1), day(2027, 12, 1), "2026-12-01 2027-06-01 2027-12-01"},
		{9, day(2028, 2, 29), day(2030, 2, 28), "2028-02-29 2029-02-28 2030-02-28"},
	} {
		t.Run(fmt.Sprint(test.frequency, " ", test.want), func(t *testing.T) {
			b := newBench(t)
			order := b.agree(func(c *mpesa.AcceptOrder) {
				c.Schedule = mpesa.Schedule{Name: "Rent", Frequency: test.frequency, First: test.first, Last: test.last}
			})
			var days []string
			for !b.payments[order.ID].State.Final() {
				p := b.next(order)
				days = append(days, time.UnixMilli(p.AcceptedAt).In(clock.EAT).Format(time.DateOnly))
			}
			if got := strings.Join(days, " "); got != test.want {
				t.Errorf("it paid on %s", got)
			}
		})
	}
}

// An order whose first day is today pays as soon as the customer has agreed, and then at each midnight.
func TestStandingOrderBeginsToday(t *testing.T) {
	b := newBench(t)
	order := b.agree(func(c *mpesa.AcceptOrder) { c.Schedule.First = day(2026, 11, 20) })
	if order.DueAt != b.now.UnixMilli() {
		t.Errorf("it is due at %s, agreed to at %s", time.UnixMilli(order.DueAt), b.now)
	}
	b.next(order)
	if got := b.payments[order.ID].DueAt; got != day(2026, 11, 21) {
		t.Errorf("then it is due at %s", time.UnixMilli(got))
	}
}

// What fell due while nothing ran is paid afterwards, each once.
func TestStandingOrderCatchesUp(t *testing.T) {
	b := newBench(t)
	order := b.agree()
	b.advance(10 * 24 * time.Hour)
	for range 3 {
		if p := b.next(order); p.State != mpesa.Completed {
			t.Errorf("the payment is %+v", p)
		}
	}
	if !b.payments[order.ID].State.Final() {
		t.Error("the order goes on")
	}
}

// Two that look at an order at once, as two nodes may, have it pay once.
func TestStandingOrderPaysOncePerDay(t *testing.T) {
	b := newBench(t)
	order := b.agree()
	b.now = time.UnixMilli(order.DueAt).In(clock.EAT)
	due, before := falls(order), b.lastID
	b.run(due, falls(order))
	if b.run(due); b.lastID != before+1 {
		t.Errorf("it paid %d times", b.lastID-before)
	}
}

// A payment that fails is not tried again, and the order goes on.
func TestStandingOrderOutlivesAFailedPayment(t *testing.T) {
	b := newBench(t)
	order := b.agree()
	b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(10)) })
	if p := b.next(order); p.Result != codes.InsufficientFunds {
		t.Errorf("the first payment is %+v", p)
	}
	b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(1000)) })
	if p := b.next(order); p.Result != codes.Success {
		t.Errorf("the second payment is %+v", p)
	}
}

// Its payments are asked about and confirmed like any other.
func TestStandingOrderPaymentsAreValidatedAndConfirmed(t *testing.T) {
	b := newBench(t)
	o := b.organisations[payBill]
	o.Validates = true
	o.URLs = mpesa.C2BURLs{Version: 2, ResponseType: mpesa.ResponseCancelled, Confirmation: "http://merchant.example/confirm", Validation: "http://merchant.example/validate"}
	order := b.agree()
	p := b.next(order)
	if p.State != mpesa.Validating {
		t.Fatalf("the payment is %s", p.State)
	}
	b.run(&mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Attempt: mpesa.Attempt{Status: 200}, Verdict: &mpesa.Verdict{Answered: true, Code: "0"}})
	if p = b.payments[p.ID]; p.State != mpesa.Completed {
		t.Errorf("the payment is %+v", p)
	}
	if _, ok := b.deliveries[p.DeliveryID(mpesa.Confirmation)]; !ok {
		t.Error("no confirmation is to be sent")
	}
	if got := -b.balance(payBill.Party(), mpesa.ChargesPaid); got != 250 {
		t.Errorf("the business owes %s", got)
	}
}

func TestStandingOrderFails(t *testing.T) {
	tests := map[string]struct {
		prepare func(*bench)
		change  func(*mpesa.AcceptOrder)
		answer  func(*bench)
		want    codes.Result
	}{
		"cancelled":       {answer: func(b *bench) { b.run(&mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel}) }, want: codes.CancelledByUser},
		"wrong PIN":       {answer: func(b *bench) { b.enter(john, "0000") }, want: codes.InvalidInitiator},
		"nobody there":    {answer: func(b *bench) { b.wait(john) }, want: codes.Unreachable},
		"long text":       {change: func(c *mpesa.AcceptOrder) { c.Reference = strings.Repeat("7", 150) }, answer: func(*bench) {}, want: codes.PushFailed},
		"phone in use":    {prepare: func(b *bench) { b.push() }, answer: func(*bench) {}, want: codes.SubscriberLocked},
		"name taken":      {prepare: func(b *bench) { b.agree() }, answer: func(*bench) {}, want: codes.OrderNameTaken},
		"till as paybill": {change: func(c *mpesa.AcceptOrder) { c.Business = till }, want: codes.NotPermitted},
		"may not pay":     {prepare: func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.NoProducts) }) }, want: codes.NotPermitted},
		"frozen business": {prepare: func(b *bench) { b.organisations[payBill].Standing = mpesa.Frozen }, want: codes.AccountNotAllowed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if test.prepare != nil {
				test.prepare(b)
			}
			if test.change == nil {
				test.change = func(*mpesa.AcceptOrder) {}
			}
			p := b.order(test.change)
			if test.answer != nil {
				test.answer(b)
			} else {
				b.enter(john, "1234")
			}
			b.wantTold(p, test.want, mpesa.OrderResult)
			if slices.ContainsFunc(b.transfers, func(x mpesa.Transfer) bool { return x.Payment() == p.ID }) {
				t.Error("money moved")
			}
		})
	}
}

func TestStandingOrderIsRefused(t *testing.T) {
	b := newBench(t)
	b.policy.RegisterUnknown = false
	for _, test := range []struct {
		change func(*mpesa.AcceptOrder)
		want   codes.Error
	}{
		{func(c *mpesa.AcceptOrder) { c.Business = nobody }, codes.ForeignShortCode},
		{func(c *mpesa.AcceptOrder) { c.Phone = alien }, codes.InvalidField("PartyA")},
	} {
		c := rent(test.change)
		accounts, transfers, payments := b.snapshot()
		if b.run(c); c.Refused == nil || *c.Refused != test.want || c.Reason == "" {
			t.Errorf("got %v, %q; want %v", c.Refused, c.Reason, test.want)
		}
		if a, n, p := b.snapshot(); len(a) != len(accounts) || n != transfers || p != payments {
			t.Error("a refusal changed something")
		}
	}
}

// A name counts from when the customer agreed, for that customer alone.
func TestStandingOrderNames(t *testing.T) {
	b := newBench(t)
	p := b.order()
	b.run(&mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel})
	b.wantTold(p, codes.CancelledByUser, mpesa.OrderResult)
	b.agree()
	b.agree(func(c *mpesa.AcceptOrder) { c.Schedule.Name = "School" })
	b.order(func(c *mpesa.AcceptOrder) { c.Phone = mary })
	if p := b.enter(mary, "1234"); p.State != mpesa.Queued {
		t.Errorf("Mary's order is %+v", p)
	}
}

// The wallet's chain holds the payments of an order; the order itself is found by its customer.
func TestStandingOrdersPaymentsAreInTheWalletsChain(t *testing.T) {
	b := newBench(t)
	order := b.agree()
	var want []int64
	for range 3 {
		want = append(want, b.next(order).ID)
	}
	var got []int64
	for id := b.accounts[order.Payer.Account(mpesa.Wallet)].LastPayment; id != 0; id = b.payments[id].Previous {
		if got = append(got, id); len(got) > len(want) {
			break
		}
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("the chain is %v, want %v", got, want)
	}
}
