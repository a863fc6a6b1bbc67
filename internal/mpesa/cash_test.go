package mpesa_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// holds fails the test unless a customer's account holds so many shillings.
func (b *bench) holds(n msisdn.Number, kind mpesa.AccountKind, shillings int64) {
	b.t.Helper()
	if got := b.balance(mpesa.CustomerParty(n), kind); got != money.Shillings(shillings) {
		b.t.Errorf("the %s of %s holds %s, want %d", kind, n, got, shillings)
	}
}

// chained fails the test unless the customer's latest payment is p.
func (b *bench) chained(n msisdn.Number, p mpesa.Payment) {
	b.t.Helper()
	if head := b.accounts[mpesa.CustomerParty(n).Account(mpesa.Wallet)].LastPayment; head != p.ID {
		b.t.Errorf("the latest payment of %s is %d, want %d", n, head, p.ID)
	}
}

func TestDepositOfCash(t *testing.T) {
	for name, x := range map[string]struct {
		amount   int64
		standing mpesa.Standing
		want     codes.Result
	}{
		"usual":               {250_000, mpesa.GoodStanding, codes.Success},
		"least":               {1, mpesa.GoodStanding, codes.Success},
		"nothing":             {0, mpesa.GoodStanding, codes.BelowMinimum},
		"too much at once":    {250_001, mpesa.GoodStanding, codes.AboveMaximum},
		"no business product": {10, mpesa.NoProducts, codes.Success},
		"no business wallet":  {10, mpesa.NoPochi, codes.Success},
		"unregistered":        {10, mpesa.Unregistered, codes.RecipientType},
		"inactive":            {10, mpesa.Inactive, codes.AccountNotAllowed},
		"no operator":         {10, mpesa.NoOperator, codes.OperatorNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put(john, func(c *mpesa.PutPhone) { c.Standing = &x.standing })
			c := &mpesa.DepositCash{Phone: john, Amount: money.Shillings(x.amount)}
			b.run(c)
			b.wantFinal(c.Payment, x.want, "")
			if x.want == codes.Success {
				b.holds(john, mpesa.Wallet, 100_000+x.amount)
				b.chained(john, c.Payment)
				if got := b.accounts[mpesa.CustomerParty(john).Account(mpesa.Wallet)].Received; got != 0 {
					t.Errorf("%s count as received", got)
				}
			}
		})
	}
}

func TestAWalletHoldsNoMoreThanItsLimit(t *testing.T) {
	b := newBench(t)
	b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(400_000)) })
	c := &mpesa.DepositCash{Phone: john, Amount: money.Shillings(100_001)}
	b.run(c)
	b.wantFinal(c.Payment, codes.AboveBalanceLimit, "would hold 500001.00")
	send := &mpesa.SendToCustomer{Phone: mary, To: john, Amount: money.Shillings(99_000)}
	b.run(send)
	b.wantFinal(send.Payment, codes.Success, "")
	send = &mpesa.SendToCustomer{Phone: alien, To: john, Amount: money.Shillings(1001)}
	b.run(send)
	b.wantFinal(send.Payment, codes.AboveBalanceLimit, "would hold 500001.00")
	b.holds(alien, mpesa.Wallet, 100_000)
}

// wire.md §19: agent withdrawal.
func TestWithdrawalOfCashCostsItsTariff(t *testing.T) {
	for _, x := range []struct {
		amount, charge int64
		want           codes.Result
	}{
		{49, 0, codes.BelowMinimum},
		{50, 11, codes.Success},
		{100, 11, codes.Success},
		{101, 29, codes.Success},
		{99_691, 309, codes.Success},
		{99_692, 0, codes.InsufficientFunds},
		{250_001, 0, codes.AboveMaximum},
	} {
		b := newBench(t)
		c := &mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(x.amount), PIN: ptr(pin(john, "1234"))}
		b.run(c)
		b.wantFinal(c.Payment, x.want, "")
		b.chained(john, c.Payment)
		if x.want == codes.Success {
			b.holds(john, mpesa.Wallet, 100_000-x.amount-x.charge)
			if got := b.balance(mpesa.Provider, mpesa.Fees); got != money.Shillings(x.charge) {
				t.Errorf("%d costs %s, want %d", x.amount, got, x.charge)
			}
		}
	}
}

func TestMoneyIsSentForItsTariff(t *testing.T) {
	for name, pochi := range map[string]bool{"to the wallet": false, "to the business wallet": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c := &mpesa.SendToCustomer{Phone: john, To: mary, Pochi: pochi, Amount: money.Shillings(1500)}
			b.run(c)
			b.wantFinal(c.Payment, codes.Success, "")
			b.holds(john, mpesa.Wallet, 100_000-1500-23)
			if pochi {
				b.holds(mary, mpesa.Wallet, 100_000)
				b.holds(mary, mpesa.Pochi, 1500)
			} else {
				b.holds(mary, mpesa.Wallet, 101_500)
			}
			b.chained(john, c.Payment)
			b.chained(mary, c.Payment)
			from, to := b.accounts[mpesa.CustomerParty(john).Account(mpesa.Wallet)], b.accounts[mpesa.CustomerParty(mary).Account(mpesa.Wallet)]
			if from.Spent != money.Shillings(1500) || to.Received != money.Shillings(1500) {
				t.Errorf("%s count as spent and %s as received", from.Spent, to.Received)
			}
		})
	}
}

