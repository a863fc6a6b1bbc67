package portal

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Signing in to the organisation portal (BusinessToPochi, first sign-in): short code, username and
// password, then a one-time PIN that comes by SMS. At the first time the password has to be changed, and two security questions to
// be answered. Passwords and answers are compared by the caller, before the command is sent, since that takes long; the command names the epoch of the
// row that they were compared with.

// signInTries is how many wrong one-time PINs there may be; then one begins anew. No source has it.
const signInTries = 3

// rememberedPasswords is how many passwords before the present one can't be chosen again.
const rememberedPasswords = 3

// SecurityQuestions lists what an operator can choose two of.
func SecurityQuestions() []string {
	return []string{
		"In which town were you born?", "What was the name of your first school?", "What was your first pet called?",
		"What is your grandmother's first name?", "Which was your first job?", "What did you want to become as a child?",
	}
}

// NotLetIn is why somebody can't sign in.
type NotLetIn struct {
	Field  string // which is wrong: "password", "otp", "newPassword", "answer1"; "": begin anew
	Reason string
}

func (n *NotLetIn) Error() string { return n.Reason }

// SigningIn is an attempt to sign in as an operator.
type SigningIn struct {
	ID    mpesa.OperatorID
	From  string // address that the attempt comes from
	Epoch int64  // of the row that was read for it
}

func (a *SigningIn) actor() mpesa.Actor { return mpesa.Actor{Operator: a.ID, From: a.From} }

// Need names the operator and the organisation.
func (a *SigningIn) Need(v *mpesa.View) {
	mpesa.Operators.Need(v, a.ID)
	mpesa.Organisations.Need(v, a.ID.Shortcode)
}

// attempting is the operator that an attempt is by, or why there is none to let in.
func attempting(v *mpesa.View, a *SigningIn, action string, now time.Time) (mpesa.Operator, error) {
	o, there := mpesa.Operators.Get(v, a.ID)
	reason, shown := "", ""
	switch {
	case mpesa.Organisations.Get(v, a.ID.Shortcode) == nil:
		return o, &NotLetIn{"password", wrongPassword}
	case !there:
		reason, shown = "there is no such operator", wrongPassword
	case o.Channel != mpesa.ChannelWeb:
		reason, shown = "it is an API operator, and these don't sign in", wrongPassword
	case o.Locked():
		reason, shown = "the operator is locked", lockedOut
	case o.Epoch != a.Epoch:
		return o, &NotLetIn{"", "your password, your roles or your state have changed meanwhile: begin anew"}
	default:
		return o, nil
	}
	v.Audit(a.actor(), action, "", reason, now)
	return o, &NotLetIn{"password", shown}
}

const (
	wrongPassword = "the short code, the username or the password is wrong"
	lockedOut     = "the operator is locked after wrong passwords; a Business Administrator can unlock it"
	suspended     = "the operator is suspended; a Business Administrator can let it in again"
	notThePIN     = "it is not a one-time PIN that was sent in the last three minutes: have another one sent, and after three wrong ones begin anew"
	beginAnew     = "no one-time PIN is waited for: begin anew"
)

// miss counts a wrong password, answer or PIN and says why somebody isn't let in.
func miss(v *mpesa.View, o *mpesa.Operator, a *SigningIn, action, reason string, refusal *NotLetIn, now time.Time) error {
	v.Audit(a.actor(), action, "", reason, now)
	v.WrongPassword(o, a.actor(), now)
	if o.Locked() {
		refusal.Reason = lockedOut
	}
	return refusal
}

// SignIn is somebody with a password. When it is right, a one-time PIN goes to the operator's phone, unless one was sent only just now:
// then that one is waited for.
type SignIn struct {
	SigningIn
	Right bool // the password is that of the row
	OTP   mpesa.Draw

	Operator mpesa.Operator // as it then is
	Refused  error          // a *NotLetIn
}

const signIn = "sign in"

// Decide sends the one-time PIN. Without the right password nobody is told more than that it is wrong: not that there is such an operator,
// nor that it is locked.
func (c *SignIn) Decide(v *mpesa.View, now time.Time) {
	c.decide(v, now)
	if c.Refused != nil && !c.Right {
		c.Refused = &NotLetIn{"password", wrongPassword}
	}
}

