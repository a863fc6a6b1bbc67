package mpesa_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// attempt is somebody who says that they are an operator of the pay bill.
func (b *bench) attempt(username string) portal.SigningIn {
	return portal.SigningIn{ID: of(username), From: "10.0.0.7", Epoch: b.operators[of(username)].Epoch}
}

// signIn gives a password, and a one-time PIN whose digest is its digits.
func (b *bench) signIn(username string, right bool, digits string) *portal.SignIn {
	c := &portal.SignIn{SigningIn: b.attempt(username), Right: right, OTP: mpesa.Draw{Digits: digits, Digest: digits}}
	b.run(c)
	return c
}

func (b *bench) enterOTP(username string, purpose mpesa.OTPPurpose, digits string) *portal.EnterOTP {
	c := &portal.EnterOTP{SigningIn: b.attempt(username), Purpose: purpose, Digest: digits}
	b.run(c)
	return c
}

// refusedAt wants a refusal at a field that says something.
func (b *bench) refusedAt(err error, field, says string) {
	b.t.Helper()
	n, ok := errors.AsType[*portal.NotLetIn](err)
	if !ok || n.Field != field || !strings.Contains(n.Reason, says) {
		b.t.Errorf("refused with %#v; want %q at %q", err, says, field)
	}
}

func TestSigningInTakesAPasswordAndAOneTimePIN(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	if c := b.signIn(admin, true, "123456"); c.Refused != nil || b.operators[of(admin)].SignedIn != 0 {
		t.Fatalf("refused with %v; the operator is %+v", c.Refused, b.operators[of(admin)])
	}
	if m := b.messages; len(m) != 1 || m[0].Phone != adminPhone || !strings.Contains(m[0].Text, "123456") {
		t.Errorf("messages: %+v", m)
	}
	b.refusedAt(b.enterOTP(admin, mpesa.OTPSignIn, "0").Refused, "otp", "2 more tries")
	if got := b.lastAudit(); got.Username != admin || got.Refused != "the one-time PIN is wrong" {
		t.Errorf("the audit says %+v", got)
	}
	c := b.enterOTP(admin, mpesa.OTPSignIn, "123456")
	if o := b.operators[of(admin)]; c.Refused != nil || o.SignedIn != b.now.UnixMilli() || o.OTP.Digest != "" {
		t.Errorf("refused with %v; the operator is %+v", c.Refused, o)
	}
	if got, want := b.lastAudit(), (mpesa.AuditEntry{Business: payBill, Username: admin, From: "10.0.0.7", Action: "sign in"}); got != want {
		t.Errorf("the audit says %+v", got)
	}
	b.refusedAt(b.enterOTP(admin, mpesa.OTPSignIn, "123456").Refused, "", "begin anew") // it can be used once
}

func TestWhoIsNotLetIn(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	change := func(username string, change func(*mpesa.Operator)) {
		o := b.operators[of(username)]
		change(&o)
		b.operators[of(username)] = o
	}
	change("clerk", func(o *mpesa.Operator) { o.Suspended = true })
	change(auditor, func(o *mpesa.Operator) { o.Wrong = mpesa.LockAfter })
	change(manager, func(o *mpesa.Operator) { o.Person.Phone = 0 })
	for _, x := range []struct {
		username string
		right    bool
		says     string
	}{
		{"ghost", true, "username or the password is wrong"}, {testapi, true, "username or the password is wrong"}, {admin, false, "username or the password is wrong"},
		{"clerk", true, "suspended"}, {"clerk", false, "username or the password is wrong"}, {auditor, true, "locked"}, {manager, true, "no phone"},
	} {
		b.refusedAt(b.signIn(x.username, x.right, "1").Refused, "password", x.says)
	}
	stale := &portal.SignIn{SigningIn: b.attempt(admin), Right: true}
	stale.Epoch--
	b.run(stale)
	b.refusedAt(stale.Refused, "", "changed meanwhile")
	if len(b.messages) != 0 {
		t.Errorf("messages: %+v", b.messages)
	}
}

func TestFiveWrongPasswordsLock(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	for range mpesa.LockAfter + 1 { // who doesn't know the password isn't told that there is somebody to lock
		b.refusedAt(b.signIn(admin, false, "1").Refused, "password", "the password is wrong")
	}
	b.refusedAt(b.signIn(admin, true, "1").Refused, "password", "locked")
	if o := b.operators[of(admin)]; o.State() != mpesa.OperatorLocked {
		t.Errorf("the operator is %+v", o)
	}
}

