package sms_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/testworld"
)

// newest is the newest message on John's phone.
func (b *bench) newest(t testing.TB) string {
	t.Helper()
	list, err := b.Inbox.Messages(t.Context(), john, 1)
	if err != nil || len(list) == 0 {
		t.Fatalf("the messages are %+v, %v", list, err)
	}
	return list[0].Text
}

func TestMessagesOfAStandingOrder(t *testing.T) {
	b := newBench(t)
	today := time.Date(2026, time.November, 20, 0, 0, 0, 0, clock.EAT).UnixMilli()
	ask := &mpesa.AcceptOrder{Business: bill, Phone: john, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(150), CallBackURL: "http://merchant.test/", Reference: "House 7",
		Schedule: mpesa.Schedule{Name: "Rent", Frequency: 5, First: today, Last: today + 40*24*60*60*1000}}
	b.Do(t, ask)
	b.Do(t, &mpesa.AnswerPrompt{Phone: john, PIN: testworld.Digest(john, testworld.PIN)})
	agreed := b.Mint.Receipt(ask.Order.ID, b.Clock.Now()) +
		" Confirmed. Your standing order Rent of Ksh150.00 to Sandbox Organisation 600000, monthly from 20/11/26 to 30/12/26, has been created."
	if got := b.newest(t); got != agreed {
		t.Errorf("got %q\nwant %q", got, agreed)
	}
	b.Clock.Advance(time.Hour)
	b.Do(t, &mpesa.OrderDue{Order: ask.Order.ID, Payer: ask.Order.Payer})
	paid := b.Payment(t, func(p mpesa.Payment) bool { return p.Kind == mpesa.C2B && p.Details.Original == ask.Order.ID })
	text := b.Mint.Receipt(paid.ID, b.Clock.Now()) + " Confirmed. Ksh150.00 sent to Sandbox Organisation 600000 for account House 7 on 20/11/26 at 1:00 PM. " +
		"New M-PESA balance is Ksh99,845.00. Transaction cost, Ksh5.00."
	if got := b.newest(t); got != text {
		t.Errorf("got %q\nwant %q", got, text)
	}
	if list, err := b.Inbox.Messages(t.Context(), john, 10); err != nil || len(list) < 2 || list[1].Text != agreed || !list[1].At.Equal(testworld.Noon) {
		t.Errorf("then the messages are %+v, %v", list, err)
	}
}

func TestMessagesOfACheckout(t *testing.T) {
	b := newBench(t)
	b.Do(t, &portal.ChangeOrganisation{Shortcode: bill, Change: func(o *mpesa.Organisation, _ bool) error { o.Owner = john; return nil }})
	ask := func(amount int64) mpesa.Payment {
		c := &mpesa.AcceptCheckout{From: bill, To: other, Amount: money.Shillings(amount), CallBackURL: "http://vendor.test/", Reference: "INV-7", Partner: "Vendor", RequestID: "1"}
		b.Do(t, c)
		b.Do(t, &mpesa.AnswerPrompt{Phone: john, PIN: testworld.Digest(john, testworld.PIN)})
		return c.Payment
	}
	p := ask(71)
	want := b.Mint.Receipt(p.ID, b.Clock.Now()) + " Confirmed. Ksh71.00 sent to Sandbox Organisation 600001 for account INV-7 on 20/11/26 at 12:00 PM. " +
		"New Working Account balance of 600000 is Ksh999,929.00."
	if got := b.newest(t); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	b.Do(t, &portal.ChangeOrganisation{Shortcode: other, Change: func(o *mpesa.Organisation, _ bool) error { o.Owner = nick; return nil }})
	want = b.Mint.Receipt(p.ID, b.Clock.Now()) + " Confirmed. on 20/11/26 at 12:00 PM Ksh71.00 received from Sandbox Organisation 600000 600000. " +
		"Account Number INV-7. New Utility Account balance is Ksh1,000,071.00."
	if list, err := b.Inbox.Messages(t.Context(), nick, 1); err != nil || len(list) != 1 || list[0].Text != want {
		t.Errorf("the vendor's owner got %+v, %v\nwant %q", list, err, want)
	}
	b.Clock.Advance(time.Minute)
	ask(2_000_000)
	if got, want := b.newest(t), "Failed. You do not have enough money in your business account to pay Ksh2,000,000.00. You may deposit money and try again."; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
