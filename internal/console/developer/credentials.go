package developer

import (
	"net/http"
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func credentialRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/credentials":          showCredentials,
		"GET /developer/credentials/password": showInitiatorPassword,
		"GET /developer/credentials/passkey":  showPasskey,
		"GET /developer/passkey":              showPasskeyOf,
		"GET /developer/certificate":          downloadCertificate,
		"GET /developer/security-credential":  showSecurityCredential,
		"POST /developer/security-credential": encryptPassword,
		"POST /developer/check-credential":    checkCredential,
	}
}

// credentialsPage is the test credentials, with an app to use them with.
type credentialsPage struct {
	*control.Credentials
	Apps []control.App
}

// shownApps is how many apps stand among the test credentials.
const shownApps = 5

func showCredentials(q *page.Request) error {
	c, err := q.API().Credentials(q.HTTP.Context(), false)
	if err != nil {
		return err
	}
	apps, err := q.API().Apps(q.HTTP.Context(), control.ListQuery{Limit: shownApps})
	if err != nil {
		return err
	}
	return q.Show("credentials", credentialsPage{c, apps.Items})
}

func showInitiatorPassword(q *page.Request) error {
	c, err := q.API().Credentials(q.HTTP.Context(), true)
	if err != nil {
		return err
	}
	return q.Secret("initiator-password", "Initiator password", c.InitiatorPassword)
}

func showPasskey(q *page.Request) error {
	c, err := q.API().Credentials(q.HTTP.Context(), true)
	if err != nil {
		return err
	}
	return q.Secret("passkey", "Passkey", c.Passkey)
}

// showPasskeyOf shows the passkey of any organisation.
func showPasskeyOf(q *page.Request) error {
	shortcode := q.Value("shortcode")
	var o control.Organisation
	if err := q.Call(http.MethodGet, "organisations/"+url.PathEscape(shortcode)+"?secrets=1", nil, &o); err != nil {
		return err
	}
	if o.Passkey == "" {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no passkey", Detail: o.Name + " has none: it can't use M-Pesa Express."}
	}
	return q.Secret("passkey-of", "Passkey of "+o.Shortcode, o.Passkey)
}

func downloadCertificate(q *page.Request) error {
	certificate, err := q.API().Certificate(q.HTTP.Context())
	if err != nil {
		return err
	}
	return q.Download("kivuko.cer", control.PEMType, certificate)
}
