package mpesa_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestPostings(t *testing.T) {
	wallet, fees := mpesa.CustomerParty(john).Account(mpesa.Wallet), mpesa.Provider.Account(mpesa.Fees)
	account := func(s mpesa.Shortcode, k mpesa.AccountKind) mpesa.AccountID { return s.Party().Account(k) }
	for _, test := range []struct {
		name string
		push func(*mpesa.AcceptPush)
		pays int64 // shillings
		want []mpesa.Transfer
	}{
		{"pay bill, free of charge", to(payBill), 100, []mpesa.Transfer{
			{Debit: wallet, Credit: account(payBill, mpesa.Utility), Amount: 100_00, Kind: mpesa.Principal},
		}},
		{"pay bill, customer's charge only", to(payBill), 1000, []mpesa.Transfer{
			{Debit: wallet, Credit: account(payBill, mpesa.Utility), Amount: 1000_00, Kind: mpesa.Principal},
			{Debit: wallet, Credit: fees, Amount: 10_00, Kind: mpesa.CustomerCharge},
		}},
		{"pay bill, split charge", to(payBill), 1001, []mpesa.Transfer{
			{Debit: wallet, Credit: account(payBill, mpesa.Utility), Amount: 1001_00, Kind: mpesa.Principal},
			{Debit: wallet, Credit: fees, Amount: 10_00, Kind: mpesa.CustomerCharge},
			{Debit: account(payBill, mpesa.ChargesPaid), Credit: fees, Amount: 5_00, Kind: mpesa.BusinessCharge},
		}},
		{"pay bill whose customers pay all", to(bouquet), 1001, []mpesa.Transfer{
			{Debit: wallet, Credit: account(bouquet, mpesa.Utility), Amount: 1001_00, Kind: mpesa.Principal},
			{Debit: wallet, Credit: fees, Amount: 15_00, Kind: mpesa.CustomerCharge},
		}},
		{"pay bill that pays all", to(generous), 1001, []mpesa.Transfer{
			{Debit: wallet, Credit: account(generous, mpesa.Utility), Amount: 1001_00, Kind: mpesa.Principal},
			{Debit: account(generous, mpesa.ChargesPaid), Credit: fees, Amount: 15_00, Kind: mpesa.BusinessCharge},
		}},
		{"till, free of charge", buyGoods, 200, []mpesa.Transfer{
			{Debit: wallet, Credit: account(till, mpesa.Merchant), Amount: 200_00, Kind: mpesa.Principal},
		}},
		{"till", buyGoods, 2000, []mpesa.Transfer{
			{Debit: wallet, Credit: account(till, mpesa.Merchant), Amount: 2000_00, Kind: mpesa.Principal},
			{Debit: account(till, mpesa.ChargesPaid), Credit: fees, Amount: 11_00, Kind: mpesa.BusinessCharge},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			before, entries := map[mpesa.AccountID]money.Amount{}, map[mpesa.AccountID]int64{}
			for id, a := range b.accounts {
				before[id], entries[id] = a.Balance, a.Entries
			}
			earlier := len(b.transfers)
			p := b.pay(test.push, amount(test.pays))
			b.wantResult(p, codes.Success)
			after := before
			for n, want := range test.want {
				after[want.Debit] -= want.Amount
				after[want.Credit] += want.Amount
				want.ID, want.At = p.ID<<4|int64(n), b.now.UnixMilli()
				want.DebitAfter, want.CreditAfter = after[want.Debit], after[want.Credit]
				entries[want.Debit]++
				entries[want.Credit]++
				want.DebitEntry, want.CreditEntry = entries[want.Debit], entries[want.Credit]
				test.want[n] = want
			}
			if got := b.transfers[earlier:]; !slices.Equal(got, test.want) {
				t.Errorf("the transfers are\n%+v\nand not\n%+v", got, test.want)
			}
			for id, want := range after {
				if got := b.accounts[id].Balance; got != want {
					t.Errorf("%s holds %s; want %s", id, got, want)
				}
			}
		})
	}
}

