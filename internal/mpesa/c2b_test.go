package mpesa_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
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
	b.run(&mpesa.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error { change(o); return nil }})
}

// answer has the validation URL answer for a payment, and gives the payment as it then stands.
func (b *bench) answer(p mpesa.Payment, v mpesa.Verdict) mpesa.Payment {
	b.t.Helper()
	status := 200
	if !v.Answered {
		status = 0
	}
	b.run(&mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Attempt: mpesa.Attempt{At: b.now.UnixMilli(), Status: status}, Verdict: &v})
	return b.payments[p.ID]
}

var (
	accepted = mpesa.Verdict{Answered: true, Code: "0", ThirdPartyID: "their-1"}
	rejected = mpesa.Verdict{Answered: true, Code: "C2B00012"}
	silent   = mpesa.Verdict{Reason: "no answer within 8s"}
)

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
	created := &mpesa.ChangeOrganisation{Shortcode: nobody, Change: func(o *mpesa.Organisation, there bool) error {
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
	refused := &mpesa.ChangeOrganisation{Shortcode: nobody, Change: func(o *mpesa.Organisation, there bool) error {
		if !there {
			t.Error("it isn't there")
		}
		o.Name = "Changed"
		return refusal
	}}
	b.run(refused)
	if o := b.organisations[nobody]; refused.Refused != refusal || o.Name != "New" || refused.Changed.Name != "" {
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

// Result 17 is M-Pesa Express's: who types the amount himself means it.
func TestCustomerMayPayTheSameAmountAgainByHimself(t *testing.T) {
	b := newOffice(t)
	for range 3 {
		b.wantOutcome(b.walkUp(), codes.Success)
	}
	b.wantResult(b.pay(), codes.RuleLimited) // though the push sees what he paid
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
		"of a payment by the customer himself": func(b *bench) mpesa.Payment { return b.walkUp() },
		"of M-Pesa Express":                    func(b *bench) mpesa.Payment { return b.pay() },
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
		t.Errorf("owed are %v", b.deliveries)
	}
}

func TestValidatedMoneyIsHeldUntilTheBusinessAnswers(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	p := b.walkUp(func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(2000) })
	at := b.now.UnixMilli()
	if p.State != mpesa.Validating || p.DueAt != at+10_000 || p.ReceiptAt() != at || p.Details.Hold != money.Shillings(2013) || len(b.legs(p)) != 0 {
		t.Fatalf("the payment is %+v", p)
	}
	if a := b.accounts[wallet(john)]; a.Held != money.Shillings(2013) || a.Balance != money.Shillings(100_000) || a.LastPayment != 0 {
		t.Errorf("the wallet is %+v", a)
	}
	b.checkPayment(p)
	if d := b.deliveries[p.DeliveryID(mpesa.Validation)]; d.URL != "http://merchant.example/validate" || len(b.deliveries) != 1 {
		t.Errorf("owed are %v", b.deliveries)
	}
	b.advance(3 * time.Second)
	p = b.answer(p, accepted)
	b.wantOutcome(p, codes.Success)
	if p.ReceiptAt() != at || p.FinishedAt != at+3000 || p.Details.ThirdPartyID != "their-1" || b.accounts[wallet(john)].LastPayment != p.ID {
		t.Errorf("the payment is %+v", p)
	}
	b.wantLegs(p, principal(wallet(john), account(payBill, mpesa.Utility), money.Shillings(2000)),
		leg(wallet(john), mpesa.Provider.Account(mpesa.Fees), money.Shillings(13), mpesa.CustomerCharge), fee(payBill, money.Shillings(7)))
	if d := b.deliveries[p.DeliveryID(mpesa.Validation)]; d.State != mpesa.Delivered {
		t.Errorf("the validation is %s", d.State)
	}
}

func TestTheBusinessDecides(t *testing.T) {
	code := func(c string) mpesa.Verdict { return mpesa.Verdict{Answered: true, Code: c} }
	for _, test := range []struct {
		name         string
		responseType string
		verdict      mpesa.Verdict
		want         codes.Result
	}{
		{"accepted", mpesa.ResponseCancelled, accepted, codes.Success},
		{"rejected", mpesa.ResponseCancelled, rejected, codes.ValidationFailed},
		{"accepted where silence completes", mpesa.ResponseCompleted, accepted, codes.Success},
		{"rejected where silence completes", mpesa.ResponseCompleted, rejected, codes.ValidationFailed},
		{"invalid MSISDN", mpesa.ResponseCompleted, code("C2B00011"), codes.ValidationFailed},
		{"other error", mpesa.ResponseCompleted, code("C2B00016"), codes.ValidationFailed},
		{"a code that nobody knows", mpesa.ResponseCompleted, code("00"), codes.ValidationFailed},
		{"no code", mpesa.ResponseCompleted, code(""), codes.ValidationFailed},
		{"silence cancels", mpesa.ResponseCancelled, silent, codes.ValidationFailed},
		{"silence completes", mpesa.ResponseCompleted, silent, codes.Success},
	} {
		for name, pay := range map[string]func(*bench) mpesa.Payment{
			"by himself":     func(b *bench) mpesa.Payment { return b.walkUp() },
			"M-Pesa Express": func(b *bench) mpesa.Payment { return b.pay() },
		} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				b := newOffice(t)
				b.validates(payBill)
				b.register(payBill, test.responseType)
				p := b.answer(pay(b), test.verdict)
				b.wantOutcome(p, test.want)
				if a := b.accounts[wallet(john)]; a.Held != 0 || a.LastPayment != p.ID {
					t.Errorf("the wallet is %+v", a)
				}
				if (p.Details.ThirdPartyID == "their-1") != (test.verdict == accepted) {
					t.Errorf("ThirdPartyTransID is %q", p.Details.ThirdPartyID)
				}
				if test.verdict == rejected && !strings.Contains(p.Details.Reason, rejected.Code) || !test.verdict.Answered && p.Result != codes.Success && !strings.Contains(p.Details.Reason, silent.Reason) {
					t.Errorf("explained with %q", p.Details.Reason)
				}
			})
		}
	}
}

