package portal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Maker and checker: what an operator initiates on the portal waits, its money held, until another one approves or rejects it under
// My Tasks → Group Task (BusinessToPochi, FAQ 8). A task is a payment in the state Approving.

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
	By   mpesa.Actor
	Task mpesa.Payment // its kind, payee, amount and details; the rest is filled in

	Payment mpesa.Payment // as it waits, or ended
	Refused error         // a *Forbidden or a *Declined; or nil
	Unknown bool          // the shortcode is nobody's
}

// Need names the actor and what carrying the task out would read.
func (c *Initiate) Need(v *mpesa.View) {
	needActor(v, c.By)
	p := c.task()
	v.NeedTask(&p)
}

func (c *Initiate) task() mpesa.Payment {
	p := c.Task
	p.Business, p.Payer = c.By.Operator.Shortcode, c.By.Operator.Shortcode.Party()
	return p
}

// Decide reserves the money and has the task wait, or carries it out.
func (c *Initiate) Decide(v *mpesa.View, now time.Time) {
	c.Payment, c.Refused, c.Unknown = mpesa.Payment{}, nil, false
	p := c.task()
	if c.Unknown = mpesa.Organisations.Get(v, p.Business) == nil; c.Unknown {
		return
	}
	if p.Kind == mpesa.Reversal {
		v.AboutOriginal(&p)
	}
	if c.Refused = submit(v, &p, c.By, now); c.Refused == nil {
		c.Payment = p
	}
}

// submit has a task wait for its approval, or carries it out where it needs none.
func submit(v *mpesa.View, p *mpesa.Payment, by mpesa.Actor, now time.Time) error {
	action := initiates + p.Kind.String()
	if err := forbids(v, by, initiating(p.Kind), action, describe(p), now); err != nil {
		return err
	}
	p.ID, p.AcceptedAt, p.Details.Initiator = v.NewID(), now.UnixMilli(), by.Operator.Username
	if result, reason := undertake(v, p, by, now); result != codes.Success {
		v.Audit(by, action, describe(p), reason, now)
		return &Declined{result, reason}
	}
	v.Audit(by, action, describe(p), "", now)
	return nil
}

// undertake has a task that nothing forbids wait, its money held, or carries it out.
func undertake(v *mpesa.View, p *mpesa.Payment, by mpesa.Actor, now time.Time) (codes.Result, string) {
	result, reason := v.Allowed(p)
	if result == codes.Success {
		result, reason = rehearse(v, p, now)
	}
	if result != codes.Success {
		return result, reason
	}
	if by.Provider() || Approvers(mpesa.Organisations.Get(v, p.Business), p) == 0 {
		return carryTask(v, p, now)
	}
	if result, reason = reserve(v, p); result == codes.Success {
		p.State, p.DueAt = mpesa.Approving, now.Add(approvalLife).UnixMilli()
		v.PutPayment(p)
	}
	return result, reason
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
	result, reason := stage.Carry(&tried, now)
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
	if p.ID != 0 {
		text += ofPayment + strconv.FormatInt(p.ID, 10)
	}
	return text
}

// ofPayment stands before a payment's number in the audit.
const ofPayment = ", payment "

// TaskOf is the number of the payment that an operator has initiated with this entry; 0 for other entries. An organisation's tasks are
// found by its audit, which has an index.
func TaskOf(e *mpesa.AuditEntry) int64 {
	if e.Refused != "" || !strings.HasPrefix(e.Action, initiates) {
		return 0
	}
	_, number, _ := strings.Cut(e.Subject, ofPayment)
	id, _ := strconv.ParseInt(number, 10, 64)
	return id
}

// initiates begins the action of whoever initiates a task.
const initiates = "initiate "

// DecideTask is another operator approving or rejecting what one has initiated: never oneself, and each once.
type DecideTask struct {
	By      mpesa.Actor
	Task    int64 // the payment's number
	Approve bool
	Reason  string // of a rejection, for people

	Payment mpesa.Payment // as it then is
	Refused error         // a *Forbidden, a *Declined, or a *NotWaiting; or nil
	Unknown bool          // the organisation has no such task
}

// NotWaiting says that somebody else was faster, or that the task's time was over.
type NotWaiting struct{ Payment mpesa.Payment }

