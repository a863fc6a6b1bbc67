package browsertest_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// payout asks for a payout by an operator with a password, over the API, and gives its result.
func payout(t *testing.T, k *kivukotest.World, username, password string) (result string) {
	t.Helper()
	c := control.New(k.URL())
	certificate, err := c.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	credential, err := daraja.EncryptCredential(password, certificate)
	if err != nil {
		t.Fatal(err)
	}
	shop := daraja.New(k.URL(), testworld.Key, testworld.Secret)
	ack, err := shop.B2C(t.Context(), daraja.B2CRequest{OriginatorConversationID: rand.Text(), InitiatorName: username, SecurityCredential: credential, CommandID: "BusinessPayment", Amount: "10",
		PartyA: portalShop, PartyB: testworld.John, Remarks: "wages", QueueTimeOutURL: "http://127.0.0.1:9/t", ResultURL: "http://127.0.0.1:9/r"})
	if err != nil {
		t.Fatal(err)
	}
	proctest.Soon(t, "the payout has a result", func() bool {
		p, err := c.Payment(t.Context(), ack.OriginatorConversationID)
		if err != nil {
			t.Fatal(err)
		}
		result = p.Result
		return result != ""
	})
	return result
}

func TestAnAdministratorMakesAnAPIOperatorAndAManagerSetsItsPassword(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	const password = "Payday2026#"
	a := portal(t, k, "admin")
	a.Go("/organisation/operators")
	a.Screens("operators")
	a.Click("Add an operator")
	a.Fill("username", "bad name")
	a.Fill("channel", "api")
	a.Fill("name", "<script>alert('x')</script>")
	a.Click("Add")
	a.WaitText("has to be 1 to 50 letters")
	if a.Value("name") != "<script>alert('x')</script>" {
		t.Error("what was typed is gone")
	}
	a.Fill("username", "payer")
	a.Click("ORG B2C API initiator")
	a.Screens("operator-new")
	a.Click("Add")
	a.WaitText("<script>alert('x')</script>") // as text
	a.WaitText("pending")
	a.Screens("operator")
	a.WaitNoText("Set password")
	if got := payout(t, k, "payer", password); got != "2001" {
		t.Errorf("without a password the result is %s", got)
	}

	m := portal(t, k, "manager")
	m.Go("/organisation/operators")
	m.WaitNoText("Add an operator")
	m.Fill("find", "payer")
	m.Click("Find")
	m.WaitNoText("testapi")
	m.Click("payer")
	m.Click("Set password")
	m.Fill("password", "with (parentheses)")
	m.Fill("again", "with (parentheses)")
	m.In("main").Click("Set the password")
	m.WaitText("letters, digits and")
	m.Screens("operator-password")
	m.Fill("password", password)
	m.Fill("again", password)
	m.In("main").Click("Set the password")
	m.WaitText("active")
	if got := payout(t, k, "payer", password); got != "0" {
		t.Errorf("the result is %s", got)
	}
	for range 5 {
		if got := payout(t, k, "payer", "Wrong2026#"); got != "2001" {
			t.Errorf("with a wrong password the result is %s", got)
		}
	}
	if got := payout(t, k, "payer", password); got != "8006" {
		t.Errorf("after five wrong ones the result is %s", got)
	}
	a.Go("/organisation/operators/payer")
	a.WaitText("locked")
	a.Click("Unlock")
	a.WaitText("active")
	if got := payout(t, k, "payer", password); got != "0" {
		t.Errorf("unlocked, the result is %s", got)
	}
	a.Go("/organisation/roles")
	a.Screens("roles")
	a.Go("/organisation/audit")
	for _, done := range []string{"add operator", "set password", "unlock operator", "lock", "sign in"} {
		a.In("table").WaitText(done)
	}
	a.Screens("audit")
	a.Expect(http.StatusForbidden)
	a.Go("/organisation/accounts") // an administrator sees no transactions
	a.WaitText("view transactions")
	m.Expect(http.StatusForbidden)
	m.Go("/organisation/audit")
	m.WaitText("view audit")
}

func TestTheFirstSignInToThePortal(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	const phone = "254711000009"
	a := portal(t, k, "admin")
	a.Go("/organisation/operators/-new")
	a.Fill("username", "mary")
	a.Fill("name", "Mary Wambui")
	a.Click("Business Auditor")
	a.Click("Add")
	a.WaitText("a web operator needs a phone")
	a.Fill("phone", "0711 000 009")
	a.Click("Add")
	a.WaitText("The first-time password has gone to the operator's phone")
	first := newest(t, k, phone, `first-time password.*: (\S+)$`)
	if strings.Contains(a.Eval("document.documentElement.outerHTML"), first) {
		t.Error("the administrator sees the password")
	}

	p := browsertest.Open(t, k.URL()+"/organisation")
	p.WaitText("Ready-made operators")
	p.Screens("sign-in")
	signIn(p, "mary", "wrong")
	p.WaitText("the username or the password is wrong")
	p.Fill("password", first)
	p.In("main").Click("Sign in")
	p.WaitText("2547*****009")
	p.Screens("otp")
	p.Fill("otp", "000000")
	p.Click("Go on")
	p.WaitText("2 more tries")
	enterOTP(t, k, p, phone)
	p.WaitText("First sign-in")
	p.Fill("password", first)
	p.Fill("newPassword", "weak")
	p.Fill("again", "weak")
	p.Fill("answer1", "Kisumu")
	p.Fill("answer2", "Simba")
	p.Click("Activate")
	p.WaitText("shorter than 8")
	p.Screens("first-sign-in")
	p.Fill("password", first)
	p.Fill("newPassword", "Wambui<b>1!")
	p.Fill("again", "Wambuib1!")
	p.Click("Activate")
	p.WaitText("not the same")
	p.Fill("password", first)
	p.Fill("newPassword", "Wambuib1!")
	p.Fill("again", "Wambuib1!")
	p.Click("Activate")
	p.WaitText("Signed in as mary")
	p.Go("/organisation/profile")
	p.Screens("profile")
	p.In("main").Click("Sign out")
	p.WaitText("Ready-made operators")
	p.Go("/organisation/profile") // which sends those away who aren't signed in
	p.WaitText("Ready-made operators")

	p.Go("/organisation/sign-in/forgotten")
	p.Screens("forgotten")
	p.Fill("shortcode", portalShop)
	p.Fill("username", "mary")
	if _, err := k.Control().Advance(t.Context(), time.Minute); err != nil { // another PIN may be sent now
		t.Fatal(err)
	}
	p.Click("Send the one-time PIN")
	p.WaitText("One-time PIN")
	enterOTP(t, k, p, phone)
	p.WaitText("New password")
	p.Screens("recover")
	p.Fill("answer1", "kisumu")
	p.Fill("answer2", "SIMBA")
	p.Fill("newPassword", "Anotherone2#")
	p.Fill("again", "Anotherone2#")
	p.Click("Change the password")
	p.WaitText("Signed in as mary")
}
