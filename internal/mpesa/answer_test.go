package mpesa_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// answers makes John's phone answer in a way when nobody holds it.
func answers(a mpesa.Answers) func(*bench) {
	return func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Answers = &a }) }
}

// has gives John an amount of money.
func has(shillings int64) func(*bench) {
	return func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(shillings)) }) }
}

func limited(name string) func(*bench) {
	return func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Limits = &name }) }
}

func standing(s mpesa.Standing) func(*bench) {
	return func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Standing = &s }) }
}

func locked(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.WrongPINs = ptr(int64(3)) }) }

func paid(shillings int64) func(*bench) {
	return func(b *bench) { b.wantResult(b.pay(amount(shillings)), codes.Success) }
}

// misdirected pushes ask for a payment to somebody whom the TransactionType or PartyB doesn't fit.
func misdirected(business, receiver mpesa.Shortcode, kind string) func(*mpesa.AcceptPush) {
	return func(c *mpesa.AcceptPush) { c.Business, c.Receiver, c.Type = business, receiver, kind }
}

func TestEveryResultComesFromItsState(t *testing.T) {
	const paybillOnline, buyGoodsOnline = mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline
	entersPIN := func(b *bench) mpesa.Payment { return b.enter(john, "1234") }
	waits := func(b *bench) mpesa.Payment { return b.wait(john) }
	for _, test := range []struct {
		name  string
		state []func(*bench)
		push  func(*mpesa.AcceptPush)
		act   func(*bench) mpesa.Payment // nil where the push ends at once
		want  codes.Result
	}{
		{"right PIN", nil, amount(100), entersPIN, codes.Success},
		{"right PIN by itself", []func(*bench){answers(mpesa.Approve)}, amount(100), waits, codes.Success},
		{"till", nil, buyGoods, entersPIN, codes.Success},
		{"amount and charge are all there is", []func(*bench){has(106)}, amount(101), entersPIN, codes.Success},
		{"no money", []func(*bench){has(0)}, amount(1), entersPIN, codes.InsufficientFunds},
		{"not enough for the charge", []func(*bench){has(105)}, amount(101), entersPIN, codes.InsufficientFunds},
		{"less than the minimum", []func(*bench){limited("test-minimum")}, amount(100), entersPIN, codes.BelowMinimum},
		{"most there may be", []func(*bench){has(300_000)}, amount(250_000), entersPIN, codes.Success},
		{"one shilling more than there may be", []func(*bench){has(300_000)}, amount(250_001), entersPIN, codes.AboveMaximum},
		{"all that a day allows", []func(*bench){has(600_000), paid(250_000), paid(249_999)}, amount(1), entersPIN, codes.Success},
		{"one shilling more than a day allows", []func(*bench){has(600_000), paid(250_000), paid(249_998)}, amount(3), entersPIN, codes.AboveDailyLimit},
		{"receiver as full as it may be", nil, func(c *mpesa.AcceptPush) { to(full)(c); amount(1000)(c) }, entersPIN, codes.Success},
		{"receiver fuller than it may be", nil, func(c *mpesa.AcceptPush) { to(full)(c); amount(1001)(c) }, entersPIN, codes.AboveBalanceLimit},
		{"customer whose receivers must stay empty", []func(*bench){limited("test-receiver")}, amount(1), entersPIN, codes.AboveBalanceLimit},
		{"same amount again", []func(*bench){paid(100)}, amount(100), entersPIN, codes.RuleLimited},
		{"same amount again to somebody else", []func(*bench){paid(100)}, buyGoods, entersPIN, codes.RuleLimited},
		{"another amount", []func(*bench){paid(100)}, amount(99), entersPIN, codes.Success},
		{"busy", []func(*bench){answers(mpesa.Busy)}, amount(100), waits, codes.SubscriberLocked},
		{"too late", []func(*bench){answers(mpesa.Late)}, amount(100), waits, codes.Expired},
		{"lost on the way", []func(*bench){answers(mpesa.Lost)}, amount(100), waits, codes.AnswerLost},
		{"small screen", []func(*bench){limited("test-small-screen")}, amount(100), nil, codes.PushFailed},
		{"cancels by itself", []func(*bench){answers(mpesa.Cancel)}, amount(100), waits, codes.CancelledByUser},
		{"cancelled by hand", nil, amount(100), pressCancel, codes.CancelledByUser},
		{"off", []func(*bench){answers(mpesa.Off)}, amount(100), waits, codes.Unreachable},
		{"ignored", []func(*bench){answers(mpesa.Ignore)}, amount(100), waits, codes.Unreachable},
		{"asked and not answered", nil, amount(100), waits, codes.Unreachable},
		{"wrong PIN", nil, amount(100), func(b *bench) mpesa.Payment { return b.enter(john, "4321") }, codes.InvalidInitiator},
		{"wrong PIN by itself", []func(*bench){answers(mpesa.WrongPIN)}, amount(100), waits, codes.InvalidInitiator},
		{"customer without products", []func(*bench){standing(mpesa.NoProducts)}, amount(100), entersPIN, codes.NotPermitted},
		{"pay bill asked to sell goods", nil, misdirected(payBill, payBill, buyGoodsOnline), entersPIN, codes.NotPermitted},
		{"another's pay bill", nil, misdirected(payBill, bouquet, paybillOnline), entersPIN, codes.NotPermitted},
		{"till asked as a pay bill", nil, misdirected(store, till, paybillOnline), entersPIN, codes.NotPermitted},
		{"another's till", nil, misdirected(payBill, till, buyGoodsOnline), entersPIN, codes.NotPermitted},
		{"store instead of its till", nil, misdirected(store, store, buyGoodsOnline), entersPIN, codes.NotPermitted},
		{"till instead of its store", nil, misdirected(till, till, buyGoodsOnline), entersPIN, codes.NotPermitted},
		{"locked PIN", []func(*bench){locked}, amount(100), entersPIN, codes.CredentialLocked},
		{"locked PIN by itself", []func(*bench){locked, answers(mpesa.Approve)}, amount(100), waits, codes.CredentialLocked},
		{"nobody's PartyB", nil, misdirected(payBill, nobody, paybillOnline), entersPIN, codes.OperatorNotFound},
		{"customer without operator", []func(*bench){standing(mpesa.NoOperator)}, amount(100), entersPIN, codes.OperatorNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			for _, prepare := range test.state {
				prepare(b)
			}
			p := b.push(test.push)
			if test.act != nil {
				p = test.act(b)
			}
			b.wantResult(p, test.want)
		})
	}
}

