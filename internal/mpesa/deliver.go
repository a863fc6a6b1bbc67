package mpesa

import (
	"slices"
	"time"
)

// Attempted records one try at a delivery and decides whether there is to be another.
type Attempted struct {
	Delivery int64
	Attempt  Attempt
	Verdict  *Verdict // of a validation: what the business said

	Again int64 // when to try again, milliseconds; 0: never
}

// Need names the delivery, and the payment that a verdict is about.
func (c *Attempted) Need(v *View) {
	Deliveries.Need(v, c.Delivery)
	if c.Verdict != nil {
		v.NeedPayment(c.Delivery >> 4)
	}
}

// Decide marks the delivery delivered, due again or given up. An attempt at a delivery that is already over is noted too:
// it happened.
func (c *Attempted) Decide(v *View, now time.Time) {
	c.Again = 0
	if c.Verdict != nil {
		// A word that comes too late changes nothing: the payment is final.
		if p, ok := Payments.Get(v, c.Delivery>>4); ok && p.State == Validating {
			v.validated(&p, *c.Verdict, now)
		}
	}
	d, ok := Deliveries.Get(v, c.Delivery)
	if !ok {
		return
	}
	if !d.record(c.Attempt) {
		// It was kept the last time, although the database couldn't say so.
		if d.State == Pending {
			c.Again = d.DueAt
		}
		return
	}
	pauses := v.Policy.Retries[d.Kind]
	switch tried := d.Tried(); {
	case c.Attempt.OK():
		d.State, d.DueAt = Delivered, 0
	case d.State != Pending: // it was delivered by another attempt, or given up while this one was under way
	case tried <= len(pauses):
		d.State, d.DueAt = Pending, c.Attempt.At+pauses[tried-1].Milliseconds()
		c.Again = d.DueAt
	default:
		d.State, d.DueAt = GivenUp, 0
	}
	Deliveries.Put(v, d.ID, d)
}

// ResendPause is how soon a delivery may be resent again: what a resend leads to may ask for the next.
const ResendPause = time.Second

// Resend makes a delivery due once more, whatever came of it before.
type Resend struct {
	Delivery int64
	Accepted bool // it was accepted while an attempt was under way, which has ended now

	Found  bool
	Wait   time.Duration // how long to wait, since it was resent just before; 0: it is due
	Resent Delivery
}

// Need names the delivery.
func (c *Resend) Need(v *View) { Deliveries.Need(v, c.Delivery) }

// Decide makes the delivery pending.
func (c *Resend) Decide(v *View, now time.Time) {
	c.Wait = 0
	c.Resent, c.Found = Deliveries.Get(v, c.Delivery)
	if !c.Found {
		return
	}
	if !c.Accepted {
		if since := now.Sub(time.UnixMilli(c.Resent.resentAt())); since < ResendPause {
			c.Wait = min(ResendPause-since, ResendPause)
			return
		}
		if n := len(c.Resent.Attempts); n > 0 { // without any it is on its way anyhow
			c.Resent.Attempts = slices.Clone(c.Resent.Attempts)
			c.Resent.Attempts[n-1].Resent = now.UnixMilli()
		}
	}
	c.Resent.State, c.Resent.DueAt = Pending, v.Policy.lease(now)
	Deliveries.Put(v, c.Resent.ID, c.Resent)
}

// GiveUp ends a delivery that is still to be made, or made again. An attempt that is under way still counts when it succeeds.
type GiveUp struct {
	Delivery int64

	Found bool
	Was   DeliveryState // before: unless it was Pending, nothing has changed
}

// Need names the delivery.
func (c *GiveUp) Need(v *View) { Deliveries.Need(v, c.Delivery) }

// Decide ends the delivery if it is pending.
func (c *GiveUp) Decide(v *View, _ time.Time) {
	d, ok := Deliveries.Get(v, c.Delivery)
	c.Found, c.Was = ok, d.State
	if ok && d.State == Pending {
		d.State, d.DueAt = Abandoned, 0
		Deliveries.Put(v, d.ID, d)
	}
}

// Claim takes over a pending delivery whose node has not attempted it in time.
type Claim struct {
	Delivery int64
	Held     int64 // DueAt as the claimer saw it

	Won   bool
	Until int64 // how long it is the claimer's, milliseconds
}

// Need names the delivery.
func (c *Claim) Need(v *View) { Deliveries.Need(v, c.Delivery) }

// Decide gives the delivery to the claimer unless somebody else was faster.
func (c *Claim) Decide(v *View, now time.Time) {
	d, ok := Deliveries.Get(v, c.Delivery)
	c.Won = ok && d.State == Pending && d.DueAt == c.Held
	if c.Won {
		d.DueAt = v.Policy.lease(now)
		c.Until = d.DueAt
		Deliveries.Put(v, d.ID, d)
	}
}
