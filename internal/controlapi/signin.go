package controlapi

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// signIn takes a short code, a username and a password, and has a one-time PIN sent when they are right.
func (s *server) signIn(r *request[inOrganisation, control.SignInPassword]) (*control.SignIn, error) {
	id := mpesa.OperatorID{Shortcode: r.Query.Shortcode, Username: r.Body.Username}
	o, err := s.attempter(r.Request, id)
	if err != nil {
		return nil, err
	}
	hash := o.Password
	if hash == "" || o.Channel != mpesa.ChannelWeb {
		hash = credential.NobodyCalled(fmt.Sprint(id.Shortcode, " ", id.Username))
	}
	right, err := s.Credentials.Holds(r.Context(), r.Body.Password, hash)
	if err != nil {
		return nil, err
	}
	attempt := attemptBy(r.Request, id, o.Epoch)
	c := &portal.SignIn{SigningIn: attempt, Right: right, OTP: s.drawOTP(id)}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	return s.otpStep(&c.Operator, mpesa.OTPSignIn), nil
}

// forgottenPassword has a one-time PIN sent instead, and doesn't say whether there is anybody to send it to.
func (s *server) forgottenPassword(r *request[inOrganisation, control.SignInUsername]) (*control.SignIn, error) {
	return s.recovering(r.Request, mpesa.OperatorID{Shortcode: r.Query.Shortcode, Username: r.Body.Username})
}

func (s *server) recovering(r *http.Request, id mpesa.OperatorID) (*control.SignIn, error) {
	o, err := s.attempter(r, id)
	if err != nil {
		return nil, err
	}
	attempt := attemptBy(r, id, o.Epoch)
	if err := s.keep(r.Context(), &portal.ForgottenPassword{SigningIn: attempt, OTP: s.drawOTP(id)}); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return &control.SignIn{Step: control.StepOTP, ExpiresAt: control.At(now.Add(mpesa.OTPLife).UnixMilli()), ResendAt: control.At(now.Add(mpesa.OTPPause).UnixMilli()),
		Ticket: s.seal(pass{Step: control.StepOTP, Shortcode: id.Shortcode, Username: id.Username, Epoch: o.Epoch, Purpose: string(mpesa.OTPRecover), Since: now.UnixMilli()})}, nil
}

// resendOTP has another one-time PIN sent.
func (s *server) resendOTP(r *request[inOrganisation, control.SignInTicket]) (*control.SignIn, error) {
	p, attempt, err := s.attemptWith(r.Request, r.Body.Ticket, control.StepOTP, r.Query.Shortcode)
	if err != nil {
		return nil, err
	}
	if p.Purpose == string(mpesa.OTPRecover) {
		return s.recovering(r.Request, p.id())
	}
	c := &portal.ResendPIN{SigningIn: attempt, Purpose: mpesa.OTPPurpose(p.Purpose), OTP: s.drawOTP(p.id())}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	return s.otpStep(&c.Operator, c.Purpose), nil
}

// enterOTP takes the one-time PIN.
func (s *server) enterOTP(r *request[inOrganisation, control.SignInOTP]) (*control.SignIn, error) {
	p, attempt, err := s.attemptWith(r.Request, r.Body.Ticket, control.StepOTP, r.Query.Shortcode)
	if err != nil {
		return nil, err
	}
	c := &portal.EnterOTP{SigningIn: attempt, Purpose: mpesa.OTPPurpose(p.Purpose), Digest: s.otpDigest(p.id(), strings.TrimSpace(r.Body.OTP))}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	p.Epoch, p.Since = c.Operator.Epoch, s.Clock.Now().UnixMilli()
	switch {
	case c.Purpose == mpesa.OTPRecover:
		p.Step = control.StepRecover
		shown := &control.SignIn{Step: p.Step, Ticket: s.seal(p)}
		for _, q := range c.Operator.Questions {
			shown.Questions = append(shown.Questions, q.Question)
		}
		return shown, nil
	case c.Operator.First:
		p.Step = control.StepFirst
		return &control.SignIn{Step: p.Step, Ticket: s.seal(p)}, nil
	}
	return s.signedIn(r.Request, &c.Operator)
}

