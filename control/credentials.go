package control

import (
	"context"
	"net/http"
)

// Credentials are the test credentials: who is who in the world that an installation starts with.
type Credentials struct {
	Express           string `json:"expressShortcode"` // of M-Pesa Express (Lipa Na M-Pesa Online)
	Shortcode1        string `json:"shortcode1"`       // that asks
	Shortcode2        string `json:"shortcode2"`       // that is paid
	Till              string `json:"till"`             // whose owner is asked over B2B Express
	Phone             string `json:"testMSISDN"`
	Initiator         string `json:"initiatorName"`               // of shortcode 1
	InitiatorPassword string `json:"initiatorPassword,omitempty"` // only where secrets were asked for
	Passkey           string `json:"passkey,omitempty"`           // the same; of the shortcode of M-Pesa Express
	Changed           bool   `json:"changed,omitempty"`           // the initiator has another password now, which nobody can show
}

// CredentialCheck asks what a SecurityCredential is.
type CredentialCheck struct {
	SecurityCredential string `json:"securityCredential"`
	Shortcode          string `json:"shortcode,omitempty" is:"shortcode or none"` // whose operators are tried; "": only the certificate is looked at
	Username           string `json:"username,omitempty"`                         // the only one who is tried
}

// CheckedCredential is what a SecurityCredential is.
type CheckedCredential struct {
	Certificate CertificateKind     `json:"certificate"` // ours, foreign or unreadable
	Reason      string              `json:"reason,omitempty"`
	Operators   []CredentialVerdict `json:"operators,omitempty"` // who were tried, in the order of their usernames
}

// CredentialVerdict is whether a SecurityCredential holds an operator's password.
type CredentialVerdict struct {
	Username string        `json:"username"`
	State    OperatorState `json:"state"` // of the operator: only an active one may use it
	Right    bool          `json:"right"`
	Reason   string        `json:"reason,omitempty"` // why it isn't
}

// Credentials shows the test credentials, with their secrets where those are asked for.
func (c *Client) Credentials(ctx context.Context, secrets bool) (*Credentials, error) {
	path := "credentials"
	if secrets {
		path += "?secrets=1"
	}
	return get[Credentials](ctx, c, path)
}

// EncryptCredential encrypts a password with the installation's certificate: it gives a SecurityCredential.
func (c *Client) EncryptCredential(ctx context.Context, password string) (securityCredential string, err error) {
	encrypted, err := send[SecurityCredential](ctx, c, http.MethodPost, "credentials/encrypt", Password{password})
	if err != nil {
		return "", err
	}
	return encrypted.SecurityCredential, nil
}

// CheckCredential tells what a SecurityCredential is. It never counts as a wrong password, and never tells what is in it.
func (c *Client) CheckCredential(ctx context.Context, check CredentialCheck) (*CheckedCredential, error) {
	return send[CheckedCredential](ctx, c, http.MethodPost, "credentials/check", check)
}

// Password is one that is to be encrypted.
type Password struct {
	Password string `json:"password" jsonschema:"minLength=1,maxLength=245"`
}

// SecurityCredential is an encrypted password.
type SecurityCredential struct {
	SecurityCredential string `json:"securityCredential" jsonschema:"minLength=344,maxLength=344"`
}
