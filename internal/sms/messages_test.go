package sms_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

const (
	on = "20/11/26 at 12:00 PM"

	validationURL   = "http://merchant.test/validation"
	confirmationURL = "http://merchant.test/confirmation"
)

// validates has a pay bill asked about what customers pay to it.
func (b *bench) validates(t testing.TB, responseType string) {
	b.organisation(t, bill, func(o *mpesa.Organisation) {
		o.Validates, o.URLs = true, mpesa.C2BURLs{Version: 2, ResponseType: responseType, Validation: validationURL, Confirmation: confirmationURL}
	})
}

// TestTexts has something happen, and wants each person to be told of it in these words.
func TestTexts(t *testing.T) {
	for name, test := range map[string]struct {
		happens func(*testing.T, *bench)
		want    map[msisdn.Number][]string
	}{
		"pay bill": {func(t *testing.T, b *bench) { b.pay(t, john, bill, 1500, "INV-7") }, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh1,500.00 sent to Sandbox Organisation 600000 for account INV-7 on " + on + ". New M-PESA balance is Ksh98,490.00. Transaction cost, Ksh10.00."},
		}},
		"till": {func(t *testing.T, b *bench) { b.pay(t, john, till, 1500, "") }, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh1,500.00 paid to Kivuko Till. on " + on + ". New M-PESA balance is Ksh98,500.00. Transaction cost, Ksh0.00."},
		}},
		"pushed pay bill": {func(t *testing.T, b *bench) { b.push(t, john, bill, 50, "1234") }, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh50.00 sent to Sandbox Organisation 600000 for account INV-7 on " + on + ". New M-PESA balance is Ksh99,950.00. Transaction cost, Ksh0.00."},
		}},
		"pushed till": {func(t *testing.T, b *bench) { b.push(t, john, till, 50, "1234") }, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh50.00 paid to Kivuko Till. on " + on + ". New M-PESA balance is Ksh99,950.00. Transaction cost, Ksh0.00."},
		}},
		"business payment": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2C, "BusinessPayment", bill, mpesa.CustomerParty(john), 1000)
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. You have received Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". New M-PESA balance is Ksh101,000.00."},
		}},
		"salary": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2C, mpesa.SalaryPayment, bill, mpesa.CustomerParty(john), 1000)
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. You have received a salary of Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". New M-PESA balance is Ksh101,000.00."},
		}},
		"salary of an unregistered customer": {func(t *testing.T, b *bench) {
			b.customer(t, john, mpesa.Unregistered)
			b.request(t, mpesa.B2C, mpesa.SalaryPayment, bill, mpesa.CustomerParty(john), 1000)
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. You have received a salary of Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". Visit an M-PESA agent with your ID to withdraw it."},
		}},
		"promotion": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2C, mpesa.PromotionPayment, bill, mpesa.CustomerParty(john), 1000)
		}, map[msisdn.Number][]string{
			john: {"Congratulations! R Confirmed. You have received Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". New M-PESA balance is Ksh101,000.00."},
		}},
		"business to pochi": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2Pochi, mpesa.BusinessPayToPochi, bill, mpesa.CustomerParty(john), 1000)
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. You have received Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". New business balance is Ksh1,000.00."},
		}},
		"reversal": {func(t *testing.T, b *bench) { b.reverse(t, b.pay(t, john, bill, 1500, "INV-7")) }, map[msisdn.Number][]string{
			john: {
				"R Confirmed. Reversal of transaction O has been successfully reversed on " + on + " and Ksh1,500.00 is credited to your M-PESA account. New M-PESA account balance is Ksh99,990.00.",
				"R Confirmed. Ksh1,500.00 sent to Sandbox Organisation 600000 for account INV-7 on " + on + ". New M-PESA balance is Ksh98,490.00. Transaction cost, Ksh10.00.",
			},
		}},
		"send money": {func(t *testing.T, b *bench) {
			b.Do(t, &mpesa.SendToCustomer{Phone: john, To: nick, Amount: money.Shillings(1000)})
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh1,000.00 sent to Nicholas Songok 0705912645 on " + on + ". New M-PESA balance is Ksh98,987.00. Transaction cost, Ksh13.00."},
			nick: {"R Confirmed. You have received Ksh1,000.00 from John Doe 0708374149 on " + on + ". New M-PESA balance is Ksh101,000.00."},
		}},
		"send money to a business wallet": {func(t *testing.T, b *bench) {
			b.Do(t, &mpesa.SendToCustomer{Phone: john, To: nick, Pochi: true, Amount: money.Shillings(1000)})
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh1,000.00 paid to Nicholas Songok on " + on + ". New M-PESA balance is Ksh98,987.00. Transaction cost, Ksh13.00."},
			nick: {"R Confirmed. You have received Ksh1,000.00 from John Doe 0708374149 on " + on + ". New business balance is Ksh1,000.00."},
		}},
		"money taken from the business wallet": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2Pochi, mpesa.BusinessPayToPochi, bill, mpesa.CustomerParty(john), 1000)
			b.Do(t, &mpesa.EmptyPochi{Phone: john, Amount: money.Shillings(500)})
			b.Do(t, &mpesa.EmptyPochi{Phone: john, Amount: money.Shillings(5000)})
		}, map[msisdn.Number][]string{
			john: {
				"Failed. You do not have enough money in your business account to move Ksh5,000.00. You may deposit money and try again.",
				"R Confirmed. Ksh500.00 moved from your business account to M-PESA on " + on + ". New business balance is Ksh493.00. New M-PESA balance is Ksh100,500.00. Transaction cost, Ksh7.00.",
				"R Confirmed. You have received Ksh1,000.00 from Sandbox Organisation 600000 600000 on " + on + ". New business balance is Ksh1,000.00.",
			},
		}},
		"deposit": {func(t *testing.T, b *bench) { b.Do(t, &mpesa.DepositCash{Phone: john, Amount: money.Shillings(500)}) }, map[msisdn.Number][]string{
			john: {"R Confirmed. On " + on + " Give Ksh500.00 cash to M-PESA Agent. New M-PESA balance is Ksh100,500.00."},
		}},
		"withdrawal": {func(t *testing.T, b *bench) { b.Do(t, &mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(500)}) }, map[msisdn.Number][]string{
			john: {"R Confirmed. on " + on + " Withdraw Ksh500.00 from M-PESA Agent. New M-PESA balance is Ksh99,471.00. Transaction cost, Ksh29.00."},
		}},

		"no money": {func(t *testing.T, b *bench) { b.pay(t, john, bill, 200_000, "INV-7") }, map[msisdn.Number][]string{
			john: {"Failed. You do not have enough money in your M-PESA account to pay Ksh200,000.00. You may deposit money and try again."},
		}},
		"no money to withdraw": {func(t *testing.T, b *bench) {
			b.Do(t, &mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(200_000)})
		}, map[msisdn.Number][]string{
			john: {"Failed. You do not have enough money in your M-PESA account to withdraw Ksh200,000.00. You may deposit money and try again."},
		}},
		"too much to withdraw": {func(t *testing.T, b *bench) {
			b.Do(t, &mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(300_000)})
		}, map[msisdn.Number][]string{
			john: {"Transaction failed, M-PESA cannot complete withdrawal of Ksh 300000.00. Declined due to limit rule: greater than the maximum transaction amount."},
		}},
		"a payout is taken back": {func(t *testing.T, b *bench) {
			first := b.initiate(t, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payee: mpesa.CustomerParty(john), Amount: money.Shillings(50)}, Details: mpesa.Details{TransactionType: "BusinessPayment"}})
			second := b.initiate(t, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2Pochi, Payee: mpesa.CustomerParty(nick), Amount: money.Shillings(60)}, Details: mpesa.Details{TransactionType: mpesa.BusinessPayToPochi}})
			b.initiate(t, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Reversal}, Details: mpesa.Details{TransactionType: mpesa.TransactionReversal, Original: first.ID}})
			b.initiate(t, mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Reversal}, Details: mpesa.Details{TransactionType: mpesa.TransactionReversal, Original: second.ID}})
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. Transaction O of Ksh50.00 from Sandbox Organisation 600000 was reversed on " + on + ". New M-PESA balance is Ksh100,000.00.",
				"R Confirmed. You have received Ksh50.00 from Sandbox Organisation 600000 600000 on " + on + ". New M-PESA balance is Ksh100,050.00."},
			nick: {"R Confirmed. Transaction O of Ksh60.00 from Sandbox Organisation 600000 was reversed on " + on + ". New business balance is Ksh0.00.",
				"R Confirmed. You have received Ksh60.00 from Sandbox Organisation 600000 600000 on " + on + ". New business balance is Ksh60.00."},
		}},
		"wrong PIN": {func(t *testing.T, b *bench) { b.push(t, john, bill, 50, "4321") }, map[msisdn.Number][]string{
			john: {"Failed. You have entered a wrong PIN. Please try again with the right one."},
		}},
		"locked PIN": {func(t *testing.T, b *bench) {
			b.Do(t, &mpesa.PutPhone{Phone: john, WrongPINs: new(int64(3))})
			b.push(t, john, bill, 50, "1234")
		}, map[msisdn.Number][]string{
			john: {"Failed. Your M-PESA PIN is locked. Please call customer care."},
		}},
		"beyond a limit": {func(t *testing.T, b *bench) { b.pay(t, john, bill, 300_000, "INV-7") }, map[msisdn.Number][]string{
			john: {"Transaction failed, M-PESA cannot complete payment of Ksh 300000.00 to Sandbox Organisation 600000. Declined due to limit rule: greater than the maximum transaction amount."},
		}},
		"to nobody": {func(t *testing.T, b *bench) { b.pay(t, john, 999_999, 50, "INV-7") }, map[msisdn.Number][]string{
			john: {"Transaction failed, M-PESA cannot complete payment of Ksh 50.00 to 999999. The operator does not exist."},
		}},
		"rejected by the business": {func(t *testing.T, b *bench) {
			b.validates(t, mpesa.ResponseCompleted)
			p := b.pay(t, john, bill, 50, "INV-7")
			b.Do(t, &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Verdict: &mpesa.Verdict{Answered: true, Code: "C2B00012"}})
		}, map[msisdn.Number][]string{
			john: {"Transaction failed, M-PESA cannot complete payment of Ksh 50.00 to Sandbox Organisation 600000. Organization receiving the payment is unavailable, try again later."},
		}},
		"the business can't be reached": {func(t *testing.T, b *bench) {
			b.validates(t, mpesa.ResponseCancelled)
			p := b.pay(t, john, bill, 50, "INV-7")
			b.Do(t, &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Verdict: &mpesa.Verdict{}})
		}, map[msisdn.Number][]string{
			john: {"Transaction failed, M-PESA cannot complete payment of Ksh 50.00 to Sandbox Organisation 600000. Organization receiving the payment is unavailable, try again later."},
		}},
		"accepted by the business, some time later": {func(t *testing.T, b *bench) {
			b.validates(t, mpesa.ResponseCancelled)
			p := b.pay(t, john, bill, 50, "INV-7")
			b.Clock.Advance(5 * time.Second)
			b.Do(t, &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Verdict: &mpesa.Verdict{Answered: true, Code: "0"}})
		}, map[msisdn.Number][]string{
			john: {"R Confirmed. Ksh50.00 sent to Sandbox Organisation 600000 for account INV-7 on " + on + ". New M-PESA balance is Ksh99,950.00. Transaction cost, Ksh0.00."},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			test.happens(t, b)
			for _, phone := range []msisdn.Number{john, nick} {
				if got := b.inbox(t, phone); !slices.Equal(got, test.want[phone]) {
					t.Errorf("%s got (- want, + got):\n%s", phone, cmp.Diff(test.want[phone], got))
				}
			}
			b.Books(t)
		})
	}
}

