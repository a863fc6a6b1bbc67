package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/unit"
)

// Actor is who asks for something of an organisation's: one of its operators, or, without a name, Kivuko's administrator, who may do all.
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

// Provider reports whether the actor is Kivuko's administrator.
func (a Actor) Provider() bool { return a.Operator.Username == "" }

// Audit says who did what with an organisation.
var Audit = unit.NewLog[AuditEntry]("audit")

// AuditEntry is that somebody did something with an organisation, or was refused to. Entries are never changed.
type AuditEntry struct {
	ID       int64
	At       int64 // milliseconds
	Business Shortcode
	Username string // of the operator; "": Kivuko's administrator
	From     string // address
	Via      Via
	Action   string // what was done, such as "approve"
	Subject  string // with what, such as a receipt or an operator's name
	Payment  int64  // number of the payment, or of the task, that it is about; 0: none
	Refused  string // why it was refused; "": it was not
}

// Audit notes what an actor did, or why they were refused.
func (v *View) Audit(by Actor, action, subject, refused string, now time.Time) {
	v.AuditPayment(0, by, action, subject, refused, now)
}

// AuditPayment notes what an actor did with a payment, or why they were refused.
func (v *View) AuditPayment(payment int64, by Actor, action, subject, refused string, now time.Time) {
	Audit.Add(v, AuditEntry{ID: v.NewID(), At: now.UnixMilli(), Business: by.Operator.Shortcode, Username: by.Operator.Username, From: by.From, Via: by.Via,
		Action: action, Subject: subject, Payment: payment, Refused: refused})
}

// Installation is the business of audit entries that are no organisation's: what was done by Kivuko's administrator.
const Installation Shortcode = 0
