package mpesa_test

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// businessPayments are the payments to businesses and the moves between own accounts, with the accounts that each moves money between
// (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9.1).
var businessPayments = []struct {
	command  string
	receiver mpesa.Shortcode
	from, to mpesa.AccountKind
}{
	{"BusinessPayBill", bouquet, mpesa.Working, mpesa.Utility},
	{"BusinessBuyGoods", till, mpesa.Working, mpesa.Merchant},
	{"BusinessBuyGoods", store, mpesa.Working, mpesa.Merchant},
	{"BusinessPayToBulk", bouquet, mpesa.Working, mpesa.Utility},
	{"DisburseFundsToBusiness", bouquet, mpesa.Utility, mpesa.Working},
	{"BusinessToBusinessTransfer", bouquet, mpesa.Working, mpesa.Working},
	{"MerchantToMerchantTransfer", till, mpesa.Merchant, mpesa.Merchant},
	{"MerchantServicesMMFAccountTransfer", bouquet, mpesa.Working, mpesa.Working},
	{"AgencyFloatAdvance", bouquet, mpesa.Working, mpesa.Float},
	{"PayTaxToKRA", mpesa.KRA, mpesa.Working, mpesa.Utility},

	{"MerchantTransferFromMerchantToWorking", payBill, mpesa.Merchant, mpesa.Working},
	{"BusinessTransferFromMMFToUtility", payBill, mpesa.Working, mpesa.Utility},
	{"BusinessTransferFromUtilityToMMF", payBill, mpesa.Utility, mpesa.Working},
}

func TestBusinessPaymentsMoveMoneyBetweenTheirAccounts(t *testing.T) {
	tested := map[string]bool{}
	for _, test := range businessPayments {
		tested[test.command] = true
		t.Run(test.command+" to "+test.receiver.String(), func(t *testing.T) {
			b := newOffice(t)
			p := b.done(asking(test.command, payee(test.receiver), cents(123_45)))
			from, to := account(payBill, test.from), account(test.receiver, test.to)
			b.wantLegs(p, principal(from, to, 123_45))
			if d := p.Details; !d.Settled || d.Payer != b.organisations[payBill].Name || d.Payee != b.organisations[test.receiver].Name || d.Charge != 0 ||
				!slices.Equal(d.Funds, []mpesa.Funds{{Kind: test.from, Balance: money.Shillings(1_000_000) - 123_45}}) {
				t.Errorf("the details are %+v", p.Details)
			}
			if a := b.accounts[to]; a.LastPayment != p.ID || p.PayeePrevious != 0 {
				t.Errorf("%s was last paid by %d", to, a.LastPayment)
			}
		})
	}
	for _, command := range slices.Concat(mpesa.Commands(mpesa.B2B), mpesa.Commands(mpesa.Tax)) {
		if !tested[command] {
			t.Errorf("%s isn't tested", command)
		}
	}
}

func TestBusinessPaymentsAreChargedByTheOrganisationsTariffButForMovesOfItsOwn(t *testing.T) {
	for _, test := range businessPayments {
		t.Run(test.command, func(t *testing.T) {
			b := newOffice(t)
			b.organisations[payBill].Moves = "b2b-2017"
			b.organisations[payBill].Payouts = "b2c" // is for other payments
			p := b.done(asking(test.command, payee(test.receiver)))
			want := []mpesa.Transfer{principal(account(payBill, test.from), account(test.receiver, test.to), money.Shillings(100))}
			charge := money.Shillings(77)
			if test.receiver == payBill {
				charge = 0
			} else {
				want = append(want, fee(payBill, charge))
			}
			b.wantLegs(p, want...)
			if p.Details.Charge != charge || b.balance(payBill.Party(), mpesa.ChargesPaid) != -charge {
				t.Errorf("charged %s; Charges Paid holds %s", p.Details.Charge, b.balance(payBill.Party(), mpesa.ChargesPaid))
			}
		})
	}
}

func TestBusinessPaymentIsLookedAtInThisOrder(t *testing.T) {
	for _, test := range businessPayments {
		own, tax := test.receiver == payBill, test.command == mpesa.PayTaxToKRA
		var product mpesa.Product
		switch {
		case tax:
			product = mpesa.ProductTax
		case !own:
			product = mpesa.ProductB2B
		}
		to := account(test.receiver, test.to)
		flaws := append(debitFlaws(product), flaw{"receiver that nobody is", func(_ *bench, p *mpesa.Payment) { payee(nobody)(p) }, codes.OperatorNotFound})
		if own {
			flaws = append(flaws, flaw{"own move to somebody else", func(_ *bench, p *mpesa.Payment) { payee(bouquet)(p) }, codes.NotPermitted})
		} else {
			flaws = append(flaws,
				flaw{"payment to oneself", func(_ *bench, p *mpesa.Payment) { p.Payee = p.Payer }, codes.NotPermitted},
				flaw{"frozen receiver", organisation(test.receiver, mpesa.Frozen), codes.AccountNotAllowed})
		}
		if !own && !tax {
			flaws = append(flaws,
				flaw{"receiver without the product", world(func(b *bench) { b.organisations[test.receiver].Products = allBut(mpesa.ProductB2B) }), codes.NotPermitted})
		}
		if !own {
			flaws = append(flaws, flaw{"no such tariff", world(func(b *bench) { b.organisations[payBill].Moves = "none" }), codes.NotPermitted})
		}
		flaws = append(flaws,
			flaw{"no money", world(func(b *bench) { b.empty(account(payBill, test.from)) }), codes.InsufficientFunds},
			flaw{"receiver's account is full", world(func(b *bench) {
				balance := b.accounts[to].Balance
				rule(func(l *mpesa.Limits) { l.ReceiverBalance = balance + money.Shillings(99) })(b)
			}), codes.AboveBalanceLimit})
		t.Run(test.command+" to "+test.receiver.String(), func(t *testing.T) {
			checkOrder(t, flaws, func(*bench) mpesa.Payment { return asking(test.command, payee(test.receiver)) })
		})
	}
}