func TestThreeWrongOneTimePINsBeginAnewAndCount(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	for range mpesa.LockAfter {
		b.signIn(admin, true, "123456")
		b.refusedAt(b.enterOTP(admin, mpesa.OTPSignIn, "0").Refused, "otp", "2 more tries")
		b.refusedAt(b.enterOTP(admin, mpesa.OTPRecover, "123456").Refused, "otp", "begin anew")
		b.advance(mpesa.OTPPause)
		another := &portal.ResendPIN{SigningIn: b.attempt(admin), Purpose: mpesa.OTPSignIn, OTP: mpesa.Draw{Digits: "654321", Digest: "654321"}}
		if b.run(another); another.Refused != nil {
			t.Fatal(another.Refused)
		}
		b.refusedAt(b.enterOTP(admin, mpesa.OTPSignIn, "123456").Refused, "otp", "1 more try") // the one before
		c := b.enterOTP(admin, mpesa.OTPSignIn, "0")
		if c.Refused == nil || b.operators[of(admin)].OTP.Digest != "" {
			t.Errorf("refused with %v; the operator is %+v", c.Refused, b.operators[of(admin)])
		}
	}
	if o := b.operators[of(admin)]; o.State() != mpesa.OperatorLocked {
		t.Errorf("with the password, PINs can be tried without end: %+v", o)
	}
}

func TestToBeginAnewGivesNobodyMoreTries(t *testing.T) {
	for purpose, begin := range map[mpesa.OTPPurpose]func(*bench){
		mpesa.OTPSignIn: func(b *bench) { b.signIn(admin, true, "123456") },
		mpesa.OTPRecover: func(b *bench) {
			b.run(&portal.ForgottenPassword{SigningIn: b.attempt(admin), OTP: mpesa.Draw{Digits: "123456", Digest: "123456"}})
		},
	} {
		b := newOffice(t)
		b.portalStaff()
		o := b.operators[of(admin)]
		o.Questions = []mpesa.SecurityQuestion{{Question: "a", Answer: "1"}, {Question: "b", Answer: "2"}}
		b.operators[of(admin)] = o
		for range 3 * mpesa.LockAfter {
			begin(b)
			b.enterOTP(admin, purpose, "0")
			b.advance(mpesa.OTPPause)
		}
		if o := b.operators[of(admin)]; o.State() != mpesa.OperatorLocked {
			t.Errorf("%s: PINs can be tried without end: %+v", purpose, o)
		}
	}
}

func TestAPINThatWasSentOnlyJustNowIsNotSentAgain(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	b.signIn(admin, true, "111111")
	b.advance(mpesa.OTPPause - time.Millisecond)
	if c := b.signIn(admin, true, "222222"); c.Refused != nil || c.Operator.OTP.Digest != "111111" || len(b.messages) != 1 {
		t.Errorf("refused with %v; waited for is %+v; messages: %+v", c.Refused, c.Operator.OTP, b.messages)
	}
	b.advance(time.Millisecond)
	if c := b.signIn(admin, true, "333333"); c.Refused != nil || c.Operator.OTP.Digest != "333333" || len(b.messages) != 2 {
		t.Errorf("refused with %v; waited for is %+v; messages: %+v", c.Refused, c.Operator.OTP, b.messages)
	}
	if c := b.enterOTP(admin, mpesa.OTPSignIn, "333333"); c.Refused != nil {
		t.Error(c.Refused)
	}
}

func TestAOneTimePINHoldsForThreeMinutes(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	b.signIn(admin, true, "123456")
	soon := &portal.ResendPIN{SigningIn: b.attempt(admin), Purpose: mpesa.OTPSignIn}
	b.run(soon)
	b.refusedAt(soon.Refused, "otp", "in 30 seconds")
	b.advance(3 * time.Minute)
	b.refusedAt(b.enterOTP(admin, mpesa.OTPSignIn, "123456").Refused, "", "three minutes are over")
	b.signIn(admin, true, "123456")
	b.advance(3*time.Minute - time.Millisecond)
	if c := b.enterOTP(admin, mpesa.OTPSignIn, "123456"); c.Refused != nil {
		t.Error(c.Refused)
	}
}

