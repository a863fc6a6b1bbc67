package mpesa_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// newShop is an office where John owns the till.
func newShop(t tester) *bench {
	t.Helper()
	b := newOffice(t)
	b.organisations[till].Owner = john
	return b
}

// checkout has the till asked for KES 71 by the pay bill, changed as given.
func checkout(changes ...func(*mpesa.AcceptCheckout)) *mpesa.AcceptCheckout {
	c := &mpesa.AcceptCheckout{From: till, To: payBill, Amount: money.Shillings(71), CallBackURL: "http://vendor.example/callback",
		Reference: "MAndbubry3hi", Partner: "Vendor", RequestID: "404e1aec"}
	for _, change := range changes {
		change(c)
	}
	return c
}

func (b *bench) checkOut(changes ...func(*mpesa.AcceptCheckout)) mpesa.Payment {
	b.t.Helper()
	c := checkout(changes...)
	b.run(c)
	if c.Refused != nil {
		b.t.Fatalf("the checkout was refused: %v: %s", c.Refused, c.Reason)
	}
	return c.Payment
}

// wantTold fails the test unless the payment has a result, and a callback for a URL.
func (b *bench) wantTold(p mpesa.Payment, want codes.Result, kind mpesa.DeliveryKind) {
	b.t.Helper()
	p = b.payments[p.ID]
	if p.Result != want || !p.State.Final() || (p.Reason == "") != (want == codes.Success) {
		b.t.Errorf("payment %d is %s with result %q (%s); want %q", p.ID, p.State, p.Result, p.Reason, want)
	}
	b.wantOwed(p, kind)
}

func (b *bench) wantOwed(p mpesa.Payment, kind mpesa.DeliveryKind) {
	b.t.Helper()
	if d, ok := b.deliveries[p.DeliveryID(kind)]; !ok || d.Kind != kind || d.State != mpesa.Pending || d.URL != p.Details.CallBackURL || d.Owner != p.Business {
		b.t.Errorf("the delivery of payment %d is %+v, there %v", p.ID, d, ok)
	}
}

func TestCheckoutPaysOutOfTheWorkingAccount(t *testing.T) {
	for name, test := range map[string]struct {
		to   mpesa.Shortcode
		into mpesa.AccountKind
	}{
		"a pay bill": {payBill, mpesa.Utility},
		"a till":     {store, mpesa.Merchant},
	} {
		t.Run(name, func(t *testing.T) {
			b := newShop(t)
			wallet := b.balance(mpesa.CustomerParty(john), mpesa.Wallet)
			p := b.checkOut(func(c *mpesa.AcceptCheckout) { c.To = test.to })
			if p.State != mpesa.Prompting || p.DueAt != p.AcceptedAt+b.policy.PromptLife.Milliseconds() {
				t.Fatalf("the payment is %+v", p)
			}
			b.enter(john, "1234")
			b.wantTold(p, codes.Success, mpesa.CheckoutResult)
			if got := b.balance(till.Party(), mpesa.Working); got != money.Shillings(1_000_000-71) {
				t.Errorf("the till has %s in its Working Account", got)
			}
			if got := b.balance(test.to.Party(), test.into); got != money.Shillings(1_000_000+71) {
				t.Errorf("the vendor has %s in its %s", got, test.into)
			}
			if got := b.balance(mpesa.CustomerParty(john), mpesa.Wallet); got != wallet {
				t.Errorf("John's own wallet went from %s to %s", wallet, got)
			}
			if got := b.payments[p.ID].Details.Payer; got != "Till" {
				t.Errorf("the payer's name is %q", got)
			}
		})
	}
}