func TestNoNotedAnswerCountsAsNoneAfterTenSeconds(t *testing.T) {
	for responseType, want := range map[string]codes.Result{mpesa.ResponseCompleted: codes.Success, mpesa.ResponseCancelled: codes.ValidationFailed} {
		b := newOffice(t)
		b.validates(payBill)
		b.register(payBill, responseType)
		p := b.walkUp()
		b.advance(10*time.Second - time.Millisecond)
		b.run(&mpesa.Due{Payment: p.ID, Payer: p.Payer})
		if got := b.payments[p.ID]; got.State != mpesa.Validating {
			t.Fatalf("just before it is %s", got.State)
		}
		p = b.due(p)
		b.wantOutcome(p, want)
		for _, late := range []mpesa.Verdict{accepted, rejected, silent} {
			if after := b.answer(p, late); !reflect.DeepEqual(after, p) {
				t.Errorf("a late %+v made it %+v", late, after)
			}
		}
		if d := b.deliveries[p.DeliveryID(mpesa.Validation)]; len(d.Attempts) != 3 {
			t.Errorf("%d attempts are noted", len(d.Attempts))
		}
	}
}

func TestFirstAnswerCounts(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	p := b.walkUp()
	attempt := func(v mpesa.Verdict) *mpesa.Attempted {
		return &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Attempt: mpesa.Attempt{At: b.now.UnixMilli(), Status: 200}, Verdict: &v}
	}
	b.advance(time.Minute)
	b.run(attempt(rejected), attempt(accepted), &mpesa.Due{Payment: p.ID, Payer: p.Payer}) // two nodes and the clock, in one unit
	b.wantOutcome(b.payments[p.ID], codes.ValidationFailed)
}

func TestRulesAreLookedAtAgainWhenTheBusinessAccepts(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*bench)
		want      codes.Result
	}{
		"customer became inactive":     {standing(mpesa.Inactive), codes.AccountNotAllowed},
		"business was frozen":          {func(b *bench) { b.organisations[payBill].Standing = mpesa.Frozen }, codes.AccountNotAllowed},
		"account of the business full": {func(b *bench) { b.organisations[payBill].MaxBalance = 1 }, codes.AboveBalanceLimit},
		"limit of a day was reached":   {rule(func(l *mpesa.Limits) { l.Daily = money.Shillings(99) }), codes.AboveDailyLimit},
		"charge that he can't pay": {func(b *bench) {
			has(100)(b)
			b.organisations[payBill].Tariff = "agent-withdrawal"
		}, codes.InsufficientFunds},
		"phone got a PIN lock":    {locked, codes.Success},
		"URLs were deleted":       {func(b *bench) { b.change(payBill, func(o *mpesa.Organisation) { o.URLs = mpesa.C2BURLs{} }) }, codes.Success},
		"validation switched off": {func(b *bench) { b.change(payBill, func(o *mpesa.Organisation) { o.Validates = false }) }, codes.Success},
	} {
		for kind, pay := range map[string]func(*bench) mpesa.Payment{
			"by himself":     func(b *bench) mpesa.Payment { return b.walkUp() },
			"M-Pesa Express": func(b *bench) mpesa.Payment { return b.pay() },
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				b := newOffice(t)
				b.validates(payBill)
				p := pay(b)
				test.meanwhile(b)
				p = b.answer(p, accepted)
				b.wantOutcome(p, test.want)
				if a := b.accounts[wallet(john)]; a.Held != 0 {
					t.Errorf("%s are still reserved", a.Held)
				}
			})
		}
	}
}

func TestSilenceAboutURLsThatWereDeletedCancels(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	p := b.walkUp()
	b.change(payBill, func(o *mpesa.Organisation) { o.URLs = mpesa.C2BURLs{} })
	b.wantOutcome(b.due(p), codes.ValidationFailed)
}

