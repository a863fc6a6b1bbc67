package browsertest_test

import (
	"github.com/kivuko/kivuko/kivukotest"
	"regexp"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
)

// The organisation whose portal the tests open, and who of its people pays and who approves.
const (
	portalShop = "600000"
	maker      = "manager"
	checker    = "checker"
)

// portal opens the organisation portal as one of its ready-made people.
func portal(t *testing.T, k *kivukotest.World, username string) *browsertest.Page {
	t.Helper()
	p := browsertest.Open(t, k.URL()+"/organisation/sign-in")
	enterPortal(t, k, p, username)
	return p
}

// enterPortal signs in to the portal where a page asks for that.
func enterPortal(t *testing.T, k *kivukotest.World, p *browsertest.Page, username string) {
	t.Helper()
	known, err := k.Control().Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(known.Portal.Operators, func(o control.PortalOperator) bool { return o.Username == username })
	signIn(p, username, known.Portal.Password)
	p.WaitFor(`input[name="otp"]`)
	enterOTP(t, k, p, known.Portal.Operators[i].Phone)
	p.WaitText("Signed in as " + username)
}

// signIn fills in who somebody is.
func signIn(p *browsertest.Page, username, password string) {
	p.Fill("shortcode", portalShop)
	p.Fill("username", username)
	p.Fill("password", password)
	p.In("main").Click("Sign in")
}

// enterOTP fills in the one-time PIN that a phone got last.
func enterOTP(t *testing.T, k *kivukotest.World, p *browsertest.Page, phone string) {
	t.Helper()
	p.Fill("otp", newest(t, k, phone, `is (\d{6})\.`))
	p.Click("Go on")
}

// newest is what a pattern finds in the newest message of a phone.
func newest(t *testing.T, k *kivukotest.World, phone, pattern string) string {
	t.Helper()
	sms, err := k.Control().Messages(t.Context(), phone, 1)
	if err != nil || len(sms) != 1 {
		t.Fatalf("the phone got %v, %v", sms, err)
	}
	found := regexp.MustCompile(pattern).FindStringSubmatch(sms[0].Text)
	if found == nil {
		t.Fatalf("%q is not in %q", pattern, sms[0].Text)
	}
	return found[1]
}
