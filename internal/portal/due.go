package portal

import (
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// FallDue is the moment at which something happens to what waits, be it a payment or a bulk file.
type FallDue struct{ mpesa.Due }

// WhenDue returns the command for what waits in a state, when it falls due.
func WhenDue(kind mpesa.Kind, state mpesa.State, d mpesa.Due) mpesa.Command {
	switch {
	case state == mpesa.Approving:
		return &TaskDue{Task: d.Payment}
	case kind == mpesa.StatusQuery, kind == mpesa.BalanceQuery:
		return &mpesa.AnswerQuery{Query: d.Payment}
	case kind == mpesa.StandingOrder:
		return &mpesa.OrderDue{Order: d.Payment, Payer: d.Payer}
	}
	return &FallDue{d}
}

// Need names it and what it would move.
func (c *FallDue) Need(v *mpesa.View) {
	p, there := c.waits(v)
	switch {
	case !there:
		c.Due.Need(v)
	case p.Kind == mpesa.Bulk:
		mpesa.Organisations.Need(v, p.Business)
		needBulk(v, &p)
	default:
		c.Due.Need(v)
	}
}

// Decide lets happen what falls due.
func (c *FallDue) Decide(v *mpesa.View, now time.Time) {
	p, there := c.waits(v)
	switch {
	case !there || now.UnixMilli() < p.DueAt: // somebody was faster, or it was put off
	case p.Kind == mpesa.Bulk:
		payBulk(v, &p, now)
	default:
		c.Due.Decide(v, now)
	}
}

// waits finds what waits, if it does and is loaded.
func (c *FallDue) waits(v *mpesa.View) (mpesa.Payment, bool) {
	if !mpesa.Payments.Loaded(v, c.Payment) {
		return mpesa.Payment{}, false
	}
	p, there := mpesa.Payments.Get(v, c.Payment)
	return p, there && !p.State.Final()
}
