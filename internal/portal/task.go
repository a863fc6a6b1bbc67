package portal

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/unit"
)

// Maker and checker: what an operator initiates on the portal waits, its money held, until another one approves or rejects it under
// My Tasks → Group Task (BusinessToPochi, FAQ 8). When it is carried out, a payment is made that has the task's number.

// Tasks are what was initiated, by number.
var Tasks = unit.NewTable[int64, Task]("tasks")

// Task is what an operator has initiated, and who has approved it.
type Task struct {
	// Payment is the payment that the task becomes, as it was asked for, with the operator as its initiator. State, DueAt, FinishedAt, Result and
	// Details.Reason are the task's own: it is Approving, Completed when the payment was made, or Failed, and then none ever is.
	mpesa.Payment

	Approvals []Approval
}

// Approval is that an operator approved what another one initiated.
type Approval struct {
	By string `json:"by"` // username
	At int64  `json:"at"` // milliseconds
}

// Made reports whether the task has become a payment. Only that says then what came of it.
func (t *Task) Made() bool { return t.State == mpesa.Completed }

// approvalLife is how long a task waits for an approval. No source says; a week covers a weekend and a holiday.
const approvalLife = 7 * 24 * time.Hour

// Declined is why a task can't be carried out, or a policy not be as is asked. Nothing was changed.
type Declined struct {
	Result codes.Result // of a task
	Reason string
}

func (d *Declined) Error() string { return d.Reason }

// Initiate is an operator initiating a payment on the portal: to a customer, to a business, of a tax, between the organisation's own
// accounts, a settlement of its revenue, a withdrawal to its bank or a reversal. It waits for an approval unless the organisation's policy
// wants none. Kivuko's administrator needs no approval.
type Initiate struct {
	By    mpesa.Actor
	Asked mpesa.Payment // its kind, payee, amount and details; the rest is filled in

	Task    Task          // as it waits, or ended
	Payment mpesa.Payment // that it has become; while it waits the one that it is to become
	Refused error         // a *Forbidden or a *Declined; or nil
	Unknown bool          // the shortcode is nobody's
}

// Need names the actor and what carrying the task out would read.
func (c *Initiate) Need(v *mpesa.View) {
	needActor(v, c.By)
	v.NeedTask(&c.task().Payment)
}

func (c *Initiate) task() *Task {
	p := c.Asked
	p.Business, p.Payer = c.By.Operator.Shortcode, c.By.Operator.Shortcode.Party()
	return &Task{Payment: p}
}

// Decide reserves the money and has the task wait, or carries it out.
func (c *Initiate) Decide(v *mpesa.View, now time.Time) {
	c.Task, c.Payment, c.Refused, c.Unknown = Task{}, mpesa.Payment{}, nil, false
	t := c.task()
	if c.Unknown = mpesa.Organisations.Get(v, t.Business) == nil; c.Unknown {
		return
	}
	if t.Kind == mpesa.Reversal {
		v.AboutOriginal(&t.Payment)
	}
	p, err := submit(v, t, c.By, now)
	if c.Refused = err; err == nil {
		c.Task, c.Payment = *t, p
	}
}

// submit has a task wait for its approval, or carries it out where it needs none. It returns the payment that comes of it.
func submit(v *mpesa.View, t *Task, by mpesa.Actor, now time.Time) (mpesa.Payment, error) {
	action := "initiate " + t.Kind.String()
	if err := forbids(v, by, initiating(t.Kind), action, describe(&t.Payment), now); err != nil {
		return mpesa.Payment{}, err
	}
	t.ID, t.AcceptedAt, t.Details.Initiator = v.NewID(), now.UnixMilli(), by.Operator.Username
	p, result, reason := undertake(v, t, by, now)
	if result != codes.Success {
		v.Audit(by, action, describe(&t.Payment), reason, now)
		return mpesa.Payment{}, &Declined{result, reason}
	}
	note(v, t, by, action, "", now)
	return p, nil
}

// note writes into the audit what an actor did with a task, or why they were refused.
func note(v *mpesa.View, t *Task, by mpesa.Actor, action, refused string, now time.Time) {
	v.AuditPayment(t.ID, by, action, describe(&t.Payment), refused, now)
}