func TestBusinessPaymentsAndTheKindOfTheReceiver(t *testing.T) {
	const ok, no = codes.Success, codes.NotPermitted
	for _, test := range []struct {
		command             string
		payBill, till, shop codes.Result
	}{
		{"BusinessPayBill", ok, no, no},
		{"BusinessBuyGoods", no, ok, ok},
		{"BusinessPayToBulk", ok, ok, ok},
		{"MerchantToMerchantTransfer", ok, ok, ok},
	} {
		for receiver, want := range map[mpesa.Shortcode]codes.Result{bouquet: test.payBill, till: test.till, store: test.shop} {
			b := newOffice(t)
			if p := b.process(asking(test.command, payee(receiver))); p.Result != want {
				t.Errorf("%s to %d: %s (%s); want %s", test.command, receiver, p.Result, p.Reason, want)
			}
		}
	}
}

func TestKRANeedsNoProductToBePaid(t *testing.T) {
	b := newOffice(t)
	b.organisations[mpesa.KRA].Products = []mpesa.Product{mpesa.ProductC2B}
	b.done(asking(mpesa.PayTaxToKRA))
}

func TestBusinessMayHoldWhatTheStricterLimitAllows(t *testing.T) {
	b := newOffice(t)
	b.hire(full, testapi, mpesa.AllRoles()...)
	b.done(asking(mpesa.BusinessPayBill, payee(full), shillings(1000)))
	b.wantOutcome(b.process(asking(mpesa.BusinessPayBill, payee(full), cents(1))), codes.AboveBalanceLimit)
	// It is a limit of what others pay, and not of what the organisation moves itself.
	b.run(deposit{account(full, mpesa.Working), money.Shillings(50)})
	b.done(asking("BusinessTransferFromMMFToUtility", initiator(full), payee(full), shillings(50)))
}

func TestSuspendedBusinessMayBePaid(t *testing.T) {
	b := newOffice(t)
	b.organisations[bouquet].Standing = mpesa.Suspended
	b.done(asking(mpesa.BusinessPayBill))
	b.wantResult(b.pay(to(bouquet)), codes.Success)
}

func TestBusinessPaymentHasNoLimitButTheMoney(t *testing.T) {
	b := newOffice(t)
	b.done(asking(mpesa.BusinessPayBill, shillings(1_000_000)))
	b.wantOutcome(b.process(asking(mpesa.BusinessPayBill, cents(1))), codes.InsufficientFunds)
	b.done(asking(mpesa.BusinessPayBill, initiator(bouquet), payee(payBill), cents(1)))
}

func TestReservedMoneyIsNotPaidToABusiness(t *testing.T) {
	b := newOffice(t)
	b.hold(account(payBill, mpesa.Working), money.Shillings(999_900))
	b.wantOutcome(b.process(asking(mpesa.BusinessPayBill, cents(100_01))), codes.InsufficientFunds)
	p := b.done(asking(mpesa.BusinessPayBill, cents(100_00)))
	if f := p.Details.Funds[0]; f.Available() != 0 || f.Held != money.Shillings(999_900) {
		t.Errorf("the funds are %+v", f)
	}
}

func TestPaymentsToABusinessAreChainedByItsAccounts(t *testing.T) {
	b := newOffice(t)
	paid := b.pay(to(bouquet))
	first := b.done(asking(mpesa.BusinessPayBill))
	second := b.done(asking("BusinessPayToBulk"))
	other := b.done(asking("BusinessToBusinessTransfer"))
	if first.PayeePrevious != paid.ID || second.PayeePrevious != first.ID || other.PayeePrevious != 0 || first.Previous != 0 {
		t.Errorf("after %d: %d, %d, and in another account %d", paid.ID, first.PayeePrevious, second.PayeePrevious, other.PayeePrevious)
	}
}

func TestBusinessDoesNotPayItselfByACheckoutEither(t *testing.T) {
	b := newOffice(t)
	b.organisations[payBill].Owner = john
	c := &mpesa.AcceptCheckout{From: payBill, To: payBill, Amount: 100_00, CallBackURL: "http://vendor.example/callback", Reference: "7", Partner: "Vendor"}
	if b.run(c); c.Refused != nil {
		t.Fatalf("refused with %v: %s", c.Refused, c.Reason)
	}
	b.wantOutcome(b.enter(john, "1234"), codes.NotPermitted)
}
