package mpesa_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
)

func TestStatusTellsHowEveryPaymentStands(t *testing.T) {
	for name, test := range map[string]struct {
		original func(*bench) mpesa.Payment
		want     mpesa.State
	}{
		"open prompt":    {func(b *bench) mpesa.Payment { return b.push() }, mpesa.Prompting},
		"cancelled push": {func(b *bench) mpesa.Payment { b.push(); return pressCancel(b) }, mpesa.Failed},
		"paid push":      {func(b *bench) mpesa.Payment { return b.pay() }, mpesa.Completed},
		"request in the queue": {func(b *bench) mpesa.Payment {
			b.organisations[payBill].Fault = mpesa.QueueStopped
			p := b.accept(asking(mpesa.SalaryPayment))
			b.organisations[payBill].Fault = mpesa.NoFault
			return p
		}, mpesa.Queued},
		"payment that the business is being asked about": {func(b *bench) mpesa.Payment { b.validates(payBill); return b.walkUp() }, mpesa.Validating},
		"payment by a customer":                          {func(b *bench) mpesa.Payment { return b.walkUp() }, mpesa.Completed},
		"salary":                                         {func(b *bench) mpesa.Payment { return b.done(asking(mpesa.SalaryPayment)) }, mpesa.Completed},
		"refused salary":                                 {func(b *bench) mpesa.Payment { return b.process(asking(mpesa.SalaryPayment, shillings(1))) }, mpesa.Failed},
		"payment to a business":                          {func(b *bench) mpesa.Payment { return b.done(asking(mpesa.BusinessPayBill)) }, mpesa.Completed},
		"payment by a business": {func(b *bench) mpesa.Payment {
			return b.done(asking(mpesa.BusinessPayBill, initiator(bouquet), payee(payBill)))
		}, mpesa.Completed},
		"tax":           {func(b *bench) mpesa.Payment { return b.done(asking(mpesa.PayTaxToKRA)) }, mpesa.Completed},
		"reversal":      {func(b *bench) mpesa.Payment { return b.done(reversalOf(b.pay())) }, mpesa.Completed},
		"balance query": {func(b *bench) mpesa.Payment { return b.done(asking(mpesa.AccountBalance)) }, mpesa.Completed},
		"status query":  {func(b *bench) mpesa.Payment { return b.process(asking(mpesa.TransactionStatusQuery)) }, mpesa.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			original := test.original(b)
			for _, by := range []func(*mpesa.Query){func(*mpesa.Query) {}, byOriginator} {
				q := b.ask(asking(mpesa.TransactionStatusQuery, about(original)), by)
				b.wantOutcome(mpesatest.PaymentOf(&q), codes.Success)
				if q.Found != test.want || original.State != test.want {
					t.Errorf("it is %s, and was %s", q.Found, original.State)
				}
			}
		})
	}
}

func TestStatusIsAsOfTheMomentItIsLookedAt(t *testing.T) {
	b := newOffice(t)
	original := b.push()
	query := b.accept(asking(mpesa.TransactionStatusQuery, about(original)))
	b.enter(john, "1234")
	p := b.due(query)
	b.wantOutcome(p, codes.Success)
	if found := b.queries[p.ID].Found; found != mpesa.Completed {
		t.Errorf("it is %s", found)
	}
}

func TestOrganisationSeesThePaymentsThatItIsAPartyOf(t *testing.T) {
	b := newOffice(t)
	salary := b.done(asking(mpesa.SalaryPayment))
	between := b.done(asking(mpesa.BusinessPayBill))
	atTill := b.pay(buyGoods)
	for _, test := range []struct {
		name     string
		original mpesa.Payment
		sees     []mpesa.Shortcode
	}{
		{"salary", salary, []mpesa.Shortcode{payBill}},
		{"payment between businesses", between, []mpesa.Shortcode{payBill, bouquet}},
		{"payment at a till that its store asked for", atTill, []mpesa.Shortcode{till, store}},
	} {
		for _, s := range []mpesa.Shortcode{payBill, bouquet, till, store, generous} {
			want := codes.ReceiptUnknown
			if slices.Contains(test.sees, s) {
				want = codes.Success
			}
			b.wantOutcome(b.process(asking(mpesa.TransactionStatusQuery, initiator(s), about(test.original))), want)
		}
	}
}

