package mpesa_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// urls are what an organisation registers, with what happens when validation has no answer.
func urls(responseType string) mpesa.C2BURLs {
	return mpesa.C2BURLs{Version: 2, ResponseType: responseType, Confirmation: "http://merchant.example/confirm", Validation: "http://merchant.example/validate"}
}

// register registers an organisation's URLs.
func (b *bench) register(s mpesa.Shortcode, responseType string) {
	b.t.Helper()
	c := &mpesa.RegisterURLs{Shortcode: s, URLs: urls(responseType)}
	if b.run(c); c.Refused != nil {
		b.t.Fatalf("the URLs were refused: %v: %s", c.Refused, c.Reason)
	}
}

// validates has an organisation register URLs, and switches external validation on.
func (b *bench) validates(s mpesa.Shortcode) {
	b.t.Helper()
	b.register(s, mpesa.ResponseCancelled)
	b.change(s, func(o *mpesa.Organisation) { o.Validates = true })
}

// change changes an organisation.
func (b *bench) change(s mpesa.Shortcode, change func(*mpesa.Organisation)) {
	b.t.Helper()
	b.run(&portal.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error { change(o); return nil }})
}

func TestURLsAreRegistered(t *testing.T) {
	b := newOffice(t)
	b.register(payBill, mpesa.ResponseCompleted)
	if got := b.organisations[payBill]; got.URLs != urls(mpesa.ResponseCompleted) || got.Name != "Daraja Sandbox" {
		t.Errorf("the organisation is %+v", got)
	}
	b.register(payBill, mpesa.ResponseCancelled)
	if got := b.organisations[payBill].URLs; got != urls(mpesa.ResponseCancelled) {
		t.Errorf("registered anew: %+v", got)
	}
	for _, s := range []mpesa.Shortcode{till, store} {
		b.register(s, mpesa.ResponseCompleted)
	}
}

func TestURLsAreRegisteredOnceWhereThePolicyHasIt(t *testing.T) {
	b := newOffice(t)
	register := func(want *codes.Error) {
		t.Helper()
		c := &mpesa.RegisterURLs{Shortcode: payBill, URLs: urls(mpesa.ResponseCompleted), Once: true}
		b.run(c)
		if !reflect.DeepEqual(c.Refused, want) || (c.Reason == "") != (want == nil) {
			t.Errorf("refused with %v: %s", c.Refused, c.Reason)
		}
	}
	register(nil)
	register(&codes.AlreadyRegistered)
	b.change(payBill, func(o *mpesa.Organisation) { o.URLs = mpesa.C2BURLs{} })
	register(nil)
	// Two that come together.
	first := &mpesa.RegisterURLs{Shortcode: bouquet, URLs: urls(mpesa.ResponseCompleted), Once: true}
	second := &mpesa.RegisterURLs{Shortcode: bouquet, URLs: urls(mpesa.ResponseCancelled), Once: true}
	b.run(first, second)
	if first.Refused != nil || second.Refused == nil || b.organisations[bouquet].URLs.ResponseType != mpesa.ResponseCompleted {
		t.Errorf("refused %v and %v", first.Refused, second.Refused)
	}
}

func TestURLsOfNobodysShortcode(t *testing.T) {
	b := newOffice(t)
	c := &mpesa.RegisterURLs{Shortcode: nobody, URLs: urls(mpesa.ResponseCompleted)}
	b.run(c)
	if want := codes.InvalidField("ShortCode"); c.Refused == nil || *c.Refused != want || b.organisations[nobody] != nil {
		t.Errorf("refused with %v", c.Refused)
	}
}

