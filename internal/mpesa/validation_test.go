package mpesa_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

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

func TestValidatedMoneyIsHeldUntilTheBusinessAnswers(t *testing.T) {
	b := newOffice(t)
	b.validates(payBill)
	p := b.walkUp(func(c *mpesa.PayBusiness) { c.Amount = money.Shillings(2000) })
	at := b.now.UnixMilli()
	if p.State != mpesa.Validating || p.DueAt != at+10_000 || p.ReceiptAt() != at || b.heldBy(p) != money.Shillings(2013) || len(b.legs(p)) != 0 {
		t.Fatalf("the payment is %+v", p)
	}
	if a := b.accounts[wallet(john)]; a.Held != money.Shillings(2013) || a.Balance != money.Shillings(100_000) || a.LastPayment != 0 {
		t.Errorf("the wallet is %+v", a)
	}
	b.checkPayment(p)
	if d := b.deliveries[p.DeliveryID(mpesa.Validation)]; d.URL != "http://merchant.example/validate" || len(b.deliveries) != 1 {
		t.Errorf("to be sent are %v", b.deliveries)
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
			"unasked":        func(b *bench) mpesa.Payment { return b.walkUp() },
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
				if test.verdict == rejected && !strings.Contains(p.Reason, rejected.Code) || !test.verdict.Answered && p.Result != codes.Success && !strings.Contains(p.Reason, silent.Reason) {
					t.Errorf("explained with %q", p.Reason)
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
		b.run(falls(p))
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
	b.run(attempt(rejected), attempt(accepted), falls(p)) // two nodes and the clock, in one unit
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
		"charge that the customer can't pay": {func(b *bench) {
			has(100)(b)
			b.organisations[payBill].Tariff = "agent-withdrawal"
		}, codes.InsufficientFunds},
		"phone got a PIN lock":    {locked, codes.Success},
		"URLs were deleted":       {func(b *bench) { b.change(payBill, func(o *mpesa.Organisation) { o.URLs = mpesa.C2BURLs{} }) }, codes.Success},
		"validation switched off": {func(b *bench) { b.change(payBill, func(o *mpesa.Organisation) { o.Validates = false }) }, codes.Success},
	} {
		for kind, pay := range map[string]func(*bench) mpesa.Payment{
			"unasked":        func(b *bench) mpesa.Payment { return b.walkUp() },
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
			t.Fatalf("it is %s: %s", p.State, p.Reason)
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
		t.Errorf("to be sent are %v", b.deliveries)
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
	b.answer(mpesa.Payment{Header: mpesa.Header{ID: 7}}, accepted)
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
