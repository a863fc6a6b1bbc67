package mpesa

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Channel is how an operator reaches M-PESA (DarajaTutorial, B2C API: web operators and API operators).
type Channel string

// The channels.
const (
	ChannelAPI Channel = ""    // initiates requests; can't sign in
	ChannelWeb Channel = "web" // signs in to the organisation portal
)

// The roles of web operators (BusinessToPochi, various roles under the portal).
const (
	RoleAdministrator Role = "Business Administrator"
	RoleManager       Role = "Business Manager"
	RoleWebOperator   Role = "Business Web Operator"
	RoleAuditor       Role = "Business Auditor"
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
	Role   Role
	Rights []Right
	About  string
}

// WebRoles lists what web operators may do by their roles (BusinessToPochi, various roles under the portal). An administrator sees no
// transactions, but "can perform bulk operations for their organization" (DarajaTutorial, B2C API); whoever holds Set Restricted ORG API
// PASSWORD beside another role sets the passwords of API operators.
func WebRoles() []WebRole {
	return []WebRole{
		{RoleAdministrator, []Right{ManageOperators, ViewOperators, SetApproval, ViewBulk, InitiateBulk, ViewAudit}, "makes the other operators and gives them roles, submits bulk files; sees no other transactions"},
		{RoleManager, []Right{ViewMoney, ViewBulk, InitiateTasks, InitiateBulk, InitiateBank, ApproveTasks}, "initiates, approves or rejects, withdraws, sees statements"},
		{RoleWebOperator, []Right{ViewMoney, ViewBulk, InitiateTasks, InitiateBulk}, "initiates, sees statements and balances"},
		{RoleAuditor, []Right{ViewMoney, ViewBulk, ViewOperators, ViewAudit}, "sees everything, changes nothing"},
		{RoleSetPassword, []Right{ViewOperators, SetAPIPassword}, "sets the passwords of API operators"},
	}
}

// May tells whether the operator's roles give a right.
func (o *Operator) May(right Right) bool {
	return o.Channel == ChannelWeb && (right == SeeOneself || slices.ContainsFunc(WebRoles(), func(r WebRole) bool {
		return slices.Contains(o.Roles, r.Role) && slices.Contains(r.Rights, right)
	}))
}

// Actor is whoever asks for something of an organisation's: one of its operators, or, without a name, whoever runs Kivuko, who may do all.
type Actor struct {
	Operator OperatorID
	From     string // the address that they ask from, for the audit
	Via      Via    // how the operator was named, for the audit
}

// Via is how an operator was named who did something.
type Via string

// ViaControlAPI is by a header of the control API's: a caller of that API can name any operator. Others have signed in to the portal or
// proved by a SecurityCredential who they are.
const ViaControlAPI Via = "control API"

// runner is whoever runs Kivuko, doing something of an organisation's.
func runner(business Shortcode, from string) Actor {
	return Actor{Operator: OperatorID{Shortcode: business}, From: from}
}

// Provider tells whether the actor is whoever runs Kivuko.
func (a Actor) Provider() bool { return a.Operator.Username == "" }

// Forbidden is why an operator may not do something.
type Forbidden struct{ Reason string }

func (f *Forbidden) Error() string { return f.Reason }

// Audit says who did what with an organisation.
var Audit = unit.NewLog[AuditEntry]("audit")

// AuditEntry is that somebody did something with an organisation, or was refused to. Entries are never changed.
type AuditEntry struct {
	ID       int64
	At       int64 // milliseconds
	Business Shortcode
	Username string // of the operator; "": whoever runs Kivuko
	From     string // address
	Via      Via
	Action   string // what he did, such as "approve"
	Subject  string // with what, such as a receipt or an operator's name
	Refused  string // why he was refused; "": he was not
}

// audit notes what an actor did, or why he was refused.
func (v *View) audit(by Actor, action, subject, refused string, now time.Time) {
	Audit.Add(v, AuditEntry{ID: v.NewID(), At: now.UnixMilli(), Business: by.Operator.Shortcode, Username: by.Operator.Username, From: by.From, Via: by.Via,
		Action: action, Subject: subject, Refused: refused})
}

// needActor names the actor's row, by which his rights are checked.
func (v *View) needActor(by Actor) {
	if !by.Provider() {
		Operators.Need(v, by.Operator)
	}
}

// forbids is nil when the actor has a right. Otherwise it says why not, and the refusal is in the audit.
func (v *View) forbids(by Actor, right Right, action, subject string, now time.Time) error {
	if by.Provider() {
		return nil
	}
	reason := ""
	switch o, there := Operators.Get(v, by.Operator); {
	case !there:
		reason = fmt.Sprintf("%s has no operator %q", by.Operator.Shortcode, by.Operator.Username)
	case o.State() != OperatorActive:
		reason = fmt.Sprintf("the operator %s of %s is %s", o.Username, o.Shortcode, o.State())
	case !o.May(right):
		reason = fmt.Sprintf("the roles of %s don't give the right %q", o.Username, right)
	default:
		return nil
	}
	v.audit(by, action, subject, reason, now)
	return &Forbidden{reason}
}

// Authorise asks whether an actor has a right that only lets him see something. That he is refused is in the audit.
type Authorise struct {
	By      Actor
	Right   Right
	Action  string // such as "view statement"
	Subject string
	Of      OperatorID // whom he wants to see: each may see himself; none: nobody

	Refused error // a *Forbidden
}

// Need names the actor.
func (c *Authorise) Need(v *View) { v.needActor(c.By) }

// Decide asks.
func (c *Authorise) Decide(v *View, now time.Time) {
	right := c.Right
	if c.Of == c.By.Operator {
		right = SeeOneself
	}
	c.Refused = v.forbids(c.By, right, c.Action, c.Subject, now)
}

// Messages are SMS that no payment tells of.
var Messages = unit.NewLog[Message]("messages")

// Message is an SMS that no payment tells of, such as a one-time PIN.
type Message struct {
	ID    int64
	Phone msisdn.Number
	At    int64 // milliseconds
	Text  string
}

// send sends an SMS to a phone.
func (v *View) send(phone msisdn.Number, text string, now time.Time) {
	Messages.Add(v, Message{ID: v.NewID(), Phone: phone, At: now.UnixMilli(), Text: text})
}