// initiate has Kivuko's administrator have the pay bill do something, as on the portal.
func (b *bench) initiate(t *testing.T, task mpesa.Payment) mpesa.Payment {
	t.Helper()
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: bill}}, Asked: task}
	b.Do(t, c)
	if c.Refused != nil {
		t.Fatal(c.Refused)
	}
	return c.Payment
}

// TestOwnersTexts has something happen at the pay bill that Nicholas owns, and wants them to be told of it in these words.
func TestOwnersTexts(t *testing.T) {
	for name, test := range map[string]struct {
		happens func(*testing.T, *bench)
		want    []string
	}{
		"a customer pays": {func(t *testing.T, b *bench) { b.pay(t, john, bill, 1500, "INV-7") }, []string{
			"R Confirmed. on " + on + " Ksh1,500.00 received from John Doe 0708***149. Account Number INV-7. New Utility Account balance is Ksh1,001,500.00.",
		}},
		"a customer is asked to pay": {func(t *testing.T, b *bench) { b.push(t, john, bill, 50, "1234") }, []string{
			"R Confirmed. on " + on + " Ksh50.00 received from John Doe 0708***149. Account Number INV-7. New Utility Account balance is Ksh1,000,050.00.",
		}},
		"a customer pays at the till": {func(t *testing.T, b *bench) { b.pay(t, john, till, 50, "") }, []string{
			"R Confirmed. on " + on + " Ksh50.00 received from John Doe 0708***149. New Merchant Account balance is Ksh50.00.",
		}},
		"a business pays": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2B, mpesa.BusinessPayBill, other, bill.Party(), 50, func(p *mpesa.Payment) { p.Details.Reference = "353353" })
		}, []string{
			"R Confirmed. on " + on + " Ksh50.00 received from Sandbox Organisation 600001 600001. Account Number 353353. New Utility Account balance is Ksh1,000,050.00.",
		}},
		"a business takes back what it was paid": {func(t *testing.T, b *bench) {
			paid := b.request(t, mpesa.B2B, mpesa.BusinessPayBill, bill, other.Party(), 1000)
			b.reverse(t, paid)
		}, []string{
			"R Confirmed. Reversal of transaction O has been successfully reversed on " + on + " and Ksh1,000.00 is credited to your Working Account. New Working Account balance is Ksh1,000,000.00.",
		}},
		"the owner pays their own business": {func(t *testing.T, b *bench) { b.pay(t, nick, bill, 50, "INV-7") }, []string{
			"R Confirmed. Ksh50.00 sent to Sandbox Organisation 600000 for account INV-7 on " + on + ". New M-PESA balance is Ksh99,950.00. Transaction cost, Ksh0.00.",
			"R Confirmed. on " + on + " Ksh50.00 received from Nicholas Songok 0705***645. Account Number INV-7. New Utility Account balance is Ksh1,000,050.00.",
		}},

		"a payment fails":    {func(t *testing.T, b *bench) { b.pay(t, john, bill, 300_000, "INV-7") }, nil},
		"a customer cancels": {func(t *testing.T, b *bench) { b.push(t, john, bill, 50, "cancel") }, nil},
		"the business pays": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2C, "BusinessPayment", bill, mpesa.CustomerParty(john), 50)
		}, nil},
		"its money moves": {func(t *testing.T, b *bench) {
			b.request(t, mpesa.B2B, "BusinessTransferFromMMFToUtility", bill, bill.Party(), 50)
		}, nil},
		"it settles": {func(t *testing.T, b *bench) {
			b.Do(t, &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: bill}}, Asked: mpesa.SettlementTask(bill)})
		}, nil},
		"money from its own bank": {func(t *testing.T, b *bench) {
			b.Do(t, &portal.DepositFromBank{Business: bill, To: mpesa.Utility, Amount: money.Shillings(50)})
		}, nil},
		"another business is paid": {func(t *testing.T, b *bench) { b.pay(t, john, other, 50, "INV-7") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for _, s := range []mpesa.Shortcode{bill, till} {
				b.organisation(t, s, func(o *mpesa.Organisation) { o.Owner = nick })
			}
			test.happens(t, b)
			if got := b.inbox(t, nick); !slices.Equal(got, test.want) {
				t.Errorf("the phone got (- want, + got):\n%s", cmp.Diff(test.want, got))
			}
		})
	}
}

