package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// operator is what is done with organisations' operators: the people of the portal, and the initiators of requests.
type operator struct {
	List     operatorList     `cmd:"" help:"List an organisation's operators and their roles."`
	Show     operatorShow     `cmd:"" help:"Show an operator."`
	Set      operatorSet      `cmd:"" aliases:"add" help:"Create an operator, or change what flags say."`
	Password operatorPassword `cmd:"" help:"Set an operator's password, which activates them."`
	Unlock   operatorUnlock   `cmd:"" help:"Forget an operator's wrong passwords."`
	Suspend  operatorSuspend  `cmd:"" help:"Keep an operator from doing anything."`
	Resume   operatorResume   `cmd:"" help:"End a suspension."`
	Reset    operatorReset    `cmd:"" help:"Take an operator's password away; a web operator gets a first-time password by SMS."`
	Delete   operatorDelete   `cmd:"" aliases:"remove" help:"Remove an operator."`
	Roles    operatorRoles    `cmd:"" help:"List the roles, and what they give."`
}

// operatorFlags are those of the commands for one operator.
type operatorFlags struct {
	orgFlags
	Username string `arg:"" help:"The operator's username, as InitiatorName has it."`
}

type operatorList struct{ orgFlags }

func (x *operatorList) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (l control.Operators, err error) {
		l.Operators, err = c.Operators(ctx, x.Shortcode)
		return l, err
	}, func(w io.Writer, l control.Operators) {
		table(w, l.Operators, "no operators", "USERNAME, CHANNEL, STATE, WRONG PASSWORDS, ROLES", func(o *control.Operator) {
			row(w, o.Username, o.Channel, o.State, o.Wrong, rolesOf(o))
		})
	})
}

func rolesOf(o *control.Operator) string {
	switch {
	case len(o.Roles) == 0:
		return "none"
	case o.Channel == control.ChannelAPI && len(o.Roles) == len(control.Role("").Choices()): // each is there once
		return "all"
	}
	return strings.Join(o.Roles, ", ")
}

// joined lists words.
func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, x := range words {
		texts[i] = string(x)
	}
	return strings.Join(texts, ", ")
}

func writeOperator(w io.Writer, o *control.Operator, created bool) {
	title := o.Username + " of " + o.Shortcode
	if created {
		title += " (new)"
	}
	row(w, title)
	row(w, "  channel", o.Channel)
	row(w, "  state", o.State)
	if o.Wrong > 0 {
		row(w, "  wrong passwords", o.Wrong)
	}
	row(w, "  roles", rolesOf(o))
	fact(w, "  name", o.Name)
	fact(w, "  phone", o.Phone)
	fact(w, "  email", o.Email)
	fact(w, "  id", strings.TrimSpace(o.IDType+" "+o.IDNumber))
	fact(w, "  last sign-in", moment(o.SignedIn))
}

type operatorShow struct{ operatorFlags }

func (x *operatorShow) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, (*control.Client).Operator)
}

// one has do give the operator, and shows them.
func (x *operatorFlags) one(ctx context.Context, out io.Writer, do func(c *control.Client, ctx context.Context, shortcode, username string) (*control.Operator, error)) error {
	return shown(x, out, func(c *control.Client) (*control.Operator, error) { return do(c, ctx, x.Shortcode, x.Username) },
		func(w io.Writer, o *control.Operator) { writeOperator(w, o, false) })
}

type operatorSet struct {
	operatorFlags
	Channel  *control.Channel `enum:"${channels}" placeholder:"${channel}" help:"Of a new operator: api initiates requests, web signs in to the portal, and needs --name and --phone."`
	Name     *string          `help:"Who it is."`
	Phone    *string          `placeholder:"NUMBER" help:"The Kivuko phone that gets the one-time PINs."`
	Email    *string          `placeholder:"ADDRESS" help:"Where to write to."`
	IDType   *string          `name:"id-type" placeholder:"TYPE" help:"Such as 'National ID'."`
	IDNumber *string          `name:"id-number" placeholder:"NUMBER" help:"Of that document."`
	Password *secretText      `placeholder:"TEXT|-" help:"Set the password, and unlock; ${stdin}"`
	Role     []string         `sep:"," help:"Assign these roles and no other, by the documents' names such as 'ORG B2C API initiator'; all: every one of API operators."`
	NoRoles  bool             `help:"Take all roles away."`
}

// Run creates or changes, and shows what came of it.
func (x *operatorSet) Run(ctx context.Context, out io.Writer) error {
	change := control.OperatorChange{Channel: x.Channel, Name: x.Name, Phone: x.Phone, Email: x.Email, IDType: x.IDType, IDNumber: x.IDNumber}
	switch {
	case x.NoRoles && len(x.Role) > 0:
		return usageError{errors.New("either --role or --no-roles")}
	case x.NoRoles:
		change.Roles = &[]string{}
	case len(x.Role) > 0:
		change.Roles = &x.Role
	}
	change.Password = (*string)(x.Password)
	return x.call(func(c *control.Client) error {
		if len(x.Role) == 1 && strings.EqualFold(x.Role[0], "all") {
			tables, err := c.Catalogue(ctx)
			if err != nil {
				return err
			}
			change.Roles = &tables.Roles
		}
		o, created, err := c.PutOperator(ctx, x.Shortcode, x.Username, change)
		if err != nil {
			return err
		}
		return x.show(out, o, func(w io.Writer) { writeOperator(w, o, created) })
	})
}

// Help shows how operators are made.
func (operatorSet) Help() string {
	return `An initiator of requests, and somebody who signs in to the portal ('kivuko operator roles' lists the roles):

  kivuko operator add 600000 payer --role 'ORG B2C API initiator' --password - < FILE
  kivuko operator add 600000 wanjiru --channel web --name Wanjiru --phone 0712345678 --role 'Business Manager'`
}

type operatorPassword struct {
	operatorFlags
	Password secretText `arg:"" help:"The password; ${stdin}"`
}

func (x *operatorPassword) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, func(c *control.Client, ctx context.Context, shortcode, username string) (*control.Operator, error) {
		return c.SetPassword(ctx, shortcode, username, string(x.Password))
	})
}

type operatorUnlock struct{ operatorFlags }

func (x *operatorUnlock) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, (*control.Client).UnlockOperator)
}

type operatorSuspend struct{ operatorFlags }

func (x *operatorSuspend) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, (*control.Client).SuspendOperator)
}

type operatorResume struct{ operatorFlags }

func (x *operatorResume) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, (*control.Client).ResumeOperator)
}

type operatorReset struct{ operatorFlags }

// Run takes the password away.
func (x *operatorReset) Run(ctx context.Context, out io.Writer) error {
	return x.one(ctx, out, (*control.Client).ResetOperator)
}

type operatorRoles struct{ clientFlags }

func (x *operatorRoles) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Roles, error) { return c.Roles(ctx) }, func(w io.Writer, roles *control.Roles) {
		row(w, "WEB ROLE", "RIGHTS")
		for _, r := range roles.Web {
			row(w, r.Role, joined(r.Rights))
		}
		row(w, "API ROLE", "COMMANDIDS")
		for _, r := range roles.API {
			row(w, r.Role, strings.Join(r.Commands, ", "))
		}
	})
}

type operatorDelete struct{ operatorFlags }

func (x *operatorDelete) Run(ctx context.Context, out io.Writer) error {
	return without(x, out, x.Username+" of "+x.Shortcode+" is removed", func(c *control.Client) error { return c.DeleteOperator(ctx, x.Shortcode, x.Username) })
}
