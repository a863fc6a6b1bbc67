package control

import (
	"context"
	"net/http"
)

// SessionHeader has the token of an operator's session, for the calls that are about it.
const SessionHeader = "Kivuko-Session"

// SignIn is how far a sign-in has got.
type SignIn struct {
	Step      SignInStep `json:"step"`
	Ticket    string     `json:"ticket,omitempty" doc:"For the next step."`
	Phone     string     `json:"phone,omitempty" doc:"That gets the one-time PIN, partly."`
	ExpiresAt Time       `json:"expiresAt,omitzero" doc:"The same PIN."`
	ResendAt  Time       `json:"resendAt,omitzero" doc:"When another one may be sent."`
	Questions []string   `json:"questions,omitempty" doc:"To be answered in the step recover."`
	Session   *Session   `json:"session,omitempty" doc:"In the step done."`
}

// Session is an operator who is signed in.
type Session struct {
	Token        string   `json:"token" doc:"For the header Kivuko-Session."`
	Operator     Operator `json:"operator"`
	Organisation string   `json:"organisation" doc:"Its name."`
	IdleAt       Time     `json:"idleAt" doc:"When the session ends unless it is used."`
	EndsAt       Time     `json:"endsAt" doc:"In any case."`
}

// SecurityAnswer is a security question with its answer, which is compared without regard to capitals and spaces.
type SecurityAnswer struct{ Question, Answer string }

// SignIn begins a sign-in. When the password is right, the operator's phone gets a one-time PIN.
func (c *Client) SignIn(ctx context.Context, shortcode, username, password string) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "", SignInPassword{username, password})
}

// EnterOTP goes on with the one-time PIN.
func (c *Client) EnterOTP(ctx context.Context, shortcode, ticket, otp string) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "/otp", SignInOTP{ticket, otp})
}

// ResendOTP has another one-time PIN sent.
func (c *Client) ResendOTP(ctx context.Context, shortcode, ticket string) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "/resend", SignInTicket{ticket})
}

// ActivateOperator ends the first sign-in: with the first-time password, a new one, and two security questions.
func (c *Client) ActivateOperator(ctx context.Context, shortcode, ticket, password, newPassword string, answers [2]SecurityAnswer) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "/first", SignInFirst{ticket, password, newPassword,
		answers[0].Question, answers[0].Answer, answers[1].Question, answers[1].Answer})
}

// ForgottenPassword begins to replace a forgotten password: the operator's phone gets a one-time PIN. The answer is the same, and no
// error, when there is no such operator.
func (c *Client) ForgottenPassword(ctx context.Context, shortcode, username string) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "/forgotten", SignInUsername{username})
}

// RecoverPassword ends it, with the answers to the two security questions.
func (c *Client) RecoverPassword(ctx context.Context, shortcode, ticket, newPassword, answer1, answer2 string) (*SignIn, error) {
	return c.signIn(ctx, shortcode, "/recover", SignInRecover{ticket, newPassword, answer1, answer2})
}

func (c *Client) signIn(ctx context.Context, shortcode, rest string, given any) (*SignIn, error) {
	return send[SignIn](ctx, c, http.MethodPost, organisationPath(shortcode, "/sign-in"+rest), given)
}

// Session tells whose a session is, and gives it another token, with which it lasts longer. A *Problem says that it has ended.
func (c *Client) Session(ctx context.Context, shortcode, token string) (*Session, error) {
	return withSession[Session](ctx, c, token, http.MethodGet, organisationPath(shortcode, "/session"), nil)
}

// ChangePassword changes the password of the operator who is signed in. Their sessions end but for the one that is returned.
func (c *Client) ChangePassword(ctx context.Context, shortcode, token, password, newPassword string) (*Session, error) {
	return withSession[Session](ctx, c, token, http.MethodPost, organisationPath(shortcode, "/session/password"),
		OwnPassword{password, newPassword})
}

// SignOut ends the sessions of the operator who is signed in.
func (c *Client) SignOut(ctx context.Context, shortcode, token string) error {
	_, err := c.with(SessionHeader, token).call(ctx, http.MethodDelete, organisationPath(shortcode, "/session"), nil, nil)
	return err
}

func withSession[T any](ctx context.Context, c *Client, token, method, path string, in any) (*T, error) {
	return send[T](ctx, c.with(SessionHeader, token), method, path, in)
}

// As is a client that calls for an organisation's operator: the rules check their rights, and write the audit.
func (c *Client) As(username string) *Client { return c.with(OperatorHeader, username) }

// with is a client that sends a header with each call.
func (c *Client) with(name, value string) *Client {
	other := *c
	other.http = &http.Client{Timeout: c.http.Timeout, Transport: headed{c.http.Transport, name, value}}
	return &other
}

// headed sends a header with each request.
type headed struct {
	next        http.RoundTripper // nil: the usual one
	name, value string
}

// RoundTrip implements http.RoundTripper.
func (h headed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(h.name, h.value)
	if h.next == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	return h.next.RoundTrip(r)
}

// The steps of signing in.
type (
	// SignInPassword begins a sign-in.
	SignInPassword struct {
		Username string `json:"username" is:"filled username"`
		Password string `json:"password" is:"filled"`
	}
	// SignInUsername begins to replace a forgotten password.
	SignInUsername struct {
		Username string `json:"username" is:"filled username"`
	}
	// SignInTicket has another one-time PIN sent.
	SignInTicket struct {
		Ticket string `json:"ticket" is:"filled"`
	}
	// SignInOTP goes on with the one-time PIN.
	SignInOTP struct {
		Ticket string `json:"ticket" is:"filled"`
		OTP    string `json:"otp" is:"filled"`
	}
	// SignInFirst ends the first sign-in.
	SignInFirst struct {
		Ticket      string `json:"ticket" is:"filled"`
		Password    string `json:"password" is:"filled" doc:"The first-time one."`
		NewPassword string `json:"newPassword" is:"filled"`
		Question1   string `json:"question1" is:"filled"`
		Answer1     string `json:"answer1" is:"filled"`
		Question2   string `json:"question2" is:"filled"`
		Answer2     string `json:"answer2" is:"filled"`
	}
	// SignInRecover replaces a forgotten password.
	SignInRecover struct {
		Ticket      string `json:"ticket" is:"filled"`
		NewPassword string `json:"newPassword" is:"filled"`
		Answer1     string `json:"answer1" is:"filled"`
		Answer2     string `json:"answer2" is:"filled"`
	}
	// OwnPassword changes one's own password.
	OwnPassword struct {
		Password    string `json:"password" is:"filled" doc:"The present one."`
		NewPassword string `json:"newPassword" is:"filled"`
	}
)
