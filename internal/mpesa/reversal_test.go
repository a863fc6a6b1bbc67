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

// reversalOf is the receiver's request to take a payment back in full.
func reversalOf(original mpesa.Payment, changes ...func(*mpesa.Payment)) mpesa.Payment {
	receiver, _ := original.Payee.Shortcode()
	return asking(mpesa.TransactionReversal, append([]func(*mpesa.Payment){initiator(receiver), about(original)}, changes...)...)
}

// walkUp has John pay a business, unasked.
func (b *bench) walkUp(changes ...func(*mpesa.PayBusiness)) mpesa.Payment {
	b.t.Helper()
	c := &mpesa.PayBusiness{Phone: john, Business: payBill, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(100), Reference: "INV-7"}
	for _, change := range changes {
		change(c)
	}
	b.run(c)
	return c.Payment
}

func counter(s mpesa.Shortcode) func(*mpesa.PayBusiness) {
	return func(c *mpesa.PayBusiness) {
		c.Business, c.Reference = s, ""
		if c.Type = mpesa.CustomerPayBillOnline; s == till {
			c.Type = mpesa.CustomerBuyGoodsOnline
		}
	}
}

func TestReversalGivesBackWhatWasPaidAndNoCharges(t *testing.T) {
	for _, test := range []struct {
		name              string
		pay               func(*bench) mpesa.Payment
		debited, credited mpesa.AccountID
	}{
		{"M-Pesa Express to a pay bill", func(b *bench) mpesa.Payment { return b.pay(amount(2000)) }, wallet(john), account(payBill, mpesa.Utility)},
		{"M-Pesa Express to a till", func(b *bench) mpesa.Payment { return b.pay(buyGoods, amount(2000)) }, wallet(john), account(till, mpesa.Merchant)},
		{"C2B to a pay bill", func(b *bench) mpesa.Payment {
			return b.walkUp(func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(2000) })
		}, wallet(john), account(payBill, mpesa.Utility)},
		{"C2B to a till", func(b *bench) mpesa.Payment {
			return b.walkUp(counter(till), func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(2000) })
		}, wallet(john), account(till, mpesa.Merchant)},
		{"B2B to a pay bill", func(b *bench) mpesa.Payment { return b.done(asking(mpesa.BusinessPayBill)) }, account(payBill, mpesa.Working), account(bouquet, mpesa.Utility)},
		{"B2B to a till", func(b *bench) mpesa.Payment { return b.done(asking("BusinessBuyGoods", payee(till))) }, account(payBill, mpesa.Working), account(till, mpesa.Merchant)},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newOffice(t)
			b.organisations[payBill].Moves = "b2b-2017"
			original := test.pay(b)
			if len(b.legs(original)) < 2 {
				t.Fatalf("the original has no charges: %s", show(b.legs(original)))
			}
			before := b.accounts[mpesa.Provider.Account(mpesa.Fees)].Balance
			b.advance(time.Hour)
			p := b.done(reversalOf(original))
			b.wantLegs(p, principal(test.credited, test.debited, original.Amount))
			if p.ID == original.ID || p.Payer != original.Payee || p.Payee != original.Payer || b.accounts[mpesa.Provider.Account(mpesa.Fees)].Balance != before {
				t.Errorf("the reversal is %+v", p)
			}
			if a := b.accounts[test.debited]; a.LastPayment != p.ID {
				t.Errorf("the last payment into %s is %d", a.ID, a.LastPayment)
			}
			funds := []mpesa.Funds{{Kind: test.credited.Kind(), Balance: b.accounts[test.credited].Balance}}
			receiver := b.organisations[p.Business].Name
			payer := b.organisations[payBill].Name
			if n, ok := original.Payer.Phone(); ok {
				payer = b.subscribers[n].Name
			}
			if d := p.Details; !d.Settled || d.Payer != receiver || d.Payee != payer || d.Charge != 0 || !slices.Equal(d.Funds, funds) {
				t.Errorf("the details are %+v", d)
			}
		})
	}
}

func TestPaymentIsReversedOnce(t *testing.T) {
	t.Run("one after the other", func(t *testing.T) {
		b := newOffice(t)
		original := b.pay()
		b.done(reversalOf(original))
		b.wantOutcome(b.process(reversalOf(original)), codes.AlreadyReversed)
		b.advance(365 * 24 * time.Hour)
		b.wantOutcome(b.process(reversalOf(original)), codes.AlreadyReversed)
	})
	t.Run("in one unit", func(t *testing.T) {
		b := newOffice(t)
		original := b.pay()
		first, second := b.accept(reversalOf(original)), b.accept(reversalOf(original))
		b.advance(time.Second)
		b.run(falls(second), falls(first))
		b.wantOutcome(b.payments[second.ID], codes.Success)
		b.wantOutcome(b.payments[first.ID], codes.AlreadyReversed)
	})
}

