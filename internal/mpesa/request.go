package mpesa

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
)

// AcceptRequest accepts what an organisation's initiator asks for over an API that answers later: it waits in the queue, and
// whatever forbids it shows in its result (wire.md §7.1).
type AcceptRequest struct {
	Request Payment // its kind, parties, business, amount and details

	Payment Payment      // as accepted
	Refused *codes.Error // or why not; nothing has changed then
	Reason  string       // more about the refusal, for people
}

// Need names the organisation, and the OriginatorConversationID where the client chose one.
func (c *AcceptRequest) Need(v *View) {
	Organisations.Need(v, c.Request.Business)
	if key, ok := c.Request.originator(); ok {
		Idempotency.Need(v, key)
	}
}

// originator is the key that keeps a client from asking for the same payment twice.
func (p *Payment) originator() (key IdempotencyKey, ok bool) {
	return IdempotencyKey{p.Business.Party(), p.Details.Originator}, p.Details.Originator != ""
}

// Decide queues the request, or refuses one that was there before.
func (c *AcceptRequest) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Reason = Payment{}, nil, ""
	p := c.Request
	key, chosen := p.originator()
	if chosen {
		if first, there := Idempotency.Get(v, key); there {
			c.Refused = new(codes.DuplicateOriginator)
			c.Reason = fmt.Sprintf("payment %d of %s has the OriginatorConversationID %q", first.Payment, p.Business, p.Details.Originator)
			return
		}
	}
	v.queue(&p.Header, now)
	if chosen {
		v.Claim(key, p.ID)
	}
	Payments.Create(v, p.ID, p)
	c.Payment = p
}

// queue accepts a request by an initiator, which waits for its turn.
func (v *View) queue(h *Header, now time.Time) {
	h.ID, h.State, h.AcceptedAt = v.NewID(), Queued, now.UnixMilli()
	h.DueAt = h.AcceptedAt + v.Policy.ResultAfter.Milliseconds()
	if o := Organisations.Get(v, h.Business); o != nil && o.Fault == QueueStopped {
		h.DueAt = h.AcceptedAt + v.Policy.QueueTime.Milliseconds()
	}
}

// needRequest names what processing a request reads.
func (v *View) needRequest(p *Payment) {
	Operators.Need(v, OperatorID{p.Business, p.Details.Initiator})
	switch p.Kind {
	case B2C, B2Pochi:
		v.NeedPayout(p)
	case B2B, Tax:
		v.needTransfer(p)
	case Reversal:
		v.needReversal(p)
	}
}

// process takes a request from the queue and gives it its result.
func (v *View) process(p *Payment, now time.Time) {
	if result, reason := v.overdue(&p.Header, now); result != codes.Success {
		p.Details.TimedOut = true
		v.Fail(p, result, now, reason)
		return
	}
	result, reason := v.authorise(&p.Header, p.Details.Initiator, p.Details.BadCredential, p.Details.TransactionType, now)
	if result == codes.Success {
		result, reason = Organisations.Get(v, p.Business).mayPay(p.operation())
	}
	if result == codes.Success {
		result, reason = v.carryOut(p, now)
	}
	p.Details.Settled = result == codes.Success
	v.Conclude(p, result, reason, now)
}

// overdue reports whether a request has waited too long in the queue.
func (v *View) overdue(h *Header, now time.Time) (codes.Result, string) {
	waited := now.UnixMilli() - h.AcceptedAt
	if waited < v.Policy.QueueTime.Milliseconds() {
		return codes.Success, ""
	}
	return codes.QueueTimedOut, fmt.Sprintf("it waited %s in the queue, where requests may wait less than %s", time.Duration(waited)*time.Millisecond, v.Policy.QueueTime)
}

// carryOut does what an authorised request asks for, or says what forbids it and has moved nothing.
func (v *View) carryOut(p *Payment, now time.Time) (codes.Result, string) {
	switch p.Kind {
	case B2C, B2Pochi:
		return v.PayOut(p, now)
	case B2B, Tax:
		return v.payBusiness(p, now)
	default:
		return v.reverse(p, now)
	}
}

// authorise checks the initiator of a command: who they are, their credential and their role (BusinessToPochi, result codes 21, 2001 and
// 8006), and then what state the organisation is in.
func (v *View) authorise(h *Header, initiator, badCredential, command string, now time.Time) (codes.Result, string) {
	id := OperatorID{h.Business, initiator}
	operator, ok := Operators.Get(v, id)
	op, _ := FindOperation(h.Kind, command)
	switch {
	case !ok:
		return codes.InvalidInitiator, fmt.Sprintf("%s has no operator %q", id.Shortcode, id.Username)
	case operator.Locked():
		return codes.CredentialLocked, fmt.Sprintf("the operator %s of %s is locked after %d wrong passwords", id.Username, id.Shortcode, operator.Wrong)
	case operator.Suspended:
		return codes.InvalidInitiator, fmt.Sprintf("the operator %s of %s is suspended", id.Username, id.Shortcode)
	case operator.First:
		return codes.InvalidInitiator, fmt.Sprintf("the operator %s of %s has not signed in to the portal yet, and has a first-time password", id.Username, id.Shortcode)
	case operator.Password == "":
		return codes.InvalidInitiator, fmt.Sprintf("the operator %s of %s has no password yet", id.Username, id.Shortcode)
	case badCredential != "":
		v.WrongPassword(&operator, Actor{Operator: id}, now)
		return codes.InvalidInitiator, fmt.Sprintf("%s (wrong credential %d of %d)", badCredential, operator.Wrong, LockAfter)
	}
	if operator.Wrong != 0 {
		operator.Wrong = 0
		Operators.Put(v, id, operator)
	}
	if !slices.Contains(operator.Roles, op.Role) {
		return codes.InitiatorNotAllowed, fmt.Sprintf("the operator %s of %s has not the role %q", id.Username, id.Shortcode, op.Role)
	}
	switch o := Organisations.Get(v, h.Business); {
	case o == nil:
		return codes.OperatorNotFound, fmt.Sprintf("%s is nobody's shortcode", h.Business)
	case o.Fault == InternalFault:
		return codes.InternalFailure, fmt.Sprintf("the fault %q is ordered for %s", o.Fault, o.Shortcode)
	}
	return codes.Success, ""
}

// mayPay reports whether an operation may move the organisation's money at all.
func (o *Organisation) mayPay(op Operation) (codes.Result, string) {
	if op.Product != "" && o.Standing == Active && !o.Has(op.Product) {
		return codes.NotPermitted, fmt.Sprintf("%s is not assigned the product %s", o.Shortcode, op.Product)
	}
	return o.Barred()
}