// undertake has a task that nothing forbids wait, its money held, or carries it out.
func undertake(v *mpesa.View, t *Task, by mpesa.Actor, now time.Time) (mpesa.Payment, codes.Result, string) {
	result, reason := v.Allowed(&t.Payment)
	if result == codes.Success {
		result, reason = rehearse(v, &t.Payment, now)
	}
	if result != codes.Success {
		return mpesa.Payment{}, result, reason
	}
	if by.Provider() || Approvers(mpesa.Organisations.Get(v, t.Business), &t.Payment) == 0 {
		return carry(v, t, nil, now)
	}
	if result, reason = reserve(v, &t.Payment); result == codes.Success {
		t.State, t.DueAt = mpesa.Approving, now.Add(approvalLife).UnixMilli()
		keep(v, t)
	}
	return t.Payment, result, reason
}

// keep keeps a task.
func keep(v *mpesa.View, t *Task) {
	if Tasks.Loaded(v, t.ID) {
		Tasks.Put(v, t.ID, *t)
	} else {
		Tasks.Create(v, t.ID, *t)
	}
}

// rehearse tells what would come of a task now, on a copy of what carrying it out reads: who initiates something impossible hears of it
// at once, not when another one approves. It notes the amount of a settlement, by which the policy decides.
func rehearse(v *mpesa.View, p *mpesa.Payment, now time.Time) (codes.Result, string) {
	if p.Kind == mpesa.Bulk {
		return codes.Success, "" // its rows have been checked, and its total is when it is reserved
	}
	stage, tried := mpesa.NewView(v.Policy, v.NewID), *p
	for stage.NeedTask(p); stage.Wanted() > 0; stage.NeedTask(p) {
		stage.Borrow(&v.View)
		stage.Next()
	}
	result, reason := stage.Carry(&tried, nil, now)
	if p.Kind == mpesa.RevenueSettled {
		p.Amount = tried.Amount
	}
	return result, reason
}

// describe is what the audit calls a task.
func describe(p *mpesa.Payment) string {
	text := fmt.Sprintf("%s to %s", p.Amount, p.Payee)
	switch p.Kind {
	case mpesa.Bulk:
		text = fmt.Sprintf("%s in %d rows", p.Amount, p.Details.Bulk.Rows)
	case mpesa.OwnMove:
		text = fmt.Sprintf("%s from %s to %s", p.Amount, p.Details.Route.From, p.Details.Route.To)
	case mpesa.RevenueSettled:
		text = "revenue"
	case mpesa.Withdrawal:
		text = p.Amount.String() + " to the bank"
	case mpesa.Reversal:
		text = p.Details.OriginalID
	}
	return text
}

// DecideTask is another operator approving or rejecting what one has initiated: never oneself, and each once.
type DecideTask struct {
	By      mpesa.Actor
	Number  int64 // of the task
	Approve bool
	Reason  string // of a rejection, for people

	Task    Task          // as it then is
	Payment mpesa.Payment // that it has become, or would have
	Refused error         // a *Forbidden, a *Declined, or a *NotWaiting; or nil
	Unknown bool          // the organisation has no such task
}

// NotWaiting says that somebody else was faster, or that the task's time was over.
type NotWaiting struct{ Task Task }

func (n *NotWaiting) Error() string {
	t := &n.Task
	text := fmt.Sprintf("the task doesn't wait any more: it is %s", t.State)
	for i, a := range t.Approvals {
		text += [...]string{", approved by ", " and by "}[min(i, 1)] + named(a.By)
	}
	if t.Reason != "" {
		text += ": " + t.Reason
	}
	return text
}

// named is an actor's name, for people.
func named(username string) string {
	if username == "" {
		return "Kivuko's administrator"
	}
	return username
}

// Need names the actor, the task and what carrying it out reads.
func (c *DecideTask) Need(v *mpesa.View) {
	needActor(v, c.By)
	needTask(v, c.Number)
}

// needTask names a task, and while it waits what it has reserved and what carrying it out reads.
func needTask(v *mpesa.View, id int64) {
	if !Tasks.Loaded(v, id) {
		Tasks.Lead(v, id)
	} else if t, there := Tasks.Get(v, id); there && t.State == mpesa.Approving {
		ledger.NeedHolds(v, id)
		v.NeedTask(&t.Payment)
	}
}

// Decide approves or rejects.
func (c *DecideTask) Decide(v *mpesa.View, now time.Time) {
	c.Task, c.Payment, c.Refused, c.Unknown = Task{}, mpesa.Payment{}, nil, false
	t, ok := Tasks.Get(v, c.Number)
	if c.Unknown = !ok || t.Business != c.By.Operator.Shortcode; c.Unknown {
		return
	}
	if t.State == mpesa.Approving && now.UnixMilli() >= t.DueAt {
		expire(v, &t, now)
	}
	action := "reject"
	if c.Approve {
		action = "approve"
	}
	if c.Refused = undecidable(v, &t, c.By, action, now); c.Refused != nil {
		return
	}
	var p mpesa.Payment
	if c.Approve {
		p = approve(v, &t, c.By, now)
	} else {
		p = end(v, &t, codes.CancelledByUser, fmt.Sprintf("rejected by %s: %s", named(c.By.Operator.Username), c.Reason), now)
	}
	note(v, &t, c.By, action, "", now)
	c.Task, c.Payment = t, p
}

