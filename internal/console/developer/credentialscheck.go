package developer

import (
	"cmp"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// credentialPage has a form that encrypts a password and one that checks what was encrypted.
type credentialPage struct {
	Shortcode string // whose operators are tried, to begin with
	Encrypted string // a SecurityCredential; "": nothing was encrypted
	Checked   *control.CheckedCredential
	Check     bool // the form that was sent, and refused, is the one that checks
}

func newCredentialPage(q *page.Request) (*credentialPage, error) {
	c, err := q.API().Credentials(q.HTTP.Context(), false)
	if err != nil {
		return nil, err
	}
	return &credentialPage{Shortcode: c.Shortcode1}, nil
}

func showSecurityCredential(q *page.Request) error {
	c, err := newCredentialPage(q)
	if err != nil {
		return err
	}
	return q.Show("securitycredential", c)
}

// encryptPassword encrypts a password with the certificate. The page doesn't show the password again.
func encryptPassword(q *page.Request) error {
	c, err := newCredentialPage(q)
	if err != nil {
		return err
	}
	if c.Encrypted, err = q.API().EncryptCredential(q.HTTP.Context(), q.HTTP.PostForm.Get("password")); err != nil {
		return q.Refused("securitycredential", c, err)
	}
	return q.Show("securitycredential", c)
}

// checkCredential tells what a SecurityCredential is.
func checkCredential(q *page.Request) error {
	c, err := newCredentialPage(q)
	if err != nil {
		return err
	}
	f := q.Form()
	c.Check, c.Shortcode = true, cmp.Or(f.Get("shortcode"), c.Shortcode)
	fields := f.Fields("securityCredential", "shortcode", "username")
	if fields["securityCredential"] == nil {
		fields["securityCredential"] = ""
	}
	c.Checked = &control.CheckedCredential{}
	if err := q.Call(http.MethodPost, "credentials/check", fields, c.Checked); err != nil {
		c.Checked = nil
		return q.Refused("securitycredential", c, err)
	}
	return q.Show("securitycredential", c)
}
