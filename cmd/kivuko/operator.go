package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// operator is what is done with organisations' operators: the initiators of their requests.
type operator struct {
	List   operatorList   `cmd:"" help:"List an organisation's operators and their roles."`
	Set    operatorSet    `cmd:"" help:"Create an operator, or change what flags say."`
	Unlock operatorUnlock `cmd:"" help:"Forget an operator's wrong passwords."`
	Delete operatorDelete `cmd:"" help:"Remove an operator."`
}

// operatorFlags are those of the commands for one operator.
type operatorFlags struct {
	orgFlags
	Username string `arg:"" help:"The operator's name, as InitiatorName has it."`
}

type operatorList struct{ orgFlags }

// Run lists.
func (x *operatorList) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		list, err := c.Operators(ctx, x.Shortcode)
		if err != nil {
			return err
		}
		return x.show(out, control.Operators{Operators: list}, func(w io.Writer) {
			if len(list) == 0 {
				row(w, "no operators")
				return
			}
			row(w, "USERNAME", "STATE", "WRONG PASSWORDS", "ROLES")
			for _, o := range list {
				row(w, o.Username, o.State, o.Wrong, rolesOf(&o))
			}
		})
	})
}

func rolesOf(o *control.Operator) string {
	switch len(o.Roles) {
	case 0:
		return "none"
	case len(mpesa.AllRoles()): // each is there once
		return "all"
	}
	return strings.Join(o.Roles, ", ")
}

func writeOperator(w io.Writer, o *control.Operator, created bool) {
	title := o.Username + " of " + o.Shortcode
	if created {
		title += " (new)"
	}
	row(w, title)
	row(w, "  state", o.State)
	if o.Wrong > 0 {
		row(w, "  wrong passwords", o.Wrong)
	}
	row(w, "  roles", rolesOf(o))
}

type operatorSet struct {
	operatorFlags
	Password *string  `placeholder:"TEXT|-" help:"Set the password, and unlock; - reads it from standard input."`
	Role     []string `sep:"," help:"Assign these roles and no other, by the documents' names such as 'ORG B2C API initiator'; all: every one."`
	NoRoles  bool     `help:"Take all roles away."`
}

// Run creates or changes, and shows what came of it.
func (x *operatorSet) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	var change control.OperatorChange
	switch {
	case x.NoRoles && len(x.Role) > 0:
		return usageError{errors.New("either --role or --no-roles")}
	case x.NoRoles:
		change.Roles = &[]string{}
	case len(x.Role) > 0:
		change.Roles = &x.Role
	}
	if x.Password != nil {
		password, err := secret(*x.Password, in)
		if err != nil {
			return err
		}
		change.Password = &password
	}
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

type operatorUnlock struct{ operatorFlags }

// Run unlocks.
func (x *operatorUnlock) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		o, err := c.UnlockOperator(ctx, x.Shortcode, x.Username)
		if err != nil {
			return err
		}
		return x.show(out, o, func(w io.Writer) { writeOperator(w, o, false) })
	})
}

type operatorDelete struct{ operatorFlags }

// Run removes.
func (x *operatorDelete) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		if err := c.DeleteOperator(ctx, x.Shortcode, x.Username); err != nil {
			return err
		}
		return x.show(out, struct{}{}, func(w io.Writer) { row(w, x.Username+" of "+x.Shortcode+" is removed") })
	})
}

// credential encrypts an operator's password as requests have it.
type credential struct {
	clientFlags
	Password string `arg:"" help:"The password; - reads it from standard input."`
}

// Run prints the SecurityCredential.
func (x *credential) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	password, err := secret(x.Password, in)
	if err != nil {
		return err
	}
	return x.call(func(c *control.Client) error {
		certificate, err := c.Certificate(ctx)
		if err != nil {
			return err
		}
		encrypted, err := daraja.EncryptCredential(password, certificate)
		if err != nil {
			return err
		}
		return x.show(out, map[string]string{"SecurityCredential": encrypted}, func(w io.Writer) { fmt.Fprintln(w, encrypted) })
	})
}

// secret is what was given on the command line, or the first line of standard input for -.
func secret(given string, in io.Reader) (string, error) {
	if given != "-" {
		return given, nil
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading standard input: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usageError{errors.New("standard input has no password")}
	}
	return line, nil
}