// Who cancelled, or never touched the phone, is told nothing; neither is anybody of what no money was to move for.
func TestNothingIsSaidWhereNothingHappened(t *testing.T) {
	b := newBench(t)
	b.push(t, john, bill, 50, "cancel")
	b.push(t, john, bill, 51, "cancel")
	b.Do(t, &mpesa.PutPhone{Phone: nick, Answers: new(mpesa.Off)})
	for _, answers := range []mpesa.Answers{mpesa.Off, mpesa.Late, mpesa.Busy, mpesa.Lost, mpesa.Ignore} {
		b.Do(t, &mpesa.PutPhone{Phone: nick, Answers: &answers})
		push := &mpesa.AcceptPush{Business: bill, Receiver: bill, Phone: nick, PartyA: nick, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling, Reference: "x"}
		b.Do(t, push)
		b.Clock.Advance(91 * time.Second)
		b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: push.Payment.ID, Payer: push.Payment.Payer}})
		if p := b.Payment(t, func(p mpesa.Payment) bool { return p.ID == push.Payment.ID && p.State.Final() }); p.Result == codes.Success {
			t.Errorf("a phone that is %s paid", answers)
		}
	}
	b.request(t, mpesa.B2C, "BusinessPayment", bill, mpesa.CustomerParty(john), 1) // less than the minimum
	b.request(t, mpesa.BalanceQuery, mpesa.AccountBalance, bill, 0, 0)
	b.request(t, mpesa.Reversal, mpesa.TransactionReversal, bill, 0, 50) // of nothing
	b.pay(t, 254_722_000_001, bill, 50, "INV-7")
	for _, phone := range []msisdn.Number{john, nick, 254_799_999_999} {
		if got := b.inbox(t, phone); len(got) != 0 {
			t.Errorf("%s got %q", phone, got)
		}
	}
}