func TestOrganisationIsChangedOrCreatedOrLeftAlone(t *testing.T) {
	b := newOffice(t)
	created := &portal.ChangeOrganisation{Shortcode: nobody, Change: func(o *mpesa.Organisation, there bool) error {
		if there || o.Shortcode != nobody {
			t.Errorf("there %v: %+v", there, o)
		}
		o.Name, o.Kind = "New", mpesa.PayBill
		return nil
	}}
	b.run(created)
	if o := b.organisations[nobody]; o == nil || o.Name != "New" || !reflect.DeepEqual(created.Changed, *o) {
		t.Fatalf("created %+v and stored %+v", created.Changed, o)
	}
	refusal := errors.New("no")
	refused := &portal.ChangeOrganisation{Shortcode: nobody, Change: func(o *mpesa.Organisation, there bool) error {
		if !there {
			t.Error("it isn't there")
		}
		o.Name = "Changed"
		return refusal
	}}
	b.run(refused)
	if o := b.organisations[nobody]; !errors.Is(refused.Refused, refusal) || o.Name != "New" || refused.Changed.Name != "" {
		t.Errorf("refused with %v; it is %+v", refused.Refused, o)
	}
}

func TestCustomerPaysABusinessByHimself(t *testing.T) {
	for name, test := range map[string]struct {
		business mpesa.Shortcode
		credit   mpesa.AccountKind
		charges  []mpesa.Transfer
	}{
		"pay bill": {payBill, mpesa.Utility, []mpesa.Transfer{leg(wallet(john), mpesa.Provider.Account(mpesa.Fees), 13_00, mpesa.CustomerCharge), fee(payBill, 7_00)}},
		"till":     {till, mpesa.Merchant, []mpesa.Transfer{fee(till, 11_00)}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			p := b.walkUp(counter(test.business), func(c *mpesa.PayBusiness) { c.Amount, c.Reference = money.Shillings(2000), "INV-7" })
			b.wantOutcome(p, codes.Success)
			b.wantLegs(p, append([]mpesa.Transfer{principal(wallet(john), account(test.business, test.credit), money.Shillings(2000))}, test.charges...)...)
			if p.Kind != mpesa.C2B || p.Business != test.business || p.Payee != test.business.Party() || p.Details.Reference != "INV-7" || p.Details.Settled ||
				p.ReceiptAt() != b.now.UnixMilli() || !reflect.DeepEqual(b.payments[p.ID], p) {
				t.Errorf("the payment is %+v", p)
			}
		})
	}
}

func TestCustomerPaymentsFailByTheRulesOfAllCustomerPayments(t *testing.T) {
	const bill, goods = mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline
	for _, test := range []struct {
		name  string
		state func(*bench)
		to    mpesa.Shortcode
		kind  string
		want  codes.Result
	}{
		{"nobody's shortcode", nil, nobody, bill, codes.OperatorNotFound},
		{"till as a pay bill", nil, till, bill, codes.NotPermitted},
		{"pay bill as a till", nil, payBill, goods, codes.NotPermitted},
		{"store instead of its till", nil, store, goods, codes.NotPermitted},
		{"frozen pay bill", func(b *bench) { b.organisations[payBill].Standing = mpesa.Frozen }, payBill, bill, codes.AccountNotAllowed},
		{"suspended pay bill", func(b *bench) { b.organisations[payBill].Standing = mpesa.Suspended }, payBill, bill, codes.Success},
		{"without the product", func(b *bench) { b.organisations[payBill].Products = allBut(mpesa.ProductC2B) }, payBill, bill, codes.NotPermitted},
		{"with no other product", func(b *bench) { b.organisations[payBill].Products = []mpesa.Product{mpesa.ProductC2B} }, payBill, bill, codes.Success},
		{"unregistered customer", standing(mpesa.Unregistered), payBill, bill, codes.RecipientType},
		{"inactive customer", standing(mpesa.Inactive), payBill, bill, codes.AccountNotAllowed},
		{"customer without products", standing(mpesa.NoProducts), payBill, bill, codes.NotPermitted},
		{"record that names no operator", standing(mpesa.NoOperator), payBill, bill, codes.OperatorNotFound},
		{"no money", has(99), payBill, bill, codes.InsufficientFunds},
		{"below the minimum", limited("test-minimum"), payBill, bill, codes.BelowMinimum},
		{"above the maximum", limited("test-maximum"), payBill, bill, codes.AboveMaximum},
		{"above the day's", limited("test-daily"), payBill, bill, codes.AboveDailyLimit},
		{"business that may hold nothing", limited("test-receiver"), payBill, bill, codes.AboveBalanceLimit},
		{"no such tariff", func(b *bench) { b.organisations[payBill].Tariff = "none" }, payBill, bill, codes.NotPermitted},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newOffice(t)
			if test.state != nil {
				test.state(b)
			}
			p := b.walkUp(func(c *mpesa.PayBusiness) { c.Business, c.Type = test.to, test.kind })
			b.wantOutcome(p, test.want)
		})
	}
}

