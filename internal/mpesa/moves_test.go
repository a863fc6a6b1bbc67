package mpesa_test

import (
	"errors"
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
// when it failed, and has no callback.
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
			b.t.Errorf("it has a callback: %+v", d)
		}
	}
}

// wantDeclined fails the test unless what was initiated is declined with a result, and has left nothing.
func (b *bench) wantDeclined(c *portal.Initiate, want codes.Result, reason string) {
	b.t.Helper()
	d, declined := errors.AsType[*portal.Declined](c.Refused)
	if !declined || d.Result != want || !strings.Contains(d.Reason, reason) || c.Payment.ID != 0 {
		b.t.Fatalf("got %+v, %v; want %q (%s)", c.Payment, c.Refused, want, reason)
	}
	if id := b.lastID - 1; b.stands(id).ID != 0 { // the last number is the audit's
		b.t.Errorf("there is %+v", b.stands(id))
	}
}

// BusinessToPochi, account types.
func TestRevenueSettlementClearsChargesPaidAndMakesTheRestWorking(t *testing.T) {
	b := newBench(t)
	b.pay(amount(1500)) // charges the pay bill KES 5
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Merchant: 100, mpesa.Working: 7})
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.SettlementTask(payBill)}
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
	again := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.SettlementTask(payBill)}
	b.run(again)
	b.wantDeclined(again, codes.InsufficientFunds, "hold no revenue")
}

func TestRevenueThatDoesNotCoverTheChargesClearsSomeOfThem(t *testing.T) {
	b := newBench(t)
	b.pay(to(generous), amount(1500)) // charges the pay bill KES 15
	route := mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}
	b.run(&portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: generous}}, Asked: mpesa.MoveTask(generous, route, money.Shillings(1490))})
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: generous}}, Asked: mpesa.SettlementTask(generous)}
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
	before := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: generous}}, Asked: mpesa.MoveTask(generous, mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}, money.Shillings(1485))}
	b.run(before)
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: generous}}, Asked: mpesa.SettlementTask(generous)}
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
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.SettlementTask(payBill)}
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
			c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.MoveTask(payBill, route, money.Shillings(40))}
			b.run(c)
			if !allowed[route] {
				b.wantDeclined(c, codes.NotPermitted, "no money moves from")
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
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.MoveTask(payBill, mpesa.OwnRoute{From: mpesa.Float, To: mpesa.Working}, 1)}
	b.run(c)
	b.wantDeclined(c, codes.InsufficientFunds, "0.01 is more than the 0.00")
}

// BusinessToPochi, account types: a negative Charges Paid has to be settled before a withdrawal.
func TestWithdrawalToTheBankNeedsSettledCharges(t *testing.T) {
	b := newBench(t)
	b.pay(amount(1500))
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Working: 100})
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.WithdrawalTask(payBill, money.Shillings(10))}
	b.run(c)
	b.wantDeclined(c, codes.AccountNotAllowed, "owes 5.00")
	b.run(&portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill}}, Asked: mpesa.SettlementTask(payBill)})
	b.run(c)
	b.wantFinal(c.Payment, codes.Success, "")
	if got := b.balance(payBill.Party(), mpesa.Working); got != money.Shillings(1585) {
		t.Errorf("Working holds %s", got)
	}
	c.Asked.Amount = money.Shillings(1585) + 1
	b.run(c)
	b.wantDeclined(c, codes.InsufficientFunds, "1585.01 is more than the 1585.00")
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
	initiated := func(s mpesa.Shortcode) map[string]*portal.Initiate {
		list := map[string]*portal.Initiate{}
		for name, asked := range map[string]mpesa.Payment{
			"settle": mpesa.SettlementTask(s), "withdraw": mpesa.WithdrawalTask(s, 1), "move": mpesa.MoveTask(s, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, 1),
		} {
			list[name] = &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: s}}, Asked: asked}
		}
		return list
	}
	b := newBench(t)
	b.funded(payBill, map[mpesa.AccountKind]int64{mpesa.Working: 10, mpesa.Utility: 10})
	for standing, want := range map[mpesa.OrganisationStanding]codes.Result{
		mpesa.Suspended: codes.DebitPartyInvalid, mpesa.Frozen: codes.AccountNotAllowed, mpesa.Active: codes.Success,
	} {
		b.organisations[payBill].Standing = standing
		for _, name := range []string{"move", "withdraw", "settle"} {
			c := initiated(payBill)[name]
			if b.run(c); c.Unknown {
				t.Errorf("%s: the organisation is unknown", name)
			}
			if want != codes.Success {
				b.wantDeclined(c, want, "")
			} else {
				b.wantFinal(c.Payment, want, "")
			}
		}
		deposit := &portal.DepositFromBank{Business: payBill, To: mpesa.Working, Amount: 1}
		b.run(deposit)
		b.wantFinal(deposit.Payment, want, "")
	}
	accounts, payments := maps.Clone(b.accounts), len(b.payments)
	for name, c := range initiated(nobody) {
		if b.run(c); !c.Unknown || c.Payment.ID != 0 {
			t.Errorf("%s of nobody: unknown %v, %+v", name, c.Unknown, c.Payment)
		}
	}
	deposit := &portal.DepositFromBank{Business: nobody, To: mpesa.Working, Amount: 1}
	if b.run(deposit); !deposit.Unknown || deposit.Payment.ID != 0 {
		t.Errorf("a deposit of nobody: unknown %v, %+v", deposit.Unknown, deposit.Payment)
	}
	if len(b.payments) != payments || len(b.accounts) != len(accounts) {
		t.Error("an operation of nobody left something")
	}
}