func TestCheckoutIsRefused(t *testing.T) {
	const stranger msisdn.Number = 254711111111
	tests := map[string]struct {
		prepare func(*bench)
		change  func(*mpesa.AcceptCheckout)
		want    codes.Error
	}{
		"payer unknown":  {change: func(c *mpesa.AcceptCheckout) { c.From = nobody }, want: codes.KYCFailed},
		"vendor unknown": {change: func(c *mpesa.AcceptCheckout) { c.To = nobody }, want: codes.KYCFailed},
		"no owner":       {prepare: func(b *bench) { b.organisations[till].Owner = 0 }, want: codes.NoNominatedNumber},
		"owner is no customer": {prepare: func(b *bench) {
			b.organisations[till].Owner = stranger
			b.policy.RegisterUnknown = false
		}, want: codes.NoNominatedNumber},
		"phone in use": {prepare: func(b *bench) { b.push() }, want: codes.USSDException},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newShop(t)
			if test.prepare != nil {
				test.prepare(b)
			}
			c := checkout()
			if test.change != nil {
				test.change(c)
			}
			accounts, transfers, payments := b.snapshot()
			b.run(c)
			if c.Refused == nil || *c.Refused != test.want || c.Reason == "" || c.Payment.ID != 0 {
				t.Errorf("got %+v, %q, payment %+v; want %v", c.Refused, c.Reason, c.Payment, test.want)
			}
			if a, n, p := b.snapshot(); len(a) != len(accounts) || n != transfers || p != payments {
				t.Error("a refusal changed something")
			}
		})
	}
}

// An owner nobody knows becomes a customer on first use, as every number does.
func TestCheckoutRegistersTheOwner(t *testing.T) {
	b := newShop(t)
	b.organisations[till].Owner = alien
	p := b.checkOut()
	b.enter(alien, "1234")
	b.wantTold(p, codes.Success, mpesa.CheckoutResult)
}

func TestCheckoutFails(t *testing.T) {
	tests := map[string]struct {
		prepare func(*bench)
		change  func(*mpesa.AcceptCheckout)
		answer  func(*bench)
		want    codes.Result
	}{
		"cancelled":     {answer: func(b *bench) { b.run(&mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel}) }, want: codes.CancelledByUser},
		"wrong PIN":     {answer: func(b *bench) { b.enter(john, "0000") }, want: codes.InvalidInitiator},
		"nobody there":  {answer: func(b *bench) { b.wait(john) }, want: codes.Unreachable},
		"no money":      {prepare: func(b *bench) { b.empty(till.Party().Account(mpesa.Working)) }, want: codes.InsufficientFunds},
		"suspended":     {prepare: func(b *bench) { b.organisations[till].Standing = mpesa.Suspended }, want: codes.DebitPartyInvalid},
		"frozen":        {prepare: func(b *bench) { b.organisations[till].Standing = mpesa.Frozen }, want: codes.AccountNotAllowed},
		"vendor frozen": {prepare: func(b *bench) { b.organisations[payBill].Standing = mpesa.Frozen }, want: codes.AccountNotAllowed},
		"no product": {prepare: func(b *bench) {
			b.organisations[till].Products = []mpesa.Product{mpesa.ProductC2B}
		}, want: codes.NotPermitted},
		"full": {prepare: func(b *bench) { b.organisations[payBill].MaxBalance = money.Shilling }, want: codes.AboveBalanceLimit},
		"long text": {change: func(c *mpesa.AcceptCheckout) { c.Partner = strings.Repeat("long ", 40) },
			answer: func(*bench) {}, want: codes.PushFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newShop(t)
			if test.prepare != nil {
				test.prepare(b)
			}
			if test.change == nil {
				test.change = func(*mpesa.AcceptCheckout) {}
			}
			p := b.checkOut(test.change)
			if test.answer != nil {
				test.answer(b)
			} else {
				b.enter(john, "1234")
			}
			b.wantTold(p, test.want, mpesa.CheckoutResult)
			if slices.ContainsFunc(b.transfers, func(x mpesa.Transfer) bool { return x.Payment() == p.ID }) {
				t.Error("money moved")
			}
			if b.open(mpesa.CustomerParty(john)).ID != 0 {
				t.Error("the phone still has a prompt")
			}
		})
	}
}

// One prompt at a time, from any business.
func TestAPushFindsThePhoneBusyWithACheckout(t *testing.T) {
	b := newShop(t)
	b.checkOut()
	c := pushed()
	if b.run(c); c.Refused == nil || *c.Refused != codes.SubscriberBusy {
		t.Errorf("the push got %v", c.Refused)
	}
}
