package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
)

// Pull is an organisation's registration for Pull transactions (wire.md §14.3).
type Pull struct {
	Nominated   msisdn.Number `json:"nominated"`
	CallBackURL string        `json:"url"` // kept and never called: the portal's answer to a query is all there is
}

// RegisterPull registers an organisation for Pull transactions, once.
type RegisterPull struct {
	Shortcode Shortcode
	Pull      Pull

	Unknown bool // the shortcode is nobody's
	Already bool // it was registered before, and stays so
}

// Need names the organisation.
func (c *RegisterPull) Need(v *View) { Registry.Need(v, c.Shortcode) }

// Decide registers.
func (c *RegisterPull) Decide(v *View, _ time.Time) {
	o, there := Registry.Get(v, c.Shortcode)
	c.Unknown, c.Already = !there, there && o.Pull.Nominated != 0
	if !c.Unknown && !c.Already {
		o.Pull = c.Pull
		Registry.Put(v, c.Shortcode, o)
	}
}
