package portal

import (
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// ChangeOrganisation changes an organisation, or creates it.
type ChangeOrganisation struct {
	Shortcode mpesa.Shortcode
	From      string                                        // the address that Kivuko's administrator asks from
	Action    string                                        // for the audit, such as "change organisation"
	Change    func(o *mpesa.Organisation, there bool) error // what it returns refuses the change

	Changed mpesa.Organisation
	Refused error
}

// Need names the organisation.
func (c *ChangeOrganisation) Need(v *mpesa.View) { mpesa.Registry.Need(v, c.Shortcode) }

// Decide changes it.
func (c *ChangeOrganisation) Decide(v *mpesa.View, now time.Time) {
	o, there := mpesa.Registry.Get(v, c.Shortcode)
	o.Shortcode = c.Shortcode
	if c.Refused = c.Change(&o, there); c.Refused == nil {
		c.Changed = o
		mpesa.Registry.Put(v, c.Shortcode, o)
		v.Audit(runner(c.Shortcode, c.From), c.Action, "", "", now)
	}
}

// ChangeApp changes a developer's app, or creates it. Tokens keep the products that they were issued with (wire.md §2.3).
type ChangeApp struct {
	Key    string
	Change func(a *mpesa.App, there bool) error // what it returns refuses the change

	Changed mpesa.App
	Created bool
	Refused error
}

// Need names the app.
func (c *ChangeApp) Need(v *mpesa.View) { mpesa.Apps.Need(v, c.Key) }

// Decide changes it.
func (c *ChangeApp) Decide(v *mpesa.View, now time.Time) {
	a, there := mpesa.Apps.Get(v, c.Key)
	a.Key = c.Key
	if !there {
		a.Created = now.UnixMilli()
	}
	c.Changed, c.Created = mpesa.App{}, false
	if c.Refused = c.Change(&a, there); c.Refused == nil {
		c.Changed, c.Created = a, !there
		mpesa.Apps.Put(v, c.Key, a)
	}
}

// RemoveApp removes a developer's app. Its tokens end with it.
type RemoveApp struct {
	Key string

	Found bool
}

// Need names the app.
func (c *RemoveApp) Need(v *mpesa.View) { mpesa.Apps.Need(v, c.Key) }

// Decide removes it.
func (c *RemoveApp) Decide(v *mpesa.View, _ time.Time) {
	if _, c.Found = mpesa.Apps.Get(v, c.Key); c.Found {
		mpesa.Apps.Delete(v, c.Key)
	}
}

// runner is Kivuko's administrator, doing something of an organisation's.
func runner(business mpesa.Shortcode, from string) mpesa.Actor {
	return mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: business}, From: from}
}
