package portal

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Approvers is how many operators have to approve a task beside the one who initiated it, by the policy as it is now.
func Approvers(o *mpesa.Organisation, p *mpesa.Payment) int {
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
	By           mpesa.Actor
	Free, Second *money.Amount // nil: as it is

	Changed mpesa.Organisation
	Refused error // a *Forbidden or, where Second would be below Free, a *Declined; or nil
	Unknown bool  // the shortcode is nobody's
}

// Need names the actor and the organisation.
func (c *ChangeApproval) Need(v *mpesa.View) {
	needActor(v, c.By)
	mpesa.Registry.Need(v, c.By.Operator.Shortcode)
}

// Decide changes the policy.
func (c *ChangeApproval) Decide(v *mpesa.View, now time.Time) {
	c.Changed, c.Refused, c.Unknown = mpesa.Organisation{}, nil, false
	o, there := mpesa.Registry.Get(v, c.By.Operator.Shortcode)
	if c.Unknown = !there; c.Unknown {
		return
	}
	policy := &o.Approval
	if c.Free != nil {
		policy.Free = *c.Free
	}
	if c.Second != nil {
		policy.Second = *c.Second
	}
	if c.Refused = forbids(v, c.By, SetApproval, "set approval", policy.String(), now); c.Refused != nil {
		return
	}
	if policy.Second != 0 && policy.Second < policy.Free {
		c.Refused = &Declined{Reason: fmt.Sprintf("it may not be below what needs nobody's approval, %s", policy.Free)}
		return
	}
	mpesa.Registry.Put(v, o.Shortcode, o)
	v.Audit(c.By, "set approval", policy.String(), "", now)
	c.Changed = o
}