func (c *SignIn) decide(v *mpesa.View, now time.Time) {
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !c.Right:
		c.Refused = miss(v, &o, &c.SigningIn, signIn, "the password is wrong", &NotLetIn{"password", wrongPassword}, now)
		return
	case o.Suspended:
		v.Audit(c.actor(), signIn, "", "the operator is suspended", now)
		c.Refused = &NotLetIn{"password", suspended}
		return
	case o.Person.Phone == 0:
		c.Refused = &NotLetIn{"password", "no phone is known for one-time PINs; a Business Administrator can enter one"}
		return
	case o.OTP.Waits(mpesa.OTPSignIn) && !o.OTP.Rested(now):
		c.Operator = o
		return
	}
	c.Operator = sendPIN(v, o, mpesa.OTPSignIn, c.OTP, now)
}

// sendPIN sends an operator a one-time PIN in place of any earlier one.
func sendPIN(v *mpesa.View, o mpesa.Operator, purpose mpesa.OTPPurpose, draw mpesa.Draw, now time.Time) mpesa.Operator {
	v.SendOTP(&o.OTP, o.Person.Phone, "Your M-PESA organisation portal one-time PIN", purpose, draw, now)
	mpesa.Operators.Put(v, o.ID(), o)
	return o
}

// ForgottenPassword asks for a one-time PIN in place of a forgotten password. The answer doesn't say whether one was sent.
type ForgottenPassword struct {
	SigningIn
	OTP mpesa.Draw
}

// Decide sends the one-time PIN, if there is such an operator, and security questions can let them in.
func (c *ForgottenPassword) Decide(v *mpesa.View, now time.Time) {
	const action = "recover password"
	o, err := attempting(v, &c.SigningIn, action, now)
	if err != nil {
		return
	}
	switch {
	case o.State() != mpesa.OperatorActive || len(o.Questions) == 0:
		v.Audit(c.actor(), action, "", fmt.Sprintf("the operator is %s, with %d security questions", o.State(), len(o.Questions)), now)
	case o.Person.Phone != 0 && o.OTP.Rested(now):
		sendPIN(v, o, mpesa.OTPRecover, c.OTP, now)
	}
}

// ResendPIN sends another one-time PIN in place of one that didn't come.
type ResendPIN struct {
	SigningIn
	Purpose mpesa.OTPPurpose
	OTP     mpesa.Draw

	Operator mpesa.Operator
	Refused  error // a *NotLetIn
}

// Decide sends it.
func (c *ResendPIN) Decide(v *mpesa.View, now time.Time) {
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !o.OTP.Waits(c.Purpose):
		c.Refused = &NotLetIn{"", beginAnew}
	case !o.OTP.Rested(now):
		c.Refused = &NotLetIn{"otp", o.OTP.Unrested(now)}
	default:
		c.Operator = sendPIN(v, o, c.Purpose, c.OTP, now)
	}
}

// EnterOTP checks a one-time PIN. An operator who has a password of their own is then signed in.
type EnterOTP struct {
	SigningIn
	Purpose mpesa.OTPPurpose
	Digest  string

	Operator mpesa.Operator // as it then is
	Refused  error          // a *NotLetIn
}

// Decide compares the PIN. Nobody who has only asked for one, with a forgotten password, is told whether there is such an operator.
func (c *EnterOTP) Decide(v *mpesa.View, now time.Time) {
	c.decide(v, now)
	if c.Refused != nil && c.Purpose == mpesa.OTPRecover {
		c.Refused = &NotLetIn{"otp", notThePIN}
	}
}

