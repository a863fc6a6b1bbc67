package mpesa_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

func TestAcceptedPushOpensAPromptAndMovesNothing(t *testing.T) {
	b := newBench(t)
	before, transfers, _ := b.snapshot()
	p := b.push()
	if p.State != mpesa.Prompting || p.Result != "" || p.DueAt != b.now.Add(90*time.Second).UnixMilli() {
		t.Errorf("the payment is %+v", p)
	}
	if after, n, _ := b.snapshot(); !reflect.DeepEqual(before, after) || n != transfers || len(b.deliveries) != 0 {
		t.Errorf("accepting changed accounts, made %d transfers or owes a callback: %v", n-transfers, b.deliveries)
	}
}

func TestOnePromptAtATimeOnAPhone(t *testing.T) {
	b := newBench(t)
	first := b.push()
	before, transfers, payments := b.snapshot()
	second := pushed(amount(7), to(bouquet))
	b.run(second)
	if second.Refused == nil || *second.Refused != codes.SubscriberBusy || !strings.Contains(second.Reason, fmt.Sprint(first.ID)) {
		t.Fatalf("the second push got %v: %s", second.Refused, second.Reason)
	}
	if after, n, m := b.snapshot(); !reflect.DeepEqual(before, after) || n != transfers || m != payments || second.Payment.ID != 0 {
		t.Error("the refused push left something behind")
	}
	if other := b.push(from(mary)); other.State != mpesa.Prompting {
		t.Errorf("another phone's push is %s", other.State)
	}
	b.wantResult(b.enter(john, "1234"), codes.Success)
	if next := b.push(amount(7)); next.State != mpesa.Prompting {
		t.Errorf("once the first is over the next is %s", next.State)
	}
}

func TestPushesOfOneUnitSeeEachOther(t *testing.T) {
	b := newBench(t)
	var unit []mpesa.Command
	for range 10 {
		unit = append(unit, pushed(from(alien)))
	}
	b.run(unit...)
	accepted := 0
	for _, c := range unit {
		if c.(*mpesa.AcceptPush).Refused == nil {
			accepted++
		}
	}
	if accepted != 1 || b.balance(mpesa.CustomerParty(alien), mpesa.Wallet) != money.Shillings(100_000) {
		t.Errorf("%d of 10 pushes to a new number were accepted; it has %s", accepted, b.balance(mpesa.CustomerParty(alien), mpesa.Wallet))
	}
}

func TestAnswerInTheUnitOfItsPushCameBeforeThePrompt(t *testing.T) {
	b := newBench(t)
	push, answer := pushed(), &mpesa.AnswerPrompt{Phone: john, PIN: pin(john, "1234")}
	b.run(push, answer)
	if push.Refused != nil || answer.Open || !answer.Known {
		t.Fatalf("the push got %v, the answer found a prompt: %v", push.Refused, answer.Open)
	}
	// And the same where the unit ends one prompt and opens the next.
	first := &mpesa.AnswerPrompt{Phone: john, PIN: pin(john, "1234")}
	push, answer = pushed(buyGoods), &mpesa.AnswerPrompt{Phone: john, PIN: pin(john, "1234")}
	b.run(first, push, answer)
	if !first.Open || push.Refused != nil || answer.Open {
		t.Fatalf("answered %v, pushed %v, answered once more %v", first.Open, push.Refused, answer.Open)
	}
	b.wantResult(b.enter(john, "1234"), codes.RuleLimited)
}

func TestPromptLengthDecidesWhetherItCanBeSent(t *testing.T) {
	b := newBench(t)
	empty := pushed(func(c *mpesa.AcceptPush) { c.Reference = "" })
	b.run(empty)
	shown := mpesa.Prompt(&empty.Payment, b.organisations[payBill])
	b.enter(john, "1234")
	for _, test := range []struct {
		length int
		fill   string
		want   codes.Result
	}{
		{181, "x", ""}, {182, "x", ""}, {183, "x", codes.PushFailed}, {182, "é", ""}, {183, "é", codes.PushFailed}, {100_000, "x", codes.PushFailed},
	} {
		b.advance(3 * time.Minute)
		p := b.push(func(c *mpesa.AcceptPush) { c.Reference = strings.Repeat(test.fill, test.length-len(shown)) })
		if p.Result != test.want {
			t.Errorf("a prompt of %d characters: result %q (%s); want %q", test.length, p.Result, p.Reason, test.want)
		}
		if len(p.Reason) > 1000 {
			t.Errorf("the reason of a prompt of %d characters has %d bytes", test.length, len(p.Reason))
		}
		if !p.State.Final() {
			b.enter(john, "1234")
		}
	}
}

func TestPromptSaysWhatIsPaidToWhom(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		push func(*mpesa.AcceptPush)
		want string
	}{
		{amount(1500), "Do you want to pay Ksh1,500.00 to Daraja Sandbox Account no. INV-7? Enter M-PESA PIN:"},
		{buyGoods, "Do you want to pay Ksh100.00 to Till? Enter M-PESA PIN:"},
		{to(nobody), "Do you want to pay Ksh100.00 to 999999 Account no. INV-7? Enter M-PESA PIN:"},
	} {
		c := pushed(test.push)
		b.run(c)
		if got := mpesa.Prompt(&c.Payment, b.organisations[c.Receiver]); got != test.want {
			t.Errorf("the prompt is %q; want %q", got, test.want)
		}
		b.enter(john, "0000")
		b.put(john, func(c *mpesa.PutPhone) { c.WrongPINs = ptr(int64(0)) })
	}
}

