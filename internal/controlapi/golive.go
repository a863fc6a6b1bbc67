package controlapi

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/golive/cases"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// livePasskey is the length of a passkey for production, in characters: that of the sandbox's.
const livePasskey = 64

// onSandboxApp names a sandbox app.
type onSandboxApp struct {
	Key string `path:"key" is:"appKey" doc:"The consumer key of a sandbox app."`
}

// getGoLive shows how far an app is on its way to production. What the log shows of its test cases is kept: the log forgets.
func (s *server) getGoLive(r *request[onSandboxApp, none]) (*control.GoLive, error) {
	a, err := s.sandboxApp(r.Request)
	if err != nil {
		return nil, err
	}
	seen, err := s.seenSince(r.Request, a)
	if err != nil {
		return nil, err
	}
	if len(seen) > 0 {
		c := &golive.NoteTests{GoingLive: golive.GoingLive{App: a.Key}, Seen: seen}
		if err := s.keep(r.Context(), c); err != nil {
			return nil, err
		}
		if c.Unknown {
			return nil, unknownApp(a.Key)
		}
		a = &c.Changed
	}
	return s.goLive(r.Request, a)
}

// sandboxApp is the app that the path names, unless it is in production already.
func (s *server) sandboxApp(r *http.Request) (*mpesa.App, error) {
	a, err := s.findApp(r)
	if err == nil && a.Production {
		err = conflict.problem("the app %q is in production", a.Name)
	}
	return a, err
}

// seenSince is what the log shows of an app's test cases that its row doesn't have.
func (s *server) seenSince(r *http.Request, a *mpesa.App) ([]mpesa.TestSeen, error) {
	seen, err := cases.Look(r.Context(), s.Journal, s.Store, a.Key, func(name string) bool {
		t, _ := a.GoLive.Test(name)
		return t.OK
	})
	return slices.DeleteFunc(seen, func(t mpesa.TestSeen) bool { return slices.Contains(a.GoLive.Seen, t) }), err
}

// passTests takes the first step.
func (s *server) passTests(r *request[onSandboxApp, control.GoLiveCases]) (*control.GoLive, error) {
	c := &golive.PassTests{Products: r.Body.Products, Elsewhere: r.Body.Elsewhere, Terms: r.Body.Terms}
	var err error
	if c.Seen, err = s.seenSince(r.Request, r.App); err != nil {
		return nil, err
	}
	for _, x := range cases.Of(c.Products) {
		c.Needed = append(c.Needed, golive.Test{Name: x.Name, Title: x.Title})
	}
	return s.step(r.Request, r.App, &c.GoingLive, c)
}

// verifyOrganisation takes the second step.
func (s *server) verifyOrganisation(r *request[onSandboxApp, control.GoLiveVerify]) (*control.GoLive, error) {
	b := &r.Body
	code, _ := mpesa.ParseShortcode(b.Shortcode)
	c := &golive.VerifyOwner{Type: b.Type, Organisation: b.Organisation, Shortcode: code, Username: b.Username,
		OTP: s.drawOTP(mpesa.OperatorID{Shortcode: code, Username: b.Username})}
	return s.step(r.Request, r.App, &c.GoingLive, c)
}

// confirmLivePIN takes the third step.
func (s *server) confirmLivePIN(r *request[onSandboxApp, control.GoLivePINEntry]) (*control.GoLive, error) {
	c := &golive.ConfirmPIN{Digest: s.otpDigest(speaker(r.App), r.Body.OTP)}
	return s.step(r.Request, r.App, &c.GoingLive, c)
}

// resendLivePIN has another one-time PIN sent.
func (s *server) resendLivePIN(r *request[onSandboxApp, none]) (*control.GoLive, error) {
	c := &golive.ResendPIN{OTP: s.drawOTP(speaker(r.App))}
	return s.step(r.Request, r.App, &c.GoingLive, c)
}

// speaker is the operator who speaks for the organisation.
func speaker(a *mpesa.App) mpesa.OperatorID {
	return mpesa.OperatorID{Shortcode: a.GoLive.Shortcode, Username: a.GoLive.Username}
}

// applyForLive takes the last step, which makes the production app.
func (s *server) applyForLive(r *request[onSandboxApp, control.GoLiveChoice]) (*control.GoLive, error) {
	c := &golive.Apply{Key: s.Random(keyLength), Secret: s.Random(secretLength), Passkey: s.Random(livePasskey), Offered: apis.LiveProducts(), Products: r.Body.Products}
	return s.step(r.Request, r.App, &c.GoingLive, c)
}

// abandonGoLive goes back to the first step.
func (s *server) abandonGoLive(r *request[onApp, none]) (gone none, err error) {
	c := &golive.Abandon{GoingLive: golive.GoingLive{App: r.Query.Key}}
	if err := s.keep(r.Context(), c); err != nil {
		return gone, err
	}
	if c.Unknown {
		return gone, unknownApp(r.Query.Key)
	}
	return gone, nil
}

