package controlapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/keys"
	"github.com/kivuko/kivuko/internal/mpesa"
)

const initiatorPassword = "Safaricom999!*!"

func TestTestCredentials(t *testing.T) {
	c := start(t)
	var got control.Credentials
	c.get("/kivuko/v1/credentials").answers(http.StatusOK, &got)
	want := control.Credentials{Express: "174379", Shortcode1: "174379", Till: "300584", Phone: "254708374149", Missing: map[string]string{ // of the sample this world has two
		"initiatorName": "kivuko operator add 174379 payer --role 'ORG B2C API initiator' --password -",
		"shortcode2":    "kivuko org set 600200 --name 'Another shop' --kind paybill"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.do(http.MethodPut, "/kivuko/v1/organisations/600999", `{"name":"Shortcode 1","kind":"paybill"}`).answers(http.StatusCreated, new(control.Organisation))
	c.do(http.MethodPut, "/kivuko/v1/organisations/600999/operators/testapi", `{"password":"`+initiatorPassword+`"}`).answers(http.StatusCreated, new(control.Operator))
	want = control.Credentials{Express: "174379", Shortcode1: "600999", Shortcode2: "174379", Till: "300584", Phone: "254708374149", Initiator: "testapi",
		InitiatorPassword: initiatorPassword, Passkey: controltest.Passkey}
	got = control.Credentials{}
	c.get("/kivuko/v1/credentials?secrets=1").answers(http.StatusOK, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if body := string(c.get("/kivuko/v1/credentials").body); strings.Contains(body, initiatorPassword) || strings.Contains(body, controltest.Passkey) {
		t.Errorf("without secrets it shows %s", body)
	}
}

func TestACredentialIsEncryptedAndChecked(t *testing.T) {
	c := start(t)
	for name, body := range map[string]string{"api": `{"password":"Secret123!"}`, "other": `{"password":"Another1!"}`, "pending": `{}`} {
		c.do(http.MethodPut, shop+"/operators/"+name, body).answers(http.StatusCreated, new(control.Operator))
	}
	encrypted := map[string]string{}
	c.do(http.MethodPost, "/kivuko/v1/credentials/encrypt", `{"password":"Secret123!"}`).answers(http.StatusOK, &encrypted)
	ours := encrypted["securityCredential"]
	check := func(x control.CredentialCheck) (got control.CheckedCredential) {
		t.Helper()
		body, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		answer := c.do(http.MethodPost, "/kivuko/v1/credentials/check", string(body))
		answer.answers(http.StatusOK, &got)
		if strings.Contains(string(answer.body), "Secret123!") {
			t.Errorf("the password is shown: %s", answer.body)
		}
		return got
	}
	if diff := cmp.Diff(control.CheckedCredential{Certificate: control.CertificateOurs}, check(control.CredentialCheck{SecurityCredential: ours})); diff != "" {
		t.Error(diff)
	}
	const another = "SecurityCredential holds another password than the operator's."
	want := control.CheckedCredential{Certificate: control.CertificateOurs, Operators: []control.CredentialVerdict{
		{Username: "api", State: "active", Right: true},
		{Username: "other", State: "active", Reason: another},
		{Username: "pending", State: "pending", Reason: "The operator has no password yet."},
	}}
	if diff := cmp.Diff(want, check(control.CredentialCheck{SecurityCredential: ours, Shortcode: "174379"})); diff != "" {
		t.Error(diff)
	}
	want.Operators = want.Operators[1:2]
	for range 2 * mpesa.LockAfter {
		if diff := cmp.Diff(want, check(control.CredentialCheck{SecurityCredential: ours, Shortcode: "174379", Username: "other"})); diff != "" {
			t.Error(diff)
		}
	}
	var other control.Operator
	if c.get(shop+"/operators/other").answers(http.StatusOK, &other); other.Wrong != 0 {
		t.Errorf("%d wrong passwords were counted", other.Wrong)
	}
	unreadable := check(control.CredentialCheck{SecurityCredential: "Secret123!", Shortcode: "174379", Username: "api"})
	if unreadable.Certificate != control.CertificateUnreadable || !strings.Contains(unreadable.Operators[0].Reason, "the password as it is") {
		t.Errorf("got %+v", unreadable)
	}
	if got := check(control.CredentialCheck{SecurityCredential: foreignCredential(t)}); got.Certificate != control.CertificateForeign || got.Reason == "" {
		t.Errorf("got %+v", got)
	}
}

// foreignCredential is encrypted for another installation.
func foreignCredential(t *testing.T) string {
	t.Helper()
	theirs, err := keys.Load(t.Context(), keys.Memory{}, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := theirs.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	credential, err := daraja.EncryptCredential("Secret123!", certificate)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func TestWhatCannotBeEncryptedOrCheckedIsRefused(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ path, body, field, says string }{
		{"encrypt", `{}`, "password", "missing"},
		{"encrypt", `{"password":""}`, "password", "empty"},
		{"encrypt", `{"password":"` + strings.Repeat("x", 246) + `"}`, "password", "too long"},
		{"check", `{}`, "securityCredential", "missing"},
		{"check", `{"securityCredential":1}`, "securityCredential", "text"},
		{"check", `{"securityCredential":"x","shortcode":"1"}`, "shortcode", "five to seven digits"},
		{"check", `{"securityCredential":"x","shortcode":"600123"}`, "shortcode", "nobody's"},
		{"check", `{"securityCredential":"x","username":"api"}`, "shortcode", "whose operator"},
		{"check", `{"securityCredential":"x","shortcode":"174379","username":"api"}`, "username", "no operator"},
	} {
		c.do(http.MethodPost, "/kivuko/v1/credentials/"+x.path, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
}
