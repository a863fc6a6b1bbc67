package mpesa_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

const sandboxApp = "sandbox-key"

// liveBench has an app, and an administrator of the pay bill whose KYC details are in order.
func liveBench(t *testing.T) *bench {
	b := newBench(t)
	b.apps[sandboxApp] = mpesa.App{Key: sandboxApp, Name: "Duka", Products: []string{"M-Pesa Sandbox"}}
	b.person("amina", func(*mpesa.Operator) {})
	return b
}

func (b *bench) person(username string, change func(*mpesa.Operator)) {
	o := mpesa.Operator{Shortcode: payBill, Username: username, Channel: mpesa.ChannelWeb, Roles: []mpesa.Role{mpesa.RoleAdministrator},
		Password: "hash", Person: mpesa.Person{Name: "Amina", Phone: mary, Email: "amina@duka.example", IDType: "Passport", IDNumber: "A1"}}
	change(&o)
	b.operators[o.ID()] = o
}

func going() golive.GoingLive {
	return golive.GoingLive{App: sandboxApp, By: mpesa.Actor{From: "127.0.0.1"}}
}

func (b *bench) goLive() mpesa.GoLive { return b.apps[sandboxApp].GoLive }

// pass takes the first step.
func (b *bench) pass(products ...string) {
	b.t.Helper()
	c := &golive.PassTests{GoingLive: going(), Products: products, Terms: true}
	b.run(c)
	b.granted(c.Refused)
}

func (b *bench) granted(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("refused: %v", err)
	}
}

func verification(change func(*golive.VerifyOwner)) *golive.VerifyOwner {
	c := &golive.VerifyOwner{GoingLive: going(), Type: golive.VerificationType, Organisation: "Daraja Sandbox", Shortcode: payBill, Username: "amina",
		OTP: mpesa.Draw{Digits: "123456", Digest: "right"}}
	if change != nil {
		change(c)
	}
	return c
}

// confirmed takes the first three steps.
func (b *bench) confirmed(products ...string) {
	b.t.Helper()
	b.pass(products...)
	verify := verification(nil)
	b.run(verify)
	b.granted(verify.Refused)
	confirm := &golive.ConfirmPIN{GoingLive: going(), Digest: "right"}
	b.run(confirm)
	b.granted(confirm.Refused)
}

// stepRefused wants a step to be refused for a field, in words that say why.
func (b *bench) stepRefused(err error, field, says string) {
	b.t.Helper()
	var r *golive.Refusal
	if !errors.As(err, &r) || r.Field != field || !strings.Contains(r.Reason, says) {
		b.t.Errorf("got %#v, want field %q and %q", err, field, says)
	}
}

func TestAnAppGoesLive(t *testing.T) {
	b := liveBench(t)
	b.confirmed(apis.LiveExpress, apis.LiveC2B)
	if len(b.messages) != 1 || b.messages[0].Phone != mary || !strings.Contains(b.messages[0].Text, "123456") {
		t.Errorf("the messages are %+v", b.messages)
	}
	apply := &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Products: []string{apis.LiveExpress}, Key: "live-key", Secret: "live-secret", Passkey: "live-passkey"}
	b.run(apply)
	b.granted(apply.Refused)
	made := b.apps["live-key"]
	if !made.Production || made.Shortcode != payBill || made.Secret != "live-secret" || made.Name != "Duka 174379" || len(made.Products) != 1 || made.Created != noon.UnixMilli() {
		t.Errorf("the production app is %+v", made)
	}
	if o := b.organisations[payBill]; o.LivePasskey != "live-passkey" || o.Passkey != "" {
		t.Errorf("the organisation has the passkeys %q and %q", o.Passkey, o.LivePasskey)
	}
	sandbox := b.apps[sandboxApp]
	if sandbox.Production || sandbox.Products[0] != "M-Pesa Sandbox" || sandbox.GoLive.Step != mpesa.StepLive || sandbox.GoLive.App != "live-key" {
		t.Errorf("the sandbox app is %+v", sandbox)
	}
	last := b.audit[len(b.audit)-1]
	if last.Business != payBill || last.Username != "amina" || last.From != "127.0.0.1" || last.Action != "go live" || !strings.Contains(last.Subject, "live-key") {
		t.Errorf("the audit ends with %+v", last)
	}
	again := &golive.PassTests{GoingLive: going(), Products: []string{apis.LiveC2B}, Terms: true}
	b.run(again)
	b.stepRefused(again.Refused, "", "has gone live")
}

