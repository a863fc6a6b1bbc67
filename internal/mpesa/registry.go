package mpesa

import "time"

// ChangeOrganisation changes an organisation, or creates it.
type ChangeOrganisation struct {
	Shortcode Shortcode
	From      string                                  // the address that whoever runs Kivuko asks from
	Action    string                                  // for the audit, such as "change organisation"
	Change    func(o *Organisation, there bool) error // what it returns refuses the change

	Changed Organisation
	Refused error
}

// Need names the organisation.
func (c *ChangeOrganisation) Need(v *View) { Registry.Need(v, c.Shortcode) }

// Decide changes it.
func (c *ChangeOrganisation) Decide(v *View, now time.Time) {
	o, there := Registry.Get(v, c.Shortcode)
	o.Shortcode = c.Shortcode
	if c.Refused = c.Change(&o, there); c.Refused == nil {
		c.Changed = o
		Registry.Put(v, c.Shortcode, o)
		v.Audit(runner(c.Shortcode, c.From), c.Action, "", "", now)
	}
}

// ChangeApp changes a developer's app, or creates it. Tokens keep the products that they were issued with (wire.md §2.3).
type ChangeApp struct {
	Key    string
	Change func(a *App, there bool) error // what it returns refuses the change

	Changed App
	Created bool
	Refused error
}

// Need names the app.
func (c *ChangeApp) Need(v *View) { Apps.Need(v, c.Key) }

// Decide changes it.
func (c *ChangeApp) Decide(v *View, now time.Time) {
	a, there := Apps.Get(v, c.Key)
	a.Key = c.Key
	if !there {
		a.Created = now.UnixMilli()
	}
	c.Changed, c.Created = App{}, false
	if c.Refused = c.Change(&a, there); c.Refused == nil {
		c.Changed, c.Created = a, !there
		Apps.Put(v, c.Key, a)
	}
}

// RemoveApp removes a developer's app. Its tokens end with it.
type RemoveApp struct {
	Key string

	Found bool
}

// Need names the app.
func (c *RemoveApp) Need(v *View) { Apps.Need(v, c.Key) }

// Decide removes it.
func (c *RemoveApp) Decide(v *View, _ time.Time) {
	if _, c.Found = Apps.Get(v, c.Key); c.Found {
		Apps.Delete(v, c.Key)
	}
}

// runner is whoever runs Kivuko, doing something of an organisation's.
func runner(business Shortcode, from string) Actor {
	return Actor{Operator: OperatorID{Shortcode: business}, From: from}
}
