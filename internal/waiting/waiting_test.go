package waiting_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/internal/waiting"
)

const (
	john = msisdn.Number(254_708_374_149)
	nick = msisdn.Number(254_705_912_645)
	bill = mpesa.Shortcode(600_000)

	queueTime   = time.Minute
	resultAfter = 50 * time.Millisecond
)

// bench is a watcher over a core whose clock stands still.
type bench struct {
	*testworld.Core
	*waiting.Watcher
}

// newBench makes a watcher over the database at a path, which does not look at anything yet.
func newBench(t testing.TB, db string) *bench { return newBenchWith(t, db, func(*mpesa.Policy) {}) }

func newBenchWith(t testing.TB, db string, policy func(*mpesa.Policy)) *bench {
	t.Helper()
	core := testworld.NewCore(t, testworld.CoreOptions{DB: db, Policy: func(p *mpesa.Policy) {
		p.QueueTime, p.ResultAfter = queueTime, resultAfter
		policy(p)
	}})
	return &bench{core, waiting.New(waiting.Options{Engine: core.Engine, Store: core.Store, Clock: core.Clock, Log: slog.New(slog.DiscardHandler)})}
}

// start runs the core and has the watcher look.
func (b *bench) start(t testing.TB) {
	t.Helper()
	b.Core.Run(t)
	b.look(t)
}

func (b *bench) look(t testing.TB) {
	t.Helper()
	lifecycletest.Run(t, b.Watcher)
}

// Do runs a command, and returns when the watcher has heard of it: the engine's worker tells everybody before it goes on.
func (b *bench) Do(t testing.TB, command mpesa.Command) {
	t.Helper()
	b.Core.Do(t, command)
	b.Core.Do(t, idle{})
}

// idle is a command that does nothing.
type idle struct{}

func (idle) Need(*mpesa.View)              {}
func (idle) Decide(*mpesa.View, time.Time) {}

// after moves the clock, and returns when everything that has fallen due has happened.
func (b *bench) after(by time.Duration) {
	b.Clock.Advance(by)
	b.Queue().Settle()
}

// state is how a payment stands, or a task that has become none.
func (b *bench) state(t testing.TB, p mpesa.Payment) mpesa.Payment {
	t.Helper()
	if task, err := store.Get(t.Context(), b.Store, portal.Tasks, p.ID); err == nil && task != nil && !task.Made() {
		return task.Payment
	}
	now, err := store.Get(t.Context(), b.Store, mpesa.Payments, p.ID)
	if err != nil || now == nil {
		t.Fatalf("payment %d: %+v, %v", p.ID, now, err)
	}
	return *now
}

// held is what is reserved for a payment.
func (b *bench) held(t testing.TB, p mpesa.Payment) (sum money.Amount) {
	t.Helper()
	list, err := store.Held(t.Context(), b.Store, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		sum += r.Amount
	}
	return sum
}

// push has John asked for money.
func (b *bench) push(t testing.TB, phone msisdn.Number) mpesa.Payment {
	t.Helper()
	push := &mpesa.AcceptPush{Business: bill, Receiver: bill, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling, CallBackURL: "http://merchant.test/"}
	b.Do(t, push)
	return push.Payment
}

// ask has the organisation pay John.
func (b *bench) ask(t testing.TB) mpesa.Payment {
	t.Helper()
	ask := &mpesa.AcceptRequest{Request: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payer: bill.Party(), Payee: mpesa.CustomerParty(john), Business: bill, Amount: money.Shillings(10)},
		Details: mpesa.Details{TransactionType: mpesa.SalaryPayment, Initiator: "testapi", CallBackURL: "http://merchant.test/", TimeoutURL: "http://merchant.test/"}}}
	b.Do(t, ask)
	return ask.Payment
}

// pay has John pay an organisation that is asked about it.
func (b *bench) pay(t testing.TB) mpesa.Payment {
	t.Helper()
	b.organisation(t, func(o *mpesa.Organisation) {
		o.Validates, o.URLs = true, mpesa.C2BURLs{ResponseType: mpesa.ResponseCancelled, Validation: "http://merchant.test/", Confirmation: "http://merchant.test/"}
	})
	pay := &mpesa.PayBusiness{Phone: john, Business: bill, Type: mpesa.CustomerPayBillOnline, Amount: money.Shilling, Reference: "a"}
	b.Do(t, pay)
	return pay.Payment
}

// initiate has the organisation's clerk initiate a move, which waits for somebody who approves it.
func (b *bench) initiate(t testing.TB) mpesa.Payment {
	t.Helper()
	clerk := mpesa.OperatorID{Shortcode: bill, Username: "clerk"}
	b.Do(t, &portal.ChangeOperator{ID: clerk, Action: "add operator", Change: func(o *mpesa.Operator, _ bool) error {
		o.Channel, o.Roles, o.Password = mpesa.ChannelWeb, []mpesa.Role{mpesa.RoleWebOperator}, "set"
		return nil
	}})
	c := &portal.Initiate{By: mpesa.Actor{Operator: clerk}, Asked: mpesa.MoveTask(bill, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, money.Shillings(10))}
	if b.Do(t, c); c.Refused != nil {
		t.Fatal(c.Refused)
	}
	return c.Payment
}

