package control

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// signIn takes a short code, a username and a password, and has a one-time PIN sent when they are right.
func (s *server) signIn(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "username", "password")
	if err != nil {
		return answer{}, err
	}
	id := mpesa.OperatorID{Shortcode: code, Username: given["username"]}
	o, err := s.attempter(r, id)
	if err != nil {
		return answer{}, err
	}
	hash := o.Password
	if hash == "" || o.Channel != mpesa.ChannelWeb {
		hash = credential.NobodyCalled(fmt.Sprint(id.Shortcode, " ", id.Username))
	}
	right, err := s.Credentials.Holds(r.Context(), given["password"], hash)
	if err != nil {
		return answer{}, err
	}
	attempt := attemptBy(r, id, o.Epoch)
	c := &mpesa.SignIn{SigningIn: attempt, Right: right, OTP: s.drawOTP(id)}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	return ok(s.otpStep(&c.Operator, mpesa.OTPSignIn)), nil
}

// forgottenPassword has a one-time PIN sent instead, and doesn't say whether there is anybody to send it to.
func (s *server) forgottenPassword(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "username")
	if err != nil {
		return answer{}, err
	}
	return s.recovering(r, mpesa.OperatorID{Shortcode: code, Username: given["username"]})
}

func (s *server) recovering(r *http.Request, id mpesa.OperatorID) (answer, error) {
	o, err := s.attempter(r, id)
	if err != nil {
		return answer{}, err
	}
	attempt := attemptBy(r, id, o.Epoch)
	if err := s.keep(r.Context(), &mpesa.ForgottenPassword{SigningIn: attempt, OTP: s.drawOTP(id)}); err != nil {
		return answer{}, err
	}
	now := s.Clock.Now()
	return ok(api.SignIn{Step: api.StepOTP, ExpiresAt: api.At(now.Add(mpesa.OTPLife).UnixMilli()), ResendAt: api.At(now.Add(mpesa.OTPPause).UnixMilli()),
		Ticket: s.seal(pass{Step: api.StepOTP, Shortcode: id.Shortcode, Username: id.Username, Epoch: o.Epoch, Purpose: string(mpesa.OTPRecover), Since: now.UnixMilli()})}), nil
}

// resendOTP has another one-time PIN sent.
func (s *server) resendOTP(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "ticket")
	if err != nil {
		return answer{}, err
	}
	p, attempt, err := s.attemptWith(r, given["ticket"], api.StepOTP, code)
	if err != nil {
		return answer{}, err
	}
	if p.Purpose == string(mpesa.OTPRecover) {
		return s.recovering(r, p.id())
	}
	c := &mpesa.ResendPIN{SigningIn: attempt, Purpose: mpesa.OTPPurpose(p.Purpose), OTP: s.drawOTP(p.id())}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	return ok(s.otpStep(&c.Operator, c.Purpose)), nil
}

// enterOTP takes the one-time PIN.
func (s *server) enterOTP(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "ticket", "otp")
	if err != nil {
		return answer{}, err
	}
	p, attempt, err := s.attemptWith(r, given["ticket"], api.StepOTP, code)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.EnterOTP{SigningIn: attempt, Purpose: mpesa.OTPPurpose(p.Purpose), Digest: s.otpDigest(p.id(), strings.TrimSpace(given["otp"]))}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	p.Epoch, p.Since = c.Operator.Epoch, s.Clock.Now().UnixMilli()
	switch {
	case c.Purpose == mpesa.OTPRecover:
		p.Step = api.StepRecover
		shown := api.SignIn{Step: p.Step, Ticket: s.seal(p)}
		for _, q := range c.Operator.Questions {
			shown.Questions = append(shown.Questions, q.Question)
		}
		return ok(shown), nil
	case c.Operator.First:
		p.Step = api.StepFirst
		return ok(api.SignIn{Step: p.Step, Ticket: s.seal(p)}), nil
	}
	return s.signedIn(r, &c.Operator)
}

// activate ends the first sign-in: another password and two security questions.
func (s *server) activate(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "ticket", "password", "newPassword", "question1", "answer1", "question2", "answer2")
	if err != nil {
		return answer{}, err
	}
	p, attempt, err := s.attemptWith(r, given["ticket"], api.StepFirst, code)
	if err != nil {
		return answer{}, err
	}
	o, err := s.attempter(r, p.id())
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.Activate{SigningIn: attempt}
	if c.Questions, err = questions(given); err != nil {
		return answer{}, err
	}
	if c.Right, err = s.Credentials.Holds(r.Context(), given["password"], o.Password); err != nil {
		return answer{}, err
	}
	if c.New, err = s.newPassword(r, given["newPassword"], o); err != nil {
		return answer{}, err
	}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	return s.signedIn(r, &c.Operator)
}

// recoverPassword takes the answers to the security questions, and another password.
func (s *server) recoverPassword(r *http.Request) (answer, error) {
	given, code, err := readSignIn(r, "ticket", "newPassword", "answer1", "answer2")
	if err != nil {
		return answer{}, err
	}
	p, attempt, err := s.attemptWith(r, given["ticket"], api.StepRecover, code)
	if err != nil {
		return answer{}, err
	}
	o, err := s.attempter(r, p.id())
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.Recover{SigningIn: attempt, Right: len(o.Questions) == 2}
	for i, name := range []string{"answer1", "answer2"}[:len(o.Questions)] {
		right, err := s.Credentials.Holds(r.Context(), credential.NormalAnswer(given[name]), o.Questions[i].Answer)
		if err != nil {
			return answer{}, err
		}
		c.Right = c.Right && right
	}
	if c.New, err = s.newPassword(r, given["newPassword"], o); err != nil {
		return answer{}, err
	}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	return s.signedIn(r, &c.Operator)
}