func TestChargesPaidAccruesWhatTheBusinessOwes(t *testing.T) {
	b := newBench(t)
	for i, want := range []money.Amount{-5_00, -10_00, -15_00} {
		b.wantResult(b.pay(amount(int64(1001+i))), codes.Success)
		if got := b.balance(payBill.Party(), mpesa.ChargesPaid); got != want {
			t.Errorf("after %d payments it holds %s; want %s", i+1, got, want)
		}
	}
}

func TestPaymentsAreChainedInTheOrderOfTheirEnds(t *testing.T) {
	b := newBench(t)
	first := b.pay()
	b.push(amount(5))
	second := pressCancel(b)
	third := b.pay(amount(7))
	if first.Previous != 0 || second.Previous != first.ID || third.Previous != second.ID || b.accounts[first.Payer.Account(mpesa.Wallet)].LastPayment != third.ID {
		t.Errorf("payments %d, %d and %d are chained as %d, %d, %d", first.ID, second.ID, third.ID, first.Previous, second.Previous, third.Previous)
	}
}

// A machine's clock that was set back over midnight begins no new day, and no entry is dated before the one that it follows.
func TestAClockThatIsSetBackGivesNoNewLimit(t *testing.T) {
	b := newBench(t)
	has(1_600_000)(b)
	midnight := time.Date(2026, time.November, 21, 0, 0, 0, 0, clock.EAT)
	b.now = midnight.Add(time.Minute)
	paid(250_000)(b)
	b.now = midnight.Add(-time.Minute)
	paid(249_999)(b)
	b.wantResult(b.pay(amount(2)), codes.AboveDailyLimit)
	for _, x := range b.transfers[len(b.transfers)-2:] {
		if at := time.UnixMilli(x.At); at.Before(midnight) {
			t.Errorf("an entry is of %s, after one of a later time", at)
		}
	}
	b.now = midnight.Add(5 * time.Minute)
	b.wantResult(b.pay(amount(2)), codes.AboveDailyLimit)
	b.now = midnight.Add(24 * time.Hour)
	b.wantResult(b.pay(amount(2)), codes.Success)
}

func TestDayTotalBeginsAnewAtMidnightInNairobi(t *testing.T) {
	b := newBench(t)
	has(1_600_000)(b)
	midnight := time.Date(2026, time.November, 21, 0, 0, 0, 0, clock.EAT)
	b.now = midnight.Add(-10 * time.Minute)
	paid(250_000)(b)
	b.advance(3 * time.Minute)
	paid(250_000)(b)
	b.now = midnight.Add(-time.Millisecond)
	b.wantResult(b.pay(amount(1)), codes.AboveDailyLimit)
	b.now = midnight
	b.wantResult(b.pay(amount(1)), codes.Success)
	if a := b.accounts[mpesa.CustomerParty(john).Account(mpesa.Wallet)]; a.On(clock.Day(midnight)).Spent != money.Shilling || a.On(clock.Day(midnight)+1).Spent != 0 || a.On(clock.Day(midnight)-1).Spent != money.Shilling {
		t.Errorf("the wallet has spent %s on day %d", a.Spent, a.Day)
	}
	// Midnight in London is 03:00 in Nairobi and begins nothing.
	b.now = midnight.Add(2 * time.Hour)
	paid(249_999)(b)
	b.now = midnight.Add(2*time.Hour + 59*time.Minute)
	paid(250_000)(b)
	b.now = midnight.Add(3*time.Hour + time.Minute)
	b.wantResult(b.pay(amount(1)), codes.AboveDailyLimit)
}

func TestPaymentCountsForTheDayOnWhichItIsApproved(t *testing.T) {
	b := newBench(t)
	has(600_000)(b)
	b.now = time.Date(2026, time.November, 20, 23, 50, 0, 0, clock.EAT)
	paid(250_000)(b)
	paid(249_990)(b)
	b.now = time.Date(2026, time.November, 20, 23, 59, 30, 0, clock.EAT)
	b.push(amount(11))
	b.now = time.Date(2026, time.November, 21, 0, 0, 10, 0, clock.EAT)
	b.wantResult(b.enter(john, "1234"), codes.Success)
}

