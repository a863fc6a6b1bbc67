package control

import (
	"context"
	"net/http"
)

// Credentials are the test credentials: who is who in the world that an installation starts with.
// Parts that nobody plays in the database are "".
type Credentials struct {
	Express           string `json:"expressShortcode" doc:"A shortcode of M-Pesa Express (Lipa Na M-Pesa Online)."`
	Shortcode1        string `json:"shortcode1" doc:"That asks; a shortcode."`
	Shortcode2        string `json:"shortcode2" doc:"That is paid; a shortcode."`
	Till              string `json:"till" doc:"Whose owner is asked over B2B Express; a shortcode."`
	Phone             string `json:"testMSISDN"`
	Initiator         string `json:"initiatorName" doc:"Of shortcode 1."`
	InitiatorPassword string `json:"initiatorPassword,omitempty" doc:"Only where secrets were asked for."`
	Passkey           string `json:"passkey,omitempty" doc:"The same; of the shortcode of M-Pesa Express."`
	Changed           bool   `json:"changed,omitempty" doc:"The initiator has a password that nobody can show."`

	Missing map[string]string `json:"missing,omitempty" doc:"By the name of a part that nobody plays, the command that makes somebody who does."`
}

// CredentialCheck asks what a SecurityCredential is.
type CredentialCheck struct {
	SecurityCredential string `json:"securityCredential" is:"judged"`
	Shortcode          string `json:"shortcode,omitempty" is:"shortcode or none" doc:"Whose operators are tried; missing or empty: only the certificate is looked at."`
	Username           string `json:"username,omitempty" doc:"The only one who is tried."`
}

// CheckedCredential is what a SecurityCredential is.
type CheckedCredential struct {
	Certificate CertificateKind     `json:"certificate" doc:"Ours, foreign or unreadable."`
	Reason      string              `json:"reason,omitempty" doc:"Why it is not ours."`
	Operators   []CredentialVerdict `json:"operators,omitempty" doc:"Who were tried, at most 50."`
}

// CredentialVerdict is whether a SecurityCredential holds an operator's password.
type CredentialVerdict struct {
	Username string        `json:"username"`
	State    OperatorState `json:"state" doc:"Of the operator: only an active one may use it."`
	Right    bool          `json:"right"`
	Reason   string        `json:"reason,omitempty" doc:"Why it is not right."`
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
