package mpesa_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestPutPhoneMakesACustomer(t *testing.T) {
	b := newBench(t)
	c := b.put(alien, func(c *mpesa.PutPhone) {
		c.Name, c.PIN, c.Balance = ptr("Wanjiru"), ptr(pin(alien, "9876")), ptr(money.Shillings(42))
		c.Answers, c.AfterMS, c.Limits = ptr(mpesa.Cancel), ptr(int64(500)), ptr("test-patient")
	})
	want := mpesa.Subscriber{MSISDN: alien, Name: "Wanjiru", PIN: pin(alien, "9876"), Answers: mpesa.Cancel, AfterMS: 500, Limits: "test-patient"}
	if got := b.subscribers[alien]; !c.Created || got != want {
		t.Errorf("created %v: %+v", c.Created, got)
	}
	if got := b.balance(want.Party(), mpesa.Wallet); got != money.Shillings(42) {
		t.Errorf("the wallet holds %s", got)
	}
}

func TestPutPhoneWithNothingGivenMakesTheUsualCustomer(t *testing.T) {
	b := newBench(t)
	c := b.put(alien, func(*mpesa.PutPhone) {})
	s := b.subscribers[alien]
	if !c.Created || s.Name == "" || s.PIN != pin(alien, "1234") || s.AfterMS >= 0 || s.Answers != mpesa.AnswersByDefault {
		t.Errorf("created %v: %+v", c.Created, s)
	}
	if got := b.balance(s.Party(), mpesa.Wallet); got != money.Shillings(100_000) {
		t.Errorf("the wallet holds %s", got)
	}
	before := len(b.transfers)
	c = b.put(alien, func(*mpesa.PutPhone) {})
	if c.Created || b.subscribers[alien] != s || len(b.transfers) != before {
		t.Errorf("once more: created %v, %+v, %d transfers", c.Created, b.subscribers[alien], len(b.transfers)-before)
	}
}

func TestPutPhoneChangesOnlyWhatIsGiven(t *testing.T) {
	for name, change := range map[string]struct {
		put  func(*mpesa.PutPhone)
		want func(*mpesa.Subscriber)
	}{
		"name":     {func(c *mpesa.PutPhone) { c.Name = ptr("John") }, func(s *mpesa.Subscriber) { s.Name = "John" }},
		"answers":  {func(c *mpesa.PutPhone) { c.Answers = ptr(mpesa.Off) }, func(s *mpesa.Subscriber) { s.Answers = mpesa.Off }},
		"delay":    {func(c *mpesa.PutPhone) { c.AfterMS = ptr(int64(0)) }, func(s *mpesa.Subscriber) { s.AfterMS = 0 }},
		"limits":   {func(c *mpesa.PutPhone) { c.Limits = ptr("test-daily") }, func(s *mpesa.Subscriber) { s.Limits = "test-daily" }},
		"standing": {func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.NoProducts) }, func(s *mpesa.Subscriber) { s.Standing = mpesa.NoProducts }},
		"PIN":      {func(c *mpesa.PutPhone) { c.PIN = ptr(pin(john, "1")) }, func(s *mpesa.Subscriber) { s.PIN, s.WrongPINs = pin(john, "1"), 0 }},
		"lock":     {func(c *mpesa.PutPhone) { c.WrongPINs = ptr(int64(3)) }, func(s *mpesa.Subscriber) { s.WrongPINs = 3 }},
		"unblock":  {func(c *mpesa.PutPhone) { c.Unblock = true }, func(s *mpesa.Subscriber) { s.Unfinished, s.BlockedUntil = 0, 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			s := b.subscribers[john]
			s.WrongPINs, s.Unfinished, s.BlockedUntil = 2, 4, noon.Add(time.Hour).UnixMilli()
			b.subscribers[john] = s
			b.put(john, change.put)
			change.want(&s)
			if got := b.subscribers[john]; got != s {
				t.Errorf("it became %+v; want %+v", got, s)
			}
		})
	}
}

func TestPutPhoneSetsBalancesByDepositAndWithdrawal(t *testing.T) {
	b := newBench(t)
	wallet, trust := mpesa.CustomerParty(john).Account(mpesa.Wallet), mpesa.Provider.Account(mpesa.Trust)
	for _, test := range []struct {
		balance money.Amount
		want    []mpesa.Transfer
	}{
		{money.Shillings(150_000), []mpesa.Transfer{{Debit: trust, Credit: wallet, Amount: money.Shillings(50_000)}}},
		{50, []mpesa.Transfer{{Debit: wallet, Credit: trust, Amount: money.Shillings(150_000) - 50}}},
		{50, nil},
		{0, []mpesa.Transfer{{Debit: wallet, Credit: trust, Amount: 50}}},
	} {
		before := len(b.transfers)
		b.put(john, func(c *mpesa.PutPhone) { c.Balance = &test.balance })
		got := slices.Clone(b.transfers[before:])
		for i := range got {
			got[i] = mpesa.Transfer{Debit: got[i].Debit, Credit: got[i].Credit, Amount: got[i].Amount}
		}
		if !slices.Equal(got, test.want) || b.accounts[wallet].Balance != test.balance {
			t.Errorf("a balance of %s: %+v; it holds %s", test.balance, got, b.accounts[wallet].Balance)
		}
	}
	if a := b.accounts[wallet]; a.Spent != 0 || len(a.Recent) != 0 {
		t.Errorf("setting balances counts as spending: %+v", a)
	}
}

