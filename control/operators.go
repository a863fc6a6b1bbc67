package control

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// Operator is somebody, or a program, that acts for an organisation. An API operator is the initiator of its requests; a web operator
// signs in to the organisation portal.
type Operator struct {
	Shortcode string        `json:"shortcode"`
	Username  string        `json:"username"`
	Channel   Channel       `json:"channel" doc:"API operators initiate requests, web operators sign in to the portal."`
	State     OperatorState `json:"state" doc:"Pending: an API operator has no password yet, a web operator has not signed in yet. Locked: after five wrong passwords in a row."`
	Wrong     int           `json:"wrongPasswords" jsonschema:"minimum=0" doc:"In a row."`
	Roles     []string      `json:"roles" is:"roles"`
	Rights    []Right       `json:"rights" doc:"On the portal, that the roles give."`
	Name      string        `json:"name,omitempty"`
	Phone     string        `json:"phone,omitempty" doc:"That gets the one-time PINs."`
	Email     string        `json:"email,omitempty"`
	IDType    string        `json:"idType,omitempty"`
	IDNumber  string        `json:"idNumber,omitempty"`
	SignedIn  Time          `json:"signedIn,omitzero" doc:"When they last signed in."`
}

// OperatorChange creates an operator, or changes what is given. A new web operator needs a name and a phone; unless they are given a password
// they get one by SMS, which they have to change when they first sign in. The channel can't be changed.
type OperatorChange struct {
	Channel  *Channel  `json:"channel,omitempty" doc:"Of a new operator; api unless it is given."`
	Roles    *[]string `json:"roles,omitempty" is:"roles" doc:"See /kivuko/v1/roles. A new operator has none unless they are given."`
	Password *string   `json:"password,omitempty" is:"password" jsonschema:"minLength=8,maxLength=245" doc:"Also unlocks. Only for the administrator."`
	Name     *string   `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Phone    *string   `json:"phone,omitempty" is:"operator phone"`
	Email    *string   `json:"email,omitempty" is:"email" jsonschema:"maxLength=100"`
	IDType   *string   `json:"idType,omitempty" is:"id type"`
	IDNumber *string   `json:"idNumber,omitempty" is:"line" jsonschema:"minLength=0,maxLength=20"`
}

// Operators are an organisation's, in the order of their usernames.
type Operators struct {
	Operators []Operator `json:"operators"`
}

// Roles are the tables of operators' roles, and what they are held to.
type Roles struct {
	Web       []WebRole `json:"web"`
	API       []APIRole `json:"api"`
	Questions []string  `json:"questions" doc:"Security questions; an operator chooses two."`
	IDTypes   []string  `json:"idTypes" doc:"Documents that prove who somebody is."`
	Passwords []string  `json:"passwordRules" doc:"Of web operators."`
}

// WebRole is a role of web operators.
type WebRole struct {
	Role   string  `json:"role"`
	Rights []Right `json:"rights"`
	About  string  `json:"about"`
}

// APIRole is a role of API operators, with the CommandIDs that it lets them use.
type APIRole struct {
	Role     string   `json:"role"`
	Commands []string `json:"commands" doc:"CommandIDs that it lets an operator use."`
}

// AuditEntry is that somebody did something with an organisation, or was refused to.
type AuditEntry struct {
	ID       int64  `json:"id"`
	At       Time   `json:"at"`
	Username string `json:"username,omitempty" doc:"Of the operator; none: the administrator."`
	From     string `json:"from,omitempty" doc:"Address of the connection, or what a trusted proxy says."`
	Via      string `json:"via,omitempty" jsonschema:"enum=control API" doc:"control API: its caller named the operator, who did not sign in; none: the operator did it."`
	Action   string `json:"action"`
	Subject  string `json:"subject,omitempty"`
	Refused  string `json:"refused,omitempty" doc:"Why it was refused; none: it was not."`
}

// AuditFilter narrows the audit. Zero values select everything.
type AuditFilter struct {
	After    string
	Limit    int
	Username string
	Action   string
	Refused  bool
}

// Operators lists an organisation's operators.
func (c *Client) Operators(ctx context.Context, shortcode string) ([]Operator, error) {
	list, err := get[Operators](ctx, c, organisationPath(shortcode, "/operators"))
	if err != nil {
		return nil, err
	}
	return list.Operators, nil
}

// Operator shows an operator.
func (c *Client) Operator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return get[Operator](ctx, c, operatorPath(shortcode, username, ""))
}

// PutOperator creates an operator, or changes what is given.
func (c *Client) PutOperator(ctx context.Context, shortcode, username string, change OperatorChange) (o *Operator, created bool, err error) {
	o = new(Operator)
	status, err := c.call(ctx, http.MethodPut, operatorPath(shortcode, username, ""), change, o)
	return o, status == http.StatusCreated, err
}

// DeleteOperator removes an operator.
func (c *Client) DeleteOperator(ctx context.Context, shortcode, username string) error {
	_, err := c.call(ctx, http.MethodDelete, operatorPath(shortcode, username, ""), nil, nil)
	return err
}

// UnlockOperator forgets wrong passwords.
func (c *Client) UnlockOperator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/unlock"), nil)
}

// SuspendOperator keeps an operator from doing anything, until ResumeOperator.
func (c *Client) SuspendOperator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/suspend"), nil)
}

// ResumeOperator ends a suspension.
func (c *Client) ResumeOperator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/resume"), nil)
}

// ResetOperator takes an operator's password away. A web operator gets a new first-time password by SMS; an API operator is pending until
// somebody sets one.
func (c *Client) ResetOperator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/reset"), nil)
}

// SetPassword sets an operator's password, which activates and unlocks them.
func (c *Client) SetPassword(ctx context.Context, shortcode, username, password string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/password"), OperatorPassword{password})
}

// Roles gives the tables of roles. They are the same on every Kivuko of a version.
func (c *Client) Roles(ctx context.Context) (*Roles, error) { return get[Roles](ctx, c, "roles") }

// Audit lists what was done with an organisation, newest first; for "" what was done with the installation.
func (c *Client) Audit(ctx context.Context, shortcode string, f AuditFilter) (*Page[AuditEntry], error) {
	path := "audit"
	if shortcode != "" {
		path = organisationPath(shortcode, "/audit")
	}
	return get[Page[AuditEntry]](ctx, c, query(path, "username", f.Username, "action", f.Action, "refused", f.Refused, "after", f.After, "limit", f.Limit))
}

// AllAudit goes through all pages of Audit.
func (c *Client) AllAudit(ctx context.Context, shortcode string, f AuditFilter) iter.Seq2[AuditEntry, error] {
	return every(&f.After, func() (*Page[AuditEntry], error) { return c.Audit(ctx, shortcode, f) })
}

func operatorPath(shortcode, username, rest string) string {
	return organisationPath(shortcode, "/operators/"+url.PathEscape(username)+rest)
}

// OperatorPassword is a password that is set for an operator.
type OperatorPassword struct {
	Password string `json:"password" is:"password" jsonschema:"minLength=8,maxLength=245"`
}
