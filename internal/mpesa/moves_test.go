package mpesa_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// funded gives an organisation money from outside.
func (b *bench) funded(s mpesa.Shortcode, balances map[mpesa.AccountKind]int64) {
	b.t.Helper()
	for kind, shillings := range balances {
		c := &portal.DepositFromBank{Business: s, To: kind, Amount: money.Shillings(shillings)}
		b.run(c)
		if c.Payment.State != mpesa.Completed {
			b.t.Fatalf("the deposit into %s failed: %+v", kind, c.Payment)
		}
	}
}

// wantFinal fails the test unless the payment ended with a result, is kept, moved money exactly when it succeeded, explains itself
// when it failed, and owes nobody word of it.
func (b *bench) wantFinal(p mpesa.Payment, want codes.Result, reason string) {
	b.t.Helper()
	if p.Result != want || !p.State.Final() || !strings.Contains(p.Reason, reason) {
		b.t.Fatalf("the payment is %s with result %q (%s); want %q (%s)", p.State, p.Result, p.Reason, want, reason)
	}
	if kept := b.payments[p.ID]; kept.State != p.State || kept.Result != p.Result {
		b.t.Errorf("what is kept is %+v", kept)
	}
	moved := 0
	for _, x := range b.transfers {
		if x.Payment() == p.ID {
			moved++
		}
	}
	if (moved > 0) != (want == codes.Success) {
		b.t.Errorf("with result %q there are %d transfers", p.Result, moved)
	}
	for _, d := range b.deliveries {
		if d.Payment() == p.ID {
			b.t.Errorf("somebody is owed word of it: %+v", d)
		}
	}
}

// BusinessToPochi, account types.
func TestRevenueSettlementClearsChargesPaidAndMakesTheRestWorking(t *testing.T) {
	b := newBench(t)
	b.pay(amount(1500)) // charges the pay bill KES 5
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Merchant: 100, mpesa.Working: 7})
	c := &portal.SettleRevenue{Business: payBill}
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	for kind, want := range map[mpesa.AccountKind]int64{mpesa.Utility: 0, mpesa.Merchant: 0, mpesa.ChargesPaid: 0, mpesa.Settlement: 0, mpesa.Working: 1602} {
		if got := b.balance(payBill.Party(), kind); got != money.Shillings(want) {
			t.Errorf("%s holds %s, want %d", kind, got, want)
		}
	}
	if c.Payment.Amount != money.Shillings(1600) || c.Payment.Business != payBill || c.Payment.Kind != mpesa.RevenueSettled {
		t.Errorf("got %+v", c.Payment)
	}
	if head := b.accounts[payBill.Party().Account(mpesa.Working)].LastPayment; head != c.Payment.ID {
		t.Errorf("the last payment into Working is %d, want %d", head, c.Payment.ID)
	}
	again := &portal.SettleRevenue{Business: payBill}
	b.run(again)
	b.wantFinal(again.Payment, codes.InsufficientFunds, "hold no revenue")
}

func TestRevenueThatDoesNotCoverTheChargesClearsSomeOfThem(t *testing.T) {
	b := newBench(t)
	b.pay(to(generous), amount(1500)) // charges the pay bill KES 15
	route := mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}
	b.run(&portal.MoveFunds{Business: generous, Route: route, Amount: money.Shillings(1490)})
	c := &portal.SettleRevenue{Business: generous}
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	owed, working := b.balance(generous.Party(), mpesa.ChargesPaid), b.balance(generous.Party(), mpesa.Working)
	if owed != money.Shillings(-5) || working != money.Shillings(1490) {
		t.Errorf("Charges Paid is %s and Working %s", owed, working)
	}
}

