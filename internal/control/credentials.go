package control

import (
	"encoding/json"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/world"
)

// getCredentials shows the test credentials (DarajaTutorial, API Apps). The secrets only with ?secrets=1.
func (s *server) getCredentials(r *http.Request) (answer, error) {
	secrets := false
	if err := readQuery(r, parameters{"secrets": withSecrets(&secrets)}); err != nil {
		return answer{}, err
	}
	w, err := world.Read()
	if err != nil {
		return answer{}, err
	}
	t := w.Test
	shown := api.Credentials{Express: t.Express.String(), Shortcode1: t.Shortcode1.String(), Shortcode2: t.Shortcode2.String(),
		Till: t.Till.String(), Phone: t.Phone.String(), Initiator: t.Initiator}
	password, err := s.testPassword(r, w)
	if err != nil {
		return answer{}, err
	}
	shown.Changed = password == ""
	if secrets {
		shown.InitiatorPassword = password
		shown.Passkey, err = s.passkey(r, t.Express)
	}
	return ok(shown), err
}

// testPassword is the test initiator's password, unless it was changed or he was removed: then it is "".
func (s *server) testPassword(r *http.Request, w *world.World) (string, error) {
	password := w.InitiatorPassword(w.Test.Initiator)
	o, err := s.Store.Operator(r.Context(), mpesa.OperatorID{Shortcode: w.Test.Shortcode1, Username: w.Test.Initiator})
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
	o, err := s.Store.Organisation(r.Context(), shortcode)
	if err != nil || o == nil {
		return "", err
	}
	return o.Passkey, nil
}

// encryptCredential encrypts a password with the certificate.
func (s *server) encryptCredential(r *http.Request) (answer, error) {
	password := ""
	err := readFields(r, fields{"password": func(raw json.RawMessage) (err error) {
		password, err = text(raw)
		return err
	}}, "password")
	if err != nil {
		return answer{}, err
	}
	if password == "" {
		return answer{}, badField.of("password", "it is empty")
	}
	encrypted, err := s.encrypt(r, password)
	return ok(map[string]string{"securityCredential": encrypted}), err
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
func (s *server) checkCredential(r *http.Request) (answer, error) {
	var given string
	var id mpesa.OperatorID
	err := readFields(r, fields{
		"securityCredential": func(raw json.RawMessage) (err error) {
			given, err = text(raw)
			return err
		},
		"shortcode": func(raw json.RawMessage) error { return orNothing(raw, shortcode(&id.Shortcode)) },
		"username": func(raw json.RawMessage) (err error) {
			id.Username, err = text(raw)
			return err
		},
	}, "securityCredential")
	if err != nil {
		return answer{}, err
	}
	if id.Username != "" && id.Shortcode == 0 {
		return answer{}, badField.of("shortcode", "it is missing: whose operator is %q?", id.Username)
	}
	operators, err := s.tried(r, id)
	if err != nil {
		return answer{}, err
	}
	verdict, reason, err := s.Credentials.Inspect(r.Context(), given)
	if err != nil {
		return answer{}, err
	}
	shown := api.CheckedCredential{Certificate: certificates[verdict], Reason: reason}
	for i := range operators {
		o := &operators[i]
		verdict, reason, err := s.Credentials.Check(r.Context(), given, o.Password)
		if err != nil {
			return answer{}, err
		}
		shown.Operators = append(shown.Operators, api.CredentialVerdict{Username: o.Username, State: operator(o).State,
			Right: verdict == credential.Right, Reason: reason})
	}
	return ok(shown), nil
}

// certificates are what Inspect's verdicts say of the certificate.
var certificates = map[credential.Verdict]api.CertificateKind{
	credential.Right: api.CertificateOurs, credential.Foreign: api.CertificateForeign, credential.Wrong: api.CertificateUnreadable,
}

// maxTried bounds the operators who are tried at once: each may cost a hash, some 20 ms.
const maxTried = 50

// tried lists the operators whose passwords a credential may hold: one, or all of a shortcode, or nobody.
func (s *server) tried(r *http.Request, id mpesa.OperatorID) ([]mpesa.Operator, error) {
	if id.Shortcode == 0 {
		return nil, nil
	}
	o, err := s.Store.Organisation(r.Context(), id.Shortcode)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, badField.of("shortcode", "%s is nobody's shortcode", id.Shortcode)
	case id.Username == "":
		list, err := s.Store.Operators(r.Context(), id.Shortcode)
		return list[:min(len(list), maxTried)], err
	}
	one, err := s.Store.Operator(r.Context(), id)
	switch {
	case err != nil:
		return nil, err
	case one == nil:
		return nil, badField.of("username", "%s has no operator %q", id.Shortcode, id.Username)
	}
	return []mpesa.Operator{*one}, nil
}