// activate ends the first sign-in: another password and two security questions.
func (s *server) activate(r *request[inOrganisation, control.SignInFirst]) (*control.SignIn, error) {
	p, attempt, err := s.attemptWith(r.Request, r.Body.Ticket, control.StepFirst, r.Query.Shortcode)
	if err != nil {
		return nil, err
	}
	o, err := s.attempter(r.Request, p.id())
	if err != nil {
		return nil, err
	}
	c := &portal.Activate{SigningIn: attempt}
	if c.Questions, err = questions(&r.Body); err != nil {
		return nil, err
	}
	if c.Right, err = s.Credentials.Holds(r.Context(), r.Body.Password, o.Password); err != nil {
		return nil, err
	}
	if c.New, err = s.newPassword(r.Request, r.Body.NewPassword, o); err != nil {
		return nil, err
	}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	return s.signedIn(r.Request, &c.Operator)
}

// recoverPassword takes the answers to the security questions, and another password.
func (s *server) recoverPassword(r *request[inOrganisation, control.SignInRecover]) (*control.SignIn, error) {
	p, attempt, err := s.attemptWith(r.Request, r.Body.Ticket, control.StepRecover, r.Query.Shortcode)
	if err != nil {
		return nil, err
	}
	o, err := s.attempter(r.Request, p.id())
	if err != nil {
		return nil, err
	}
	c := &portal.Recover{SigningIn: attempt, Right: len(o.Questions) == 2}
	for i, given := range []string{r.Body.Answer1, r.Body.Answer2}[:len(o.Questions)] {
		right, err := s.Credentials.Holds(r.Context(), credential.NormalAnswer(given), o.Questions[i].Answer)
		if err != nil {
			return nil, err
		}
		c.Right = c.Right && right
	}
	if c.New, err = s.newPassword(r.Request, r.Body.NewPassword, o); err != nil {
		return nil, err
	}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	return s.signedIn(r.Request, &c.Operator)
}

// getSession tells whose the session is, and has it last longer.
func (s *server) getSession(r *request[inOrganisation, none]) (*control.Session, error) {
	p, o, err := s.session(r.Request)
	if err != nil {
		return nil, err
	}
	return s.shownSession(r.Request, p, o)
}

// changePassword changes the password of the operator who is signed in.
func (s *server) changePassword(r *request[inOrganisation, control.OwnPassword]) (*control.Session, error) {
	p := r.pass
	o, err := s.attempter(r.Request, p.id())
	if err != nil {
		return nil, err
	}
	c := &portal.ChangePassword{SigningIn: attemptBy(r.Request, p.id(), p.Epoch)}
	if c.Right, err = s.Credentials.Holds(r.Context(), r.Body.Password, o.Password); err != nil {
		return nil, err
	}
	if c.New, err = s.newPassword(r.Request, r.Body.NewPassword, o); err != nil {
		return nil, err
	}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	p.Epoch = c.Operator.Epoch
	return s.shownSession(r.Request, p, &c.Operator)
}

// signOut ends the sessions of the operator who is signed in.
func (s *server) signOut(r *request[inOrganisation, none]) (gone none, err error) {
	p := r.pass
	return gone, s.keep(r.Context(), &portal.SignOut{SigningIn: attemptBy(r.Request, p.id(), p.Epoch)})
}

// attempter reads the operator that somebody says they are; one without anything when there is none.
func (s *server) attempter(r *http.Request, id mpesa.OperatorID) (*mpesa.Operator, error) {
	o, err := store.Get(r.Context(), s.Store, mpesa.Operators, id)
	if o == nil {
		o = &mpesa.Operator{Shortcode: id.Shortcode, Username: id.Username}
	}
	return o, err
}

// attemptBy is somebody who says that they are an operator.
func attemptBy(r *http.Request, id mpesa.OperatorID, epoch int64) portal.SigningIn {
	return portal.SigningIn{ID: id, From: fromOf(r), Epoch: epoch}
}