func TestPutPhoneRefusesABalanceBelowWhatIsReserved(t *testing.T) {
	b := newBench(t)
	id := mpesa.CustomerParty(john).Account(mpesa.Wallet)
	b.hold(id, money.Shillings(10))
	before, s := len(b.transfers), b.subscribers[john]
	for _, balance := range []money.Amount{-1, 0, money.Shillings(10) - 1} {
		c := b.put(john, func(c *mpesa.PutPhone) { c.Balance, c.Name = &balance, ptr("Other") })
		if c.Refused == "" || len(b.transfers) != before || b.subscribers[john] != s {
			t.Errorf("a balance of %s: refused %q, %+v", balance, c.Refused, b.subscribers[john])
		}
	}
	if c := b.put(alien, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Amount(-1)) }); c.Refused == "" || c.Created {
		t.Errorf("a new customer with less than nothing: refused %q, created %v", c.Refused, c.Created)
	}
	if _, there := b.subscribers[alien]; there {
		t.Error("the refused customer is there")
	}
}

func TestOpenPromptFollowsItsPhone(t *testing.T) {
	for _, test := range []struct {
		name      string
		was, is   mpesa.Answers
		wasMS     int64
		isMS      int64
		passed    time.Duration
		wantAfter time.Duration // from the change to when it is due
		want      codes.Result
	}{
		{"asked, then left to itself", mpesa.Ask, mpesa.Approve, -1, 2000, 10 * time.Second, 2 * time.Second, codes.Success},
		{"asked, then switched off", mpesa.Ask, mpesa.Off, -1, 0, 10 * time.Second, 0, codes.Unreachable},
		{"about to approve, then asked", mpesa.Approve, mpesa.Ask, 60_000, -1, 10 * time.Second, 80 * time.Second, codes.Unreachable},
		{"about to approve, then slower", mpesa.Approve, mpesa.Approve, 5000, 60_000, 4 * time.Second, 60 * time.Second, codes.Success},
		{"slower than the prompt lives", mpesa.Approve, mpesa.Approve, 5000, 89_000, 4 * time.Second, 86 * time.Second, codes.Expired},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.put(john, func(c *mpesa.PutPhone) { c.Answers, c.AfterMS = &test.was, &test.wasMS })
			p := b.push()
			b.advance(test.passed)
			changed := b.now
			b.put(john, func(c *mpesa.PutPhone) { c.Answers, c.AfterMS = &test.is, &test.isMS })
			if got := time.UnixMilli(b.payments[p.ID].DueAt).Sub(changed); got != test.wantAfter {
				t.Fatalf("it is due %s after the change; want %s", got, test.wantAfter)
			}
			b.wantResult(b.wait(john), test.want)
		})
	}
}

func TestPutPhoneInTheUnitOfThePush(t *testing.T) {
	b := newBench(t)
	push, put := pushed(), &mpesa.PutPhone{Phone: john, Answers: ptr(mpesa.Cancel), AfterMS: ptr(int64(0))}
	b.run(push, put)
	b.wantResult(b.wait(john), codes.CancelledByUser)
}

func TestPromptWhoseWayOfAnsweringIsTheDefault(t *testing.T) {
	b := newBench(t)
	b.policy.Answers = mpesa.Approve
	p := b.push()
	if got := p.DueAt - p.AcceptedAt; got != 1000 {
		t.Errorf("it is due after %d ms", got)
	}
	b.wantResult(b.wait(john), codes.Success)
}

func TestIssuedTokenIsKept(t *testing.T) {
	b := newBench(t)
	want := mpesa.Token{Digest: mpesa.DigestToken("c9SQxWWhmdVRlyh0zh8gZDTkubVF"), App: "key", Products: []string{"a"}, Issued: 1, Expires: 2, Sole: true}
	b.run(&mpesa.IssueToken{Token: want})
	if !reflect.DeepEqual(b.tokens, []mpesa.Token{want}) {
		t.Errorf("the tokens are %+v", b.tokens)
	}
}
