package mpesa_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// opens has a customer ask for the account with a PIN, and fails the test unless it ends so.
func (b *bench) opens(n msisdn.Number, digits string, want codes.Result) *mpesa.OpenAccount {
	b.t.Helper()
	c := &mpesa.OpenAccount{Phone: n, PIN: ptr(pin(n, digits))}
	b.run(c)
	if !c.Known || c.Result != want || (c.Reason == "") != (want == codes.Success) {
		b.t.Errorf("known %v, result %s (%s), want %s", c.Known, c.Result, c.Reason, want)
	}
	return c
}

// changes has a customer change the PIN, and fails the test unless it ends so.
func (b *bench) changes(n msisdn.Number, old, chosen string, want codes.Result) *mpesa.ChangePIN {
	b.t.Helper()
	c := &mpesa.ChangePIN{Phone: n, Old: ptr(pin(n, old)), New: pin(n, chosen)}
	b.run(c)
	if !c.Known || c.Result != want {
		b.t.Errorf("known %v, result %s (%s), want %s", c.Known, c.Result, c.Reason, want)
	}
	return c
}

func TestTheRightPINOpensTheAccount(t *testing.T) {
	b := newBench(t)
	b.run(&mpesa.SendToCustomer{Phone: mary, To: john, Pochi: true, Amount: money.Shillings(500)})
	before := b.subscribers[john]
	for _, c := range []*mpesa.OpenAccount{b.opens(john, "1234", codes.Success), {Phone: john}} {
		b.run(c)
		if c.Result != codes.Success || c.Wallet.Balance != money.Shillings(100_000) || c.Pochi.Balance != money.Shillings(500) {
			t.Errorf("got %+v", c)
		}
	}
	if b.subscribers[john] != before || len(b.payments) != 3 {
		t.Errorf("looking has changed something: %+v, %d payments", b.subscribers[john], len(b.payments))
	}
	b.checkBooks()
}

func TestThreeWrongPINsOnTheMenuLockThePIN(t *testing.T) {
	b := newBench(t)
	if c := b.opens(john, "9999", codes.InvalidInitiator); c.Wallet.Balance != 0 {
		t.Errorf("a wrong PIN shows %s", c.Wallet.Balance)
	}
	b.changes(john, "9999", "4321", codes.InvalidInitiator)
	b.push()
	b.wantResult(b.enter(john, "9999"), codes.InvalidInitiator)
	b.opens(john, "1234", codes.CredentialLocked)
	b.changes(john, "1234", "4321", codes.CredentialLocked)
	b.put(john, func(c *mpesa.PutPhone) { c.WrongPINs = ptr(int64(0)) })
	b.opens(john, "1234", codes.Success)
}

func TestARightPINOnTheMenuMakesUpForWrongOnes(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.opens(john, "9999", codes.InvalidInitiator)
		b.opens(john, "9999", codes.InvalidInitiator)
		b.opens(john, "1234", codes.Success)
	}
}

func TestWhoIsBarredHasNoMenu(t *testing.T) {
	for standing, want := range map[mpesa.Standing]codes.Result{
		mpesa.Inactive: codes.AccountNotAllowed, mpesa.Unregistered: codes.RecipientType, mpesa.NoOperator: codes.OperatorNotFound,
		mpesa.NoPochi: codes.Success, mpesa.NoProducts: codes.Success,
	} {
		b := newBench(t)
		b.put(john, func(c *mpesa.PutPhone) { c.Standing = &standing })
		b.opens(john, "1234", want)
		b.changes(john, "1234", "4321", want)
	}
}

func TestAPINIsChanged(t *testing.T) {
	b := newBench(t)
	if c := b.changes(john, "1234", "1234", codes.Success); !c.Same {
		t.Error("the old PIN is taken for a new one")
	}
	if c := b.changes(john, "1234", "4321", codes.Success); c.Same {
		t.Error("another PIN is taken for the old one")
	}
	b.opens(john, "1234", codes.InvalidInitiator)
	b.opens(john, "4321", codes.Success)
}