// Result 17 is M-Pesa Express's: a customer who types the amount means it.
func TestCustomerMayPayTheSameAmountAgainByHimself(t *testing.T) {
	b := newOffice(t)
	for range 3 {
		b.wantOutcome(b.walkUp(), codes.Success)
	}
	b.wantResult(b.pay(), codes.RuleLimited) // though the push sees what the customer paid
}

func TestCustomerPaymentsNeedThePINWhereAPhoneIsInHand(t *testing.T) {
	b := newOffice(t)
	with := func(digits string) mpesa.Payment {
		return b.walkUp(func(c *mpesa.PayBusiness) { c.PIN = ptr(pin(john, digits)) })
	}
	b.wantOutcome(with("1234"), codes.Success)
	for range 3 {
		b.wantOutcome(with("0000"), codes.InvalidInitiator)
	}
	b.wantOutcome(with("1234"), codes.CredentialLocked)
	b.wantOutcome(b.walkUp(), codes.Success) // the simulator asks for none
}

func TestCustomerWhomNobodyKnowsPays(t *testing.T) {
	b := newOffice(t)
	p := b.walkUp(func(c *mpesa.PayBusiness) { c.Phone = alien })
	b.wantOutcome(p, codes.Success)
	b.policy.RegisterUnknown = false
	payments := len(b.payments)
	c := &mpesa.PayBusiness{Phone: alien + 1, Business: payBill, Type: mpesa.CustomerPayBillOnline, Amount: 100}
	if b.run(c); !c.Unknown || c.Payment.ID != 0 || len(b.payments) != payments {
		t.Errorf("unknown %v: %+v", c.Unknown, c.Payment)
	}
}

func TestRegisteredBusinessGetsAConfirmation(t *testing.T) {
	for name, pay := range map[string]func(*bench) mpesa.Payment{
		"of a payment from the phone's menu": func(b *bench) mpesa.Payment { return b.walkUp() },
		"of M-Pesa Express":                  func(b *bench) mpesa.Payment { return b.pay() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			b.register(payBill, mpesa.ResponseCompleted)
			p := pay(b)
			b.wantOutcome(p, codes.Success)
			d, there := b.deliveries[p.DeliveryID(mpesa.Confirmation)]
			if !there || d.Kind != mpesa.Confirmation || d.URL != "http://merchant.example/confirm" || d.Owner != payBill || d.State != mpesa.Pending {
				t.Errorf("there %v: %+v", there, d)
			}
			funds := []mpesa.Funds{{Kind: mpesa.Utility, Balance: money.Shillings(1_000_100)}}
			if got := b.payments[p.ID].Details; !got.Settled || got.Payer != b.subscribers[john].Name || got.Masked != 2 || !reflect.DeepEqual(got.Funds, funds) {
				t.Errorf("the details are %+v", got)
			}
		})
	}
}

func TestNobodyIsToldOfAPaymentThatFails(t *testing.T) {
	b := newOffice(t)
	b.register(payBill, mpesa.ResponseCompleted)
	has(0)(b)
	b.wantOutcome(b.walkUp(), codes.InsufficientFunds)
	if len(b.deliveries) != 0 {
		t.Errorf("to be sent are %v", b.deliveries)
	}
}
