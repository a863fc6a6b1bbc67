package mpesa

import "time"

// Once carries a command out once for a key that the client chose (the Idempotency-Key of the control API): the command's payment takes the
// key, in the same unit. It implements Command.
type Once struct {
	Command
	Key    string // of the client's choice
	Digest string // of what was asked for

	Made    *Header // of what the command makes or answers
	Refused *error  // the command's; nil: it has none

	First int64 // the payment that has the key already: nothing was done; 0: none had it
	Other bool  // First was asked for with another digest
}

// KeyTaken is who a payment that was asked for with a key belongs to: to the key, and to the key with the digest.
func KeyTaken(key, digest string) (taken, same IdempotencyKey) {
	return IdempotencyKey{Provider, "k:" + key}, IdempotencyKey{Provider, "k:" + key + " " + digest}
}

// Need implements Command.
func (c *Once) Need(v *View) {
	taken, same := KeyTaken(c.Key, c.Digest)
	Idempotency.Need(v, taken)
	Idempotency.Need(v, same)
	c.Command.Need(v)
}

// Decide implements Command.
func (c *Once) Decide(v *View, now time.Time) {
	taken, same := KeyTaken(c.Key, c.Digest)
	c.First, c.Other = 0, false
	if first, there := Idempotency.Get(v, taken); there {
		_, known := Idempotency.Get(v, same)
		c.First, c.Other = first.Payment, !known
		return
	}
	*c.Made = Header{} // of an earlier try
	c.Command.Decide(v, now)
	if c.Made.ID == 0 || c.Refused != nil && *c.Refused != nil {
		return
	}
	v.Claim(taken, c.Made.ID)
	v.Claim(same, c.Made.ID)
}
