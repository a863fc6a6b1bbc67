package mpesa

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
)

// Signing in to the organisation portal (BusinessToPochi, first sign-in): short code, username and
// password, then a one-time PIN that comes by SMS. At the first time the password has to be changed, and two security questions to
// be answered. Passwords and answers are compared by whoever sends a command, since that takes long; the command names the epoch of the
// row that they were compared with.

// The bounds of a sign-in's one-time PINs, beside OTPLife. No source has them.
const (
	signInTries = 3                // wrong ones; then one begins anew
	OTPPause    = 30 * time.Second // before another one is sent
)

// rememberedPasswords is how many passwords before the present one can't be chosen again.
const rememberedPasswords = 3

// SecurityQuestions lists what an operator can choose two of.
func SecurityQuestions() []string {
	return []string{
		"In which town were you born?", "What was the name of your first school?", "What was your first pet called?",
		"What is your grandmother's first name?", "Which was your first job?", "What did you want to become as a child?",
	}
}

// SecurityQuestion is a question and what is kept of its answer.
type SecurityQuestion struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // argon2id in PHC form
}

// OTPPurpose is what a one-time PIN lets somebody do.
type OTPPurpose string

// The purposes.
const (
	OTPSignIn  OTPPurpose = "sign-in"
	OTPRecover OTPPurpose = "recover" // a forgotten password
)

// OneTimePIN is a PIN that was sent to an operator's phone; none has no digest.
type OneTimePIN struct {
	Digest  string     `json:"digest,omitempty"` // keyed: the rules never see a PIN
	Purpose OTPPurpose `json:"purpose,omitempty"`
	At      int64      `json:"at,omitempty"`    // when it was sent; milliseconds
	Wrong   int        `json:"wrong,omitempty"` // other PINs that were entered
}

// Draw is a new one-time PIN: what the phone gets and what is kept of it.
type Draw struct{ Digits, Digest string }

// Expires is when the PIN's time is over.
func (p OneTimePIN) Expires() time.Time { return time.UnixMilli(p.At).Add(OTPLife) }

// NotLetIn is why somebody can't sign in.
type NotLetIn struct {
	Field  string // which is wrong: "password", "otp", "newPassword", "answer1"; "": begin anew
	Reason string
}

func (n *NotLetIn) Error() string { return n.Reason }

// SigningIn is somebody who says that he is an operator.
type SigningIn struct {
	ID    OperatorID
	From  string // his address
	Epoch int64  // of the row that was read for it
}

func (a *SigningIn) actor() Actor { return Actor{Operator: a.ID, From: a.From} }

// Need names the operator and his organisation.
func (a *SigningIn) Need(v *View) {
	Operators.Need(v, a.ID)
	Organisations.Need(v, a.ID.Shortcode)
}

// attempting is the operator that an attempt is by, or why there is none to let in.
func (v *View) attempting(a *SigningIn, action string, now time.Time) (Operator, error) {
	o, there := Operators.Get(v, a.ID)
	reason, shown := "", ""
	switch {
	case Organisations.Get(v, a.ID.Shortcode) == nil:
		return o, &NotLetIn{"password", wrongPassword}
	case !there:
		reason, shown = "there is no such operator", wrongPassword
	case o.Channel != ChannelWeb:
		reason, shown = "it is an API operator, and these don't sign in", wrongPassword
	case o.Locked():
		reason, shown = "he is locked", lockedOut
	case o.Epoch != a.Epoch:
		return o, &NotLetIn{"", "your password, your roles or your state have changed meanwhile: begin anew"}
	default:
		return o, nil
	}
	v.audit(a.actor(), action, "", reason, now)
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
func (v *View) miss(o *Operator, a *SigningIn, action, reason string, refusal *NotLetIn, now time.Time) error {
	v.audit(a.actor(), action, "", reason, now)
	v.wrongPassword(o, a.actor(), now)
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
	OTP   Draw

	Operator Operator // as it then is
	Refused  error    // a *NotLetIn
}

const signIn = "sign in"

// Decide sends the one-time PIN. Without the right password nobody is told more than that it is wrong: not that there is such an operator,
// nor that it is locked.
func (c *SignIn) Decide(v *View, now time.Time) {
	c.decide(v, now)
	if c.Refused != nil && !c.Right {
		c.Refused = &NotLetIn{"password", wrongPassword}
	}
}

func (c *SignIn) decide(v *View, now time.Time) {
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !c.Right:
		c.Refused = v.miss(&o, &c.SigningIn, signIn, "the password is wrong", &NotLetIn{"password", wrongPassword}, now)
		return
	case o.Suspended:
		v.audit(c.actor(), signIn, "", "he is suspended", now)
		c.Refused = &NotLetIn{"password", suspended}
		return
	case o.Person.Phone == 0:
		c.Refused = &NotLetIn{"password", "no phone is known for one-time PINs; a Business Administrator can enter one"}
		return
	case o.OTP.waits(OTPSignIn) && !o.OTP.rested(now):
		c.Operator = o
		return
	}
	c.Operator = v.sendPIN(o, OTPSignIn, c.OTP, now)
}