// TestNewestFirst mixes what a customer paid, what they got and what their organisations earned.
func TestNewestFirst(t *testing.T) {
	b := newBench(t)
	for _, s := range []mpesa.Shortcode{bill, other, till} {
		b.organisation(t, s, func(o *mpesa.Organisation) { o.Owner = nick })
	}
	var want []int64 // payments, oldest first
	for i := range int64(5) {
		for _, p := range []mpesa.Payment{
			b.pay(t, nick, 174_379, 10+i, "a"),
			b.pay(t, john, bill, 10+i, "b"),
			b.push(t, john, till, 200+i, "1234"),
			b.request(t, mpesa.B2C, "BusinessPayment", bill, mpesa.CustomerParty(nick), 10+i),
			b.pay(t, john, other, 10+i, "c"),
		} {
			want = append(want, p.ID)
		}
		b.Clock.Advance(time.Minute)
	}
	slices.Reverse(want)
	for _, limit := range []int{0, 1, 7, 25, 100} {
		list, err := b.Inbox.Messages(t.Context(), nick, limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, m := range list {
			got = append(got, m.Payment)
		}
		if !slices.Equal(got, want[:min(limit, len(want))]) {
			t.Errorf("the newest %d are about %v; want %v", limit, got, want)
		}
	}
}

// What no payment tells of, such as a first-time password, comes where it belongs among what payments tell.
func TestStoredMessagesComeInBetween(t *testing.T) {
	b := newBench(t)
	var want []string
	for _, text := range []string{"first", "second"} {
		b.pay(t, john, bill, 10, "a")
		b.Clock.Advance(time.Minute)
		b.Do(t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: bill, Username: "amina"}, Action: "reset operator", SMS: text,
			Change: func(o *mpesa.Operator, _ bool) error { o.Person.Phone = john; return nil }})
		b.Clock.Advance(time.Minute)
		want = append(want, "Confirmed", text)
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 2, 3, 4, 10} {
		list, err := b.Inbox.Messages(t.Context(), john, limit)
		if err != nil || len(list) != min(limit, len(want)) {
			t.Fatalf("%d of at most %d messages, %v", len(list), limit, err)
		}
		for i, m := range list {
			if !strings.Contains(m.Text, want[i]) || (m.Payment == 0) != (want[i] != "Confirmed") || m.At.Location() != clock.EAT {
				t.Errorf("message %d of %d is %+v; want %q", i, limit, m, want[i])
			}
		}
	}
}

