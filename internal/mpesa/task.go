package mpesa

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
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
// wants none. Whoever runs Kivuko needs no approval.
type Initiate struct {
	By   Actor
	Task Payment // its kind, payee, amount and details; the rest is filled in

	Payment Payment // as it waits, or ended
	Refused error   // a *Forbidden or a *Declined; or nil
	Unknown bool    // the shortcode is nobody's
}

// Need names the actor and what carrying the task out would read.
func (c *Initiate) Need(v *View) {
	v.needActor(c.By)
	p := c.task()
	v.needTask(&p)
}

func (c *Initiate) task() Payment {
	p := c.Task
	p.Business, p.Payer = c.By.Operator.Shortcode, c.By.Operator.Shortcode.Party()
	return p
}

// Decide reserves the money and has the task wait, or carries it out.
func (c *Initiate) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Unknown = Payment{}, nil, false
	p := c.task()
	if c.Unknown = Organisations.Get(v, p.Business) == nil; c.Unknown {
		return
	}
	if p.Kind == Reversal {
		v.aboutOriginal(&p)
	}
	if c.Refused = v.submit(&p, c.By, now); c.Refused == nil {
		c.Payment = p
	}
}

// submit has a task wait for its approval, or carries it out where it needs none.
func (v *View) submit(p *Payment, by Actor, now time.Time) error {
	action := initiates + p.Kind.String()
	if err := v.forbids(by, p.Kind.initiating(), action, p.task(), now); err != nil {
		return err
	}
	p.ID, p.AcceptedAt, p.Details.Initiator = v.NewID(), now.UnixMilli(), by.Operator.Username
	if result, reason := v.undertake(p, by, now); result != codes.Success {
		v.audit(by, action, p.task(), reason, now)
		return &Declined{result, reason}
	}
	v.audit(by, action, p.task(), "", now)
	return nil
}

// undertake has a task that nothing forbids wait, its money held, or carries it out.
func (v *View) undertake(p *Payment, by Actor, now time.Time) (codes.Result, string) {
	result, reason := v.allowed(p)
	if result == codes.Success {
		result, reason = v.rehearse(p, now)
	}
	if result != codes.Success {
		return result, reason
	}
	if by.Provider() || Organisations.Get(v, p.Business).Approvers(p) == 0 {
		return v.carryTask(p, now)
	}
	if result, reason = v.reserve(p); result == codes.Success {
		p.State, p.DueAt = Approving, now.Add(approvalLife).UnixMilli()
		v.putPayment(p)
	}
	return result, reason
}

// rehearse tells what would come of a task now, on a copy of what carrying it out reads: who initiates something impossible hears of it
// at once, not when another one approves. It notes the amount of a settlement, by which the policy decides.
func (v *View) rehearse(p *Payment, now time.Time) (codes.Result, string) {
	if p.Kind == Bulk {
		return codes.Success, "" // its rows have been checked, and its total is when it is reserved
	}
	stage, tried := NewView(v.Policy, v.NewID), *p
	for stage.needTask(p); stage.Wanted() > 0; stage.needTask(p) {
		stage.Borrow(&v.View)
		stage.Next()
	}
	result, reason := stage.carryOwn(&tried, now)
	if p.Kind == RevenueSettled {
		p.Amount = tried.Amount
	}
	return result, reason
}

// task is what the audit calls a task.
func (p *Payment) task() string {
	text := fmt.Sprintf("%s to %s", p.Amount, p.Payee)
	switch p.Kind {
	case Bulk:
		text = fmt.Sprintf("%s in %d rows", p.Amount, p.Details.Bulk.Rows)
	case OwnMove:
		text = fmt.Sprintf("%s from %s to %s", p.Amount, p.Details.Route.From, p.Details.Route.To)
	case RevenueSettled:
		text = "revenue"
	case Withdrawal:
		text = p.Amount.String() + " to the bank"
	case Reversal:
		text = p.Details.OriginalID
	}
	if p.ID != 0 {
		text += ofPayment + strconv.FormatInt(p.ID, 10)
	}
	return text
}

// ofPayment stands before a payment's number in the audit.
const ofPayment = ", payment "

// Task is the number of the payment that an operator has initiated with this entry; 0 for other entries. An organisation's tasks are
// found by its audit, which has an index.
func (e *AuditEntry) Task() int64 {
	if e.Refused != "" || !strings.HasPrefix(e.Action, initiates) {
		return 0
	}
	_, number, _ := strings.Cut(e.Subject, ofPayment)
	id, _ := strconv.ParseInt(number, 10, 64)
	return id
}