func (c *EnterOTP) decide(v *mpesa.View, now time.Time) {
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	if c.Refused = otpProblem(v, &o, c, now); c.Refused != nil {
		return
	}
	o.OTP = mpesa.OneTimePIN{At: o.OTP.At} // it can be used once; the pause goes on
	if c.Purpose == mpesa.OTPSignIn && !o.First {
		signedIn(v, &o, c.actor(), now)
	}
	mpesa.Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// otpProblem is what is wrong with an entered PIN. The last wrong one counts as a wrong password, so that nobody can go on trying.
func otpProblem(v *mpesa.View, o *mpesa.Operator, c *EnterOTP, now time.Time) error {
	switch {
	case !o.OTP.Waits(c.Purpose):
		return &NotLetIn{"", beginAnew}
	case !now.Before(o.OTP.Expires()):
		return &NotLetIn{"", "the one-time PIN's three minutes are over: begin anew, or have another one sent"}
	case o.OTP.Digest == c.Digest:
		return nil
	}
	o.OTP.Wrong++
	if o.OTP.Wrong >= signInTries {
		o.OTP = mpesa.OneTimePIN{At: o.OTP.At}
		return miss(v, o, &c.SigningIn, signIn, "three one-time PINs were wrong", &NotLetIn{"", "three wrong one-time PINs: begin anew"}, now)
	}
	mpesa.Operators.Put(v, o.ID(), *o)
	v.Audit(c.actor(), signIn, "", "the one-time PIN is wrong", now)
	return &NotLetIn{"otp", fmt.Sprintf("it is not the one-time PIN that was sent last; %d more %s", signInTries-o.OTP.Wrong, tries(signInTries-o.OTP.Wrong))}
}

func tries(n int) string {
	if n == 1 {
		return "try"
	}
	return "tries"
}

// signedIn notes that an operator is in.
func signedIn(v *mpesa.View, o *mpesa.Operator, by mpesa.Actor, now time.Time) {
	o.Wrong, o.SignedIn = 0, now.UnixMilli()
	v.Audit(by, signIn, "", "", now)
}

// NewPassword is a password that somebody chose.
type NewPassword struct {
	Hash   string // argon2id in PHC form
	Reused bool   // it is the operator's present or an earlier one
}

// takePassword gives an operator a password of their own, which ends their sessions.
func takePassword(o *mpesa.Operator, p NewPassword) error {
	if p.Reused {
		return &NotLetIn{"newPassword", fmt.Sprintf("it is the present password, or one of the last %d before it", rememberedPasswords)}
	}
	o.Earlier = append([]string{o.Password}, o.Earlier...)
	o.Earlier = o.Earlier[:min(len(o.Earlier), rememberedPasswords)]
	o.Password, o.First, o.Wrong = p.Hash, false, 0
	o.Epoch++
	return nil
}

// Activate ends the first sign-in: an operator gives the first-time password once more, chooses their own and answers two
// security questions. The one-time PIN was right.
type Activate struct {
	SigningIn
	Right     bool // the first-time password is
	New       NewPassword
	Questions []mpesa.SecurityQuestion

	Operator mpesa.Operator
	Refused  error // a *NotLetIn
}

// Decide activates the operator.
func (c *Activate) Decide(v *mpesa.View, now time.Time) {
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !o.First:
		c.Refused = &NotLetIn{"", "the first-time password was changed already: sign in"}
	case !c.Right:
		c.Refused = miss(v, &o, &c.SigningIn, signIn, "the first-time password is wrong", &NotLetIn{"password", "the first-time password is wrong"}, now)
	default:
		if c.Refused = takePassword(&o, c.New); c.Refused != nil {
			return
		}
		o.Questions = slices.Clone(c.Questions)
		v.Audit(c.actor(), "choose first password", "", "", now)
		signedIn(v, &o, c.actor(), now)
		mpesa.Operators.Put(v, o.ID(), o)
		c.Operator = o
	}
}

// Recover sets a new password of an operator who answers the security questions. The one-time PIN was right.
type Recover struct {
	SigningIn
	Right bool // the answers are
	New   NewPassword

	Operator mpesa.Operator
	Refused  error // a *NotLetIn
}

// Decide changes the password.
func (c *Recover) Decide(v *mpesa.View, now time.Time) {
	const action = "recover password"
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, action, now); c.Refused != nil {
		return
	}
	if !c.Right {
		c.Refused = miss(v, &o, &c.SigningIn, action, "an answer is wrong", &NotLetIn{"answer1", "one of the two answers is wrong, or both are"}, now)
		return
	}
	if c.Refused = takePassword(&o, c.New); c.Refused != nil {
		return
	}
	v.Audit(c.actor(), action, "", "", now)
	signedIn(v, &o, c.actor(), now)
	mpesa.Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// ChangePassword changes the password of a signed-in operator, and ends their sessions.
type ChangePassword struct {
	SigningIn
	Right bool // the present password is
	New   NewPassword

	Operator mpesa.Operator
	Refused  error // a *NotLetIn
}

// Decide changes the password.
func (c *ChangePassword) Decide(v *mpesa.View, now time.Time) {
	const action = "change password"
	var o mpesa.Operator
	if o, c.Refused = attempting(v, &c.SigningIn, action, now); c.Refused != nil {
		return
	}
	if !c.Right {
		c.Refused = miss(v, &o, &c.SigningIn, action, "the password is wrong", &NotLetIn{"password", "the present password is wrong"}, now)
		return
	}
	if c.Refused = takePassword(&o, c.New); c.Refused != nil {
		return
	}
	v.Audit(c.actor(), action, "", "", now)
	mpesa.Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// SignOut ends an operator's sessions.
type SignOut struct{ SigningIn }

// Decide ends them.
func (c *SignOut) Decide(v *mpesa.View, now time.Time) {
	o, err := attempting(v, &c.SigningIn, "sign out", now)
	if err != nil {
		return // they have ended
	}
	o.Epoch++
	mpesa.Operators.Put(v, o.ID(), o)
	v.Audit(c.actor(), "sign out", "", "", now)
}