func TestWhoSpokeForTheOrganisationStillHasToBeAllowedTo(t *testing.T) {
	for name, change := range map[string]func(*bench){
		"suspended":   func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Suspended = true }) },
		"locked":      func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Wrong = mpesa.LockAfter }) },
		"other roles": func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Roles = nil }) },
		"removed":     func(b *bench) { b.run(&portal.RemoveOperator{ID: of("amina")}) },
		"no ID":       func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Person.IDType = "" }) },
	} {
		b := liveBench(t)
		b.confirmed(apis.LiveC2B)
		change(b)
		c := &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Products: []string{apis.LiveC2B}, Key: "live-key"}
		b.run(c)
		if b.stepRefused(c.Refused, "", "no longer may"); len(b.apps) != 1 || b.lastAudit().Refused == "" {
			t.Errorf("%s: the apps are %+v; the audit says %+v", name, b.apps, b.lastAudit())
		}
	}
}

func TestAPasskeyForProductionIsIssuedOnce(t *testing.T) {
	b := liveBench(t)
	b.organisations[payBill].LivePasskey = "first"
	b.confirmed(apis.LiveExpress)
	c := &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Products: []string{apis.LiveExpress}, Key: "live-key", Passkey: "second"}
	b.run(c)
	b.granted(c.Refused)
	if got := b.organisations[payBill].LivePasskey; got != "first" {
		t.Errorf("it is %q", got)
	}
}

func TestTestCasesHaveToPass(t *testing.T) {
	b := liveBench(t)
	step := func(change func(*golive.PassTests)) error {
		c := &golive.PassTests{GoingLive: going(), Products: []string{apis.LiveC2B}, Needed: []golive.Test{{Name: "one", Title: "First"}, {Name: "two", Title: "Second"}}, Terms: true}
		change(c)
		b.run(c)
		return c.Refused
	}
	b.stepRefused(step(func(c *golive.PassTests) { c.Products = nil }), "products", "at least one")
	b.stepRefused(step(func(c *golive.PassTests) {
		c.Seen = []mpesa.TestSeen{{Case: "one", OK: true, At: 1}, {Case: "two", At: 2}}
	}), "elsewhere", `1 of the test cases have not succeeded here, such as "Second"`)
	b.stepRefused(step(func(c *golive.PassTests) { c.Terms, c.Elsewhere = false, true }), "terms", "accepted")
	if g := b.goLive(); g.Step != mpesa.StepTests || len(g.Seen) != 2 {
		t.Errorf("what was seen is kept: %+v", g)
	}
	b.granted(step(func(c *golive.PassTests) {
		c.Seen = []mpesa.TestSeen{{Case: "two", OK: true, At: 3}, {Case: "one", At: 4}}
	}))
	g := b.goLive()
	one, _ := g.Test("one")
	if g.Step != mpesa.StepVerification || !one.OK || one.At != 1 || g.Terms != noon.UnixMilli() {
		t.Errorf("a success stays one: %+v", g)
	}
	b.granted(step(func(c *golive.PassTests) { c.Needed, c.Elsewhere = []golive.Test{{Name: "three"}}, true }))
	if g := b.goLive(); !g.Elsewhere {
		t.Errorf("got %+v", g)
	}
}

func TestAnOrganisationIsVerified(t *testing.T) {
	const noData = "Paybill Verification Failed Due To The Following Reason: No Paybill Verification Data Found"
	for name, x := range map[string]struct {
		world       func(*bench)
		change      func(*golive.VerifyOwner)
		field, says string
	}{
		"type":               {nil, func(c *golive.VerifyOwner) { c.Type = "Till" }, "type", "Short Code"},
		"nobody's":           {nil, func(c *golive.VerifyOwner) { c.Shortcode = nobody }, "shortcode", noData},
		"name":               {nil, func(c *golive.VerifyOwner) { c.Organisation = "Duka" }, "organisation", `"Daraja Sandbox"`},
		"too short a name":   {nil, func(c *golive.VerifyOwner) { c.Organisation = "Da" }, "organisation", noData},
		"no operator":        {nil, func(c *golive.VerifyOwner) { c.Username = "juma" }, "username", "no operator"},
		"case of a username": {nil, func(c *golive.VerifyOwner) { c.Username = "Amina" }, "username", "upper and lower case"},
		"role": {func(b *bench) {
			b.person("amina", func(o *mpesa.Operator) { o.Roles = []mpesa.Role{mpesa.RoleAuditor} })
		}, nil, "username", "Business Manager"},
		"API operator":         {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Channel = mpesa.ChannelAPI }) }, nil, "username", "Business Manager"},
		"locked":               {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Wrong = mpesa.LockAfter }) }, nil, "username", "locked"},
		"never signed in":      {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.First = true }) }, nil, "username", "lack an Identity Status that is Active. "},
		"no password":          {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Password = "" }) }, nil, "username", "lack an Identity Status that is Active. "},
		"no ID type":           {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Person.IDType = "" }) }, nil, "username", "lack an ID type. "},
		"no ID number":         {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Person.IDNumber = "" }) }, nil, "username", "lack an ID Number. "},
		"till":                 {func(b *bench) { b.organisations[payBill].Kind, b.organisations[payBill].Store = mpesa.Till, 654321 }, nil, "shortcode", "its store, 654321"},
		"till without a store": {func(b *bench) { b.organisations[payBill].Kind = mpesa.Till }, nil, "shortcode", "has none yet"},
		"suspended":            {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Suspended = true }) }, nil, "username", "Identity Status"},
		"no phone":             {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Person.Phone = 0 }) }, nil, "username", "lack a Preferred Contact Phone Number. "},
		"no email":             {func(b *bench) { b.person("amina", func(o *mpesa.Operator) { o.Person.Email = "" }) }, nil, "username", noData},
	} {
		t.Run(name, func(t *testing.T) {
			b := liveBench(t)
			if x.world != nil {
				x.world(b)
			}
			b.pass(apis.LiveC2B)
			c := verification(x.change)
			b.run(c)
			b.stepRefused(c.Refused, x.field, x.says)
			if b.goLive().Step != mpesa.StepVerification || len(b.messages) != 0 {
				t.Errorf("got %+v and %+v", b.goLive(), b.messages)
			}
			if known := c.Shortcode == payBill; known != (len(b.audit) == 1 && b.audit[0].Refused != "") {
				t.Errorf("the audit is %+v", b.audit)
			}
		})
	}
	for _, name := range []string{"daraja sandbox", "Daraja-Sandbox", "DARAJA", "Daraja!"} {
		b := liveBench(t)
		b.pass(apis.LiveC2B)
		c := verification(func(c *golive.VerifyOwner) { c.Organisation = name })
		b.run(c)
		if c.Refused != nil {
			t.Errorf("%s: %v", name, c.Refused)
		}
	}
}