func TestWhatCannotBeReversed(t *testing.T) {
	prompted := func(b *bench) mpesa.Payment { return b.push() }
	for name, original := range map[string]func(*bench) mpesa.Payment{
		"no such receipt": func(*bench) mpesa.Payment {
			return mpesa.Payment{Header: mpesa.Header{Payee: payBill.Party(), Amount: 100_00}}
		},
		"a number that is no payment's": func(*bench) mpesa.Payment {
			return mpesa.Payment{Header: mpesa.Header{ID: 7, Payee: payBill.Party(), Amount: 100_00}}
		},
		"open prompt":    prompted,
		"failed payment": func(b *bench) mpesa.Payment { prompted(b); return pressCancel(b) },
		"payment that the business is being asked about": func(b *bench) mpesa.Payment {
			b.validates(payBill)
			return b.walkUp()
		},
		"request in the queue": func(b *bench) mpesa.Payment {
			return b.accept(asking(mpesa.BusinessPayBill, initiator(bouquet), payee(payBill)))
		},
		"salary":                          func(b *bench) mpesa.Payment { return b.done(asking(mpesa.SalaryPayment)) },
		"Pochi":                           func(b *bench) mpesa.Payment { return b.done(asking(mpesa.BusinessPayToPochi)) },
		"tax":                             func(b *bench) mpesa.Payment { return b.done(asking(mpesa.PayTaxToKRA)) },
		"own move":                        func(b *bench) mpesa.Payment { return b.done(asking("BusinessTransferFromMMFToUtility")) },
		"own payment":                     func(b *bench) mpesa.Payment { return b.done(asking(mpesa.BusinessPayBill)) },
		"payment to another organisation": func(b *bench) mpesa.Payment { return b.pay(to(bouquet)) },
		"status query":                    func(b *bench) mpesa.Payment { return b.done(asking(mpesa.TransactionStatusQuery, about(b.pay()))) },
		"reversal":                        func(b *bench) mpesa.Payment { return b.done(reversalOf(b.pay())) },
		"reversal that gave the organisation money": func(b *bench) mpesa.Payment {
			return b.done(reversalOf(b.done(asking(mpesa.BusinessPayBill))))
		},
		"deposit": func(b *bench) mpesa.Payment {
			b.run(deposit{account(payBill, mpesa.Utility), 100_00})
			return b.payments[b.lastID]
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			b.wantOutcome(b.process(asking(mpesa.TransactionReversal, about(original(b)))), codes.NotReversible)
		})
	}
}

func TestPaymentIsReversedInFullOrNotAtAll(t *testing.T) {
	b := newOffice(t)
	original := b.pay()
	for _, amount := range []money.Amount{1, 50_00, 99_99, 100_01, 200_00} {
		b.wantOutcome(b.process(reversalOf(original, cents(amount))), codes.NotReversible)
	}
	b.done(reversalOf(original))
}

func TestReversalIsLookedAtInThisOrder(t *testing.T) {
	flaws := append(debitFlaws(mpesa.ProductReversal), []flaw{
		{"another amount", func(_ *bench, p *mpesa.Payment) { p.Amount++ }, codes.NotReversible},
		{"reversed before", func(b *bench, p *mpesa.Payment) { b.done(reversalOf(b.payments[p.Details.Original])) }, codes.AlreadyReversed},
		{"inactive customer", world(standing(mpesa.Inactive)), codes.AccountNotAllowed},
		{"more than may be received in a day", world(rule(func(l *mpesa.Limits) { l.Daily = money.Shillings(99) })), codes.AboveDailyLimit},
		{"more than the wallet may hold", world(func(b *bench) {
			balance := b.balance(mpesa.CustomerParty(john), mpesa.Wallet)
			rule(func(l *mpesa.Limits) { l.MaxBalance = balance + money.Shillings(99) })(b)
		}), codes.AboveBalanceLimit},
		{"no money", world(func(b *bench) { b.empty(account(payBill, mpesa.Utility)) }), codes.InsufficientFunds},
	}...)
	// What was reversed before can't be made by flaws that forbid a reversal themselves: it is tried by itself.
	i := slices.IndexFunc(flaws, func(f flaw) bool { return f.name == "reversed before" })
	request := func(b *bench) mpesa.Payment { return reversalOf(b.pay()) }
	t.Run("reversed before", func(t *testing.T) { checkOrder(t, flaws[i:i+1], request) })
	checkOrder(t, slices.Delete(flaws, i, i+1), request)
}

