package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
)

// ApprovalPolicy says which of an organisation's tasks need whose approval. Amounts are those of the task.
type ApprovalPolicy struct {
	Free   money.Amount `json:"free,omitempty"`   // a task of at most that needs nobody's; 0: every task needs somebody's
	Second money.Amount `json:"second,omitempty"` // a task of more needs those of two operators; 0: none does
}

func (a ApprovalPolicy) String() string {
	text := "every task needs an approval"
	if a.Free != 0 {
		text = fmt.Sprintf("tasks above %s need an approval", a.Free)
	}
	if a.Second != 0 {
		text += fmt.Sprintf(", those above %s need two", a.Second)
	}
	return text
}

// Approvers is how many operators have to approve a task beside the one who initiated it, by the policy as it is now.
func (o *Organisation) Approvers(p *Payment) int {
	switch policy := o.Approval; {
	case p.Amount <= policy.Free:
		return 0
	case policy.Second != 0 && p.Amount > policy.Second:
		return 2
	}
	return 1
}

// ChangeApproval changes what is given of an organisation's policy. What waits goes by the new one.
type ChangeApproval struct {
	By           Actor
	Free, Second *money.Amount // nil: as it is

	Changed Organisation
	Refused error // a *Forbidden or, where Second would be below Free, a *Declined; or nil
	Unknown bool  // the shortcode is nobody's
}

// Need names the actor and the organisation.
func (c *ChangeApproval) Need(v *View) {
	v.needActor(c.By)
	Registry.Need(v, c.By.Operator.Shortcode)
}

// Decide changes the policy.
func (c *ChangeApproval) Decide(v *View, now time.Time) {
	c.Changed, c.Refused, c.Unknown = Organisation{}, nil, false
	o, there := Registry.Get(v, c.By.Operator.Shortcode)
	if c.Unknown = !there; c.Unknown {
		return
	}
	policy := &o.Approval
	set(&policy.Free, c.Free)
	set(&policy.Second, c.Second)
	if c.Refused = v.forbids(c.By, SetApproval, "set approval", policy.String(), now); c.Refused != nil {
		return
	}
	if policy.Second != 0 && policy.Second < policy.Free {
		c.Refused = &Declined{Reason: fmt.Sprintf("it may not be below what needs nobody's approval, %s", policy.Free)}
		return
	}
	Registry.Put(v, o.Shortcode, o)
	v.audit(c.By, "set approval", policy.String(), "", now)
	c.Changed = o
}