// initiates begins the action of whoever initiates a task.
const initiates = "initiate "

// IsTask tells whether an organisation asked for the payment on the portal, and not a program with a ResultURL.
func (p *Payment) IsTask() bool {
	switch p.Kind {
	case OwnMove, RevenueSettled, Bulk:
		return true
	case Withdrawal:
		return p.Business != 0 // customers withdraw too
	}
	return p.Kind.Initiated() && p.Details.CallBackURL == "" && !p.OfBulk()
}

// DecideTask is another operator approving or rejecting what one has initiated: never oneself, and each once.
type DecideTask struct {
	By      Actor
	Task    int64 // the payment's number
	Approve bool
	Reason  string // of a rejection, for people

	Payment Payment // as it then is
	Refused error   // a *Forbidden, a *Declined, or a *NotWaiting; or nil
	Unknown bool    // the organisation has no such task
}

// NotWaiting says that somebody else was faster, or that the task's time was over.
type NotWaiting struct{ Payment Payment }

func (n *NotWaiting) Error() string {
	p := &n.Payment
	text := fmt.Sprintf("the task doesn't wait any more: it is %s", p.State)
	for i, a := range p.Details.Approvals {
		text += [...]string{", approved by ", " and by "}[min(i, 1)] + named(a.By)
	}
	if p.Details.Reason != "" {
		text += ": " + p.Details.Reason
	}
	return text
}

// named is an actor's name, for people.
func named(username string) string {
	if username == "" {
		return "whoever runs Kivuko"
	}
	return username
}

// Need names the actor, the task and what carrying it out reads.
func (c *DecideTask) Need(v *View) {
	v.needActor(c.By)
	v.needPayment(c.Task)
}

// Decide approves or rejects.
func (c *DecideTask) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Unknown = Payment{}, nil, false
	p, ok := Payments.Get(v, c.Task)
	if c.Unknown = !ok || p.Business != c.By.Operator.Shortcode || !p.IsTask(); c.Unknown {
		return
	}
	if p.State == Approving && now.UnixMilli() >= p.DueAt {
		v.expireTask(&p, now)
	}
	action := "reject"
	if c.Approve {
		action = "approve"
	}
	c.Refused = v.undecidable(&p, c.By, action, now)
	if c.Refused != nil {
		return
	}
	if c.Approve {
		v.approveTask(&p, c.By, now)
	} else {
		v.rejectTask(&p, codes.CancelledByUser, fmt.Sprintf("rejected by %s: %s", named(c.By.Operator.Username), c.Reason), now)
	}
	v.audit(c.By, action, p.task(), "", now)
	c.Payment = p
}

// undecidable is why an actor can't decide on a task; nil when he can.
func (v *View) undecidable(p *Payment, by Actor, action string, now time.Time) error {
	if err := v.forbids(by, ApproveTasks, action, p.task(), now); err != nil {
		return err
	}
	own := !by.Provider() && p.Details.Initiator == by.Operator.Username
	again := slices.ContainsFunc(p.Details.Approvals, func(a Approval) bool { return !by.Provider() && a.By == by.Operator.Username })
	var reason string
	switch {
	case p.State != Approving:
		return &NotWaiting{*p}
	case own:
		reason = fmt.Sprintf("%s has initiated the task, and nobody decides on his own", by.Operator.Username)
	case again:
		reason = fmt.Sprintf("%s has approved the task already; it needs another operator", by.Operator.Username)
	default:
		return nil
	}
	v.audit(by, action, p.task(), reason, now)
	return &Forbidden{reason}
}

// approveTask notes an approval, and with the last one carries the task out. What forbids it by then fails it.
func (v *View) approveTask(p *Payment, by Actor, now time.Time) {
	p.Details.Approvals = append(slices.Clone(p.Details.Approvals), Approval{by.Operator.Username, now.UnixMilli()})
	if !by.Provider() && len(p.Details.Approvals) < Organisations.Get(v, p.Business).Approvers(p) {
		Payments.Put(v, p.ID, *p)
		return
	}
	v.release(p)
	result, reason := v.allowed(p)
	if result == codes.Success {
		result, reason = v.carryTask(p, now)
	}
	if result != codes.Success {
		v.fail(p, result, now, reason)
	}
}

// rejectTask ends a task without moving anything.
func (v *View) rejectTask(p *Payment, result codes.Result, reason string, now time.Time) {
	v.release(p)
	v.fail(p, result, now, reason)
}