func TestUnknownIdentifiers(t *testing.T) {
	for _, id := range []int64{0, 7} {
		b := newOffice(t)
		byReceipt := b.process(asking(mpesa.TransactionStatusQuery, about(mpesa.Payment{Header: mpesa.Header{ID: id}})))
		b.wantOutcome(byReceipt, codes.ReceiptUnknown)
		q := b.ask(asking(mpesa.TransactionStatusQuery, about(mpesa.Payment{Header: mpesa.Header{ID: id}})), byOriginator)
		b.wantOutcome(mpesatest.PaymentOf(&q), codes.OriginatorUnknown)
	}
	b := newOffice(t)
	others := b.done(asking(mpesa.SalaryPayment, initiator(bouquet)))
	q := b.ask(asking(mpesa.TransactionStatusQuery, about(others)), byOriginator)
	b.wantOutcome(mpesatest.PaymentOf(&q), codes.OriginatorUnknown)
}

func TestQueriesAreLookedAtInThisOrder(t *testing.T) {
	t.Run("balance", func(t *testing.T) {
		checkOrder(t, initiatorFlaws, func(*bench) mpesa.Payment { return asking(mpesa.AccountBalance) })
	})
	t.Run("status", func(t *testing.T) {
		flaws := append(slices.Clone(initiatorFlaws), flaw{"unknown receipt", func(_ *bench, p *mpesa.Payment) { p.Details.Original = 7 }, codes.ReceiptUnknown})
		checkOrder(t, flaws, func(b *bench) mpesa.Payment { return asking(mpesa.TransactionStatusQuery, about(b.pay())) })
	})
}

func TestQueriesNeedNoProduct(t *testing.T) {
	b := newOffice(t)
	b.organisations[payBill].Products = []mpesa.Product{mpesa.ProductC2B}
	b.done(asking(mpesa.AccountBalance))
	b.done(asking(mpesa.TransactionStatusQuery, about(b.pay())))
}

func TestBalanceListsTheAccountsInMPESAsOrder(t *testing.T) {
	b := newOffice(t)
	b.pay(amount(2000))
	b.hold(account(payBill, mpesa.Utility), money.Shillings(30))
	b.wantOutcome(b.process(asking("AgencyFloatAdvance", initiator(bouquet), payee(payBill), shillings(5))), codes.Success)
	p := b.done(asking(mpesa.AccountBalance))
	want := []mpesa.Funds{
		{Kind: mpesa.Working, Balance: money.Shillings(1_000_000)}, {Kind: mpesa.Float, Balance: money.Shillings(5)},
		{Kind: mpesa.Utility, Balance: money.Shillings(1_002_000), Held: money.Shillings(30)}, {Kind: mpesa.ChargesPaid, Balance: -money.Shillings(7)},
		{Kind: mpesa.Merchant, Balance: money.Shillings(1_000_000)}, {Kind: mpesa.Settlement},
	}
	if !slices.Equal(p.Details.Funds, want) {
		t.Errorf("the accounts are %+v", p.Details.Funds)
	}
	if f, ok := p.Details.Of(mpesa.Utility); !ok || f.Available() != money.Shillings(1_001_970) {
		t.Errorf("of Utility %v: %+v", ok, f)
	}
	if f, ok := p.Details.Of(mpesa.Wallet); ok || f.Balance != 0 {
		t.Errorf("an organisation has a wallet: %+v", f)
	}
}

func TestBalanceIsAsOfTheMomentItIsLookedAt(t *testing.T) {
	b := newOffice(t)
	query := b.accept(asking(mpesa.AccountBalance))
	salary := b.accept(asking(mpesa.SalaryPayment))
	b.advance(time.Second)
	b.run(falls(salary), falls(query))
	details := b.payments[query.ID].Details
	if f, _ := details.Of(mpesa.Utility); f.Balance != money.Shillings(999_900) {
		t.Errorf("Utility holds %s", f.Balance)
	}
}