func pressCancel(b *bench) mpesa.Payment {
	c := &mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel}
	b.run(c)
	return b.payments[c.Answered.ID]
}

// Where several rules forbid a payment, the one that is looked at first names the result.
func TestRulesHaveAnOrder(t *testing.T) {
	breaks := []struct {
		result codes.Result
		rule   func(*bench)
	}{
		{codes.CredentialLocked, locked},
		{codes.NotPermitted, standing(mpesa.NoProducts)},
		{codes.BelowMinimum, rule(func(l *mpesa.Limits) { l.Minimum = money.Shillings(1_000_000) })},
		{codes.AboveMaximum, rule(func(l *mpesa.Limits) { l.Maximum = 1 })},
		{codes.AboveDailyLimit, rule(func(l *mpesa.Limits) { l.Daily = 0 })},
		{codes.RuleLimited, rule(func(l *mpesa.Limits) { l.SameAmount = 0 })},
		{codes.InsufficientFunds, has(0)},
		{codes.AboveBalanceLimit, func(b *bench) { b.organisations[payBill].MaxBalance = 1 }},
	}
	for i, first := range breaks {
		for _, second := range breaks[i:] {
			b := newBench(t)
			first.rule(b)
			second.rule(b)
			if p := b.pay(); p.Result != first.result {
				t.Errorf("breaking %s and %s gives %s (%s)", first.result, second.result, p.Result, p.Reason)
			}
		}
	}
}