// Working gets nothing, and its chain knows nothing of the settlement.
func TestRevenueSettlementThatLeavesNothingOverIsInNoChain(t *testing.T) {
	b := newBench(t)
	b.pay(to(generous), amount(1500)) // charges the pay bill KES 15
	before := &portal.MoveFunds{Business: generous, Route: mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}, Amount: money.Shillings(1485)}
	b.run(before)
	c := &portal.SettleRevenue{Business: generous}
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	if owed := b.balance(generous.Party(), mpesa.ChargesPaid); owed != 0 {
		t.Errorf("Charges Paid is %s", owed)
	}
	if head := b.accounts[generous.Party().Account(mpesa.Working)].LastPayment; head != before.Payment.ID || c.Payment.PayeePrevious != 0 {
		t.Errorf("the last payment into Working is %d, want %d; before the settlement came %d", head, before.Payment.ID, c.Payment.PayeePrevious)
	}
}

func TestRevenueSettlementLeavesWhatIsReserved(t *testing.T) {
	b := newBench(t)
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Utility: 100})
	b.hold(payBill.Party().Account(mpesa.Utility), money.Shillings(30))
	c := &portal.SettleRevenue{Business: payBill}
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	if left := b.balance(payBill.Party(), mpesa.Utility); left != money.Shillings(30) || c.Payment.Amount != money.Shillings(70) {
		t.Errorf("%s is left of a settlement of %s", left, c.Payment.Amount)
	}
}

func TestFundsMoveAlongTheOwnRoutesOnly(t *testing.T) {
	kinds := []mpesa.AccountKind{mpesa.Working, mpesa.Utility, mpesa.ChargesPaid, mpesa.Merchant, mpesa.Settlement, mpesa.Float}
	allowed := map[mpesa.OwnRoute]bool{
		{From: mpesa.Working, To: mpesa.Utility}:  true,
		{From: mpesa.Utility, To: mpesa.Working}:  true,
		{From: mpesa.Merchant, To: mpesa.Working}: true,
	}
	for _, from := range kinds[:4] {
		for _, to := range kinds {
			route := mpesa.OwnRoute{From: from, To: to}
			b := newBench(t)
			b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Working: 100, mpesa.Utility: 100, mpesa.Merchant: 100})
			c := &portal.MoveFunds{Business: payBill, Route: route, Amount: money.Shillings(40)}
			b.run(c)
			if !allowed[route] {
				b.wantFinal(c.Payment, codes.NotPermitted, "no money moves from")
				continue
			}
			b.wantFinal(c.Payment, codes.Success, "")
			if got := b.balance(payBill.Party(), from); got != money.Shillings(60) {
				t.Errorf("%v leaves %s", route, got)
			}
			if got := b.balance(payBill.Party(), to); got != money.Shillings(140) {
				t.Errorf("%v makes %s", route, got)
			}
		}
	}
}

// A move along a route is called like the B2B command that takes it; BusinessToPochi, FAQ 8, has the first.
func TestEachOwnRouteHasATitle(t *testing.T) {
	titles := map[mpesa.OwnRoute]string{
		{From: mpesa.Working, To: mpesa.Utility}:  "Move Funds from MMF Account to Utility Account",
		{From: mpesa.Utility, To: mpesa.Working}:  "Move Funds from Utility Account to MMF Account",
		{From: mpesa.Merchant, To: mpesa.Working}: "Merchant Transfer from Merchant to Working",
		{From: mpesa.Float, To: mpesa.Working}:    "Move Funds from Float Account to MMF Account",
	}
	for _, r := range mpesa.OwnRoutes() {
		task := mpesa.MoveTask(payBill, r, money.Shilling)
		if kind, known := portal.FindTaskKind(&task); !known || r.Title() != titles[r] || kind.Title != titles[r] {
			t.Errorf("%v is called %q, and a task %q; want %q", r, r.Title(), kind.Title, titles[r])
		}
	}
}

func TestFloatComesBack(t *testing.T) {
	b := newBench(t)
	c := &portal.MoveFunds{Business: payBill, Route: mpesa.OwnRoute{From: mpesa.Float, To: mpesa.Working}, Amount: 1}
	b.run(c)
	b.wantFinal(c.Payment, codes.InsufficientFunds, "0.01 is more than the 0.00")
}