// silent are the books of a customer who has cancelled everything that they were ever asked for.
type silent struct {
	store.Reader
	read int // payments
}

func (s *silent) Row(ctx context.Context, rows, key any) (any, error) {
	switch rows {
	case mpesa.Accounts:
		return &mpesa.Account{ID: key.(mpesa.AccountID), LastPayment: 1_000_000}, nil
	case mpesa.Payments:
		s.read++
		id := key.(int64)
		return &mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.Express, State: mpesa.Failed, Result: codes.CancelledByUser, Payer: mpesa.CustomerParty(john)}, Previous: id - 1}, nil
	}
	return s.Reader.Row(ctx, rows, key)
}

// A customer who has cancelled a million prompts is told nothing of them, and opening their phone doesn't read them all.
func TestPaymentsWithoutAMessageAreNotAllRead(t *testing.T) {
	b := newBench(t)
	books := &silent{Reader: b.Store}
	b.Inbox.Store = books
	if list, err := b.Inbox.Messages(t.Context(), john, 10); err != nil || len(list) != 0 || books.read > 1000 {
		t.Errorf("%d payments were read for %v, %v", books.read, list, err)
	}
}

// An organisation's owner is found among all of them, however many there are.
func TestOwnerIsFoundAmongManyOrganisations(t *testing.T) {
	b := newBench(t)
	for s := mpesa.Shortcode(700_000); s < 702_000; s++ {
		if err := b.Engine.Submit(&portal.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error {
			o.Name, o.Kind = fmt.Sprintf("Shop %d", s), mpesa.PayBill
			if s == 701_999 || s == 700_000 {
				o.Owner = nick
			}
			return nil
		}}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	b.pay(t, john, 700_000, 10, "first")
	b.pay(t, john, 700_001, 10, "not theirs")
	b.pay(t, john, 701_999, 20, "last")
	want := []string{
		"R Confirmed. on " + on + " Ksh20.00 received from John Doe 0708***149. Account Number last. New Utility Account balance is Ksh20.00.",
		"R Confirmed. on " + on + " Ksh10.00 received from John Doe 0708***149. Account Number first. New Utility Account balance is Ksh10.00.",
	}
	if got := b.inbox(t, nick); !slices.Equal(got, want) {
		t.Errorf("the phone got (- want, + got):\n%s", cmp.Diff(want, got))
	}
	b.organisation(t, 700_000, func(o *mpesa.Organisation) { o.Owner = 0 })
	b.organisation(t, 701_999, func(o *mpesa.Organisation) { o.Owner = 254_722_000_001 })
	if got := b.inbox(t, nick); len(got) != 0 {
		t.Errorf("an owner who has sold their shops still got %q", got)
	}
	if got := b.inbox(t, 254_722_000_001); !slices.Equal(got, want[:1]) {
		t.Errorf("the new owner got %q", got)
	}
}
