package mpesa

import "time"

// FallDue is the moment at which something happens to what waits, be it a payment, a task or a bulk file.
type FallDue struct{ Due }

// Need names it and what it would move.
func (c *FallDue) Need(v *View) {
	p, there := c.waits(v)
	switch {
	case !there:
		c.Due.Need(v)
	case p.State == Approving:
		v.NeedTask(&p)
	case p.Kind == Bulk:
		Organisations.Need(v, p.Business)
		needBulk(v, &p)
	default:
		c.Due.Need(v)
	}
}

// Decide lets happen what falls due.
func (c *FallDue) Decide(v *View, now time.Time) {
	p, there := c.waits(v)
	switch {
	case !there || now.UnixMilli() < p.DueAt: // somebody was faster, or it was put off
	case p.State == Approving:
		expireTask(v, &p, now)
	case p.Kind == Bulk:
		payBulk(v, &p, now)
	default:
		c.Due.Decide(v, now)
	}
}

// waits finds what waits, if it does and is loaded.
func (c *FallDue) waits(v *View) (Payment, bool) {
	if !Payments.Loaded(v, c.Payment) {
		return Payment{}, false
	}
	p, there := Payments.Get(v, c.Payment)
	return p, there && !p.State.Final()
}