// sendPIN sends an operator a one-time PIN in place of any that he has.
func (v *View) sendPIN(o Operator, purpose OTPPurpose, draw Draw, now time.Time) Operator {
	v.sendOTP(&o.OTP, o.Person.Phone, "Your M-PESA organisation portal one-time PIN", purpose, draw, now)
	Operators.Put(v, o.ID(), o)
	return o
}

// sendOTP sends a one-time PIN in place of the one before. Wrong entries count on: to ask for another one gives nobody more of them.
func (v *View) sendOTP(p *OneTimePIN, phone msisdn.Number, what string, purpose OTPPurpose, draw Draw, now time.Time) {
	*p = OneTimePIN{Digest: draw.Digest, Purpose: purpose, At: now.UnixMilli(), Wrong: p.Wrong}
	v.send(phone, fmt.Sprintf("%s is %s. It is valid for %d minutes. Do not share it with anybody.", what, draw.Digits, int(OTPLife.Minutes())), now)
}

// ForgottenPassword is somebody who asks for a one-time PIN instead of giving his password. He isn't told whether one was sent.
type ForgottenPassword struct {
	SigningIn
	OTP Draw
}

// Decide sends the one-time PIN, if there is such an operator and he may get in by his security questions.
func (c *ForgottenPassword) Decide(v *View, now time.Time) {
	const action = "recover password"
	o, err := v.attempting(&c.SigningIn, action, now)
	if err != nil {
		return
	}
	switch {
	case o.State() != OperatorActive || len(o.Questions) == 0:
		v.audit(c.actor(), action, "", fmt.Sprintf("he is %s, with %d security questions", o.State(), len(o.Questions)), now)
	case o.Person.Phone != 0 && o.OTP.rested(now):
		v.sendPIN(o, OTPRecover, c.OTP, now)
	}
}

// rested tells whether another one-time PIN may be sent.
func (p OneTimePIN) rested(now time.Time) bool {
	return now.UnixMilli()-p.At >= OTPPause.Milliseconds()
}

// unrested says how long to wait for another one.
func (p OneTimePIN) unrested(now time.Time) string {
	wait := time.Duration(p.At-now.UnixMilli())*time.Millisecond + OTPPause
	return fmt.Sprintf("the last one-time PIN was sent only just now; another one can be sent in %d seconds", (wait+time.Second-1)/time.Second)
}

// waits tells whether a one-time PIN of a purpose was sent and is still to be entered.
func (p OneTimePIN) waits(purpose OTPPurpose) bool { return p.Digest != "" && p.Purpose == purpose }

// ResendPIN sends another one-time PIN in place of one that didn't come.
type ResendPIN struct {
	SigningIn
	Purpose OTPPurpose
	OTP     Draw

	Operator Operator
	Refused  error // a *NotLetIn
}

// Decide sends it.
func (c *ResendPIN) Decide(v *View, now time.Time) {
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !o.OTP.waits(c.Purpose):
		c.Refused = &NotLetIn{"", beginAnew}
	case !o.OTP.rested(now):
		c.Refused = &NotLetIn{"otp", o.OTP.unrested(now)}
	default:
		c.Operator = v.sendPIN(o, c.Purpose, c.OTP, now)
	}
}

// EnterOTP is somebody with a one-time PIN. An operator who has changed his first-time password is then signed in.
type EnterOTP struct {
	SigningIn
	Purpose OTPPurpose
	Digest  string

	Operator Operator // as it then is
	Refused  error    // a *NotLetIn
}

// Decide compares the PIN. Nobody who has only asked for one, with a forgotten password, is told whether there is such an operator.
func (c *EnterOTP) Decide(v *View, now time.Time) {
	c.decide(v, now)
	if c.Refused != nil && c.Purpose == OTPRecover {
		c.Refused = &NotLetIn{"otp", notThePIN}
	}
}