// BusinessToPochi, account types: a negative Charges Paid has to be settled before a withdrawal.
func TestWithdrawalToTheBankNeedsSettledCharges(t *testing.T) {
	b := newBench(t)
	b.pay(amount(1500))
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Working: 100})
	c := &portal.WithdrawToBank{Business: payBill, Amount: money.Shillings(10)}
	b.run(c)
	b.wantFinal(c.Payment, codes.AccountNotAllowed, "owes 5.00")
	b.run(&portal.SettleRevenue{Business: payBill})
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	if got := b.balance(payBill.Party(), mpesa.Working); got != money.Shillings(1585) {
		t.Errorf("Working holds %s", got)
	}
	c.Amount = money.Shillings(1585) + 1
	b.run(c)
	b.wantFinal(c.Payment, codes.InsufficientFunds, "1585.01 is more than the 1585.00")
}

func TestDepositsFromTheBank(t *testing.T) {
	b := newBench(t)
	for _, x := range []struct {
		business mpesa.Shortcode
		to       mpesa.AccountKind
		amount   money.Amount
		want     codes.Result
	}{
		{payBill, mpesa.Working, money.Shillings(1), codes.Success},
		{payBill, mpesa.Utility, money.Shillings(1), codes.Success},
		{payBill, mpesa.Merchant, money.Shillings(1), codes.Success},
		{payBill, mpesa.ChargesPaid, money.Shillings(1), codes.NotPermitted},
		{payBill, mpesa.Settlement, money.Shillings(1), codes.NotPermitted},
		{payBill, mpesa.Working, money.Shillings(1_000_000_000), codes.AboveBalanceLimit},
		{full, mpesa.Utility, money.Shillings(1001), codes.AboveBalanceLimit},
		{full, mpesa.Utility, money.Shillings(1000), codes.Success},
		{full, mpesa.Working, money.Shillings(1001), codes.Success},
	} {
		c := &portal.DepositFromBank{Business: x.business, To: x.to, Amount: x.amount}
		b.run(c)
		b.wantFinal(c.Payment, x.want, "")
	}
}

// Every operation of an organisation is refused in the same way by its standing, and by there being no organisation.
func TestWhatAnOrganisationsOperationsHaveInCommon(t *testing.T) {
	type operation struct {
		command mpesa.Command
		outcome func() (mpesa.Payment, bool)
	}
	operations := func(s mpesa.Shortcode) map[string]operation {
		settle, withdraw := &portal.SettleRevenue{Business: s}, &portal.WithdrawToBank{Business: s, Amount: 1}
		deposit := &portal.DepositFromBank{Business: s, To: mpesa.Working, Amount: 1}
		move := &portal.MoveFunds{Business: s, Route: mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, Amount: 1}
		return map[string]operation{
			"settle":   {settle, func() (mpesa.Payment, bool) { return settle.Payment, settle.Unknown }},
			"withdraw": {withdraw, func() (mpesa.Payment, bool) { return withdraw.Payment, withdraw.Unknown }},
			"deposit":  {deposit, func() (mpesa.Payment, bool) { return deposit.Payment, deposit.Unknown }},
			"move":     {move, func() (mpesa.Payment, bool) { return move.Payment, move.Unknown }},
		}
	}
	b := newBench(t)
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Working: 10, mpesa.Utility: 10})
	for standing, want := range map[mpesa.OrganisationStanding]codes.Result{
		mpesa.Suspended: codes.DebitPartyInvalid, mpesa.Frozen: codes.AccountNotAllowed, mpesa.Active: codes.Success,
	} {
		b.organisations[payBill].Standing = standing
		for _, name := range []string{"move", "withdraw", "deposit", "settle"} {
			x := operations(payBill)[name]
			b.run(x.command)
			p, unknown := x.outcome()
			if unknown {
				t.Errorf("%s: the organisation is unknown", name)
			}
			b.wantFinal(p, want, "")
		}
	}
	accounts, payments := maps.Clone(b.accounts), len(b.payments)
	for name, x := range operations(nobody) {
		b.run(x.command)
		if p, unknown := x.outcome(); !unknown || p.ID != 0 {
			t.Errorf("%s of nobody: unknown %v, %+v", name, unknown, p)
		}
	}
	if len(b.payments) != payments || len(b.accounts) != len(accounts) {
		t.Error("an operation of nobody left something")
	}
}