func TestHeldMoneyIsSpentOnce(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	has(150)(b)
	first := b.walkUp()
	second := b.walkUp() // there are KES 50 left
	b.wantOutcome(second, codes.InsufficientFunds)
	b.wantResult(b.pay(to(bouquet), amount(51)), codes.InsufficientFunds)
	third := b.walkUp(func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(50) })
	if third.State != mpesa.Validating || b.accounts[wallet(john)].Available() != 0 {
		t.Fatalf("it is %s, and %s are available", third.State, b.accounts[wallet(john)].Available())
	}
	if c := b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(149)) }); c.Refused == "" {
		t.Error("reserved money could be taken away")
	}
	b.wantOutcome(b.answer(first, rejected), codes.ValidationFailed)
	b.wantOutcome(b.answer(third, accepted), codes.Success)
	b.wantOutcome(b.walkUpTo(bouquet), codes.Success)
	if a := b.accounts[wallet(john)]; a.Balance != 0 || a.Held != 0 {
		t.Errorf("the wallet is %+v", a)
	}
}

func (b *bench) walkUpTo(s mpesa.Shortcode) mpesa.Payment {
	b.t.Helper()
	return b.walkUp(counter(s))
}

func TestHeldPaymentsCountForTheDayOnceTheyAreMade(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	has(1_000_000)(b)
	var held []mpesa.Payment
	for range 3 {
		p := b.walkUp(func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(200_000) })
		if p.State != mpesa.Validating {
			t.Fatalf("it is %s: %s", p.State, p.Details.Reason)
		}
		held = append(held, p)
	}
	b.wantOutcome(b.answer(held[2], accepted), codes.Success)
	b.wantOutcome(b.answer(held[0], accepted), codes.Success)
	b.wantOutcome(b.answer(held[1], accepted), codes.AboveDailyLimit)
}

func TestPhoneIsFreeWhileTheBusinessIsAsked(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	first := b.pay()
	if first.State != mpesa.Validating {
		t.Fatalf("it is %s", first.State)
	}
	b.checkPayment(first)
	b.wantResult(b.pay(to(bouquet)), codes.Success)
	b.wantOutcome(b.answer(first, accepted), codes.RuleLimited) // the same amount has been paid since
}

func TestOnlyThosePaymentsAreValidatedThatShouldBe(t *testing.T) {
	b := newOffice(t)
	b.register(payBill, mpesa.ResponseCancelled) // and validation isn't switched on
	b.wantOutcome(b.walkUp(), codes.Success)
	b.change(bouquet, func(o *mpesa.Organisation) { o.Validates = true }) // and no URL is registered
	b.wantOutcome(b.walkUpTo(bouquet), codes.Success)
	b.validates(till)
	has(0)(b)
	b.wantOutcome(b.walkUpTo(till), codes.InsufficientFunds) // nobody is asked about what can't be paid
	if len(b.deliveries) != 1 {
		t.Errorf("owed are %v", b.deliveries)
	}
	has(100)(b)
	if p := b.walkUpTo(till); p.State != mpesa.Validating {
		t.Errorf("it is %s", p.State)
	}
}

func TestHeldPaymentsAreChainedWhenTheyEnd(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	held := b.walkUp()
	paid := b.walkUpTo(bouquet)
	rejected := b.answer(held, rejected)
	if paid.Previous != 0 || rejected.Previous != paid.ID || rejected.PayeePrevious != 0 || b.accounts[account(payBill, mpesa.Utility)].LastPayment != 0 {
		t.Errorf("%d ended before %d: %d, %d", paid.ID, rejected.ID, rejected.Previous, rejected.PayeePrevious)
	}
	first, second := b.answer(b.walkUp(), accepted), b.answer(b.walkUp(), accepted)
	if first.Previous != rejected.ID || second.Previous != first.ID || first.PayeePrevious != 0 || second.PayeePrevious != first.ID {
		t.Errorf("%d and %d are chained as %d, %d and %d, %d", first.ID, second.ID, first.Previous, first.PayeePrevious, second.Previous, second.PayeePrevious)
	}
}

func TestVerdictAboutAPaymentThatIsNotThere(t *testing.T) {
	b := newOffice(t)
	payments := len(b.payments)
	b.answer(mpesa.Payment{ID: 7}, accepted)
	if len(b.payments) != payments || len(b.deliveries) != 0 {
		t.Errorf("it became one: %v", b.payments[7])
	}
}

func TestExpressKeepsItsDetailsUnlessTheyChanged(t *testing.T) {
	b := newOffice(t)
	if p := b.pay(); !p.KeepsDetails() {
		t.Error("a plain one writes its details again")
	}
	b.push(amount(5))
	if p := pressCancel(b); p.KeepsDetails() {
		t.Error("a failed one loses its reason")
	}
	b.validates(payBill)
	if p := b.answer(b.pay(amount(6)), accepted); p.KeepsDetails() {
		t.Error("a confirmed one loses what its confirmation tells")
	}
	held := b.pay(amount(7))
	b.change(payBill, func(o *mpesa.Organisation) { o.URLs = mpesa.C2BURLs{} })
	if p := b.answer(held, accepted); p.KeepsDetails() || p.State != mpesa.Completed {
		t.Error("one that was held stays so on disk")
	}
	if p := b.done(asking(mpesa.SalaryPayment)); p.KeepsDetails() {
		t.Error("a payout loses what its result tells")
	}
}