func (c *EnterOTP) decide(v *View, now time.Time) {
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	if c.Refused = v.otpProblem(&o, c, now); c.Refused != nil {
		return
	}
	o.OTP = OneTimePIN{At: o.OTP.At} // it can be used once; the pause goes on
	if c.Purpose == OTPSignIn && !o.First {
		v.signedIn(&o, c.actor(), now)
	}
	Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// otpProblem is what is wrong with an entered PIN. The last wrong one counts as a wrong password, so that nobody can go on trying.
func (v *View) otpProblem(o *Operator, c *EnterOTP, now time.Time) error {
	switch {
	case !o.OTP.waits(c.Purpose):
		return &NotLetIn{"", beginAnew}
	case !now.Before(o.OTP.Expires()):
		return &NotLetIn{"", "the one-time PIN's three minutes are over: begin anew, or have another one sent"}
	case o.OTP.Digest == c.Digest:
		return nil
	}
	o.OTP.Wrong++
	if o.OTP.Wrong >= signInTries {
		o.OTP = OneTimePIN{At: o.OTP.At}
		return v.miss(o, &c.SigningIn, signIn, "three one-time PINs were wrong", &NotLetIn{"", "three wrong one-time PINs: begin anew"}, now)
	}
	Operators.Put(v, o.ID(), *o)
	v.audit(c.actor(), signIn, "", "the one-time PIN is wrong", now)
	return &NotLetIn{"otp", fmt.Sprintf("it is not the one-time PIN that was sent last; %d more %s", signInTries-o.OTP.Wrong, tries(signInTries-o.OTP.Wrong))}
}

func tries(n int) string {
	if n == 1 {
		return "try"
	}
	return "tries"
}

// signedIn notes that an operator is in.
func (v *View) signedIn(o *Operator, by Actor, now time.Time) {
	o.Wrong, o.SignedIn = 0, now.UnixMilli()
	v.audit(by, signIn, "", "", now)
}

// NewPassword is a password that somebody chose.
type NewPassword struct {
	Hash   string // argon2id in PHC form
	Reused bool   // it is one that he has or had
}

// take gives an operator a password of his own, which ends his sessions.
func (o *Operator) take(p NewPassword) error {
	if p.Reused {
		return &NotLetIn{"newPassword", fmt.Sprintf("it is the present password, or one of the last %d before it", rememberedPasswords)}
	}
	o.Earlier = append([]string{o.Password}, o.Earlier...)
	o.Earlier = o.Earlier[:min(len(o.Earlier), rememberedPasswords)]
	o.Password, o.First, o.Wrong = p.Hash, false, 0
	o.Epoch++
	return nil
}

// Activate is the end of the first sign-in: an operator gives the first-time password once more, chooses his own and answers two
// security questions. The one-time PIN was right.
type Activate struct {
	SigningIn
	Right     bool // the first-time password is
	New       NewPassword
	Questions []SecurityQuestion

	Operator Operator
	Refused  error // a *NotLetIn
}

// Decide activates the operator.
func (c *Activate) Decide(v *View, now time.Time) {
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, signIn, now); c.Refused != nil {
		return
	}
	switch {
	case !o.First:
		c.Refused = &NotLetIn{"", "the first-time password was changed already: sign in"}
	case !c.Right:
		c.Refused = v.miss(&o, &c.SigningIn, signIn, "the first-time password is wrong", &NotLetIn{"password", "the first-time password is wrong"}, now)
	default:
		if c.Refused = o.take(c.New); c.Refused != nil {
			return
		}
		o.Questions = slices.Clone(c.Questions)
		v.audit(c.actor(), "choose first password", "", "", now)
		v.signedIn(&o, c.actor(), now)
		Operators.Put(v, o.ID(), o)
		c.Operator = o
	}
}

// Recover is an operator who has forgotten his password, and answers his security questions. The one-time PIN was right.
type Recover struct {
	SigningIn
	Right bool // the answers are
	New   NewPassword

	Operator Operator
	Refused  error // a *NotLetIn
}

// Decide changes the password.
func (c *Recover) Decide(v *View, now time.Time) {
	const action = "recover password"
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, action, now); c.Refused != nil {
		return
	}
	if !c.Right {
		c.Refused = v.miss(&o, &c.SigningIn, action, "an answer is wrong", &NotLetIn{"answer1", "one of the two answers is wrong, or both are"}, now)
		return
	}
	if c.Refused = o.take(c.New); c.Refused != nil {
		return
	}
	v.audit(c.actor(), action, "", "", now)
	v.signedIn(&o, c.actor(), now)
	Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// ChangePassword is a signed-in operator who chooses another password. His sessions end.
type ChangePassword struct {
	SigningIn
	Right bool // the present password is
	New   NewPassword

	Operator Operator
	Refused  error // a *NotLetIn
}

// Decide changes the password.
func (c *ChangePassword) Decide(v *View, now time.Time) {
	const action = "change password"
	var o Operator
	if o, c.Refused = v.attempting(&c.SigningIn, action, now); c.Refused != nil {
		return
	}
	if !c.Right {
		c.Refused = v.miss(&o, &c.SigningIn, action, "the password is wrong", &NotLetIn{"password", "the present password is wrong"}, now)
		return
	}
	if c.Refused = o.take(c.New); c.Refused != nil {
		return
	}
	v.audit(c.actor(), action, "", "", now)
	Operators.Put(v, o.ID(), o)
	c.Operator = o
}

// SignOut ends an operator's sessions.
type SignOut struct{ SigningIn }

// Decide ends them.
func (c *SignOut) Decide(v *View, now time.Time) {
	o, err := v.attempting(&c.SigningIn, "sign out", now)
	if err != nil {
		return // they have ended
	}
	o.Epoch++
	Operators.Put(v, o.ID(), o)
	v.audit(c.actor(), "sign out", "", "", now)
}
