package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The bounds of what is known of an operator, in characters.
const (
	maxEmail    = 100
	maxIDNumber = 20
)

// operatorChange is what a body says of an operator; nil where it says nothing.
type operatorChange struct {
	channel                       *mpesa.Channel
	roles                         *[]mpesa.Role
	password                      *chosenPassword
	name, email, idType, idNumber *string
	phone                         *msisdn.Number

	first firstPassword // for a new web operator
}

// fields are what an operator can be told.
func (c *operatorChange) fields() fields {
	return fields{
		"channel": func(raw json.RawMessage) error {
			name, err := oneOf(raw, []string{apiChannel, string(mpesa.ChannelWeb)})
			if err != nil {
				return err
			}
			c.channel = new(mpesa.ChannelAPI)
			if *name != apiChannel {
				*c.channel = mpesa.ChannelWeb
			}
			return nil
		},
		"roles": func(raw json.RawMessage) (err error) {
			c.roles, err = someOf(raw, allRoles())
			return err
		},
		"password": func(raw json.RawMessage) (err error) {
			c.password, err = password(raw)
			return err
		},
		"name": func(raw json.RawMessage) error {
			name, err := line(raw, 1, maxName)
			c.name = &name
			return err
		},
		"phone": func(raw json.RawMessage) error {
			c.phone = new(msisdn.Number)
			return textual(func(s string) error {
				if s == "" {
					return nil
				}
				return phone(c.phone)(strings.ReplaceAll(s, " ", ""))
			})(raw)
		},
		"email": func(raw json.RawMessage) error {
			email, err := line(raw, 0, maxEmail)
			if c.email = &email; err != nil || email == "" {
				return err
			}
			if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
				return errors.New("it has to be an address such as amina@example.co.ke, or empty")
			}
			return nil
		},
		"idType": func(raw json.RawMessage) (err error) {
			c.idType, err = oneOf(raw, append(mpesa.IDTypes(), ""))
			return err
		},
		"idNumber": func(raw json.RawMessage) error {
			number, err := line(raw, 0, maxIDNumber)
			c.idNumber = &number
			return err
		},
	}
}

// apiChannel is what API operators' channel is called here.
const apiChannel = "api"

// allRoles lists the roles: a web operator may have any of them.
func allRoles() []mpesa.Role { return mpesa.RolesOf(mpesa.ChannelWeb) }

// apply changes the operator, or says which field doesn't go with the others.
func (c *operatorChange) apply(command *mpesa.ChangeOperator, o *mpesa.Operator, there bool) error {
	if c.password != nil && !command.By.Provider() {
		return &mpesa.Forbidden{Reason: "an operator doesn't give another one a password so: see operators/{username}/password"}
	}
	if there && c.channel != nil && *c.channel != o.Channel {
		return badField.of("channel", "%s has another channel, and keeps it: remove it and make a new one", o.Username)
	}
	if !there {
		o.Roles = []mpesa.Role{}
		set(&o.Channel, c.channel)
	}
	set(&o.Roles, c.roles)
	set(&o.Person.Name, c.name)
	set(&o.Person.Phone, c.phone)
	set(&o.Person.Email, c.email)
	set(&o.Person.IDType, c.idType)
	set(&o.Person.IDNumber, c.idNumber)
	for _, role := range o.Roles {
		if !may(o.Channel, role) {
			return badField.of("roles", "%q is not a role of operators with this channel; these have some of %q", role, mpesa.RolesOf(o.Channel))
		}
	}
	if o.Channel == mpesa.ChannelWeb {
		switch {
		case o.Person.Name == "":
			return badField.of("name", "it is missing: a web operator needs a name")
		case o.Person.Phone == 0:
			return badField.of("phone", "it is missing: a web operator needs a phone, which gets the one-time PINs")
		case !there && c.password == nil:
			c.first.give(o, command)
		}
	}
	if c.password != nil {
		return c.password.give(o)
	}
	return nil
}

// chosenPassword is a password that somebody chose for an operator.
type chosenPassword struct{ text, hash string }

// password reads an operator's password.
func password(raw json.RawMessage) (*chosenPassword, error) {
	given, err := text(raw)
	if err != nil {
		return nil, err
	}
	if problem := credential.PasswordProblem(given); problem != "" {
		return nil, errors.New(problem)
	}
	hash, err := credential.Hash(given)
	if err != nil {
		return nil, fmt.Errorf("it can't be kept: %w", err)
	}
	return &chosenPassword{given, hash}, nil
}

// give gives the operator the password, and unlocks him.
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
func (p firstPassword) give(o *mpesa.Operator, c *mpesa.ChangeOperator) {
	o.Password, o.First = p.hash, true
	c.SMS = fmt.Sprintf("You are %s of short code %s on the M-PESA organisation portal. Your first-time password, in which capital and small letters differ: %s",
		o.Username, o.Shortcode, p.text)
}
