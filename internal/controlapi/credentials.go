package controlapi

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// credentialsQuery reports whether secrets are asked for.
type credentialsQuery struct {
	Secrets bool `query:"secrets" is:"secrets" doc:"1 shows the secrets too."`
}

// getCredentials shows the test credentials (DarajaTutorial, API Apps): who plays the parts in this database, and how somebody is made who plays
// what nobody does. The secrets only with ?secrets=1.
func (s *server) getCredentials(r *request[credentialsQuery, none]) (*control.Credentials, error) {
	w, err := seedworld.Read()
	if err != nil {
		return nil, err
	}
	by, err := s.players(r.Context())
	if err != nil {
		return nil, err
	}
	shown := &control.Credentials{Express: by[apis.MarkExpress], Shortcode1: by[apis.MarkShortcode1], Shortcode2: by[apis.MarkShortcode2],
		Till: by[apis.MarkTill], Phone: by[apis.MarkPhone], Initiator: by[apis.MarkInitiator], Missing: map[string]string{}}
	for i := range testParts {
		if x := &testParts[i]; by[x.mark] == "" {
			shown.Missing[x.name] = by.lacks(x)
		}
	}
	password, err := s.testPassword(r.Request, w, shown.Shortcode1, shown.Initiator)
	if err != nil {
		return nil, err
	}
	shown.Changed = shown.Initiator != "" && password == ""
	if r.Query.Secrets {
		shown.InitiatorPassword = password
		if express, played := mpesa.ParseShortcode(shown.Express); played {
			if shown.Passkey, err = s.passkey(r.Request, express); err != nil {
				return nil, err
			}
		}
	}
	return shown, nil
}

// testPassword is the test initiator's password, where it is the sample's; else it is "".
func (s *server) testPassword(r *http.Request, w *seedworld.World, business, initiator string) (string, error) {
	password := w.InitiatorPassword(initiator)
	shortcode, played := mpesa.ParseShortcode(business)
	if !played || password == "" {
		return "", nil
	}
	o, err := store.Get(r.Context(), s.Store, mpesa.Operators, mpesa.OperatorID{Shortcode: shortcode, Username: initiator})
	if err != nil || o == nil {
		return "", err
	}
	if holds, err := s.Credentials.Holds(r.Context(), password, o.Password); err != nil || !holds {
		return "", err
	}
	return password, nil
}

// passkey is an organisation's, or "" where it has none or there is none.
func (s *server) passkey(r *http.Request, shortcode mpesa.Shortcode) (string, error) {
	o, err := store.Get(r.Context(), s.Store, mpesa.Registry, shortcode)
	if err != nil || o == nil {
		return "", err
	}
	return o.Passkey, nil
}

// encryptCredential encrypts a password with the certificate.
func (s *server) encryptCredential(r *request[none, control.Password]) (*control.SecurityCredential, error) {
	if r.Body.Password == "" {
		return nil, badField.of("password", "it is empty")
	}
	encrypted, err := s.encrypt(r.Request, r.Body.Password)
	return &control.SecurityCredential{SecurityCredential: encrypted}, err
}

func (s *server) encrypt(r *http.Request, password string) (string, error) {
	certificate, err := s.Certificate(r.Context())
	if err != nil {
		return "", err
	}
	encrypted, err := daraja.EncryptCredential(password, certificate)
	if err != nil {
		return "", badField.of("password", "%v", err)
	}
	return encrypted, nil
}

// checkCredential tells what a SecurityCredential is. No wrong password is counted, and none is shown.
func (s *server) checkCredential(r *request[none, control.CredentialCheck]) (*control.CheckedCredential, error) {
	given, id := r.Body.SecurityCredential, mpesa.OperatorID{Username: r.Body.Username}
	id.Shortcode, _ = mpesa.ParseShortcode(r.Body.Shortcode) // 0 for ""
	if id.Username != "" && id.Shortcode == 0 {
		return nil, badField.of("shortcode", "it is missing: whose operator is %q?", id.Username)
	}
	operators, err := s.tried(r.Request, id)
	if err != nil {
		return nil, err
	}
	verdict, reason, err := s.Credentials.Inspect(r.Context(), given)
	if err != nil {
		return nil, err
	}
	shown := &control.CheckedCredential{Certificate: certificates[verdict], Reason: reason}
	for i := range operators {
		o := &operators[i]
		verdict, reason, err := s.Credentials.Check(r.Context(), given, o.Password)
		if err != nil {
			return nil, err
		}
		shown.Operators = append(shown.Operators, control.CredentialVerdict{Username: o.Username, State: operator(o).State,
			Right: verdict == credential.Right, Reason: reason})
	}
	return shown, nil
}

// certificates are what Inspect's verdicts say of the certificate.
var certificates = map[credential.Verdict]control.CertificateKind{
	credential.Right: control.CertificateOurs, credential.Foreign: control.CertificateForeign, credential.Wrong: control.CertificateUnreadable,
}

// maxTried bounds the operators who are tried at once: each may cost a hash, some 20 ms.
const maxTried = 50

// tried lists the operators whose passwords a credential may hold: one, or all of a shortcode, or nobody.
func (s *server) tried(r *http.Request, id mpesa.OperatorID) ([]mpesa.Operator, error) {
	if id.Shortcode == 0 {
		return nil, nil
	}
	o, err := store.Get(r.Context(), s.Store, mpesa.Registry, id.Shortcode)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, badField.of("shortcode", "%s is nobody's shortcode", id.Shortcode)
	case id.Username == "":
		list, err := s.Store.Operators(r.Context(), id.Shortcode)
		return list[:min(len(list), maxTried)], err
	}
	one, err := store.Get(r.Context(), s.Store, mpesa.Operators, id)
	switch {
	case err != nil:
		return nil, err
	case one == nil:
		return nil, badField.of("username", "%s has no operator %q", id.Shortcode, id.Username)
	}
	return []mpesa.Operator{*one}, nil
}