func TestNobodyHasNoMenu(t *testing.T) {
	b := newBench(t)
	account, change, hold := &mpesa.OpenAccount{Phone: alien}, &mpesa.ChangePIN{Phone: alien}, &mpesa.HoldPhone{Phone: alien, For: time.Second}
	b.run(account, change, hold)
	if _, made := b.subscribers[alien]; account.Known || change.Known || hold.Known || made {
		t.Errorf("got %+v, %+v, %+v; made %v", account, change, hold, made)
	}
}

// approving makes a bench whose phones approve by themselves after a second.
func approving(t *testing.T) *bench {
	b := newBench(t)
	b.policy.Answers = mpesa.Approve
	return b
}

func (b *bench) takesUp(n msisdn.Number, d time.Duration) { b.run(&mpesa.HoldPhone{Phone: n, For: d}) }

func TestAPromptWaitsForWhoeverHoldsThePhone(t *testing.T) {
	b := approving(t)
	b.takesUp(john, 20*time.Second)
	p := b.push()
	if p.DueAt != p.AcceptedAt+90_000 {
		t.Errorf("it is due after %d ms", p.DueAt-p.AcceptedAt)
	}
	b.advance(30 * time.Second) // the holder has gone meanwhile: what was seen waits
	b.run(falls(p))
	b.wantResult(b.enter(john, "1234"), codes.Success)
	b.push(amount(7))
	b.wantResult(b.wait(john), codes.Success) // nobody is there
}

func TestAPromptThatSomebodySawIsNobodyElsesToAnswer(t *testing.T) {
	b := approving(t)
	b.takesUp(john, 20*time.Second)
	p := b.push()
	b.takesUp(john, 0)
	b.wantResult(b.wait(john), codes.Unreachable)
	if got := b.now.UnixMilli() - p.AcceptedAt; got != 90_000 || b.subscribers[john].Unfinished != 1 {
		t.Errorf("it ended after %d ms, %+v", got, b.subscribers[john])
	}
	b.push(amount(7))
	b.wantResult(b.wait(john), codes.Success)
}

func TestAPhoneIsTakenUpWhileAPromptIsOpen(t *testing.T) {
	b := approving(t)
	p := b.push()
	b.advance(500 * time.Millisecond)
	b.takesUp(john, 20*time.Second)
	if got := b.payments[p.ID]; got.DueAt != p.AcceptedAt+90_000 {
		t.Errorf("it is due after %d ms", got.DueAt-p.AcceptedAt)
	}
	b.takesUp(john, 20*time.Second)
	b.takesUp(john, 0)
	if got := b.payments[p.ID]; got.DueAt != p.AcceptedAt+90_000 {
		t.Errorf("put down, it is due after %d ms", got.DueAt-p.AcceptedAt)
	}
}

func TestAPhoneThatWasToldHowToAnswerDoesSoInAHandToo(t *testing.T) {
	for way, want := range map[mpesa.Answers]codes.Result{
		mpesa.Approve: codes.Success, mpesa.Cancel: codes.CancelledByUser, mpesa.Off: codes.Unreachable, mpesa.NoSignal: codes.Unreachable,
		mpesa.WrongPIN: codes.InvalidInitiator,
	} {
		b := approving(t)
		answers(way)(b)
		b.takesUp(john, time.Minute)
		p := b.push()
		b.takesUp(john, time.Minute)
		b.takesUp(john, 0)
		if got := b.payments[p.ID].DueAt - p.AcceptedAt; got != 1000 {
			t.Errorf("%s: it is due after %d ms", way, got)
		}
		b.wantResult(b.wait(john), want)
	}
}

func TestPuttingDownWhatNobodyHoldsChangesNothing(t *testing.T) {
	b := newBench(t)
	before := b.subscribers[john]
	b.takesUp(john, 0)
	if b.subscribers[john] != before {
		t.Errorf("got %+v", b.subscribers[john])
	}
}