func (b *bench) organisation(t testing.TB, change func(*mpesa.Organisation)) {
	t.Helper()
	b.Do(t, &portal.ChangeOrganisation{Shortcode: bill, Change: func(o *mpesa.Organisation, _ bool) error {
		change(o)
		return nil
	}})
}

// TestWhatWaitsHappensWhenItFallsDue and not a millisecond earlier.
func TestWhatWaitsHappensWhenItFallsDue(t *testing.T) {
	for name, test := range map[string]struct {
		waits  func(testing.TB, *bench) mpesa.Payment
		state  mpesa.State
		wait   time.Duration
		result codes.Result
	}{
		"a phone that is off": {func(t testing.TB, b *bench) mpesa.Payment {
			b.Do(t, &mpesa.PutPhone{Phone: john, Answers: new(mpesa.Off), AfterMS: new(int64(20_000))})
			return b.push(t, john)
		}, mpesa.Prompting, 20 * time.Second, codes.Unreachable},
		"a phone that approves": {func(t testing.TB, b *bench) mpesa.Payment {
			b.Do(t, &mpesa.PutPhone{Phone: john, Answers: new(mpesa.Approve)})
			return b.push(t, john)
		}, mpesa.Prompting, time.Second, codes.Success},
		"a prompt that nobody answers": {func(t testing.TB, b *bench) mpesa.Payment { return b.push(t, john) }, mpesa.Prompting, 90 * time.Second, codes.Unreachable},
		"a request in the queue":       {func(t testing.TB, b *bench) mpesa.Payment { return b.ask(t) }, mpesa.Queued, resultAfter, codes.Success},
		"a queue that has stopped": {func(t testing.TB, b *bench) mpesa.Payment {
			b.organisation(t, func(o *mpesa.Organisation) { o.Fault = mpesa.QueueStopped })
			return b.ask(t)
		}, mpesa.Queued, queueTime, codes.QueueTimedOut},
		"a business that says nothing":  {func(t testing.TB, b *bench) mpesa.Payment { return b.pay(t) }, mpesa.Validating, 10 * time.Second, codes.ValidationFailed},
		"a task that nobody decides on": {func(t testing.TB, b *bench) mpesa.Payment { return b.initiate(t) }, mpesa.Approving, 7 * 24 * time.Hour, codes.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "")
			b.start(t)
			p := test.waits(t, b)
			if at, ok := b.Queue().Next(); !ok || at != p.AcceptedAt+test.wait.Milliseconds() || b.Queue().Len() != 1 {
				t.Errorf("%d wait; the first is due at %d, which is %d ms after it was accepted", b.Queue().Len(), at, at-p.AcceptedAt)
			}
			b.after(test.wait - time.Millisecond)
			if early := b.state(t, p); early.State != test.state {
				t.Errorf("a millisecond early it is %s", early.State)
			}
			b.after(time.Millisecond)
			if p = b.state(t, p); p.Result != test.result || p.FinishedAt != p.AcceptedAt+test.wait.Milliseconds() {
				t.Errorf("the result is %q: %s", p.Result, p.Reason)
			}
			if b.Queue().Len() != 0 {
				t.Errorf("%d still wait", b.Queue().Len())
			}
			b.Books(t)
		})
	}
}

// A prompt whose phone is told to answer otherwise waits for another time, sooner or later.
func TestWhatIsPutOffWaits(t *testing.T) {
	b := newBench(t, "")
	b.start(t)
	b.Do(t, &mpesa.PutPhone{Phone: john, Answers: new(mpesa.Approve), AfterMS: new(int64(10_000))})
	b.Do(t, &mpesa.PutPhone{Phone: nick, Answers: new(mpesa.Approve), AfterMS: new(int64(10_000))})
	later, sooner := b.push(t, john), b.push(t, nick)
	b.after(5 * time.Second)
	b.Do(t, &mpesa.PutPhone{Phone: john, AfterMS: new(int64(30_000))})
	b.Do(t, &mpesa.PutPhone{Phone: nick, AfterMS: new(int64(1_000))})
	for _, step := range []struct {
		by            time.Duration
		later, sooner mpesa.State
	}{
		{time.Second - time.Millisecond, mpesa.Prompting, mpesa.Prompting},
		{time.Millisecond, mpesa.Prompting, mpesa.Completed},
		{29*time.Second - time.Millisecond, mpesa.Prompting, mpesa.Completed},
		{time.Millisecond, mpesa.Completed, mpesa.Completed},
	} {
		b.after(step.by)
		if a, c := b.state(t, later).State, b.state(t, sooner).State; a != step.later || c != step.sooner {
			t.Errorf("at %s they are %s and %s; want %s and %s", b.Clock.Now().Format(time.TimeOnly), a, c, step.later, step.sooner)
		}
	}
	if b.Queue().Len() != 0 {
		t.Errorf("%d still wait", b.Queue().Len())
	}
}