func TestCheckoutRequestIDsDifferWithinAMillisecond(t *testing.T) {
	b := newBench(t)
	b.put(john, func(c *mpesa.PutPhone) { c.Limits = ptr("test-small-screen") }) // each push ends at once
	seen := map[string]bool{}
	note := func(p mpesa.Payment) {
		n, _ := p.Payer.Phone()
		id := ids.CheckoutRequest(time.UnixMilli(p.AcceptedAt), n)
		if seen[id] {
			t.Errorf("%s was given out twice", id)
		}
		seen[id] = true
		if p.State.Final() && p.FinishedAt < p.AcceptedAt {
			t.Errorf("payment %d was finished before it was accepted", p.ID)
		}
	}
	var unit []mpesa.Command
	for range 50 {
		unit = append(unit, pushed())
	}
	b.run(unit...)
	for _, c := range unit {
		note(c.(*mpesa.AcceptPush).Payment)
	}
	for range 50 { // still the same millisecond, in units of their own
		note(b.push())
	}
	note(b.push(from(mary)))
	b.now = b.now.Add(-time.Second) // a clock that was set back
	note(b.push())
	if len(seen) != 102 {
		t.Errorf("102 pushes have %d CheckoutRequestIDs", len(seen))
	}
}

func TestUnknownNumbersBecomeCustomersOrAreRefused(t *testing.T) {
	b := newBench(t)
	b.policy.RegisterUnknown = false
	before, transfers, payments := b.snapshot()
	c := pushed(from(alien))
	b.run(c)
	if c.Refused == nil || *c.Refused != codes.SubscriberUnknown || !strings.Contains(c.Reason, alien.String()) {
		t.Fatalf("the push to a number that nobody has got %v: %s", c.Refused, c.Reason)
	}
	if after, n, m := b.snapshot(); !reflect.DeepEqual(before, after) || n != transfers || m != payments || len(b.subscribers) != 2 {
		t.Error("the refused push left something behind")
	}
	b.policy.RegisterUnknown = true
	b.wantResult(b.pay(from(alien)), codes.Success)
	if s := b.subscribers[alien]; s.Name == "" || s.PIN != pin(alien, "1234") {
		t.Errorf("the new customer is %+v", s)
	}
	if got := b.balance(mpesa.CustomerParty(alien), mpesa.Wallet); got != money.Shillings(99_900) {
		t.Errorf("the new customer has %s after paying 100 of 100,000", got)
	}
}

func TestPartyAIsKeptWhereItDiffersFromThePhone(t *testing.T) {
	b := newBench(t)
	p := b.push(func(c *mpesa.AcceptPush) { c.PartyA = mary })
	if p.Details.PartyA != mary || p.Payer != mpesa.CustomerParty(john) {
		t.Errorf("PartyA is %d, the payer %s", p.Details.PartyA, p.Payer)
	}
	if p := b.push(from(mary)); p.Details.PartyA != 0 {
		t.Errorf("PartyA that says nothing new is kept: %d", p.Details.PartyA)
	}
}

func TestShortcodesHaveFiveToSevenDigits(t *testing.T) {
	for text, want := range map[string]mpesa.Shortcode{
		"12345": 12345, "174379": 174379, "1234567": 1234567, "1234": 0, "12345678": 0, "012345": 0, "17437a": 0, "-17437": 0, "+17437": 0, "": 0, "174379.0": 0, "１７４３７９": 0,
	} {
		if got, ok := mpesa.ParseShortcode(text); ok != (want != 0) || ok && got != want {
			t.Errorf("ParseShortcode(%q) = %d, %v", text, got, ok)
		}
	}
}

func TestPartiesKnowWhatTheyAre(t *testing.T) {
	for _, s := range []mpesa.Shortcode{10000, 174379, 9999999} {
		if got, ok := s.Party().Shortcode(); !ok || got != s {
			t.Errorf("%d reads back as %d, %v", s, got, ok)
		}
		if _, ok := s.Party().Phone(); ok {
			t.Errorf("shortcode %d is a phone", s)
		}
	}
	for _, n := range []msisdn.Number{254100000000, 254799999999} {
		if got, ok := mpesa.CustomerParty(n).Phone(); !ok || got != n {
			t.Errorf("%d reads back as %d, %v", n, got, ok)
		}
		if _, ok := mpesa.CustomerParty(n).Shortcode(); ok {
			t.Errorf("phone %d is a shortcode", n)
		}
	}
	if _, ok := mpesa.Provider.Shortcode(); ok {
		t.Error("the operator has a shortcode")
	}
	id := mpesa.CustomerParty(john).Account(mpesa.Wallet)
	if id.Party() != mpesa.CustomerParty(john) || id.Kind() != mpesa.Wallet || id.String() != "254708374149 MMF Account For Customer" {
		t.Errorf("%s is account kind %d of %s", id, id.Kind(), id.Party())
	}
}
