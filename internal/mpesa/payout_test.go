package mpesa_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// payouts are the commands that pay customers, with the wallet that each pays into.
var payouts = map[string]mpesa.AccountKind{
	"SalaryPayment": mpesa.Wallet, "BusinessPayment": mpesa.Wallet, "PromotionPayment": mpesa.Wallet, "BusinessPayToPochi": mpesa.Pochi,
}

func TestPayoutsMoveMoneyFromUtilityAndTheBusinessPaysTheCharge(t *testing.T) {
	// The form of August 2023 (wire.md §19).
	charges := map[money.Amount]int64{10_00: 0, 100_00: 0, 100_01: 5, 1500_00: 5, 1500_01: 9, 5000_00: 9, 5000_01: 11, 20_000_00: 11, 20_000_01: 13, 250_000_00: 13}
	for command, kind := range payouts {
		for amount, charge := range charges {
			t.Run(fmt.Sprintf("%s of %s", command, amount), func(t *testing.T) {
				b := newOffice(t)
				b.organisations[payBill].Tariff = "customer-bouquet" // is for what customers pay
				p := b.done(asking(command, cents(amount)))
				want := []mpesa.Transfer{principal(account(payBill, mpesa.Utility), p.Payee.Account(kind), amount)}
				if charge > 0 {
					want = append(want, fee(payBill, money.Shillings(charge)))
				}
				b.wantLegs(p, want...)
				if got := b.balance(payBill.Party(), mpesa.Utility); got != money.Shillings(1_000_000)-amount {
					t.Errorf("Utility holds %s", got)
				}
				if got := b.balance(payBill.Party(), mpesa.ChargesPaid); got != -money.Shillings(charge) {
					t.Errorf("Charges Paid holds %s", got)
				}
			})
		}
	}
}

func TestPayoutNotesWhatItsResultTells(t *testing.T) {
	b := newOffice(t)
	b.put(john, func(c *mpesa.PutPhone) { c.Name = ptr("John Doe") })
	b.hold(account(payBill, mpesa.Utility), money.Shillings(7))
	p := b.done(asking(mpesa.SalaryPayment, shillings(1000)))
	want := []mpesa.Funds{
		{Kind: mpesa.Utility, Balance: money.Shillings(999_000), Held: money.Shillings(7)},
		{Kind: mpesa.Working, Balance: money.Shillings(1_000_000)}, {Kind: mpesa.ChargesPaid, Balance: -money.Shillings(5)},
	}
	if d := p.Details; !d.Settled || d.Payee != "John Doe" || d.Unknown || d.Charge != money.Shillings(5) || !slices.Equal(d.Funds, want) {
		t.Errorf("the details are %+v", d)
	}
	if got := p.Details.Funds[0].Available(); got != money.Shillings(998_993) {
		t.Errorf("%s are available of Utility", got)
	}
	failed := b.process(asking(mpesa.SalaryPayment, shillings(1)))
	if d := failed.Details; d.Settled || d.Payee != "" || d.Charge != 0 || d.Funds != nil {
		t.Errorf("a failed payout notes %+v", d)
	}
}

func TestPayoutByATariffOfTheOrganisationsOwn(t *testing.T) {
	b := newOffice(t)
	b.organisations[payBill].Payouts = "b2b-2017"
	b.wantLegs(b.done(asking(mpesa.PromotionPayment, shillings(10))),
		principal(account(payBill, mpesa.Utility), wallet(john), money.Shillings(10)), fee(payBill, money.Shillings(77)))
	if got := b.balance(payBill.Party(), mpesa.ChargesPaid); got != -money.Shillings(77) {
		t.Errorf("Charges Paid holds %s", got)
	}
}