// attemptWith is somebody with the ticket for a step.
func (s *server) attemptWith(r *http.Request, ticket string, step control.SignInStep, code mpesa.Shortcode) (pass, portal.SigningIn, error) {
	p, err := s.ticket(ticket, step, code)
	if err != nil {
		return p, portal.SigningIn{}, err
	}
	return p, attemptBy(r, p.id(), p.Epoch), nil
}

// otpStep is a sign-in that waits for the one-time PIN.
func (s *server) otpStep(o *mpesa.Operator, purpose mpesa.OTPPurpose) *control.SignIn {
	p := pass{Step: control.StepOTP, Shortcode: o.Shortcode, Username: o.Username, Epoch: o.Epoch, Purpose: string(purpose), Since: s.Clock.Now().UnixMilli()}
	shown := &control.SignIn{Step: p.Step, Ticket: s.seal(p), ExpiresAt: control.At(o.OTP.Expires().UnixMilli()), ResendAt: control.At(o.OTP.At + mpesa.OTPPause.Milliseconds())}
	if purpose == mpesa.OTPSignIn { // somebody who knows the password may know the phone
		shown.Phone = hidden(o.Person.Phone)
	}
	return shown
}

// signedIn is a sign-in that is done.
func (s *server) signedIn(r *http.Request, o *mpesa.Operator) (*control.SignIn, error) {
	p := pass{Step: control.StepDone, Shortcode: o.Shortcode, Username: o.Username, Epoch: o.Epoch, Since: s.Clock.Now().UnixMilli()}
	session, err := s.shownSession(r, p, o)
	return &control.SignIn{Step: control.StepDone, Session: session}, err
}

// hidden is a phone number without its middle.
func hidden(phone msisdn.Number) string {
	s := phone.String()
	return s[:4] + "*****" + s[9:]
}

// drawOTP draws a one-time PIN for an operator.
func (s *server) drawOTP(id mpesa.OperatorID) mpesa.Draw {
	digits := ""
	for len(digits) < mpesa.OTPLength {
		for _, c := range s.Random(64) {
			if '0' <= c && c <= '9' && len(digits) < mpesa.OTPLength {
				digits += string(c)
			}
		}
	}
	return mpesa.Draw{Digits: digits, Digest: s.otpDigest(id, digits)}
}

func (s *server) otpDigest(id mpesa.OperatorID, digits string) string {
	return hex.EncodeToString(s.Sign("otp " + id.Shortcode.String() + " " + id.Username + " " + digits))
}

// newPassword hashes a password that an operator chose, and compares it with those that they have had.
func (s *server) newPassword(r *http.Request, chosen string, o *mpesa.Operator) (p portal.NewPassword, err error) {
	if problem := credential.WebPasswordProblem(chosen, o.Username); problem != "" {
		return p, badField.of("newPassword", "%s", problem)
	}
	for _, hash := range append([]string{o.Password}, o.Earlier...) {
		same, err := s.Credentials.Holds(r.Context(), chosen, hash)
		if err != nil {
			return p, err
		}
		p.Reused = p.Reused || same
	}
	p.Hash, err = credential.Hash(chosen)
	return p, err
}

// questions reads two different security questions and hashes their answers.
func questions(given *control.SignInFirst) (list []mpesa.SecurityQuestion, err error) {
	for n, x := range []control.SecurityAnswer{{Question: given.Question1, Answer: given.Answer1}, {Question: given.Question2, Answer: given.Answer2}} {
		if _, err := among(plainText(x.Question), portal.SecurityQuestions()); err != nil {
			return nil, badField.of(fmt.Sprintf("question%d", n+1), "%v", err)
		}
		answer := credential.NormalAnswer(x.Answer)
		if len(answer) < 2 || len(answer) > maxName {
			return nil, badField.of(fmt.Sprintf("answer%d", n+1), "it has to have 2 to %d characters", maxName)
		}
		hash, err := credential.Hash(answer)
		if err != nil {
			return nil, err
		}
		list = append(list, mpesa.SecurityQuestion{Question: x.Question, Answer: hash})
	}
	if list[0].Question == list[1].Question {
		return nil, badField.of("question2", "it is the first question again: choose another one")
	}
	return list, nil
}
