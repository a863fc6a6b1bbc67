package mpesa

import "time"

// ChangeOrganisation changes an organisation, or creates it.
type ChangeOrganisation struct {
	Shortcode Shortcode
	Change    func(o *Organisation, there bool) error // what it returns refuses the change

	Changed Organisation
	Refused error
}

// Need names the organisation.
func (c *ChangeOrganisation) Need(v *View, n *Needs) { v.needRegistry(n, c.Shortcode) }

// Decide changes it.
func (c *ChangeOrganisation) Decide(v *View, _ time.Time) {
	o, there := v.Registry.Get(c.Shortcode)
	o.Shortcode = c.Shortcode
	if c.Refused = c.Change(&o, there); c.Refused == nil {
		c.Changed = o
		v.Registry.Put(c.Shortcode, o)
	}
}

func (v *View) needRegistry(n *Needs, s Shortcode) {
	if !v.Registry.Loaded(s) {
		n.Registry = append(n.Registry, s)
	}
}

// ChangeOperator changes an organisation's operator, or creates it.
type ChangeOperator struct {
	ID     OperatorID
	Change func(o *Operator, there bool) error // what it returns refuses the change

	Changed Operator
	Created bool
	Refused error
	Unknown bool // the shortcode is nobody's: nothing was changed
}

// Need names the operator and the organisation.
func (c *ChangeOperator) Need(v *View, n *Needs) {
	v.needOrganisation(n, c.ID.Shortcode)
	v.needOperator(n, c.ID)
}

// Decide changes the operator.
func (c *ChangeOperator) Decide(v *View, _ time.Time) {
	c.Changed, c.Created, c.Refused = Operator{}, false, nil
	if c.Unknown = v.Organisations[c.ID.Shortcode] == nil; c.Unknown {
		return
	}
	o, there := v.Operators.Get(c.ID)
	o.Shortcode, o.Username = c.ID.Shortcode, c.ID.Username
	if c.Refused = c.Change(&o, there); c.Refused == nil {
		c.Changed, c.Created = o, !there
		v.Operators.Put(c.ID, o)
	}
}

// RemoveOperator removes an organisation's operator.
type RemoveOperator struct {
	ID OperatorID

	Found bool
}

// Need names the operator.
func (c *RemoveOperator) Need(v *View, n *Needs) { v.needOperator(n, c.ID) }

// Decide removes the operator.
func (c *RemoveOperator) Decide(v *View, _ time.Time) {
	if _, c.Found = v.Operators.Get(c.ID); c.Found {
		v.Operators.Delete(c.ID)
	}
}

// PutApp keeps a developer's app, in place of the one with its key if there is one. Tokens keep the products that they were issued
// with (wire.md §2.3).
type PutApp struct{ App App }

// Need names nothing.
func (c *PutApp) Need(*View, *Needs) {}

// Decide keeps it.
func (c *PutApp) Decide(v *View, _ time.Time) { v.NewApps = append(v.NewApps, c.App) }
