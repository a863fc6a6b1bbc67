package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	passwords "github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

func TestOperators(t *testing.T) {
	k := startWorld(t)
	k.prints("no operators\n", "operator", "list", "174379")
	k.prints(`
		clerk of 174379 (new)
		  channel  api
		  state    pending
		  roles    none
		`, "operator", "set", "174379", "clerk")
	k.input = "Safaricom999!*!\nand another line\n"
	k.prints(`
		clerk of 174379
		  channel  api
		  state    active
		  roles    ORG B2C API initiator, Org Reversals Initiator
		`, "operator", "set", "174379", "clerk", "--password", "-", "--role", "ORG B2C API initiator", "--role", "Org Reversals Initiator")
	kept, err := store.Get(t.Context(), k.Store, mpesa.Operators, mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "clerk"})
	if err != nil {
		t.Fatal(err)
	}
	if right, err := passwords.Verify("Safaricom999!*!", kept.Password); err != nil || !right {
		t.Errorf("the password is another: %v", err)
	}
	k.prints(`
		USERNAME  CHANNEL  STATE   WRONG PASSWORDS  ROLES
		clerk     api      active  0                ORG B2C API initiator, Org Reversals Initiator
		`, "operator", "list", "174379")
	var all control.Operator
	if k.json(&all, "operator", "set", "174379", "clerk", "--role", "all"); len(all.Roles) != len(mpesa.AllRoles()) {
		t.Errorf("got %+v", all)
	}
	k.prints("USERNAME  CHANNEL  STATE   WRONG PASSWORDS  ROLES\nclerk     api      active  0                all\n", "operator", "list", "174379")
	if k.json(&all, "operator", "set", "174379", "clerk", "--no-roles"); len(all.Roles) != 0 {
		t.Errorf("got %+v", all)
	}
	k.prints("clerk of 174379\n  channel  api\n  state    active\n  roles    none\n", "operator", "unlock", "174379", "clerk")
	k.prints("clerk of 174379 is removed\n", "operator", "delete", "174379", "clerk")
	k.fails(`174379 has no operator "clerk"`, "operator", "unlock", "174379", "clerk")
	k.fails("password: the password is shorter", "operator", "set", "174379", "clerk", "--password", "short")
	k.fails("roles: it has to be a list of some of", "operator", "set", "174379", "clerk", "--role", "manager")
	k.input = "\n"
	for _, x := range [][]string{{"--password", "-"}, {"--role", "all", "--no-roles"}} {
		if err := k.fails("", append([]string{"operator", "set", "174379", "clerk"}, x...)...); !isUsage(err) {
			t.Errorf("%q: %v is no usage error", x, err)
		}
	}
}

func TestPeopleOfThePortal(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		amina of 174379 (new)
		  channel  web
		  state    active
		  roles    Business Administrator
		  name     Amina
		  phone    254708374149
		`, "operator", "add", "174379", "amina", "--channel", "web", "--name", "Amina", "--phone", "0708374149", "--role", "Business Administrator", "--password", "Byowner1!")
	k.prints("payer of 174379 (new)\n  channel  api\n  state    pending\n  roles    none\n", "operator", "add", "174379", "payer", "--as", "amina")
	k.fails(`don't give the right "set API passwords"`, "operator", "password", "174379", "payer", "Safaricom999!*!", "--as", "amina")
	k.prints("payer of 174379\n  channel  api\n  state    active\n  roles    none\n", "operator", "password", "174379", "payer", "Safaricom999!*!")
	k.prints("payer of 174379\n  channel  api\n  state    suspended\n  roles    none\n", "operator", "suspend", "174379", "payer", "--as", "amina")
	k.prints("payer of 174379\n  channel  api\n  state    active\n  roles    none\n", "operator", "resume", "174379", "payer")
	k.prints("payer of 174379\n  channel  api\n  state    pending\n  roles    none\n", "operator", "reset", "174379", "payer")
	k.fails("name: it is missing", "operator", "add", "174379", "brian", "--channel", "web")
	var log control.Page[control.AuditEntry]
	k.json(&log, "audit", "174379", "--operator", "amina")
	if len(log.Items) != 3 || log.Items[1].Refused == "" || log.Items[2].Action != "add operator" {
		t.Errorf("the audit is %+v", log.Items)
	}
	if k.json(&log, "audit", "174379", "--operator", "amina", "--refused"); len(log.Items) != 1 {
		t.Errorf("the audit is %+v", log.Items)
	}
	if out := k.out("audit", "174379", "--limit", "1"); !strings.Contains(out, "(Kivuko's administrator)") || !strings.Contains(out, "(there are more: --after ") {
		t.Errorf("the audit prints\n%s", out)
	}
	k.prints("no entries\n", "audit", "174379", "--action", "approve")
	var roles control.Roles
	if k.json(&roles, "operator", "roles"); len(roles.Web) != len(portal.WebRoles()) || len(roles.API) != len(mpesa.AllRoles()) {
		t.Errorf("the roles are %+v", roles)
	}
}

// What the command encrypts, the server can read.
func TestCredential(t *testing.T) {
	s := start(t, "--db=:memory:")
	for password, input := range map[string]string{"Safaricom999!*!": "", "-": "Safaricom999!*!\n"} {
		var out bytes.Buffer
		if err := runClient(t, t.Context(), strings.NewReader(input), &out, "credential", password, "--url", s.URL); err != nil {
			t.Fatal(err)
		}
		encrypted := strings.TrimSpace(out.String())
		if len(encrypted) != 344 {
			t.Errorf("%q gives %q", password, encrypted)
		}
		if p := balanceQuery(t, s.URL, encrypted); p.Result != "0" || p.Initiator != "testapi" {
			t.Errorf("with %q the query is %+v", password, p)
		}
	}
}

// balanceQuery asks for an account balance with a SecurityCredential, and gives the query as it ended.
func balanceQuery(t *testing.T, url, credential string) *control.Payment {
	t.Helper()
	ack, err := client(url).AccountBalance(t.Context(), daraja.AccountBalanceRequest{Initiator: "testapi", SecurityCredential: credential,
		PartyA: "600000", IdentifierType: daraja.IdentifierShortcode, Remarks: "test", QueueTimeOutURL: "http://127.0.0.1:9/t", ResultURL: "http://127.0.0.1:9/r"})
	if err != nil {
		t.Fatal(err)
	}
	c := control.New(url)
	if _, err := c.Advance(t.Context(), time.Minute); err != nil { // its turn has come then
		t.Fatal(err)
	}
	p, err := c.Payment(t.Context(), ack.OriginatorConversationID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