// expireTask ends a task that nobody has decided on in time.
func (v *View) expireTask(p *Payment, now time.Time) {
	v.rejectTask(p, codes.Expired, fmt.Sprintf("nobody decided on it within %d days", approvalLife/(24*time.Hour)), now)
}

// allowed tells whether the organisation's standing and products let it have the task done.
func (v *View) allowed(p *Payment) (codes.Result, string) {
	o := Organisations.Get(v, p.Business)
	kind := p.Kind
	if kind == Bulk {
		kind = B2C // of its payments
	}
	if !kind.Initiated() {
		return o.barred()
	}
	op, ok := FindOperation(kind, p.Details.TransactionType)
	if !ok {
		return codes.NotPermitted, fmt.Sprintf("there is no operation %q of the kind %s", p.Details.TransactionType, kind)
	}
	return o.mayPay(op)
}

// needTask names what carrying a task out reads.
func (v *View) needTask(p *Payment) {
	Organisations.Need(v, p.Business)
	if receiver, ok := p.Payee.Shortcode(); ok {
		Organisations.Need(v, receiver)
	}
	own := p.Business.Party()
	switch p.Kind {
	case OwnMove:
		Accounts.Need(v, own.Account(p.Details.Route.From))
		Accounts.Need(v, own.Account(p.Details.Route.To))
	case RevenueSettled:
		v.needOwn(p.Business, Utility, Merchant, Settlement, ChargesPaid, Working)
	case Withdrawal:
		v.needOwn(p.Business, Working, ChargesPaid)
		Accounts.Need(v, Provider.Account(Trust))
	case B2C, B2Pochi:
		v.needPayout(p)
	case Bulk:
		v.needOwn(p.Business, Utility)
	case B2B, Tax:
		v.needTransfer(p)
	case Reversal:
		v.needReversal(p)
	}
}

// carryTask does what an operator initiated and ends it, or says what forbids it and has moved nothing.
func (v *View) carryTask(p *Payment, now time.Time) (codes.Result, string) {
	if p.Kind == Bulk {
		return v.queueBulk(p, now)
	}
	result, reason := v.carryOwn(p, now)
	if result != codes.Success {
		return result, reason
	}
	p.Details.Settled = p.Kind.Initiated()
	v.finish(p, Completed, codes.Success, now)
	return codes.Success, ""
}

// carryOwn moves the money of a task, or of what whoever runs Kivuko has an organisation do.
func (v *View) carryOwn(p *Payment, now time.Time) (codes.Result, string) {
	switch p.Kind {
	case OwnMove:
		return v.moveFunds(p, now)
	case RevenueSettled:
		return v.settleRevenue(p, now)
	case Withdrawal:
		return v.withdraw(p, now)
	default:
		return v.carryOut(p, now)
	}
}

// reserve holds a task's money in the accounts that it is to come from.
func (v *View) reserve(p *Payment) (codes.Result, string) {
	reserved, result, reason := v.toReserve(p)
	if result != codes.Success {
		return result, reason
	}
	p.Details.Reserved, p.Details.Hold = reserved, 0
	for _, f := range reserved {
		a := v.account(p.Payer.Account(f.Kind))
		a.Held += f.Balance
		Accounts.Put(v, a.ID, a)
		p.Details.Hold += f.Balance
	}
	return codes.Success, ""
}

// toReserve lists what a task takes out of which of the organisation's accounts.
func (v *View) toReserve(p *Payment) ([]Funds, codes.Result, string) {
	var from AccountKind
	switch p.Kind {
	case RevenueSettled:
		return v.revenue(p)
	case OwnMove:
		from = p.Details.Route.From
	case Withdrawal:
		from = Working
	case Bulk:
		from = Utility
	case Reversal:
		_, _, credited, reason := v.reversible(p)
		if reason != "" {
			return nil, codes.NotReversible, reason
		}
		from = credited.Kind()
	default:
		from = p.operation().From
	}
	result, reason := affordable(v.account(p.Payer.Account(from)), p.Amount)
	return []Funds{{Kind: from, Balance: p.Amount}}, result, reason
}

// release gives back what a task has held.
func (v *View) release(p *Payment) {
	for _, f := range p.Details.Reserved {
		a := v.account(p.Payer.Account(f.Kind))
		a.Held -= f.Balance
		Accounts.Put(v, a.ID, a)
	}
	p.Details.Hold = 0
}

// total adds up what is in accounts.
func total(list []Funds) (sum money.Amount) {
	for _, f := range list {
		sum += f.Balance
	}
	return sum
}
