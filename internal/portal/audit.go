package portal

import (
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Noted is a command with an entry in the audit, in the same unit of work. A command that came to nothing leaves none. Without a command
// the entry is all.
type Noted struct {
	mpesa.Command   // nil: none
	By              mpesa.Actor
	Action, Subject string
	Nothing         func() bool // the command came to nothing
}

// Need names what the command does.
func (c *Noted) Need(v *mpesa.View) {
	if c.Command != nil {
		c.Command.Need(v)
	}
}

// Decide decides on the command, and notes it.
func (c *Noted) Decide(v *mpesa.View, now time.Time) {
	if c.Command != nil {
		if c.Command.Decide(v, now); c.Nothing() {
			return
		}
	}
	v.Audit(c.By, c.Action, c.Subject, "", now)
}
