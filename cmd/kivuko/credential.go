package main

import (
	"context"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
)

// credential is what is done with SecurityCredentials.
type credential struct {
	Encrypt credentialEncrypt `cmd:"" default:"withargs" help:"Encrypt an operator's password: prints the SecurityCredential. The word encrypt may be left out."`
	Check   credentialCheck   `cmd:"" help:"Say which certificate a SecurityCredential is for, and whose password it holds. It never counts as a wrong one."`
}

// credentialEncrypt encrypts an operator's password as requests have it.
type credentialEncrypt struct {
	clientFlags
	Password secretText `arg:"" help:"The password; ${stdin}"`
}

// Run prints the SecurityCredential. It is made here: the password isn't sent.
func (x *credentialEncrypt) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		certificate, err := c.Certificate(ctx)
		if err != nil {
			return err
		}
		encrypted, err := daraja.EncryptCredential(string(x.Password), certificate)
		if err != nil {
			return err
		}
		return x.show(out, map[string]string{"SecurityCredential": encrypted}, func(w io.Writer) { fmt.Fprintln(w, encrypted) })
	})
}

// credentialCheck tells what a SecurityCredential is.
type credentialCheck struct {
	clientFlags
	Credential secretText `arg:"" help:"The SecurityCredential; ${stdin}"`
	Shortcode  string     `help:"Try the passwords of this organisation's operators."`
	Operator   string     `help:"Try this operator's only."`
}

// Run prints what it is. Whether it is right is for who reads it: that it is not is no failure of the check.
func (x *credentialCheck) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.CheckedCredential, error) {
		return c.CheckCredential(ctx, control.CredentialCheck{SecurityCredential: string(x.Credential), Shortcode: x.Shortcode, Username: x.Operator})
	}, func(w io.Writer, checked *control.CheckedCredential) {
		row(w, "certificate", checked.Certificate)
		fact(w, "reason", checked.Reason)
		for _, o := range checked.Operators {
			verdict := "right"
			if !o.Right {
				verdict = "wrong: " + o.Reason
			}
			row(w, o.Username, verdict)
		}
	})
}
