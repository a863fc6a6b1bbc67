package mpesa

import (
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

// Person is who an operator is: the KYC information that is given when they are created (BusinessToPochi, creating a business manager).
type Person struct {
	Name     string        `json:"name,omitempty"`
	Phone    msisdn.Number `json:"phone,omitempty"` // where the one-time PINs go
	Email    string        `json:"email,omitempty"`
	IDType   string        `json:"idType,omitempty"` // one of IDTypes
	IDNumber string        `json:"idNumber,omitempty"`
}

// OperatorState is what state an operator is in.
type OperatorState string

// The states of operators. An API operator is pending until somebody sets the password (BusinessToPochi FAQ 12), a web operator until
// they have changed the first-time password.
const (
	OperatorActive    OperatorState = "active"
	OperatorPending   OperatorState = "pending"
	OperatorLocked    OperatorState = "locked"
	OperatorSuspended OperatorState = "suspended"
)

// State is what state the operator is in.
func (o *Operator) State() OperatorState {
	switch {
	case o.Suspended:
		return OperatorSuspended
	case o.Locked():
		return OperatorLocked
	case o.Password == "" || o.First:
		return OperatorPending
	}
	return OperatorActive
}

// WrongPassword counts a wrong password of an operator's, or what is as good as one. The last one locks the operator.
func (v *View) WrongPassword(o *Operator, by Actor, now time.Time) {
	if o.Wrong++; o.Wrong == LockAfter {
		o.Epoch++
		v.Audit(by, "lock", o.Username, "", now)
	}
	Operators.Put(v, o.ID(), *o)
}

// SecurityQuestion is a question and what is kept of its answer.
type SecurityQuestion struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // argon2id in PHC form
}

// OperatorID names an operator: usernames are an organisation's own.
type OperatorID struct {
	Shortcode Shortcode
	Username  string
}

// Role is what an operator may do.
type Role string

// The roles of API operators (BusinessToPochi, various API roles; wire.md §7.5).
const (
	RoleB2C         Role = "ORG B2C API initiator"
	RolePayBill     Role = "Business Paybill Org API initiator"
	RoleBuyGoods    Role = "Business Buy Goods Org API initiator"
	RolePayToBulk   Role = "Org Business Pay to Bulk API initiator"
	RoleStatus      Role = "Transaction Status query ORG API"
	RoleBalance     Role = "Balance Query ORG API"
	RoleReversal    Role = "Org Reversals Initiator"
	RoleTax         Role = "Tax Remittance to KRA API"
	RoleSetPassword Role = "Set Restricted ORG API PASSWORD"
)

// AllRoles lists the roles in the documents' order.
func AllRoles() []Role {
	return []Role{RoleB2C, RolePayBill, RoleBuyGoods, RolePayToBulk, RoleStatus, RoleBalance, RoleReversal, RoleTax, RoleSetPassword}
}

// Operators act for organisations.
var Operators = unit.NewTable[OperatorID, Operator]("operators")

// Operator is somebody, or a program, that acts for an organisation: the initiator of its API requests.
type Operator struct {
	Shortcode Shortcode `json:"shortcode"`
	Username  string    `json:"username"`
	Password  string    `json:"password,omitempty"` // argon2id in PHC form; "": none was set, and the operator isn't active
	Roles     []Role    `json:"roles"`
	Wrong     int       `json:"wrong,omitempty"` // wrong passwords in a row; at LockAfter the operator is locked
	Channel   Channel   `json:"channel,omitempty"`
	Person    Person    `json:"person,omitzero"`
	Suspended bool      `json:"suspended,omitempty"` // by an administrator

	// Of web operators only:
	First     bool               `json:"first,omitempty"`     // Password is a first-time one: the next sign-in changes it
	Earlier   []string           `json:"earlier,omitempty"`   // the hashes of the passwords before it, newest first
	Questions []SecurityQuestion `json:"questions,omitempty"` // by which they get in without the password
	OTP       OneTimePIN         `json:"otp,omitzero"`
	Epoch     int64              `json:"epoch,omitempty"`    // counts what has ended the operator's sessions
	SignedIn  int64              `json:"signedIn,omitempty"` // when they last did; milliseconds
}

// ID is the operator's name.
func (o *Operator) ID() OperatorID { return OperatorID{o.Shortcode, o.Username} }

// LockAfter is how many wrong passwords in a row lock an operator (wire.md §7.5).
const LockAfter = 5

// Locked reports whether the operator's credential is locked: result 8006.
func (o *Operator) Locked() bool { return o.Wrong >= LockAfter }