func (n *NotWaiting) Error() string {
	p := &n.Payment
	text := fmt.Sprintf("the task doesn't wait any more: it is %s", p.State)
	for i, a := range p.Details.Approvals {
		text += [...]string{", approved by ", " and by "}[min(i, 1)] + named(a.By)
	}
	if p.Reason != "" {
		text += ": " + p.Reason
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
	if !mpesa.Payments.Loaded(v, c.Task) {
		mpesa.Payments.Lead(v, c.Task)
	} else if p, there := mpesa.Payments.Get(v, c.Task); there && p.State == mpesa.Approving {
		v.NeedTask(&p)
	}
}

// Decide approves or rejects.
func (c *DecideTask) Decide(v *mpesa.View, now time.Time) {
	c.Payment, c.Refused, c.Unknown = mpesa.Payment{}, nil, false
	p, ok := mpesa.Payments.Get(v, c.Task)
	if c.Unknown = !ok || p.Business != c.By.Operator.Shortcode || !p.IsTask(); c.Unknown {
		return
	}
	if p.State == mpesa.Approving && now.UnixMilli() >= p.DueAt {
		expireTask(v, &p, now)
	}
	action := "reject"
	if c.Approve {
		action = "approve"
	}
	c.Refused = undecidable(v, &p, c.By, action, now)
	if c.Refused != nil {
		return
	}
	if c.Approve {
		approveTask(v, &p, c.By, now)
	} else {
		rejectTask(v, &p, codes.CancelledByUser, fmt.Sprintf("rejected by %s: %s", named(c.By.Operator.Username), c.Reason), now)
	}
	v.Audit(c.By, action, describe(&p), "", now)
	c.Payment = p
}

// undecidable is why an actor can't decide on a task; nil when he can.
func undecidable(v *mpesa.View, p *mpesa.Payment, by mpesa.Actor, action string, now time.Time) error {
	if err := forbids(v, by, ApproveTasks, action, describe(p), now); err != nil {
		return err
	}
	own := !by.Provider() && p.Details.Initiator == by.Operator.Username
	again := slices.ContainsFunc(p.Details.Approvals, func(a mpesa.Approval) bool { return !by.Provider() && a.By == by.Operator.Username })
	var reason string
	switch {
	case p.State != mpesa.Approving:
		return &NotWaiting{*p}
	case own:
		reason = fmt.Sprintf("%s has initiated the task, and nobody decides on their own", by.Operator.Username)
	case again:
		reason = fmt.Sprintf("%s has approved the task already; it needs another operator", by.Operator.Username)
	default:
		return nil
	}
	v.Audit(by, action, describe(p), reason, now)
	return &Forbidden{reason}
}

// approveTask notes an approval, and with the last one carries the task out. What forbids it by then fails it.
func approveTask(v *mpesa.View, p *mpesa.Payment, by mpesa.Actor, now time.Time) {
	p.Details.Approvals = append(slices.Clone(p.Details.Approvals), mpesa.Approval{By: by.Operator.Username, At: now.UnixMilli()})
	if !by.Provider() && len(p.Details.Approvals) < Approvers(mpesa.Organisations.Get(v, p.Business), p) {
		mpesa.Payments.Put(v, p.ID, *p)
		return
	}
	release(v, p)
	result, reason := v.Allowed(p)
	if result == codes.Success {
		result, reason = carryTask(v, p, now)
	}
	if result != codes.Success {
		v.Fail(p, result, now, reason)
	}
}

// rejectTask ends a task without moving anything.
func rejectTask(v *mpesa.View, p *mpesa.Payment, result codes.Result, reason string, now time.Time) {
	release(v, p)
	v.Fail(p, result, now, reason)
}

// expireTask ends a task that nobody has decided on in time.
func expireTask(v *mpesa.View, p *mpesa.Payment, now time.Time) {
	rejectTask(v, p, codes.Expired, fmt.Sprintf("nobody decided on it within %d days", approvalLife/(24*time.Hour)), now)
}

// carryTask does what an operator initiated and ends it, or says what forbids it and has moved nothing.
func carryTask(v *mpesa.View, p *mpesa.Payment, now time.Time) (codes.Result, string) {
	if p.Kind == mpesa.Bulk {
		return queueBulk(v, p, now)
	}
	result, reason := v.Carry(p, now)
	if result != codes.Success {
		return result, reason
	}
	p.Details.Settled = p.Kind.Initiated()
	v.Finish(p, mpesa.Completed, codes.Success, now)
	return codes.Success, ""
}

// reserve holds a task's money in the accounts that it is to come from.
func reserve(v *mpesa.View, p *mpesa.Payment) (codes.Result, string) {
	reserved, result, reason := v.Reserves(p)
	if result != codes.Success {
		return result, reason
	}
	p.Details.Reserved, p.Details.Hold = reserved, 0
	for _, f := range reserved {
		a := v.Account(p.Payer.Account(f.Kind))
		a.Held += f.Balance
		mpesa.Accounts.Put(v, a.ID, a)
		p.Details.Hold += f.Balance
	}
	return codes.Success, ""
}

// release gives back what a task has held.
func release(v *mpesa.View, p *mpesa.Payment) {
	for _, f := range p.Details.Reserved {
		a := v.Account(p.Payer.Account(f.Kind))
		a.Held -= f.Balance
		mpesa.Accounts.Put(v, a.ID, a)
	}
	p.Details.Hold = 0
}