func TestWhoCannotBeSentMoney(t *testing.T) {
	for name, x := range map[string]struct {
		send     mpesa.SendToCustomer
		standing mpesa.Standing // of Mary
		want     codes.Result
	}{
		"the sender":                   {mpesa.SendToCustomer{To: john}, mpesa.GoodStanding, codes.NotPermitted},
		"the sender's business wallet": {mpesa.SendToCustomer{To: john, Pochi: true}, mpesa.GoodStanding, codes.NotPermitted},
		"unregistered":                 {mpesa.SendToCustomer{To: mary}, mpesa.Unregistered, codes.RecipientType},
		"inactive":                     {mpesa.SendToCustomer{To: mary}, mpesa.Inactive, codes.AccountNotAllowed},
		"without a business wallet":    {mpesa.SendToCustomer{To: mary, Pochi: true}, mpesa.NoPochi, codes.RecipientType},
		"only the business wallet not": {mpesa.SendToCustomer{To: mary}, mpesa.NoPochi, codes.Success},
		"somebody new":                 {mpesa.SendToCustomer{To: alien}, mpesa.GoodStanding, codes.Success},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put(mary, func(c *mpesa.PutPhone) { c.Standing = &x.standing })
			x.send.Phone, x.send.Amount = john, money.Shillings(10)
			b.run(&x.send)
			b.wantFinal(x.send.Payment, x.want, "")
		})
	}
	b := newBench(t)
	b.policy.RegisterUnknown = false
	c := &mpesa.SendToCustomer{Phone: john, To: alien, Amount: money.Shillings(10)}
	b.run(c)
	b.wantFinal(c.Payment, codes.OperatorNotFound, "is no customer's number")
}

func TestTheBusinessWalletIsEmptiedIntoTheOwn(t *testing.T) {
	b := newBench(t)
	b.run(&mpesa.SendToCustomer{Phone: john, To: mary, Pochi: true, Amount: money.Shillings(1000)})
	c := &mpesa.EmptyPochi{Phone: mary, Amount: money.Shillings(987) + 1, PIN: ptr(pin(mary, "1234"))}
	b.run(c) // which leaves a cent too little for the charge
	b.wantFinal(c.Payment, codes.InsufficientFunds, "987.01 and a charge of 13.00 are more than the 1000.00")
	c.Amount = money.Shillings(987)
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	b.holds(mary, mpesa.Pochi, 0)
	b.holds(mary, mpesa.Wallet, 100_987)
	b.chained(mary, c.Payment)
	if p := b.payments[c.Payment.ID]; p.Previous == p.ID || p.PayeePrevious == p.ID {
		t.Errorf("the payment is its own predecessor: %+v", p)
	}
	c.Amount = money.Shillings(1)
	b.run(c)
	b.wantFinal(c.Payment, codes.InsufficientFunds, "0.00 in")
	c.PIN = ptr(pin(mary, "9999"))
	b.run(c)
	b.wantFinal(c.Payment, codes.InvalidInitiator, "wrong PIN")
}

// A PIN from the menu counts like one from a prompt.
func TestWrongPINsOfTheMenuLock(t *testing.T) {
	b := newBench(t)
	wrong := ptr(pin(john, "9999"))
	for range 2 {
		c := &mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(100), PIN: wrong}
		b.run(c)
		b.wantFinal(c.Payment, codes.InvalidInitiator, "wrong PIN")
	}
	send := &mpesa.SendToCustomer{Phone: john, To: mary, Amount: money.Shillings(100), PIN: wrong}
	b.run(send)
	b.wantFinal(send.Payment, codes.InvalidInitiator, "number 3 in a row")
	send.PIN = ptr(pin(john, "1234"))
	b.run(send)
	b.wantFinal(send.Payment, codes.CredentialLocked, "locked after 3")
	send.PIN = nil // the phone's holder knows the PIN, but it is locked
	b.run(send)
	b.wantFinal(send.Payment, codes.CredentialLocked, "locked after 3")
}

func TestTheDaysLimitCountsEverythingPaid(t *testing.T) {
	b := newBench(t)
	b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(600_000)) })
	steps := []mpesa.Command{
		&mpesa.WithdrawCash{Phone: john, Amount: money.Shillings(250_000)},
		&mpesa.SendToCustomer{Phone: john, To: mary, Amount: money.Shillings(249_990)},
	}
	for _, c := range steps {
		b.run(c)
	}
	c := &mpesa.SendToCustomer{Phone: john, To: mary, Amount: money.Shillings(11)}
	b.run(c)
	b.wantFinal(c.Payment, codes.AboveDailyLimit, "499990.00 paid today")
	b.advance(12 * time.Hour)
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
}

func TestNobodysNumberIsRegisteredByThePolicyOnly(t *testing.T) {
	b := newBench(t)
	b.policy.RegisterUnknown = false
	deposit, withdraw := &mpesa.DepositCash{Phone: alien, Amount: 100}, &mpesa.WithdrawCash{Phone: alien, Amount: 100}
	send, empty := &mpesa.SendToCustomer{Phone: alien, To: john, Amount: 100}, &mpesa.EmptyPochi{Phone: alien, Amount: 100}
	payments := len(b.payments)
	b.run(deposit, withdraw, send, empty)
	if !deposit.Unknown || !withdraw.Unknown || !send.Unknown || !empty.Unknown || len(b.payments) != payments {
		t.Errorf("unknown are %v, %v, %v, %v, and there are %d new payments", deposit.Unknown, withdraw.Unknown, send.Unknown, empty.Unknown, len(b.payments)-payments)
	}
	b.policy.RegisterUnknown = true
	b.run(deposit)
	b.wantFinal(deposit.Payment, codes.Success, "")
	if got := b.balance(mpesa.CustomerParty(alien), mpesa.Wallet); got != money.Shillings(100_001) {
		t.Errorf("the new customer has %s", got)
	}
}