// rule changes a limit for everybody.
func rule(change func(*mpesa.Limits)) func(*bench) {
	return func(b *bench) { b.policy.Rules = b.policy.Rules.With(change) }
}

func TestWrongPINComesBeforeEveryRuleAboutThePayment(t *testing.T) {
	b := newBench(t)
	standing(mpesa.NoOperator)(b)
	has(0)(b)
	b.push()
	b.wantResult(b.enter(john, "0000"), codes.InvalidInitiator)
}

func TestPINLocksAfterThreeWrongOnes(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.push()
		b.wantResult(b.enter(john, "0000"), codes.InvalidInitiator)
	}
	b.push()
	b.wantResult(b.enter(john, "1234"), codes.CredentialLocked)
	b.advance(48 * time.Hour)
	b.push()
	b.wantResult(b.enter(john, "0000"), codes.CredentialLocked)
	if got := b.subscribers[john].WrongPINs; got != 3 {
		t.Errorf("a locked PIN counts %d wrong ones", got)
	}
	b.put(john, func(c *mpesa.PutPhone) { c.PIN, c.Unblock = ptr(pin(john, "5678")), true })
	b.push()
	b.wantResult(b.enter(john, "1234"), codes.InvalidInitiator)
	b.push()
	b.wantResult(b.enter(john, "5678"), codes.Success)
}

// What never arrived says nothing about the PIN.
func TestLostAnswerCountsNoPIN(t *testing.T) {
	b := newBench(t)
	b.push()
	b.enter(john, "0000")
	answers(mpesa.Lost)(b)
	b.push()
	p := b.wait(john)
	b.wantResult(p, codes.AnswerLost)
	if got := b.subscribers[john].WrongPINs; got != 1 {
		t.Errorf("after a wrong PIN and a lost answer %d wrong ones count", got)
	}
}

func TestRightPINForgetsWrongOnes(t *testing.T) {
	b := newBench(t)
	for i := range 4 {
		for range 2 {
			b.push()
			b.wantResult(b.enter(john, "0000"), codes.InvalidInitiator)
		}
		b.wantResult(b.pay(amount(int64(200+i))), codes.Success)
	}
	// A right PIN counts although the payment fails.
	b.push()
	b.enter(john, "0000")
	b.wantResult(b.pay(to(nobody)), codes.OperatorNotFound)
	if got := b.subscribers[john].WrongPINs; got != 0 {
		t.Errorf("after a right PIN %d wrong ones count", got)
	}
}

// unfinished are the ways in which a prompt ends without a payment.
var unfinished = map[string]struct {
	prepare func(*bench)
	end     func(*bench) mpesa.Payment // of the prompt that is open on John's phone
	want    codes.Result
}{
	"ignored":   {answers(mpesa.Ignore), wait, codes.Unreachable},
	"off":       {answers(mpesa.Off), wait, codes.Unreachable},
	"no signal": {answers(mpesa.NoSignal), wait, codes.Unreachable},
	"asked":     {answers(mpesa.Ask), wait, codes.Unreachable},
	"late":      {answers(mpesa.Late), wait, codes.Expired},
	"busy":      {answers(mpesa.Busy), wait, codes.SubscriberLocked},
	"lost":      {answers(mpesa.Lost), wait, codes.AnswerLost},
	"cancelled": {answers(mpesa.Cancel), wait, codes.CancelledByUser},
	"by hand":   {answers(mpesa.Ask), pressCancel, codes.CancelledByUser},
	"wrong PIN": {func(b *bench) {}, func(b *bench) mpesa.Payment {
		b.put(john, func(c *mpesa.PutPhone) { c.PIN = ptr(pin(john, "1234")) }) // or it would be locked
		return b.enter(john, "0000")
	}, codes.InvalidInitiator},
	"locked PIN": {locked, func(b *bench) mpesa.Payment { return b.enter(john, "1234") }, codes.CredentialLocked},
	"no product": {func(b *bench) { b.put(john, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.NoProducts) }) },
		func(b *bench) mpesa.Payment { return b.enter(john, "1234") }, codes.NotPermitted},
}

