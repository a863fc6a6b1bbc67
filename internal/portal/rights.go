package portal

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Right is something that an operator may do on the organisation portal.
type Right string

// The rights.
const (
	ManageOperators Right = "manage operators"  // create, change, unlock and remove them, and give them roles
	ViewOperators   Right = "view operators"    // who there is, with which roles
	SetAPIPassword  Right = "set API passwords" // of API operators, which activates them
	SetApproval     Right = "set approval"      // say what needs whose approval
	ViewMoney       Right = "view transactions" // accounts, statements and tasks
	ViewBulk        Right = "view bulk files"   // and what became of their rows
	InitiateTasks   Right = "initiate"          // payments, moves, settlements, reversals
	InitiateBulk    Right = "initiate bulk files"
	InitiateBank    Right = "withdraw"    // withdrawals to the bank
	ApproveTasks    Right = "approve"     // or reject what another one initiated
	ViewAudit       Right = "view audit"  // who did what, when and from where
	RunKivuko       Right = "run Kivuko"  // what no operator may do: no role gives it
	SeeOneself      Right = "see oneself" // what each may do: no role is needed
)

// WebRole is a line of the table of web operators' roles.
type WebRole struct {
	Role   mpesa.Role
	Rights []Right
	About  string
}

// WebRoles lists what web operators may do by their roles (BusinessToPochi, various roles under the portal). An administrator sees no
// transactions, but "can perform bulk operations for their organization" (DarajaTutorial, B2C API); an operator who has Set Restricted ORG API
// PASSWORD beside another role sets the passwords of API operators.
func WebRoles() []WebRole {
	return []WebRole{
		{mpesa.RoleAdministrator, []Right{ManageOperators, ViewOperators, SetApproval, ViewBulk, InitiateBulk, ViewAudit}, "makes the other operators and gives them roles, submits bulk files; sees no other transactions"},
		{mpesa.RoleManager, []Right{ViewMoney, ViewBulk, InitiateTasks, InitiateBulk, InitiateBank, ApproveTasks}, "initiates, approves or rejects, withdraws, sees statements"},
		{mpesa.RoleWebOperator, []Right{ViewMoney, ViewBulk, InitiateTasks, InitiateBulk}, "initiates, sees statements and balances"},
		{mpesa.RoleAuditor, []Right{ViewMoney, ViewBulk, ViewOperators, ViewAudit}, "sees everything, changes nothing"},
		{mpesa.RoleSetPassword, []Right{ViewOperators, SetAPIPassword}, "sets the passwords of API operators"},
	}
}

// May reports whether the operator's roles give a right.
func May(o *mpesa.Operator, right Right) bool {
	return o.Channel == mpesa.ChannelWeb && (right == SeeOneself || slices.ContainsFunc(WebRoles(), func(r WebRole) bool {
		return slices.Contains(o.Roles, r.Role) && slices.Contains(r.Rights, right)
	}))
}

// Forbidden is why an operator may not do something.
type Forbidden struct{ Reason string }

func (f *Forbidden) Error() string { return f.Reason }

// needActor names the actor's row, by which rights are checked.
func needActor(v *mpesa.View, by mpesa.Actor) {
	if !by.Provider() {
		mpesa.Operators.Need(v, by.Operator)
	}
}

// forbids is nil when the actor has a right. Otherwise it says why not, and the refusal is in the audit.
func forbids(v *mpesa.View, by mpesa.Actor, right Right, action, subject string, now time.Time) error {
	err := lacks(v, by, right)
	if err != nil {
		v.Audit(by, action, subject, err.Error(), now)
	}
	return err
}

// lacks is nil when the actor has a right. Otherwise it says why not.
func lacks(v *mpesa.View, by mpesa.Actor, right Right) error {
	if by.Provider() {
		return nil
	}
	switch o, there := mpesa.Operators.Get(v, by.Operator); {
	case !there:
		return &Forbidden{fmt.Sprintf("%s has no operator %q", by.Operator.Shortcode, by.Operator.Username)}
	case o.State() != mpesa.OperatorActive:
		return &Forbidden{fmt.Sprintf("the operator %s of %s is %s", o.Username, o.Shortcode, o.State())}
	case !May(&o, right):
		return &Forbidden{fmt.Sprintf("the roles of %s don't give the right %q", o.Username, right)}
	}
	return nil
}

// Authorise checks a right that only allows to see something. A refusal is written to the audit.
type Authorise struct {
	By      mpesa.Actor
	Right   Right
	Action  string // such as "view statement"
	Subject string
	Of      mpesa.OperatorID // the operator to be seen: all may see themselves; none: nobody

	Refused error // a *Forbidden
}

// Need names the actor.
func (c *Authorise) Need(v *mpesa.View) { needActor(v, c.By) }

// Decide asks.
func (c *Authorise) Decide(v *mpesa.View, now time.Time) {
	right := c.Right
	if c.Of == c.By.Operator {
		right = SeeOneself
	}
	c.Refused = forbids(v, c.By, right, c.Action, c.Subject, now)
}