func TestDayTotalLeavesChargesAndFailuresOut(t *testing.T) {
	b := newBench(t)
	has(600_000)(b)
	paid(250_000)(b)
	b.push(amount(249_000))
	pressCancel(b)
	b.wantResult(b.pay(amount(250_000)), codes.RuleLimited)
	paid(249_999)(b)
	paid(1)(b)
	b.wantResult(b.pay(amount(2)), codes.AboveDailyLimit)
}

func TestSameAmountWithinTwoMinutes(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		want  codes.Result
	}{
		{0, codes.RuleLimited}, {time.Second, codes.RuleLimited}, {2*time.Minute - time.Millisecond, codes.RuleLimited},
		{2 * time.Minute, codes.Success}, {2*time.Minute + time.Millisecond, codes.Success},
	} {
		b := newBench(t)
		paid(100)(b)
		b.advance(test.after)
		if p := b.pay(); p.Result != test.want {
			t.Errorf("%s later: %s (%s); want %s", test.after, p.Result, p.Reason, test.want)
		}
	}
}

func TestTwoMinutesCountFromTheLastSuccess(t *testing.T) {
	b := newBench(t)
	paid(100)(b)
	b.advance(119 * time.Second)
	b.wantResult(b.pay(), codes.RuleLimited) // and begins no new two minutes
	b.advance(time.Second)
	paid(100)(b)
	b.advance(60 * time.Second)
	paid(101)(b) // what is in between doesn't hide it
	b.advance(59 * time.Second)
	b.wantResult(b.pay(), codes.RuleLimited)
	b.wantResult(b.pay(from(mary)), codes.Success) // another customer
}

func TestFailedPaymentsDontCountAsTheSameAmount(t *testing.T) {
	b := newBench(t)
	b.push()
	pressCancel(b)
	b.push()
	b.enter(john, "0000")
	paid(100)(b)
}

func TestWalletForgetsWhatTheTwoMinuteRuleNoLongerNeeds(t *testing.T) {
	b := newBench(t)
	for i := range 200 {
		paid(int64(1 + i))(b)
		b.advance(30 * time.Second)
	}
	if got := len(b.accounts[mpesa.CustomerParty(john).Account(mpesa.Wallet)].Recent); got > 5 {
		t.Errorf("it remembers %d payments", got)
	}
}

func TestReceiverMayHoldWhatTheStricterLimitAllows(t *testing.T) {
	b := newBench(t)
	b.organisations[payBill].MaxBalance = money.Shillings(150)
	paid(100)(b)
	b.wantResult(b.pay(amount(51)), codes.AboveBalanceLimit)
	paid(50)(b)
	b.organisations[payBill].MaxBalance = money.Shillings(2_000_000_000) // more than anybody's standard
	rule(func(l *mpesa.Limits) { l.ReceiverBalance = money.Shillings(160) })(b)
	b.wantResult(b.pay(amount(11)), codes.AboveBalanceLimit)
	paid(10)(b)
}

func TestUnknownTariffFailsThePaymentAndMovesNothing(t *testing.T) {
	b := newBench(t)
	b.organisations[payBill].Tariff = "none"
	b.wantResult(b.pay(), codes.NotPermitted)
}

func TestHeldMoneyCannotBeSpent(t *testing.T) {
	b := newBench(t)
	id := mpesa.CustomerParty(john).Account(mpesa.Wallet)
	b.hold(id, money.Shillings(99_900))
	b.wantResult(b.pay(amount(101)), codes.InsufficientFunds)
	paid(100)(b)
	if a := b.accounts[id]; a.Available() != 0 {
		t.Errorf("%s are available", a.Available())
	}
}