// step has a step taken, and shows how far the app then is.
func (s *server) step(r *http.Request, a *mpesa.App, common *golive.GoingLive, c mpesa.Command) (*control.GoLive, error) {
	common.App, common.By = a.Key, mpesa.Actor{From: fromOf(r)}
	if err := s.keep(r.Context(), c); err != nil {
		return nil, err
	}
	switch refusal, _ := errors.AsType[*golive.Refusal](common.Refused); {
	case common.Unknown:
		return nil, unknownApp(a.Key)
	case refusal != nil && refusal.Field == "":
		return nil, conflict.problem("%s", refusal.Reason)
	case refusal != nil:
		return nil, badField.of(refusal.Field, "%s", refusal.Reason)
	}
	return s.goLive(r, &common.Changed)
}

// livePasskeyOf is the passkey of a production app, if it has a product that needs one.
func (s *server) livePasskeyOf(ctx context.Context, a *mpesa.App) (string, error) {
	if !slices.ContainsFunc(apis.LiveProducts(), func(p golive.Product) bool { return p.Passkey && slices.Contains(a.Products, p.Name) }) {
		return "", nil
	}
	o, err := store.Get(ctx, s.Store, mpesa.Registry, a.Shortcode)
	if err != nil || o == nil {
		return "", err
	}
	return o.LivePasskey, nil
}

func liveNames() (names []string) {
	for _, p := range apis.LiveProducts() {
		names = append(names, p.Name)
	}
	return names
}

// goLive shows how far an app is.
func (s *server) goLive(r *http.Request, a *mpesa.App) (*control.GoLive, error) {
	g := &a.GoLive
	shown := &control.GoLive{App: a.Key, Name: a.Name, Step: control.GoLiveStep(g.Step), Tests: []control.GoLiveTest{}, Missing: []string{}, Elsewhere: g.Elsewhere,
		Terms: control.At(g.Terms), ProductionApp: g.App, Live: control.At(g.Live)}
	if g.Step == mpesa.StepTests {
		shown.Step = control.GoLiveTests
	}
	if g.Shortcode != 0 {
		shown.Owner = &control.GoLiveOwner{Shortcode: g.Shortcode.String(), Organisation: g.Organisation, Username: g.Username, Confirmed: control.At(g.Confirmed)}
	}
	if g.Step == mpesa.StepOTP {
		shown.OTP = &control.GoLivePIN{Phone: hidden(g.Phone), SentAt: control.At(g.OTP.At), ExpiresAt: control.At(g.OTP.Expires().UnixMilli()),
			ResendAt: control.At(g.OTP.At + mpesa.OTPPause.Milliseconds()), TriesLeft: g.TriesLeft()}
	}
	var organisation *mpesa.Organisation
	if g.Confirmed != 0 {
		var err error
		if organisation, err = store.Get(r.Context(), s.Store, mpesa.Registry, g.Shortcode); err != nil {
			return nil, err
		}
	}
	offered := cases.Offered(a.Products)
	shown.Products = liveProducts(g, offered, organisation)
	tables, err := s.heldTables(r.Context())
	if err != nil {
		return nil, err
	}
	for _, c := range cases.Of(offered) {
		t := liveTest(&c, g, tables)
		shown.Tests = append(shown.Tests, t)
		if t.Outcome != control.TestPassed && slices.Contains(g.Products, c.Product) {
			shown.Missing = append(shown.Missing, c.Name)
		}
	}
	return shown, nil
}

func liveProducts(g *mpesa.GoLive, offered []string, o *mpesa.Organisation) (list []control.GoLiveProduct) {
	for _, p := range apis.LiveProducts() {
		x := control.GoLiveProduct{Name: p.Name, About: p.About, Needs: string(p.Needs), Apart: p.Apart, Offered: slices.Contains(offered, p.Name),
			Chosen: slices.Contains(g.Products, p.Name)}
		if o != nil {
			if err := golive.CanHave(o, []golive.Product{p}); err != nil {
				x.Refused = err.Error()
			}
		}
		list = append(list, x)
	}
	return list
}

// liveTest is a test case with what was seen of it, and who or what makes it happen.
func liveTest(c *cases.Case, g *mpesa.GoLive, tables *control.Catalogue) control.GoLiveTest {
	t := control.GoLiveTest{Name: c.Name, Product: c.Product, Title: c.Title, How: c.How, Path: c.Path(), Expected: c.Expected}
	if number := giver(c, tables); number != "" {
		t.How += " (try " + number + ")"
	}
	if seen, there := g.Test(c.Name); there {
		t.Outcome, t.Found, t.Request, t.Payment, t.At = control.TestFailed, seen.Note, seen.Entry, seen.Payment, control.At(seen.At)
		if seen.OK {
			t.Outcome = control.TestPassed
		}
	}
	return t
}

// giver is a number of the world that is in a state for the result of a test case; "" is none.
func giver(c *cases.Case, tables *control.Catalogue) string {
	for _, n := range slices.Concat(tables.Customers, tables.Organisations, tables.Operators) {
		if n.Gives == string(c.Result) && slices.Contains(n.In[string(c.Part)], c.APIs[0]) {
			return n.Number
		}
	}
	return ""
}