// Each kind of shortcode that requests are made with goes live (MpesaExpressSimulate, go live).
func TestWhichKindsOfShortcodesGoLive(t *testing.T) {
	for kind, want := range map[mpesa.OrganisationKind]bool{mpesa.PayBill: true, mpesa.Store: true, mpesa.Till: false} {
		b := liveBench(t)
		b.organisations[payBill].Kind = kind
		b.pass(apis.LiveExpress)
		verify := verification(nil)
		if b.run(verify); (verify.Refused == nil) != want {
			t.Errorf("a %s: %v", kind, verify.Refused)
		}
	}
	b := liveBench(t)
	b.confirmed(apis.LiveExpress)
	b.organisations[payBill].Kind = mpesa.Till // since
	apply := &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Products: []string{apis.LiveExpress}, Key: "live-key"}
	b.run(apply)
	b.stepRefused(apply.Refused, "", "is a till")
}

func TestAManagerMaySpeakForTheOrganisation(t *testing.T) {
	b := liveBench(t)
	b.person("juma", func(o *mpesa.Operator) { o.Roles = []mpesa.Role{mpesa.RoleAuditor, mpesa.RoleManager} })
	b.pass(apis.LiveC2B)
	c := verification(func(c *golive.VerifyOwner) { c.Username = "juma" })
	b.run(c)
	b.granted(c.Refused)
}

func TestTheOneTimePINIsConfirmed(t *testing.T) {
	b := liveBench(t)
	b.pass(apis.LiveC2B)
	b.run(verification(nil))
	enter := func(digest string) error {
		c := &golive.ConfirmPIN{GoingLive: going(), Digest: digest}
		b.run(c)
		return c.Refused
	}
	resend := func(digits string) error {
		c := &golive.ResendPIN{GoingLive: going(), OTP: mpesa.Draw{Digits: digits, Digest: "digest of " + digits}}
		b.run(c)
		return c.Refused
	}
	b.stepRefused(enter("wrong"), "otp", "2 more")
	b.stepRefused(resend("654321"), "otp", "30 seconds")
	b.now = b.now.Add(mpesa.OTPPause)
	b.granted(resend("654321"))
	b.stepRefused(enter("right"), "otp", "1 more") // the one before
	b.now = b.now.Add(mpesa.OTPLife)
	b.stepRefused(enter("digest of 654321"), "otp", "3 minutes")
	b.granted(resend("111111"))
	b.now = b.now.Add(mpesa.OTPLife - time.Millisecond)
	b.stepRefused(enter(""), "", "verify the organisation again")
	if g := b.goLive(); g.Step != mpesa.StepVerification || g.OTP.Digest != "" {
		t.Errorf("after the last wrong one it is %+v", g)
	}
	b.run(verification(nil))
	b.granted(enter("right"))
	if g := b.goLive(); g.Step != mpesa.StepProducts || g.OTP.Digest != "" || g.Confirmed != b.now.UnixMilli() {
		t.Errorf("got %+v", g)
	}
	b.stepRefused(enter("right"), "", "has been confirmed")
	b.stepRefused(resend("111111"), "", "has been confirmed")
	wrong := 0
	for _, e := range b.audit {
		if e.Action == "go live: one-time PIN" && e.Refused != "" && e.Username == "amina" {
			wrong++
		}
	}
	if wrong != 3 || len(b.messages) != 4 {
		t.Errorf("%d wrong PINs are in the audit %+v; the messages are %+v", wrong, b.audit, b.messages)
	}
}

