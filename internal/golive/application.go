// Package golive is the rules about going live: how the owner of a sandbox app gets a production app for their organisation's shortcode
// (DarajaTutorial, Go Live; MpesaExpressSimulate and BusinessToPochi, go live). Test cases, verification of the organisation, a one-time PIN to
// its operator's phone, the choice of APIs. How far they are stands in the app's row. Like package mpesa it is pure.
package golive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// VerificationType is the only type of verification that there is (DarajaTutorial, Go Live).
const VerificationType = "Short Code"

// noData is how the portal says that the operator can't be verified (DarajaTutorial, API errors).
const noData = "Paybill Verification Failed Due To The Following Reason: No Paybill Verification Data Found."

// Refusal is why a step on the way to production is not taken.
type Refusal struct {
	Field  string // of the step's form; "": none is to blame
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

func notLive(field, format string, args ...any) error {
	return &Refusal{field, fmt.Sprintf(format, args...)}
}

// GoingLive is what the steps have in common.
type GoingLive struct {
	App string      // consumer key of the sandbox app
	By  mpesa.Actor // who asks; the rules fill in for which organisation

	Changed mpesa.App
	Unknown bool  // no app has the key
	Refused error // a *Refusal; the app is as it was, but for what was counted
}

// Need names the app.
func (c *GoingLive) Need(v *mpesa.View) { mpesa.Apps.Need(v, c.App) }

// take has a step change the app's state, when the app is there and has come so far. What a refused step has changed is kept.
func (c *GoingLive) take(v *mpesa.View, step mpesa.GoLiveStep, change func(g *mpesa.GoLive) error) {
	c.Changed, c.Refused = mpesa.App{}, nil
	a, there := mpesa.Apps.Get(v, c.App)
	if c.Unknown = !there; c.Unknown {
		return
	}
	switch {
	case a.Production:
		c.Refused = notLive("", "the app %q is in production", a.Name)
	case a.GoLive.Step == mpesa.StepLive:
		c.Refused = notLive("", "the app %q has gone live; abandon that to begin anew, for another short code: the production app stays", a.Name)
	case !a.GoLive.Reached(step):
		c.Refused = notLive("", "the app %q has not come to this step: the next one is %s", a.Name, a.GoLive.Step.Title())
	default:
		c.Refused = change(&a.GoLive)
		mpesa.Apps.Put(v, a.Key, a)
	}
	c.Changed = a
}

// NoteTests keeps what was seen of an app's test cases.
type NoteTests struct {
	GoingLive
	Seen []mpesa.TestSeen
}

// Decide keeps it.
func (c *NoteTests) Decide(v *mpesa.View, _ time.Time) {
	a, there := mpesa.Apps.Get(v, c.App)
	if c.Unknown = !there; there && a.GoLive.Note(c.Seen) {
		mpesa.Apps.Put(v, a.Key, a)
	}
	c.Changed = a
}

// Test is a test case that has to pass.
type Test struct{ Name, Title string }

// PassTests is the first step: the test cases of the products that are to be live.
type PassTests struct {
	GoingLive
	Products  []string // by their names in Products
	Needed    []Test   // their test cases
	Seen      []mpesa.TestSeen
	Elsewhere bool // what is missing was tested elsewhere
	Terms     bool // the terms and conditions are accepted
}

// Decide sees whether each test case has succeeded.
func (c *PassTests) Decide(v *mpesa.View, now time.Time) {
	c.take(v, mpesa.StepTests, func(g *mpesa.GoLive) error {
		g.Note(c.Seen)
		var missing []string
		for _, x := range c.Needed {
			if t, _ := g.Test(x.Name); !t.OK {
				missing = append(missing, strconv.Quote(x.Title))
			}
		}
		switch {
		case len(c.Products) == 0:
			return notLive("products", "choose at least one: its test cases are what is asked for")
		case len(missing) > 0 && !c.Elsewhere:
			return notLive("elsewhere", "%d of the test cases have not succeeded here, such as %s. Make them happen, or say that you have tested them elsewhere",
				len(missing), missing[0])
		case !c.Terms:
			return notLive("terms", "the terms and conditions have to be accepted")
		}
		*g = mpesa.GoLive{Step: mpesa.StepVerification, Seen: g.Seen, OTP: mpesa.OneTimePIN{At: g.OTP.At}, Products: slices.Clone(c.Products), Elsewhere: c.Elsewhere, Terms: now.UnixMilli()}
		return nil
	})
}

// VerifyOwner is the second step: it names the organisation, and the operator who speaks for it and is sent a one-time PIN.
type VerifyOwner struct {
	GoingLive
	Type         string // VerificationType
	Organisation string // its name as registered, perhaps shortened and without symbols
	Shortcode    mpesa.Shortcode
	Username     string // of a Business Administrator or Business Manager, in this very case
	OTP          mpesa.Draw
}

// Need names the organisation and the operator too.
func (c *VerifyOwner) Need(v *mpesa.View) {
	c.GoingLive.Need(v)
	mpesa.Organisations.Need(v, c.Shortcode)
	mpesa.Operators.Need(v, mpesa.OperatorID{Shortcode: c.Shortcode, Username: c.Username})
}

// Decide verifies, and sends the PIN.
func (c *VerifyOwner) Decide(v *mpesa.View, now time.Time) {
	c.take(v, mpesa.StepVerification, func(g *mpesa.GoLive) error {
		operator, err := c.verify(v)
		if err == nil && !g.OTP.Rested(now) {
			err = notLive("otp", "%s", g.OTP.Unrested(now))
		}
		if c.note(v, operator, err, now); err != nil {
			return err
		}
		*g = mpesa.GoLive{Step: mpesa.StepOTP, Seen: g.Seen, Products: g.Products, Elsewhere: g.Elsewhere, Terms: g.Terms,
			Organisation: c.Organisation, Shortcode: c.Shortcode, Username: c.Username, Phone: operator.Person.Phone}
		sendLivePIN(v, g, c.OTP, now)
		return nil
	})
}

// note writes the organisation's audit, in the operator's name once it is known.
func (c *VerifyOwner) note(v *mpesa.View, operator *mpesa.Operator, err error, now time.Time) {
	if mpesa.Organisations.Get(v, c.Shortcode) == nil {
		return
	}
	by, refused := c.By, ""
	by.Operator = mpesa.OperatorID{Shortcode: c.Shortcode}
	if operator != nil {
		by.Operator.Username = operator.Username
	}
	if err != nil {
		refused = err.Error()
	}
	v.Audit(by, "go live: verification", "app "+c.App+", as "+c.Username, refused, now)
}

// verify finds the operator, or what is wrong.
func (c *VerifyOwner) verify(v *mpesa.View) (*mpesa.Operator, error) {
	if c.Type != VerificationType {
		return nil, notLive("type", "the only verification type is %q", VerificationType)
	}
	o := mpesa.Organisations.Get(v, c.Shortcode)
	switch {
	case o == nil:
		return nil, notLive("shortcode", "%s The short code %s is nobody's", noData, c.Shortcode)
	case !sameName(c.Organisation, o.Name):
		return nil, notLive("organisation", "%s %s is not registered by this name. It is %q there; symbols may be left out, and the end of it", noData, c.Shortcode, o.Name)
	}
	if err := eligible(o); err != nil {
		return nil, err
	}
	return findSpeaker(v, mpesa.OperatorID{Shortcode: c.Shortcode, Username: c.Username})
}

// eligible is nil when apps can go live with the organisation's shortcode: "Pay bill number, Store Number for a Till, HO number, or B2C
// account short code" (MpesaExpressSimulate, go live). A till is paid by the requests of its store (FAQ 10).
func eligible(o *mpesa.Organisation) error {
	if o.Kind != mpesa.Till {
		return nil
	}
	with := "the number of its store or head office; this one has none yet"
	if o.Store != 0 {
		with = "the number of its store, " + o.Store.String()
	}
	return notLive("shortcode", "%s is a till. A till goes live with %s", o.Shortcode, with)
}

// findSpeaker finds the operator who is to speak for an organisation, or why they may not.
func findSpeaker(v *mpesa.View, id mpesa.OperatorID) (*mpesa.Operator, error) {
	operator, there := mpesa.Operators.Get(v, id)
	switch {
	case !there:
		return nil, notLive("username", "%s %s has no operator %q; upper and lower case count", noData, id.Shortcode, id.Username)
	case operator.Channel != mpesa.ChannelWeb || !slices.Contains(operator.Roles, mpesa.RoleAdministrator) && !slices.Contains(operator.Roles, mpesa.RoleManager):
		return nil, notLive("username", "%s The operator %s is neither a %s nor a %s", noData, id.Username, mpesa.RoleAdministrator, mpesa.RoleManager)
	case operator.Locked():
		return nil, notLive("username", "%s The operator %s is locked; a %s can unlock them", noData, id.Username, mpesa.RoleAdministrator)
	}
	if missing := unverified(&operator); len(missing) > 0 {
		return nil, notLive("username", "%s The KYC details of %s lack %s. Have them added in the organisation portal, then try again", noData, id.Username,
			strings.Join(missing, " and "))
	}
	return &operator, nil
}

// unverified lists what going live needs of an operator's KYC details and isn't there: "confirm that the following details are there"
// (DarajaTutorial, Go Live). An operator has one number and one address, which stand for the notification's too.
func unverified(o *mpesa.Operator) (list []string) {
	for _, x := range []struct {
		there bool
		name  string
	}{
		{o.State() == mpesa.OperatorActive, "an Identity Status that is Active"},
		{o.Person.Phone != 0, "a Preferred Contact Phone Number"},
		{o.Person.Email != "", "an Email"},
		{o.Person.IDType != "", "an ID type"},
		{o.Person.IDNumber != "", "an ID Number"},
	} {
		if !x.there {
			list = append(list, x.name)
		}
	}
	return list
}

// sameName reports whether an organisation is called so, as far as the name goes: "Shorten the organization name on Go Live and remove any
// symbols or special characters" (MpesaExpressSimulate, go live).
func sameName(given, registered string) bool {
	const least = 3 // letters that say something
	given, registered = letters(given), letters(registered)
	return given == registered || len(given) >= least && strings.HasPrefix(registered, given)
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// sendLivePIN sends the operator a one-time PIN in place of the one before.
func sendLivePIN(v *mpesa.View, g *mpesa.GoLive, draw mpesa.Draw, now time.Time) {
	v.SendOTP(&g.OTP, g.Phone, fmt.Sprintf("Your one-time PIN to go live with short code %s", g.Shortcode), mpesa.OTPGoLive, draw, now)
}

// ResendPIN sends another PIN for the same verification. Wrong ones count on.
type ResendPIN struct {
	GoingLive
	OTP mpesa.Draw
}

// Decide sends it.
func (c *ResendPIN) Decide(v *mpesa.View, now time.Time) {
	c.take(v, mpesa.StepOTP, func(g *mpesa.GoLive) error {
		switch {
		case g.Step != mpesa.StepOTP:
			return notLive("", "the one-time PIN has been confirmed")
		case !g.OTP.Rested(now):
			return notLive("otp", "%s", g.OTP.Unrested(now))
		}
		sendLivePIN(v, g, c.OTP, now)
		return nil
	})
}

// ConfirmPIN is the third step: the operator's PIN.
type ConfirmPIN struct {
	GoingLive
	Digest string // of what was entered
}

// Decide compares. After the last wrong one the organisation has to be verified again.
func (c *ConfirmPIN) Decide(v *mpesa.View, now time.Time) {
	const action = "go live: one-time PIN"
	c.take(v, mpesa.StepOTP, func(g *mpesa.GoLive) error {
		switch {
		case g.Step != mpesa.StepOTP:
			return notLive("", "the one-time PIN has been confirmed")
		case !now.Before(g.OTP.Expires()):
			return notLive("otp", "the PIN was valid for %d minutes, which are over: have another one sent", int(mpesa.OTPLife.Minutes()))
		case c.Digest == g.OTP.Digest:
			g.Step, g.OTP, g.Confirmed = mpesa.StepProducts, mpesa.OneTimePIN{At: g.OTP.At}, now.UnixMilli()
			v.Audit(c.speaker(g), action, "app "+c.App, "", now)
			return nil
		}
		v.Audit(c.speaker(g), action, "app "+c.App, "wrong PIN", now)
		if g.OTP.Wrong++; g.TriesLeft() == 0 {
			g.Step, g.OTP = mpesa.StepVerification, mpesa.OneTimePIN{At: g.OTP.At}
			return notLive("", "that was wrong for the last time, and the PIN is void: verify the organisation again")
		}
		return notLive("otp", "that is not the PIN of the latest message to %s; %d more can be tried", g.Phone, g.TriesLeft())
	})
}

// speaker is the actor of an audit entry: the operator who speaks for the organisation.
func (c *GoingLive) speaker(g *mpesa.GoLive) mpesa.Actor {
	by := c.By
	by.Operator = g.Owner()
	return by
}

// Abandon goes back to the first step. What was seen of the test cases stays, and so does a production app.
type Abandon struct{ GoingLive }

// Decide forgets the rest.
func (c *Abandon) Decide(v *mpesa.View, _ time.Time) {
	a, there := mpesa.Apps.Get(v, c.App)
	if c.Unknown = !there; there {
		a.GoLive = mpesa.GoLive{Seen: a.GoLive.Seen, OTP: mpesa.OneTimePIN{At: a.GoLive.OTP.At}}
		mpesa.Apps.Put(v, a.Key, a)
	}
	c.Changed = a
}
