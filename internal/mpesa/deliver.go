package mpesa

import "time"

// Attempted records one try at a delivery and decides whether there is to be another.
type Attempted struct {
	Delivery int64
	Attempt  Attempt
	Verdict  *Verdict // of a validation: what the business said

	Again int64 // when to try again, milliseconds; 0: never
}

// Need names the delivery, and the payment that a verdict is about.
func (c *Attempted) Need(v *View, n *Needs) {
	v.needDelivery(n, c.Delivery)
	if c.Verdict != nil {
		v.needPayment(n, c.Delivery>>4)
	}
}

// Decide marks the delivery delivered, due again or given up. An attempt at a delivery that is already over is noted too:
// it happened.
func (c *Attempted) Decide(v *View, now time.Time) {
	c.Again = 0
	if c.Verdict != nil {
		// A word that comes too late changes nothing: the payment is final.
		if p, ok := v.Payments.Get(c.Delivery >> 4); ok && p.State == Validating {
			v.validated(&p, *c.Verdict, now)
		}
	}
	d, ok := v.Deliveries.Get(c.Delivery)
	if !ok {
		return
	}
	d.Attempts = append(d.Attempts[:len(d.Attempts):len(d.Attempts)], c.Attempt)
	pauses := v.Policy.Retries[d.Kind]
	switch tried := len(d.Attempts); {
	case d.State == Delivered:
	case c.Attempt.OK():
		d.State, d.DueAt = Delivered, 0
	case tried <= len(pauses):
		d.State, d.DueAt = Pending, c.Attempt.At+pauses[tried-1].Milliseconds()
		c.Again = d.DueAt
	default:
		d.State, d.DueAt = GivenUp, 0
	}
	v.Deliveries.Put(d.ID, d)
}

// Resend makes a delivery due once more, whatever came of it before.
type Resend struct {
	Delivery int64

	Found  bool
	Resent Delivery
}

// Need names the delivery.
func (c *Resend) Need(v *View, n *Needs) { v.needDelivery(n, c.Delivery) }

// Decide makes the delivery pending.
func (c *Resend) Decide(v *View, now time.Time) {
	c.Resent, c.Found = v.Deliveries.Get(c.Delivery)
	if !c.Found {
		return
	}
	c.Resent.State, c.Resent.DueAt = Pending, v.Policy.lease(now)
	v.Deliveries.Put(c.Resent.ID, c.Resent)
}

// Claim takes over a pending delivery whose node has not attempted it in time.
type Claim struct {
	Delivery int64
	Held     int64 // DueAt as the claimer saw it

	Won   bool
	Until int64 // how long it is the claimer's, milliseconds
}

// Need names the delivery.
func (c *Claim) Need(v *View, n *Needs) { v.needDelivery(n, c.Delivery) }

// Decide gives the delivery to the claimer unless somebody else was faster.
func (c *Claim) Decide(v *View, now time.Time) {
	d, ok := v.Deliveries.Get(c.Delivery)
	c.Won = ok && d.State == Pending && d.DueAt == c.Held
	if c.Won {
		d.DueAt = v.Policy.lease(now)
		c.Until = d.DueAt
		v.Deliveries.Put(d.ID, d)
	}
}

func (v *View) needDelivery(n *Needs, id int64) {
	if !v.Deliveries.Loaded(id) {
		n.Deliveries = append(n.Deliveries, id)
	}
}