func wait(b *bench) mpesa.Payment { return b.wait(john) }

func TestFivePromptsWithoutAPaymentBlockTheNumberForADay(t *testing.T) {
	for name, test := range unfinished {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			test.prepare(b)
			for n := range int64(5) {
				if s := b.subscribers[john]; s.Unfinished != n || s.BlockedUntil != 0 {
					t.Fatalf("after %d prompts: %+v", n, s)
				}
				b.push()
				b.advance(time.Second)
				b.wantResult(test.end(b), test.want)
			}
			until := b.now.Add(24 * time.Hour)
			if got := b.subscribers[john].BlockedUntil; got != until.UnixMilli() {
				t.Fatalf("blocked until %d; want %d", got, until.UnixMilli())
			}
			b.advance(24*time.Hour - time.Millisecond)
			b.wantResult(b.push(), codes.Unreachable) // at once
			if other := b.push(from(mary)); other.State != mpesa.Prompting {
				t.Errorf("another number's push is %s", other.State)
			}
			b.now = until
			if p := b.push(); p.State != mpesa.Prompting {
				t.Errorf("after a day the push is %s with %s", p.State, p.Result)
			}
			test.end(b)
			if s := b.subscribers[john]; s.Unfinished != 1 || s.BlockedUntil > b.now.UnixMilli() {
				t.Errorf("the count didn't begin anew: %+v", s)
			}
		})
	}
}

func TestAPaymentForgetsTheUnfinishedPromptsBefore(t *testing.T) {
	b := newBench(t)
	for range 4 {
		b.push()
		pressCancel(b)
	}
	// What customers do without being asked is no answer to a prompt.
	b.run(&mpesa.PayBusiness{Phone: john, Business: payBill, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(100), Reference: "INV-7"})
	if got := b.subscribers[john].Unfinished; got != 4 {
		t.Errorf("after a payment from the menu %d prompts count; want 4", got)
	}
	b.wantResult(b.pay(amount(250)), codes.Success)
	if got := b.subscribers[john].Unfinished; got != 0 {
		t.Errorf("after a payment %d prompts count", got)
	}
	for range 4 {
		b.push()
		pressCancel(b)
	}
	if s := b.subscribers[john]; s.Unfinished != 4 || s.BlockedUntil != 0 {
		t.Errorf("four more make %+v", s)
	}
}

func TestUnblockedNumberIsPromptedAgain(t *testing.T) {
	b := newBench(t)
	for range 5 {
		b.push()
		b.wait(john)
	}
	b.wantResult(b.push(), codes.Unreachable)
	b.put(john, func(c *mpesa.PutPhone) { c.Unblock = true })
	b.wantResult(b.pay(), codes.Success)
}

func TestPromptsWithoutAPaymentMayBeWithoutConsequence(t *testing.T) {
	b := newBench(t)
	limited("test-patient")(b)
	answers(mpesa.Off)(b)
	for range 12 {
		b.push()
		b.wantResult(b.wait(john), codes.Unreachable)
	}
	answers(mpesa.WrongPIN)(b)
	for range 12 {
		b.push()
		b.wantResult(b.wait(john), codes.InvalidInitiator)
	}
}