func TestEachVerificationWaitsForTheOneBefore(t *testing.T) {
	b := liveBench(t)
	b.pass(apis.LiveC2B)
	b.run(verification(nil))
	c := verification(nil)
	b.run(c)
	b.stepRefused(c.Refused, "otp", "another one can be sent in")
	b.run(&golive.Abandon{GoingLive: going()})
	b.pass(apis.LiveC2B)
	b.run(c)
	b.stepRefused(c.Refused, "otp", "another one can be sent in")
}

func TestProductsExcludeEachOther(t *testing.T) {
	all := mpesa.AllProducts()
	for name, x := range map[string]struct {
		assigned []mpesa.Product // nil: all
		chosen   []string
		says     string // "": they can be had
	}{
		"Express and C2B":                    {[]mpesa.Product{mpesa.ProductC2B}, []string{apis.LiveExpress, apis.LiveC2B}, ""},
		"C2B and B2C of a pay bill":          {[]mpesa.Product{mpesa.ProductC2B}, []string{apis.LiveC2B, apis.LiveB2C}, "not a One Account"},
		"Express and B2C of a bulk account":  {[]mpesa.Product{mpesa.ProductB2C}, []string{apis.LiveExpress, apis.LiveB2C}, "not a One Account"},
		"C2B and B2C of a One Account":       {[]mpesa.Product{mpesa.ProductC2B, mpesa.ProductB2C}, []string{apis.LiveC2B, apis.LiveB2C}, ""},
		"C2B and B2C where there are all":    {nil, []string{apis.LiveC2B, apis.LiveB2C}, ""},
		"B2C of a pay bill":                  {[]mpesa.Product{mpesa.ProductC2B}, []string{apis.LiveB2C}, "does not have permission for B2C payments"},
		"C2B of a bulk account":              {[]mpesa.Product{mpesa.ProductB2C}, []string{apis.LiveC2B}, "does not have permission for C2B"},
		"reversal without the product":       {all[:5], []string{apis.LiveReversal}, "Reversal"},
		"queries of who is assigned nothing": {[]mpesa.Product{"none"}, []string{apis.LiveStatus, apis.LiveBalance}, ""},
		"nothing":                            {nil, nil, "at least one"},
		"what was not tested":                {nil, []string{apis.LivePull}, "has not been tested"},
	} {
		t.Run(name, func(t *testing.T) {
			b := liveBench(t)
			b.organisations[payBill].Products = x.assigned
			b.confirmed(apis.LiveExpress, apis.LiveC2B, apis.LiveB2C, apis.LiveReversal, apis.LiveStatus, apis.LiveBalance)
			c := &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Products: x.chosen, Key: "live-key"}
			b.run(c)
			if x.says == "" {
				b.granted(c.Refused)
				return
			}
			b.stepRefused(c.Refused, "products", x.says)
			if _, there := b.apps["live-key"]; there || b.goLive().Step != mpesa.StepProducts {
				t.Errorf("got %+v", b.apps)
			}
		})
	}
}

func TestStepsAreTakenInTheirOrder(t *testing.T) {
	b := liveBench(t)
	verify, confirm, apply := verification(nil), &golive.ConfirmPIN{GoingLive: going()}, &golive.Apply{GoingLive: going(), Offered: apis.LiveProducts(), Key: "live-key"}
	for c, err := range map[mpesa.Command]*error{verify: &verify.Refused, confirm: &confirm.Refused, apply: &apply.Refused} {
		b.run(c)
		b.stepRefused(*err, "", "has not come to this step: the next one is the test cases")
	}
	b.confirmed(apis.LiveC2B)
	b.pass(apis.LiveStatus) // a step can be taken again; those after it then too
	b.run(apply)
	b.stepRefused(apply.Refused, "", "the next one is the verification")
	b.run(&golive.Abandon{GoingLive: going()})
	if g := b.goLive(); g.Step != mpesa.StepTests || g.Products != nil {
		t.Errorf("got %+v", g)
	}
	unknown := &golive.PassTests{GoingLive: golive.GoingLive{App: "nobody"}}
	if b.run(unknown); !unknown.Unknown {
		t.Error("an app that isn't there went on")
	}
	b.apps["live-key"] = mpesa.App{Key: "live-key", Production: true}
	production := &golive.PassTests{GoingLive: golive.GoingLive{App: "live-key"}}
	b.run(production)
	b.stepRefused(production.Refused, "", "is in production")
}