func TestPayoutIsLookedAtInThisOrder(t *testing.T) {
	for command, kind := range payouts {
		product, credit := mpesa.ProductB2C, kind
		if kind == mpesa.Pochi {
			product = mpesa.ProductPochi
		}
		flaws := append(debitFlaws(product), []flaw{
			{"unknown number, strict profile", func(b *bench, p *mpesa.Payment) { b.policy.RegisterUnknown = false; customer(alien)(p) }, codes.OperatorNotFound},
			{"inactive customer", world(standing(mpesa.Inactive)), codes.AccountNotAllowed},
			{"less than the minimum", world(rule(func(l *mpesa.Limits) { l.PayoutMinimum = money.Shillings(101) })), codes.BelowMinimum},
			{"more than the maximum", world(rule(func(l *mpesa.Limits) { l.Maximum = money.Shillings(99) })), codes.AboveMaximum},
			{"more than may be received in a day", world(rule(func(l *mpesa.Limits) { l.Daily = money.Shillings(99) })), codes.AboveDailyLimit},
			{"more than the wallet may hold", world(func(b *bench) {
				balance := b.balance(mpesa.CustomerParty(john), credit)
				rule(func(l *mpesa.Limits) { l.MaxBalance = balance + money.Shillings(99) })(b)
			}), codes.AboveBalanceLimit},
			{"no such tariff", world(func(b *bench) { b.organisations[payBill].Payouts = "none" }), codes.NotPermitted},
			{"no money in Utility", world(func(b *bench) { b.empty(account(payBill, mpesa.Utility)) }), codes.InsufficientFunds},
		}...)
		t.Run(command, func(t *testing.T) {
			checkOrder(t, flaws, func(*bench) mpesa.Payment { return asking(command) })
		})
	}
}

func TestPayoutResultsComeFromTheirStates(t *testing.T) {
	const salary, business, promotion, pochi = "SalaryPayment", "BusinessPayment", "PromotionPayment", "BusinessPayToPochi"
	utility := account(payBill, mpesa.Utility)
	for _, test := range []struct {
		name    string
		command string
		state   func(*bench)
		amount  money.Amount
		want    codes.Result
	}{
		{"least", business, nil, 10_00, codes.Success},
		{"less than the least", business, nil, 9_99, codes.BelowMinimum},
		{"less than the least to Pochi", pochi, nil, 9_99, codes.BelowMinimum},
		{"customer with a minimum of their own", business, limited("test-minimum"), 100_00, codes.BelowMinimum},
		{"most", business, nil, 250_000_00, codes.Success},
		{"more than the most", business, nil, 250_000_01, codes.AboveMaximum},
		{"more than the most to Pochi", pochi, nil, 250_000_01, codes.AboveMaximum},
		{"customer with a maximum of their own", business, limited("test-maximum"), 100_00, codes.AboveMaximum},
		{"customer who may receive nothing in a day", business, limited("test-daily"), 100_00, codes.AboveDailyLimit},
		{"customer whose wallet may hold nothing", business, limited("test-receiver"), 100_00, codes.AboveBalanceLimit},
		{"wallet that becomes full", business, has(499_990), 10_00, codes.Success},
		{"wallet that would be too full", business, has(499_990), 10_01, codes.AboveBalanceLimit},
		{"Pochi beside a full wallet", pochi, has(500_000), 10_00, codes.Success},
		{"all that Utility has", business, func(b *bench) { b.empty(utility); b.run(deposit{utility, 200_00}) }, 200_00, codes.Success},
		{"more than Utility has", business, func(b *bench) { b.empty(utility); b.run(deposit{utility, 200_00}) }, 200_01, codes.InsufficientFunds},
		{"more than is not reserved", business, func(b *bench) { b.hold(utility, money.Shillings(999_900)) }, 100_01, codes.InsufficientFunds},

		{"salary of an unregistered customer", salary, standing(mpesa.Unregistered), 100_00, codes.Success},
		{"payment to an unregistered customer", business, standing(mpesa.Unregistered), 100_00, codes.RecipientType},
		{"promotion to an unregistered customer", promotion, standing(mpesa.Unregistered), 100_00, codes.RecipientType},
		{"Pochi of an unregistered customer", pochi, standing(mpesa.Unregistered), 100_00, codes.RecipientType},
		{"Pochi of a customer who has none", pochi, standing(mpesa.NoPochi), 100_00, codes.RecipientType},
		{"wallet of a customer who has no Pochi", business, standing(mpesa.NoPochi), 100_00, codes.Success},
		{"inactive customer", salary, standing(mpesa.Inactive), 100_00, codes.AccountNotAllowed},
		{"record that names no operator", salary, standing(mpesa.NoOperator), 100_00, codes.OperatorNotFound},
		{"customer who may not pay businesses", salary, standing(mpesa.NoProducts), 100_00, codes.Success},
		{"customer with a locked PIN", salary, locked, 100_00, codes.Success},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newOffice(t)
			if test.state != nil {
				test.state(b)
			}
			p := b.process(asking(test.command, cents(test.amount)))
			b.wantOutcome(p, test.want)
		})
	}
}

