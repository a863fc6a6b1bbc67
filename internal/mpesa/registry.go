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
func (c *ChangeOrganisation) Need(v *View, n *Needs) { v.needRegistry(n, c.Shortcode) }

// Decide changes it.
func (c *ChangeOrganisation) Decide(v *View, now time.Time) {
	o, there := v.Registry.Get(c.Shortcode)
	o.Shortcode = c.Shortcode
	if c.Refused = c.Change(&o, there); c.Refused == nil {
		c.Changed = o
		v.Registry.Put(c.Shortcode, o)
		v.audit(runner(c.Shortcode, c.From), c.Action, "", "", now)
	}
}

func (v *View) needRegistry(n *Needs, s Shortcode) {
	if !v.Registry.Loaded(s) {
		n.Registry = append(n.Registry, s)
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
func (c *ChangeApp) Need(v *View, n *Needs) { v.needApp(n, c.Key) }

// Decide changes it.
func (c *ChangeApp) Decide(v *View, now time.Time) {
	a, there := v.Apps.Get(c.Key)
	a.Key = c.Key
	if !there {
		a.Created = now.UnixMilli()
	}
	c.Changed, c.Created = App{}, false
	if c.Refused = c.Change(&a, there); c.Refused == nil {
		c.Changed, c.Created = a, !there
		v.Apps.Put(c.Key, a)
	}
}

// RemoveApp removes a developer's app. Its tokens end with it.
type RemoveApp struct {
	Key string

	Found bool
}

// Need names the app.
func (c *RemoveApp) Need(v *View, n *Needs) { v.needApp(n, c.Key) }

// Decide removes it.
func (c *RemoveApp) Decide(v *View, _ time.Time) {
	if _, c.Found = v.Apps.Get(c.Key); c.Found {
		v.Apps.Delete(c.Key)
	}
}

func (v *View) needApp(n *Needs, key string) {
	if !v.Apps.Loaded(key) {
		n.Apps = append(n.Apps, key)
	}
}
