package controlapi

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// actorOf tells who asks for something of an organisation's: the operator that the header Kivuko-Operator names, or, without it,
// Kivuko's administrator, who may do all. An operator acts only for their own organisation: below its shortcode. Whether they exist and
// what they may do is for the rules to say.
func actorOf(r *http.Request, shortcode mpesa.Shortcode) (mpesa.Actor, error) {
	a := mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: shortcode}, From: fromOf(r)}
	if values, sent := r.Header[control.OperatorHeader]; sent {
		if len(values) != 1 {
			return a, badParameter.of(control.OperatorHeader, "it is there %d times", len(values))
		}
		name, err := username(values[0])
		if err != nil {
			return a, badParameter.of(control.OperatorHeader, "%v", err)
		}
		a.Operator.Username = name
		access.Named(r.Context(), a.Operator.Username)
		if caller, _ := access.CallerOf(r.Context()); !caller.SignedIn {
			a.Via = mpesa.ViaControlAPI
		}
	}
	return a, nil
}

// fromOf is the address that a request comes from, as the guard or the console found it out: that of the connection or of a trusted
// proxy's client, never what a client says of itself.
func fromOf(r *http.Request) string {
	caller, _ := access.CallerOf(r.Context())
	return caller.From
}

// authorised is nil when the actor has a right that lets them see something, and else a *mpesa.Forbidden, which is in the audit. What
// is changed asks within its own command.
func (s *server) authorised(r *http.Request, actor mpesa.Actor, right portal.Right, action, subject string) error {
	if actor.Provider() {
		return nil
	}
	c := &portal.Authorise{By: actor, Right: right, Action: action, Subject: subject}
	return s.do(r, c, &c.Refused)
}

// needs has a handler answer those who have a right: operators by their roles, and Kivuko's administrator.
func (s *server) needs(right portal.Right, action string, next handler) handler {
	return func(r *http.Request) (answer, error) {
		code, err := readPath(r, "shortcode", shortcode)
		if err != nil {
			return answer{}, err
		}
		actor, err := actorOf(r, code)
		if err != nil {
			return answer{}, err
		}
		if err := s.authorised(r, actor, right, action, ""); err != nil {
			return answer{}, err
		}
		return next(r)
	}
}
