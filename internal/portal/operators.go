package portal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// IDTypes lists the documents that prove who somebody is (DarajaTutorial has a national ID; the others are Kenya's).
func IDTypes() []string { return []string{"National ID", "Passport", "Alien ID", "Military ID"} }

// RightsOf lists what the operator's roles allow on the portal.
func RightsOf(o *mpesa.Operator) (list []Right) {
	for _, r := range AllRights() {
		if May(o, r) {
			list = append(list, r)
		}
	}
	return list
}

// AllRights lists the rights.
func AllRights() []Right {
	return []Right{ManageOperators, ViewOperators, SetAPIPassword, SetApproval, ViewMoney, ViewBulk, InitiateTasks, InitiateBulk, InitiateBank, ApproveTasks, ViewAudit}
}

// RolesOf lists the roles that operators of a channel can have.
func RolesOf(c mpesa.Channel) (list []mpesa.Role) {
	if c == mpesa.ChannelAPI {
		return mpesa.AllRoles()
	}
	for _, r := range WebRoles() {
		list = append(list, r.Role)
	}
	for _, role := range mpesa.AllRoles() { // "operations or transactions via API given the right roles" (DarajaTutorial, B2C API)
		if !slices.Contains(list, role) {
			list = append(list, role)
		}
	}
	return list
}

// ChangeOperator changes an organisation's operator, or creates it.
type ChangeOperator struct {
	By     mpesa.Actor // of the same organisation
	Right  Right       // that the actor needs
	Action string
	ID     mpesa.OperatorID
	Phone  msisdn.Number                             // that is to become a customer's if it isn't, so that it can get an SMS; 0: none
	Change func(o *mpesa.Operator, there bool) error // what it returns refuses the change
	SMS    string                                    // that the operator gets when the change is made; "": none

	Changed mpesa.Operator
	Created bool
	Refused error
	Unknown bool // the shortcode is nobody's: nothing was changed
}

// Need names the operator and the organisation.
func (c *ChangeOperator) Need(v *mpesa.View) {
	needActor(v, c.By)
	mpesa.Organisations.Need(v, c.ID.Shortcode)
	mpesa.Operators.Need(v, c.ID)
	if c.Phone != 0 {
		v.NeedRecipient(c.Phone)
	}
}

// Decide changes the operator.
func (c *ChangeOperator) Decide(v *mpesa.View, now time.Time) {
	c.Changed, c.Created, c.Refused = mpesa.Operator{}, false, nil
	if c.Unknown = mpesa.Organisations.Get(v, c.ID.Shortcode) == nil; c.Unknown {
		return
	}
	c.By.Operator.Shortcode = c.ID.Shortcode
	before, there := mpesa.Operators.Get(v, c.ID)
	if c.Refused = forbids(v, c.By, c.Right, c.Action, c.ID.Username, now); c.Refused != nil {
		return
	}
	o := before
	o.Shortcode, o.Username = c.ID.Shortcode, c.ID.Username
	c.Refused = c.Change(&o, there)
	if c.Refused == nil && c.By.Operator == c.ID && !sameStanding(&before, &o) {
		c.Refused = &Forbidden{"operators can't change their own roles, state or password here; another administrator can"}
	}
	if c.Refused != nil {
		refused(v, c.By, c.Action, c.ID.Username, c.Refused, now)
		return
	}
	switch {
	case !there:
		o.Epoch = now.UnixMilli() // beyond that of an earlier operator of the name
	case !sameStanding(&before, &o):
		o.Epoch++
	}
	if c.Phone != 0 {
		v.Customer(c.Phone, now)
	}
	if c.SMS != "" {
		v.Send(o.Person.Phone, c.SMS, now)
	}
	c.Changed, c.Created = o, !there
	mpesa.Operators.Put(v, c.ID, o)
	v.Audit(c.By, c.Action, changeOf(&before, &o), "", now)
}

// sameStanding reports whether a change leaves an operator's roles, state and password as they were.
func sameStanding(before, after *mpesa.Operator) bool {
	return sameRoles(before, after) && before.Password == after.Password && before.Suspended == after.Suspended &&
		before.First == after.First && before.Locked() == after.Locked()
}

// sameRoles reports whether two operators have the same roles, in any order: each has a role once.
func sameRoles(a, b *mpesa.Operator) bool {
	return len(a.Roles) == len(b.Roles) && !slices.ContainsFunc(a.Roles, func(r mpesa.Role) bool { return !slices.Contains(b.Roles, r) })
}

// changeOf is what the audit says of a change to an operator: who, and the new roles if they are others.
func changeOf(before, after *mpesa.Operator) string {
	if sameRoles(before, after) {
		return after.Username
	}
	names := []string{}
	for _, r := range after.Roles {
		names = append(names, string(r))
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return fmt.Sprintf("%s, roles: %s", after.Username, strings.Join(names, ", "))
}

// refused notes in the audit that an actor lacks a right, if that is what err says.
func refused(v *mpesa.View, by mpesa.Actor, action, subject string, err error, now time.Time) {
	if f, ok := errors.AsType[*Forbidden](err); ok {
		v.Audit(by, action, subject, f.Reason, now)
	}
}

// RemoveOperator removes an organisation's operator. Operators can't remove themselves, so that an administrator is left.
type RemoveOperator struct {
	By mpesa.Actor // of the same organisation
	ID mpesa.OperatorID

	Found   bool
	Refused error // a *Forbidden
}

// Need names the operator.
func (c *RemoveOperator) Need(v *mpesa.View) {
	needActor(v, c.By)
	mpesa.Operators.Need(v, c.ID)
}

// Decide removes the operator.
func (c *RemoveOperator) Decide(v *mpesa.View, now time.Time) {
	const action = "remove operator"
	c.By.Operator.Shortcode = c.ID.Shortcode
	c.Found = false
	if c.Refused = forbids(v, c.By, ManageOperators, action, c.ID.Username, now); c.Refused != nil {
		return
	}
	if c.By.Operator == c.ID {
		c.Refused = &Forbidden{"operators can't remove themselves; another administrator can"}
		refused(v, c.By, action, c.ID.Username, c.Refused, now)
		return
	}
	if _, c.Found = mpesa.Operators.Get(v, c.ID); c.Found {
		mpesa.Operators.Delete(v, c.ID)
		v.Audit(c.By, action, c.ID.Username, "", now)
	}
}