func TestUnregisteredCustomerIsPaidHisSalaryAndItsResultSaysSo(t *testing.T) {
	b := newOffice(t)
	standing(mpesa.Unregistered)(b)
	p := b.done(asking(mpesa.SalaryPayment))
	if !p.Details.Unknown || b.balance(p.Payee, mpesa.Wallet) != money.Shillings(100_100) {
		t.Errorf("unknown %v, and the customer has %s", p.Details.Unknown, b.balance(p.Payee, mpesa.Wallet))
	}
}

func TestUnknownNumber(t *testing.T) {
	t.Run("becomes a customer where the policy has it", func(t *testing.T) {
		b := newOffice(t)
		p := b.done(asking(mpesa.SalaryPayment, customer(alien)))
		if s, known := b.subscribers[alien]; !known || s.Name == "" || p.Details.Payee != s.Name || p.Details.Unknown {
			t.Errorf("known %v: %+v; the result names %q", known, s, p.Details.Payee)
		}
		if got := b.balance(p.Payee, mpesa.Wallet); got != money.Shillings(100_100) {
			t.Errorf("the wallet holds %s", got)
		}
	})
	t.Run("once in a unit that pays it often", func(t *testing.T) {
		b := newOffice(t)
		var unit []mpesa.Command
		for range 5 {
			p := b.accept(asking(mpesa.SalaryPayment, customer(alien)))
			unit = append(unit, falls(p))
		}
		b.advance(time.Second)
		b.run(unit...)
		if got := b.balance(mpesa.CustomerParty(alien), mpesa.Wallet); got != money.Shillings(100_500) {
			t.Errorf("the wallet holds %s", got)
		}
	})
	t.Run("is refused where the policy registers nobody", func(t *testing.T) {
		b := newOffice(t)
		b.policy.RegisterUnknown = false
		p := b.process(asking(mpesa.SalaryPayment, customer(alien)))
		b.wantOutcome(p, codes.OperatorNotFound)
		if _, known := b.subscribers[alien]; known || !strings.Contains(p.Reason, alien.String()) {
			t.Errorf("known %v; explained with %q", known, p.Reason)
		}
	})
}

// spendAll empties John's wallet, as an agent would.
func spendAll(b *bench) { has(0)(b) }

func TestCustomerReceivesAtMostSoMuchInADayOfNairobi(t *testing.T) {
	b := newOffice(t)
	midnight := time.Date(2026, time.November, 21, 0, 0, 0, 0, clock.EAT)
	b.now = midnight.Add(-time.Hour)
	spendAll(b)
	b.done(asking(mpesa.SalaryPayment, shillings(250_000)))
	spendAll(b)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, shillings(250_001))), codes.AboveMaximum) // and doesn't count
	b.done(asking(mpesa.SalaryPayment, shillings(249_980)))
	spendAll(b)
	b.wantOutcome(b.process(asking(mpesa.BusinessPayToPochi, cents(20_01))), codes.AboveDailyLimit)
	b.done(asking(mpesa.BusinessPayToPochi, shillings(10))) // both wallets count together
	b.done(asking(mpesa.PromotionPayment, shillings(10)))
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, shillings(10))), codes.AboveDailyLimit)
	b.done(asking(mpesa.SalaryPayment, shillings(10), customer(mary)))

	b.now = midnight.Add(-51 * time.Millisecond)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, shillings(10))), codes.AboveDailyLimit) // its turn comes on the same day
	b.now = midnight
	b.done(asking(mpesa.SalaryPayment, shillings(250_000)))
	if a := b.accounts[wallet(john)]; a.On(clock.Day(midnight)).Received != money.Shillings(250_000) {
		t.Errorf("%s are counted for day %d", a.Received, a.Day)
	}
}