func TestIgnoredPromptEndsAsThePolicySays(t *testing.T) {
	b := newBench(t)
	b.policy.IgnoredResult = codes.CancelledByUser
	p := b.push()
	b.wantResult(b.wait(john), codes.CancelledByUser)
	if b.subscribers[john].Unfinished != 1 {
		t.Error("it doesn't count as unfinished")
	}
	if got := b.now.UnixMilli() - p.AcceptedAt; got != 90_000 {
		t.Errorf("it ended after %d ms", got)
	}
	answers(mpesa.Off)(b)
	b.push()
	b.wantResult(b.wait(john), codes.Unreachable)
}

func TestPromptEndsWithItsTime(t *testing.T) {
	b := newBench(t)
	b.push()
	b.advance(90*time.Second - time.Millisecond)
	b.wantResult(b.enter(john, "1234"), codes.Success)
	b.push(amount(7))
	b.advance(90 * time.Second)
	b.wantResult(b.enter(john, "1234"), codes.Expired)
	b.push(amount(7))
	b.advance(90 * time.Second)
	b.wantResult(pressCancel(b), codes.Expired)
}

func TestPhoneThatTakesLongerThanThePromptLives(t *testing.T) {
	b := newBench(t)
	answers(mpesa.Approve)(b)
	b.put(john, func(c *mpesa.PutPhone) { c.AfterMS = ptr(int64(90_001)) })
	p := b.push()
	if p.DueAt != p.AcceptedAt+90_000 {
		t.Errorf("it is due %d ms after it was accepted", p.DueAt-p.AcceptedAt)
	}
	b.wantResult(b.wait(john), codes.Expired)
}

func TestPromptIsLookedAtOnlyWhenItIsDue(t *testing.T) {
	b := newBench(t)
	answers(mpesa.Approve)(b)
	p := b.push()
	due := falls(p)
	b.advance(time.Second - time.Millisecond)
	b.run(due)
	if got := b.payments[p.ID]; got.State.Final() {
		t.Fatalf("it was answered too soon: %s", got.Result)
	}
	b.advance(time.Millisecond)
	b.run(due)
	b.wantResult(b.payments[p.ID], codes.Success)
	transfers := len(b.transfers)
	b.run(due, due)
	b.run(&portal.FallDue{Due: mpesa.Due{Payment: 7, Payer: p.Payer}}) // of which nobody knows
	if len(b.transfers) != transfers {
		t.Error("a prompt that was looked at again moved money again")
	}
}

func TestTwoAnswersToOnePromptCountOnce(t *testing.T) {
	b := newBench(t)
	p := b.push()
	first, second := &mpesa.AnswerPrompt{Phone: john, PIN: pin(john, "1234")}, &mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel}
	b.run(first, second)
	if !first.Open || second.Open || !second.Known {
		t.Errorf("the first found a prompt: %v; the second: %v", first.Open, second.Open)
	}
	b.wantResult(b.payments[p.ID], codes.Success)
}

func TestAnswerWithoutPromptChangesNothing(t *testing.T) {
	b := newBench(t)
	c := &mpesa.AnswerPrompt{Phone: john, PIN: pin(john, "0000")}
	b.run(c)
	if !c.Known || c.Open || b.subscribers[john].WrongPINs != 0 {
		t.Errorf("%+v; wrong PINs %d", c, b.subscribers[john].WrongPINs)
	}
	c = &mpesa.AnswerPrompt{Phone: msisdn.Number(254711111111)}
	b.run(c)
	if c.Known || c.Open {
		t.Errorf("of a number that nobody has: %+v", c)
	}
}

// Kivuko was started anew, and told that phones wait for a person where they answered by themselves before.
func TestPromptThatOpenedUnderAnotherPolicyWaitsForAPerson(t *testing.T) {
	b := newBench(t)
	b.policy.Answers = mpesa.Approve
	b.push()
	b.policy.Answers = mpesa.Ask
	if p := b.wait(john); p.State != mpesa.Prompting || p.DueAt != noon.Add(90*time.Second).UnixMilli() {
		t.Errorf("it is %s, and due at %d", p.State, p.DueAt)
	}
	b.wantResult(b.enter(john, "1234"), codes.Success)
}