func TestReversedBeforeComesBeforeTheCustomersLimitsAndTheMoney(t *testing.T) {
	b := newOffice(t)
	original := b.pay()
	b.done(reversalOf(original))
	standing(mpesa.Inactive)(b)
	b.empty(account(payBill, mpesa.Utility))
	b.wantOutcome(b.process(reversalOf(original)), codes.AlreadyReversed)
}

func TestReversalFromFrozenOrganisations(t *testing.T) {
	b := newOffice(t)
	original := b.done(asking(mpesa.BusinessPayBill))
	b.organisations[payBill].Standing = mpesa.Frozen // who would get the money
	b.wantOutcome(b.process(reversalOf(original)), codes.AccountNotAllowed)
	b.organisations[payBill].Standing = mpesa.Suspended
	b.done(reversalOf(original))
}

// The organisation has spent the money; the reversal may be asked for again when there is some.
func TestFailedReversalLeavesNothingBehind(t *testing.T) {
	b := newOffice(t)
	original := b.pay()
	b.empty(account(payBill, mpesa.Utility))
	b.run(deposit{account(payBill, mpesa.Utility), 99_99})
	before := b.accounts[wallet(john)]
	b.wantOutcome(b.process(reversalOf(original)), codes.InsufficientFunds)
	if after := b.accounts[wallet(john)]; after.Received != before.Received || after.LastPayment != before.LastPayment {
		t.Errorf("the wallet became %+v after it was %+v", after, before)
	}
	b.run(deposit{account(payBill, mpesa.Utility), 1})
	b.done(reversalOf(original))
	if after := b.accounts[wallet(john)]; after.Received != original.Amount {
		t.Errorf("%s count as received", after.Received)
	}
}

func TestReservedMoneyIsNotGivenBack(t *testing.T) {
	b := newOffice(t)
	original := b.pay()
	b.hold(account(payBill, mpesa.Utility), money.Shillings(1_000_001))
	b.wantOutcome(b.process(reversalOf(original)), codes.InsufficientFunds)
}

func TestReversalCountsTowardsWhatTheCustomerMayReceive(t *testing.T) {
	b := newOffice(t)
	original := b.pay(amount(50))
	spendAll(b)
	b.done(asking(mpesa.SalaryPayment, shillings(250_000)))
	spendAll(b)
	b.done(asking(mpesa.SalaryPayment, shillings(249_951)))
	b.wantOutcome(b.process(reversalOf(original)), codes.AboveDailyLimit)
	b.now = time.Date(2026, time.November, 21, 0, 0, 0, 0, clock.EAT)
	b.done(reversalOf(original))
	spendAll(b)
	b.done(asking(mpesa.SalaryPayment, shillings(250_000)))
	spendAll(b)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, shillings(249_951))), codes.AboveDailyLimit)
	b.done(asking(mpesa.SalaryPayment, shillings(249_950)))
}

// The minimum and the maximum of a single payment don't hold for what was paid before they did.
func TestReversalOfAnyAmount(t *testing.T) {
	b := newOffice(t)
	least := b.pay(amount(1))
	rule(func(l *mpesa.Limits) { l.Minimum, l.PayoutMinimum = money.Shillings(10), money.Shillings(10) })(b)
	b.done(reversalOf(least))
}

// A reversal and a payout want the same money: whichever comes first has it.
func TestReversalRacesAPayout(t *testing.T) {
	for _, reversalFirst := range []bool{true, false} {
		b := newOffice(t)
		original := b.pay()
		b.empty(account(payBill, mpesa.Utility))
		b.run(deposit{account(payBill, mpesa.Utility), 100_00})
		reversal, payout := b.accept(reversalOf(original)), b.accept(asking(mpesa.SalaryPayment, customer(mary)))
		b.advance(time.Second)
		first, second := reversal, payout
		if !reversalFirst {
			first, second = payout, reversal
		}
		b.run(falls(first), falls(second))
		b.wantOutcome(b.payments[first.ID], codes.Success)
		b.wantOutcome(b.payments[second.ID], codes.InsufficientFunds)
	}
}