func TestWhatACustomerPaysAndReceivesCountsApart(t *testing.T) {
	b := newOffice(t)
	spendAll(b)
	b.done(asking(mpesa.SalaryPayment, shillings(250_000)))
	b.wantResult(b.pay(amount(249_000)), codes.Success)
	if a := b.accounts[wallet(john)]; a.Spent != money.Shillings(249_000) || a.Received != money.Shillings(250_000) {
		t.Errorf("paid %s and received %s", a.Spent, a.Received)
	}
}

func TestSameAmountMayBePaidOutAgainAtOnce(t *testing.T) {
	b := newOffice(t)
	for range 3 {
		b.done(asking(mpesa.SalaryPayment))
	}
}

func TestPayoutsOfAUnitSpendEachShillingOnce(t *testing.T) {
	b := newOffice(t)
	b.empty(account(payBill, mpesa.Utility))
	b.run(deposit{account(payBill, mpesa.Utility), money.Shillings(250)})
	var unit []mpesa.Command
	for range 5 {
		p := b.accept(asking(mpesa.SalaryPayment))
		unit = append(unit, falls(p))
	}
	b.advance(time.Second)
	b.run(unit...)
	ends := map[codes.Result]int{}
	for _, p := range b.payments {
		if p.Kind == mpesa.B2C {
			ends[p.Result]++
		}
	}
	if !reflect.DeepEqual(ends, map[codes.Result]int{codes.Success: 2, codes.InsufficientFunds: 3}) || b.balance(payBill.Party(), mpesa.Utility) != money.Shillings(50) {
		t.Errorf("the payouts ended with %v; Utility holds %s", ends, b.balance(payBill.Party(), mpesa.Utility))
	}
}

func TestPayoutsAreChainedWithTheCustomersPayments(t *testing.T) {
	b := newOffice(t)
	paid := b.pay(amount(20))
	salary := b.done(asking(mpesa.SalaryPayment))
	pochi := b.done(asking(mpesa.BusinessPayToPochi))
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, shillings(1))), codes.BelowMinimum) // no message tells of it
	again := b.pay(amount(30))
	if salary.PayeePrevious != paid.ID || pochi.PayeePrevious != salary.ID || again.Previous != pochi.ID || salary.Previous != 0 {
		t.Errorf("after %d: %d, %d, %d", paid.ID, salary.PayeePrevious, pochi.PayeePrevious, again.Previous)
	}
	if a := b.accounts[wallet(john)]; a.LastPayment != again.ID || b.accounts[mpesa.CustomerParty(john).Account(mpesa.Pochi)].LastPayment != 0 {
		t.Errorf("the wallet's chain begins with %d", a.LastPayment)
	}
}

// "They all carry their own tariffs" (DarajaTutorial, B2C API).
func TestEachPayoutHasATariffOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, op := range mpesa.Operations() {
		if op.Kind != mpesa.B2C && op.Kind != mpesa.B2Pochi {
			continue
		}
		if other, taken := seen[op.Tariff]; taken || op.Tariff == "" {
			t.Errorf("%s goes by the tariff %q, like %s", op.Command, op.Tariff, other)
		}
		seen[op.Tariff] = op.Command
		b := newOffice(t)
		p := b.done(asking(op.Command, func(p *mpesa.Payment) { p.Amount = money.Shillings(150) }))
		if _, charge, err := b.policy.Rules.Charges(op.Tariff, p.Amount, b.now); err != nil || p.Details.Charge != charge || charge == 0 {
			t.Errorf("%s is charged %s; its tariff has %s, %v", op.Command, p.Details.Charge, charge, err)
		}
	}
	shown := (&mpesa.Organisation{}).AppliedTariffs()
	for tariff := range seen {
		if !slices.ContainsFunc(shown, func(a mpesa.AppliedTariff) bool { return a.Tariff == tariff }) {
			t.Errorf("an organisation isn't shown the tariff %s", tariff)
		}
	}
}
