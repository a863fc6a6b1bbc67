package controlapi

import (
	"fmt"
	"github.com/kivuko/kivuko/control"

	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

const maxEmail = 100 // characters

// operatorChange is what a body says of an operator, and what it takes to do it.
type operatorChange struct {
	*control.OperatorChange
	given  *chosenPassword
	number msisdn.Number // 0 for none

	first firstPassword // for a new web operator
}

// prepare hashes the password that is given, or draws one.
func (c *operatorChange) prepare(s *server) (err error) {
	if c.Phone != nil {
		c.number, err = operatorPhone(*c.Phone)
	}
	switch {
	case err != nil:
	case c.Password != nil:
		c.given, err = password(*c.Password)
	case c.Channel != nil && *c.Channel == control.ChannelWeb: // it may be a new one
		c.first, err = s.firstPassword()
	}
	return err
}

// allRoles lists the roles: a web operator may have any of them.
func allRoles() []mpesa.Role { return portal.RolesOf(mpesa.ChannelWeb) }

// apply changes the operator, or says which field doesn't go with the others.
func (c *operatorChange) apply(command *portal.ChangeOperator, o *mpesa.Operator, there bool) error {
	if c.given != nil && !command.By.Provider() {
		return &portal.Forbidden{Reason: "an operator doesn't give another one a password so: see operators/{username}/password"}
	}
	if there && c.Channel != nil && channelOf(*c.Channel) != o.Channel {
		return badField.of("channel", "%s has another channel, and keeps it: remove it and make a new one", o.Username)
	}
	if !there {
		o.Roles = []mpesa.Role{}
		if c.Channel != nil {
			o.Channel = channelOf(*c.Channel)
		}
	}
	if c.Roles != nil {
		o.Roles = words[mpesa.Role](*c.Roles)
	}
	set(&o.Person.Name, c.Name)
	if c.Phone != nil {
		o.Person.Phone = c.number
	}
	set(&o.Person.Email, c.Email)
	set(&o.Person.IDType, c.IDType)
	set(&o.Person.IDNumber, c.IDNumber)
	for _, role := range o.Roles {
		if !may(o.Channel, role) {
			return badField.of("roles", "%q is not a role of operators with this channel; these have some of %q", role, portal.RolesOf(o.Channel))
		}
	}
	if o.Channel == mpesa.ChannelWeb {
		switch {
		case o.Person.Name == "":
			return badField.of("name", "it is missing: a web operator needs a name")
		case o.Person.Phone == 0:
			return badField.of("phone", "it is missing: a web operator needs a phone, which gets the one-time PINs")
		case !there && c.given == nil:
			c.first.give(o, command)
		}
	}
	if c.given != nil {
		return c.given.give(o)
	}
	return nil
}

// channelOf is the rules' word for a channel.
func channelOf(c control.Channel) mpesa.Channel {
	if c == control.ChannelWeb {
		return mpesa.ChannelWeb
	}
	return mpesa.ChannelAPI
}

// chosenPassword is a password that somebody chose for an operator.
type chosenPassword struct{ text, hash string }

// password hashes a password that was chosen.
func password(given string) (*chosenPassword, error) {
	hash, err := credential.Hash(given)
	if err != nil {
		return nil, badField.of("password", "it can't be kept: %v", err)
	}
	return &chosenPassword{given, hash}, nil
}

// give gives the operator the password, and unlocks them.
func (p *chosenPassword) give(o *mpesa.Operator) error {
	if o.Channel == mpesa.ChannelWeb {
		if problem := credential.WebPasswordProblem(p.text, o.Username); problem != "" {
			return badField.of("password", "%s", problem)
		}
	}
	o.Password, o.First, o.Wrong = p.hash, false, 0
	return nil
}

// firstPassword is a password that a new web operator gets by SMS, and nobody else learns.
type firstPassword struct{ text, hash string }

// firstPassword draws one. What is not drawn has it keep the rules for passwords.
func (s *server) firstPassword() (firstPassword, error) {
	given := "Kv" + s.Random(9) + "1#"
	hash, err := credential.Hash(given)
	return firstPassword{given, hash}, err
}

// give has the password sent. A full stop after it would be taken for a part of it (BusinessToPochi, first sign-in, 4).
func (p firstPassword) give(o *mpesa.Operator, c *portal.ChangeOperator) {
	o.Password, o.First = p.hash, true
	c.SMS = fmt.Sprintf("You are %s of short code %s on the M-PESA organisation portal. Your first-time password, in which capital and small letters differ: %s",
		o.Username, o.Shortcode, p.text)
}