// getSession tells whose the session is, and has it last longer.
func (s *server) getSession(r *http.Request) (answer, error) {
	p, o, err := s.session(r)
	if err != nil {
		return answer{}, err
	}
	shown, err := s.shownSession(r, p, o)
	return ok(shown), err
}

// changePassword changes the password of whoever is signed in.
func (s *server) changePassword(r *http.Request) (answer, error) {
	p, _, err := s.session(r)
	if err != nil {
		return answer{}, err
	}
	given, _, err := readSignIn(r, "password", "newPassword")
	if err != nil {
		return answer{}, err
	}
	o, err := s.attempter(r, p.id())
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.ChangePassword{SigningIn: attemptBy(r, p.id(), p.Epoch)}
	if c.Right, err = s.Credentials.Holds(r.Context(), given["password"], o.Password); err != nil {
		return answer{}, err
	}
	if c.New, err = s.newPassword(r, given["newPassword"], o); err != nil {
		return answer{}, err
	}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	p.Epoch = c.Operator.Epoch
	shown, err := s.shownSession(r, p, &c.Operator)
	return ok(shown), err
}

// signOut ends the sessions of whoever is signed in.
func (s *server) signOut(r *http.Request) (answer, error) {
	p, _, err := s.session(r)
	if err != nil {
		return answer{}, err
	}
	attempt := attemptBy(r, p.id(), p.Epoch)
	return answer{status: http.StatusNoContent}, s.keep(r.Context(), &mpesa.SignOut{SigningIn: attempt})
}

// readSignIn reads the texts that a step of a sign-in needs: none may be empty.
func readSignIn(r *http.Request, needed ...string) (given map[string]string, code mpesa.Shortcode, err error) {
	if err := readPath(r, "shortcode", shortcode(&code)); err != nil {
		return nil, 0, err
	}
	given = map[string]string{}
	f := fields{}
	for _, name := range needed {
		f[name] = func(raw json.RawMessage) (err error) {
			given[name], err = text(raw)
			switch {
			case err != nil:
				return err
			case given[name] == "":
				return errors.New("it is empty")
			case name == "username":
				return username(new(string))(given[name])
			}
			return nil
		}
	}
	return given, code, readFields(r, f, needed...)
}

// attempter reads the operator that somebody says he is; one without anything when there is none.
func (s *server) attempter(r *http.Request, id mpesa.OperatorID) (*mpesa.Operator, error) {
	o, err := s.Store.Operator(r.Context(), id)
	if o == nil {
		o = &mpesa.Operator{Shortcode: id.Shortcode, Username: id.Username}
	}
	return o, err
}

// attemptBy is somebody who says that he is an operator.
func attemptBy(r *http.Request, id mpesa.OperatorID, epoch int64) mpesa.SigningIn {
	return mpesa.SigningIn{ID: id, From: fromOf(r), Epoch: epoch}
}

// attemptWith is somebody with the ticket for a step.
func (s *server) attemptWith(r *http.Request, ticket string, step api.SignInStep, code mpesa.Shortcode) (pass, mpesa.SigningIn, error) {
	p, err := s.ticket(ticket, step, code)
	if err != nil {
		return p, mpesa.SigningIn{}, err
	}
	return p, attemptBy(r, p.id(), p.Epoch), nil
}

// otpStep is a sign-in that waits for the one-time PIN.
func (s *server) otpStep(o *mpesa.Operator, purpose mpesa.OTPPurpose) api.SignIn {
	p := pass{Step: api.StepOTP, Shortcode: o.Shortcode, Username: o.Username, Epoch: o.Epoch, Purpose: string(purpose), Since: s.Clock.Now().UnixMilli()}
	shown := api.SignIn{Step: p.Step, Ticket: s.seal(p), ExpiresAt: api.At(o.OTP.Expires().UnixMilli()), ResendAt: api.At(o.OTP.At + mpesa.OTPPause.Milliseconds())}
	if purpose == mpesa.OTPSignIn { // whoever knows the password may know the phone
		shown.Phone = hidden(o.Person.Phone)
	}
	return shown
}

// signedIn is a sign-in that is done.
func (s *server) signedIn(r *http.Request, o *mpesa.Operator) (answer, error) {
	p := pass{Step: api.StepDone, Shortcode: o.Shortcode, Username: o.Username, Epoch: o.Epoch, Since: s.Clock.Now().UnixMilli()}
	session, err := s.shownSession(r, p, o)
	return ok(api.SignIn{Step: api.StepDone, Session: session}), err
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

// newPassword hashes a password that an operator chose, and compares it with those that he has had.
func (s *server) newPassword(r *http.Request, chosen string, o *mpesa.Operator) (p mpesa.NewPassword, err error) {
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
func questions(given map[string]string) (list []mpesa.SecurityQuestion, err error) {
	for _, n := range []string{"1", "2"} {
		quoted, err := json.Marshal(given["question"+n])
		if err != nil {
			return nil, err
		}
		if _, err := oneOf(quoted, mpesa.SecurityQuestions()); err != nil {
			return nil, badField.of("question"+n, "%v", err)
		}
		answer := credential.NormalAnswer(given["answer"+n])
		if len(answer) < 2 || len(answer) > maxName {
			return nil, badField.of("answer"+n, "it has to have 2 to %d characters", maxName)
		}
		hash, err := credential.Hash(answer)
		if err != nil {
			return nil, err
		}
		list = append(list, mpesa.SecurityQuestion{Question: given["question"+n], Answer: hash})
	}
	if list[0].Question == list[1].Question {
		return nil, badField.of("question2", "it is the first question again: choose another one")
	}
	return list, nil
}