// What somebody else has ended is left alone when its time comes.
func TestWhatHasEndedIsLeftAlone(t *testing.T) {
	b := newBench(t, "")
	b.start(t)
	p := b.push(t, john)
	b.Do(t, &mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel})
	before := b.state(t, p)
	b.after(2 * time.Minute)
	if after := b.state(t, p); after.Result != codes.CancelledByUser || after.FinishedAt != before.FinishedAt {
		t.Errorf("it was %+v and is %+v", before, after)
	}
}

// The watcher takes up what an earlier run has left: at once what fell due meanwhile, and the rest in its time.
func TestRestart(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	b := newBench(t, db)
	b.Core.Run(t)
	prompt, queued, validating, task := b.push(t, nick), b.ask(t), b.pay(t), b.initiate(t)
	b.Core.Stop(t)

	b = newBench(t, db)
	b.Clock.Advance(30 * time.Second) // as long as nothing ran
	b.start(t)
	b.after(0)
	if p := b.state(t, queued); p.Result != codes.Success || p.FinishedAt != testworld.Noon.Add(30*time.Second).UnixMilli() {
		t.Errorf("the request's result is %q: %s", p.Result, p.Reason)
	}
	if p := b.state(t, validating); p.Result != codes.ValidationFailed {
		t.Errorf("the result of the payment that waited for a business is %q", p.Result)
	}
	if p := b.state(t, prompt); p.State != mpesa.Prompting || b.Queue().Len() != 2 {
		t.Errorf("the prompt is %s, and %d wait", p.State, b.Queue().Len())
	}
	b.after(time.Minute)
	if p := b.state(t, prompt); p.Result != codes.Unreachable {
		t.Errorf("the prompt's result is %q", p.Result)
	}
	if p, held := b.state(t, task), b.held(t, task); p.State != mpesa.Approving || held != p.Amount {
		t.Errorf("the task is %s and holds %s", p.State, held)
	}
	b.after(7 * 24 * time.Hour)
	if p, held := b.state(t, task), b.held(t, task); p.Result != codes.Expired || held != 0 {
		t.Errorf("the task's result is %q, and it holds %s", p.Result, held)
	}
	b.Books(t)
}

// What the engine can't take is put back and looked at again a second later, as often as it takes.
func TestBusyEngine(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	b := newBench(t, db)
	b.Core.Run(t)
	p := b.ask(t)
	b.Core.Stop(t)

	b = newBench(t, db) // whose engine takes commands, and doesn't run yet
	b.Clock.Advance(time.Second)
	var drained chan struct{} // when the last of its commands is dealt with
	for {
		done := make(chan struct{})
		if err := b.Engine.Submit(idle{}, func(error) { close(done) }); errors.Is(err, engine.ErrBusy) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		drained = done
	}
	b.look(t)
	for range 3 {
		b.after(0)
		if at, ok := b.Queue().Next(); !ok || at != b.Clock.Now().Add(time.Second).UnixMilli() || b.Queue().Len() != 1 {
			t.Fatalf("%d wait, the first until %d; it is %d", b.Queue().Len(), at, b.Clock.Now().UnixMilli())
		}
		b.Clock.Advance(time.Second)
	}
	b.Core.Start(t)
	<-drained
	b.after(time.Second)
	if p = b.state(t, p); p.Result != codes.Success {
		t.Errorf("the result is %q: %s", p.Result, p.Reason)
	}
}

// A payment that the rules fail on is not forgotten: a minute later it is looked at again.
func TestPaymentThatTheRulesFailOn(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	b := newBench(t, db)
	b.Core.Run(t)
	p := b.ask(t)
	b.Core.Stop(t)

	b = newBenchWith(t, db, func(p *mpesa.Policy) { p.Rules, p.QueueTime = nil, time.Hour })
	b.Clock.Advance(time.Second)
	b.Core.Start(t)
	b.look(t)
	for range 2 {
		b.after(0)
		if at, ok := b.Queue().Next(); !ok || at != b.Clock.Now().Add(time.Minute).UnixMilli() {
			t.Fatalf("%d wait, the first until %d; it is %d", b.Queue().Len(), at, b.Clock.Now().UnixMilli())
		}
		b.Clock.Advance(time.Minute)
	}
	if p = b.state(t, p); p.State != mpesa.Queued {
		t.Errorf("it is %s", p.State)
	}
}

// When the engine has stopped there is nothing to look at any more; what waits stays in the database.
func TestStoppedEngine(t *testing.T) {
	b := newBench(t, "")
	b.start(t)
	p := b.ask(t)
	lifecycletest.Stop(t, b.Engine)
	b.after(time.Second)
	if b.Queue().Len() != 0 {
		t.Errorf("%d wait for an engine that is gone", b.Queue().Len())
	}
	if p = b.state(t, p); p.State != mpesa.Queued {
		t.Errorf("it is %s", p.State)
	}
}

func TestContract(t *testing.T) {
	lifecycletest.Contract(t, func(t testing.TB) lifecycle.Part {
		b := newBench(t, "")
		b.Core.Run(t)
		b.push(t, john)
		return b.Watcher
	})
}