func TestTheFirstSignInChangesThePassword(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	o := b.operators[of("clerk")]
	o.First = true
	b.operators[of("clerk")] = o
	if b.signIn("clerk", true, "123456"); b.enterOTP("clerk", mpesa.OTPSignIn, "123456").Refused != nil {
		t.Fatal("the PIN was refused")
	}
	if o := b.operators[of("clerk")]; o.SignedIn != 0 || o.State() != mpesa.OperatorPending {
		t.Errorf("they are in with the first-time password: %+v", o)
	}
	questions := []mpesa.SecurityQuestion{{Question: "a", Answer: "1"}, {Question: "b", Answer: "2"}}
	activate := func(right, reused bool) *portal.Activate {
		c := &portal.Activate{SigningIn: b.attempt("clerk"), Right: right, New: portal.NewPassword{Hash: "mine", Reused: reused}, Questions: questions}
		b.run(c)
		return c
	}
	b.refusedAt(activate(false, false).Refused, "password", "first-time password is wrong")
	b.refusedAt(activate(true, true).Refused, "newPassword", "one of the last 3")
	if c := activate(true, false); c.Refused != nil || c.Operator.State() != mpesa.OperatorActive || c.Operator.Password != "mine" || c.Operator.SignedIn == 0 || c.Operator.Wrong != 0 {
		t.Errorf("refused with %v: %+v", c.Refused, c.Operator)
	}
	b.refusedAt(activate(true, false).Refused, "", "changed already")
}

func TestAForgottenPasswordIsReplacedByAnswers(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	o := b.operators[of(admin)]
	o.Questions = []mpesa.SecurityQuestion{{Question: "a", Answer: "1"}, {Question: "b", Answer: "2"}}
	b.operators[of(admin)] = o
	forgot := func(username string) {
		b.run(&portal.ForgottenPassword{SigningIn: b.attempt(username), OTP: mpesa.Draw{Digits: "123456", Digest: "123456"}})
	}
	for _, username := range []string{"ghost", testapi, "clerk"} { // who is none, can't sign in, or has no questions
		forgot(username)
	}
	if len(b.messages) != 0 {
		t.Fatalf("messages: %+v", b.messages)
	}
	forgot(admin)
	forgot(admin) // at once
	if len(b.messages) != 1 {
		t.Errorf("messages: %+v", b.messages)
	}
	if c := b.enterOTP(admin, mpesa.OTPRecover, "123456"); c.Refused != nil || c.Operator.SignedIn != 0 {
		t.Fatalf("%+v", c)
	}
	answer := func(right bool) *portal.Recover {
		c := &portal.Recover{SigningIn: b.attempt(admin), Right: right, New: portal.NewPassword{Hash: "new"}}
		b.run(c)
		return c
	}
	b.refusedAt(answer(false).Refused, "answer1", "wrong")
	before := b.operators[of(admin)].Epoch
	if c := answer(true); c.Refused != nil || c.Operator.Password != "new" || c.Operator.Epoch == before || c.Operator.Earlier[0] != "set" {
		t.Errorf("%+v", c)
	}
}

func TestPasswordsAreRememberedAndEndSessions(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	change := func(right bool, hash string) *portal.ChangePassword {
		c := &portal.ChangePassword{SigningIn: b.attempt(admin), Right: right, New: portal.NewPassword{Hash: hash}}
		b.run(c)
		return c
	}
	b.refusedAt(change(false, "x").Refused, "password", "present password is wrong")
	for _, hash := range []string{"1", "2", "3", "4"} {
		if c := change(true, hash); c.Refused != nil {
			t.Fatal(c.Refused)
		}
	}
	o := b.operators[of(admin)]
	if strings.Join(o.Earlier, " ") != "3 2 1" || o.Epoch != 4 {
		t.Errorf("remembered are %q, and the epoch is %d", o.Earlier, o.Epoch)
	}
	b.run(&portal.SignOut{SigningIn: b.attempt(admin)})
	if b.operators[of(admin)].Epoch != 5 || b.lastAudit().Action != "sign out" {
		t.Errorf("the operator is %+v", b.operators[of(admin)])
	}
}