// undecidable is why an actor can't decide on a task; nil when they can.
func undecidable(v *mpesa.View, t *Task, by mpesa.Actor, action string, now time.Time) error {
	if err := lacks(v, by, ApproveTasks); err != nil {
		note(v, t, by, action, err.Error(), now)
		return err
	}
	own := !by.Provider() && t.Details.Initiator == by.Operator.Username
	again := slices.ContainsFunc(t.Approvals, func(a Approval) bool { return !by.Provider() && a.By == by.Operator.Username })
	var reason string
	switch {
	case t.State != mpesa.Approving:
		return &NotWaiting{*t}
	case own:
		reason = fmt.Sprintf("%s has initiated the task, and nobody decides on their own", by.Operator.Username)
	case again:
		reason = fmt.Sprintf("%s has approved the task already; it needs another operator", by.Operator.Username)
	default:
		return nil
	}
	note(v, t, by, action, reason, now)
	return &Forbidden{reason}
}

// approve notes an approval, and with the last one carries the task out. What forbids it by then fails it. It returns the payment that the task
// has become, or would have.
func approve(v *mpesa.View, t *Task, by mpesa.Actor, now time.Time) mpesa.Payment {
	t.Approvals = append(slices.Clone(t.Approvals), Approval{By: by.Operator.Username, At: now.UnixMilli()})
	if !by.Provider() && len(t.Approvals) < Approvers(mpesa.Organisations.Get(v, t.Business), &t.Payment) {
		keep(v, t)
		return t.Payment
	}
	reserved := ledger.Release(v, t.ID)
	result, reason := v.Allowed(&t.Payment)
	if result == codes.Success {
		var p mpesa.Payment
		if p, result, reason = carry(v, t, reserved, now); result == codes.Success {
			return p
		}
	}
	return end(v, t, result, reason, now)
}

// end ends a task without moving anything.
func end(v *mpesa.View, t *Task, result codes.Result, reason string, now time.Time) mpesa.Payment {
	ledger.Release(v, t.ID)
	t.Reason = reason
	finish(v, t, mpesa.Failed, result, now)
	return t.Payment
}

// finish gives a task its end.
func finish(v *mpesa.View, t *Task, state mpesa.State, result codes.Result, now time.Time) {
	t.State, t.Result, t.FinishedAt, t.DueAt = state, result, max(now.UnixMilli(), t.AcceptedAt), 0
	keep(v, t)
}

// expire ends a task that nobody has decided on in time.
func expire(v *mpesa.View, t *Task, now time.Time) {
	end(v, t, codes.Expired, fmt.Sprintf("nobody decided on it within %d days", approvalLife/(24*time.Hour)), now)
}

// TaskDue is the moment at which a task's time is over.
type TaskDue struct{ Task int64 }

// Need names the task and what it has reserved.
func (c *TaskDue) Need(v *mpesa.View) { needTask(v, c.Task) }

// Decide ends the task, unless somebody was faster.
func (c *TaskDue) Decide(v *mpesa.View, now time.Time) {
	if t, there := Tasks.Get(v, c.Task); there && t.State == mpesa.Approving && now.UnixMilli() >= t.DueAt {
		expire(v, &t, now)
	}
}

// carry makes the payment that a task asks for, or says what forbids it and has moved nothing. A settlement moves what was reserved for it, if
// anything was.
func carry(v *mpesa.View, t *Task, reserved []ledger.Reservation, now time.Time) (p mpesa.Payment, result codes.Result, reason string) {
	p = t.Payment
	if p.Kind == mpesa.Bulk {
		result, reason = queueBulk(v, &p, now)
	} else {
		result, reason = v.Carry(&p, reserved, now)
		if result == codes.Success {
			p.Details.Settled = p.Kind.Initiated()
			v.Finish(&p, mpesa.Completed, codes.Success, now)
		}
	}
	if result == codes.Success {
		finish(v, t, mpesa.Completed, codes.Success, now)
	}
	return p, result, reason
}

// reserve holds the money of what was asked for in the accounts that it is to come from.
func reserve(v *mpesa.View, p *mpesa.Payment) (codes.Result, string) {
	list, result, reason := v.Reserves(p)
	if result == codes.Success {
		ledger.Reserve(v, p.ID, list...)
	}
	return result, reason
}
