package controlapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

const maryPhone msisdn.Number = 254711000009

const chosenWord = "Chosenbyher1!" // that Mary takes for a password

// object writes pairs of texts as JSON.
func object(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// sms is the newest message of Mary's phone, and what stands in it by a pattern.
func (c caller) sms(pattern string) string {
	c.t.Helper()
	list, err := c.Store.Messages(c.t.Context(), maryPhone, store.Page{Limit: 1})
	if err != nil || len(list) == 0 {
		c.t.Fatalf("messages: %v, %v", list, err)
	}
	found := regexp.MustCompile(pattern).FindStringSubmatch(list[0].Text)
	if found == nil {
		c.t.Fatalf("%q is not in %q", pattern, list[0].Text)
	}
	return found[1]
}

// step takes a step of a sign-in.
func (c caller) step(rest string, pairs ...string) (s control.SignIn) {
	c.t.Helper()
	c.do(http.MethodPost, shop+"/sign-in"+rest, object(pairs...)).answers(http.StatusOK, &s)
	return s
}

// inSession asks with a session's token.
func (c caller) inSession(token, method, path, body string) response {
	c.t.Helper()
	return c.with(http.Header{control.SessionHeader: {token}}, method, shop+"/session"+path, body)
}

// mary is made a web operator who has not signed in yet, and returns the first-time password.
func (c caller) mary() (first string) {
	c.t.Helper()
	var o control.Operator
	c.do(http.MethodPut, shop+"/operators/mary", `{"channel":"web","name":"Mary","phone":"0711000009","roles":["Business Manager"]}`).answers(http.StatusCreated, &o)
	if o.State != control.OperatorPending || o.Phone != "254711000009" {
		c.t.Fatalf("Mary is %+v", o)
	}
	return c.sms(`first-time password.*: (\S+)$`)
}

// activated is Mary past her first sign-in, and the token of her session.
func (c caller) activated() (token string) {
	c.t.Helper()
	first := c.mary()
	s := c.step("", "username", "mary", "password", first)
	s = c.step("/otp", "ticket", s.Ticket, "otp", c.sms(`is (\d{6})\.`))
	q := portal.SecurityQuestions()
	s = c.step("/first", "ticket", s.Ticket, "password", first, "newPassword", chosenWord, "question1", q[0], "answer1", "Kisumu", "question2", q[1], "answer2", "Starehe  Boys")
	return s.Session.Token
}

func TestTheFirstSignIn(t *testing.T) {
	c := start(t)
	first := c.mary()
	s := c.step("", "username", "mary", "password", first)
	if s.Step != control.StepOTP || s.Phone != "2547*****009" || s.Session != nil {
		t.Errorf("after the password: %+v", s)
	}
	otp := c.sms(`is (\d{6})\.`)
	c.do(http.MethodPost, shop+"/sign-in/otp", object("ticket", s.Ticket, "otp", "x")).refuses(http.StatusForbidden, "not-signed-in", "otp", "2 more tries")
	c.do(http.MethodPost, shop+"/sign-in/first", object("ticket", s.Ticket, "password", first, "newPassword", chosenWord, "question1", "a", "answer1", "a", "question2", "a",
		"answer2", "a")).refuses(http.StatusForbidden, "not-signed-in", "", "begin anew") // the PIN comes first
	s = c.step("/otp", "ticket", s.Ticket, "otp", " "+otp+" ")
	if s.Step != control.StepFirst || s.Session != nil {
		t.Fatalf("after the PIN: %+v", s)
	}
	q := portal.SecurityQuestions()
	for _, x := range []struct {
		password, next, question2, answer string
		status                            int
		kind, field, says                 string
	}{
		{first, "short", q[1], "ab", 400, "bad-field", "newPassword", "shorter than 8"},
		{first, "allsmall-1", q[1], "ab", 400, "bad-field", "newPassword", "allowed"},
		{first, "allsmall1!", q[1], "ab", 400, "bad-field", "newPassword", "capital letter"},
		{first, "Parentheses(1)!", q[1], "ab", 400, "bad-field", "newPassword", "letters, digits and"},
		{first, "MARYmary#12", q[1], "ab", 400, "bad-field", "newPassword", "username"},
		{first, first, q[1], "ab", 403, "not-signed-in", "newPassword", "present password"},
		{first, chosenWord, "Why?", "ab", 400, "bad-field", "question2", "it has to be one of"},
		{first, chosenWord, q[0], "ab", 400, "bad-field", "question2", "first question again"},
		{first, chosenWord, q[1], "a", 400, "bad-field", "answer2", "2 to"},
		{"Wrong-one1!", chosenWord, q[1], "ab", 403, "not-signed-in", "password", "first-time password is wrong"},
	} {
		c.do(http.MethodPost, shop+"/sign-in/first", object("ticket", s.Ticket, "password", x.password, "newPassword", x.next, "question1", q[0], "answer1", "Kisumu",
			"question2", x.question2, "answer2", x.answer)).refuses(x.status, x.kind, x.field, x.says)
	}
	s = c.step("/first", "ticket", s.Ticket, "password", first, "newPassword", chosenWord, "question1", q[0], "answer1", "Kisumu", "question2", q[1], "answer2", "x y")
	if s.Step != control.StepDone || s.Session.Operator.State != control.OperatorActive || s.Session.Organisation != "Test Shop" {
		t.Errorf("at the end: %+v", s)
	}
	kept, err := store.Get(t.Context(), c.Store, mpesa.Operators, mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "mary"})
	if err != nil || strings.Contains(kept.Questions[0].Answer, "isumu") || !strings.HasPrefix(kept.Questions[0].Answer, "$argon2id$") {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	c.do(http.MethodPost, shop+"/sign-in", object("username", "mary", "password", first)).refuses(http.StatusForbidden, "not-signed-in", "password", "is wrong")
}

func TestAnotherPINIsSent(t *testing.T) {
	c := start(t)
	s := c.step("", "username", "mary", "password", c.mary())
	first := c.sms(`is (\d{6})\.`)
	c.do(http.MethodPost, shop+"/sign-in/resend", object("ticket", s.Ticket)).refuses(http.StatusForbidden, "not-signed-in", "otp", "30 seconds")
	c.Clock.Advance(mpesa.OTPPause)
	again := c.step("/resend", "ticket", s.Ticket)
	if again.Step != control.StepOTP || again.Phone != s.Phone || again.ExpiresAt.Sub(s.ExpiresAt.Time) != mpesa.OTPPause {
		t.Errorf("first %+v, then %+v", s, again)
	}
	c.do(http.MethodPost, shop+"/sign-in/otp", object("ticket", again.Ticket, "otp", first)).refuses(http.StatusForbidden, "not-signed-in", "otp", "sent last")
	if s = c.step("/otp", "ticket", s.Ticket, "otp", c.sms(`is (\d{6})\.`)); s.Step != control.StepFirst {
		t.Errorf("after the second PIN: %+v", s)
	}
}

func TestASessionEnds(t *testing.T) {
	for name, end := range map[string]func(c caller, token string){
		"signed out":    func(c caller, token string) { c.inSession(token, http.MethodDelete, "", "") },
		"idle":          func(c caller, _ string) { c.Clock.Advance(15 * time.Minute) },
		"suspended":     func(c caller, _ string) { c.do(http.MethodPost, shop+"/operators/mary/suspend", "") },
		"other roles":   func(c caller, _ string) { c.do(http.MethodPut, shop+"/operators/mary", `{"roles":[]}`) },
		"reset":         func(c caller, _ string) { c.do(http.MethodPost, shop+"/operators/mary/reset", "") },
		"removed":       func(c caller, _ string) { c.do(http.MethodDelete, shop+"/operators/mary", "") },
		"other of name": func(c caller, _ string) { c.do(http.MethodDelete, shop+"/operators/mary", ""); c.hire("mary") },
		"locked": func(c caller, _ string) {
			for range mpesa.LockAfter {
				c.do(http.MethodPost, shop+"/sign-in", object("username", "mary", "password", "wrong"))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t)
			token := c.activated()
			var s control.Session
			c.inSession(token, http.MethodGet, "", "").answers(http.StatusOK, &s)
			if s.Operator.Username != "mary" || len(s.Operator.Rights) == 0 {
				t.Errorf("the session is %+v", s)
			}
			end(c, token)
			c.inSession(token, http.MethodGet, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "session")
			c.inSession(token, http.MethodDelete, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "session")
		})
	}
}

func TestASessionLastsWhileItIsUsedAndTwelveHoursAtMost(t *testing.T) {
	c := start(t)
	token := c.activated()
	var s control.Session
	for range 12*6 - 1 {
		c.Clock.Advance(10 * time.Minute)
		c.inSession(token, http.MethodGet, "", "").answers(http.StatusOK, &s)
		token = s.Token
	}
	c.Clock.Advance(10 * time.Minute)
	c.inSession(token, http.MethodGet, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "over")
}

func TestForeignTokensAreNone(t *testing.T) {
	c := start(t)
	token := c.activated()
	ticket := c.step("", "username", "mary", "password", chosenWord).Ticket
	other := "A"
	if token[:1] == other {
		other = "B"
	}
	for _, other := range []string{"", "x", "x.y", token + "x", other + token[1:], ticket} {
		c.inSession(other, http.MethodGet, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "nobody of 174379")
	}
	c.with(http.Header{control.SessionHeader: {token}}, http.MethodGet, "/kivuko/v1/organisations/300584/session", "").refuses(http.StatusForbidden, "not-signed-in", "", "300584")
	c.do(http.MethodPost, shop+"/sign-in/otp", object("ticket", token, "otp", "123456")).refuses(http.StatusForbidden, "not-signed-in", "", "begin anew")
	c.Clock.Advance(15 * time.Minute)
	c.do(http.MethodPost, shop+"/sign-in/otp", object("ticket", ticket, "otp", "123456")).refuses(http.StatusForbidden, "not-signed-in", "", "begin anew")
}

func TestAForgottenPassword(t *testing.T) {
	c := start(t)
	token := c.activated()
	c.Clock.Advance(time.Minute)
	unknown := c.step("/forgotten", "username", "nobody")
	s := c.step("/forgotten", "username", "mary")
	if unknown.Step != s.Step || s.Phone != "" || unknown.ExpiresAt != s.ExpiresAt {
		t.Errorf("the answers tell who is there: %+v and %+v", unknown, s)
	}
	if shown, err := base64.RawURLEncoding.DecodeString(s.Ticket); err != nil || strings.Contains(string(shown), "mary") || len(s.Ticket) > len(unknown.Ticket) {
		t.Errorf("the ticket %q can be read, or its length tells who is there: %v", s.Ticket, err)
	}
	for _, ticket := range []string{unknown.Ticket, s.Ticket} {
		c.do(http.MethodPost, shop+"/sign-in/otp", object("ticket", ticket, "otp", "x")).refuses(http.StatusForbidden, "not-signed-in", "otp", "it is not a one-time PIN that was sent in the last three minutes")
		if again := c.step("/resend", "ticket", ticket); again.Step != s.Step || again.ResendAt != s.ResendAt || again.Phone != "" {
			t.Errorf("another PIN's answer tells who is there: %+v", again)
		}
	}
	s = c.step("/otp", "ticket", s.Ticket, "otp", c.sms(`is (\d{6})\.`))
	if s.Step != control.StepRecover || len(s.Questions) != 2 {
		t.Fatalf("after the PIN: %+v", s)
	}
	const next = "Anotherone2#"
	c.do(http.MethodPost, shop+"/sign-in/recover", object("ticket", s.Ticket, "newPassword", next, "answer1", "Kisumu", "answer2", "no")).
		refuses(http.StatusForbidden, "not-signed-in", "answer1", "wrong")
	s = c.step("/recover", "ticket", s.Ticket, "newPassword", next, "answer1", " kisumu", "answer2", "STAREHE boys")
	if s.Step != control.StepDone {
		t.Errorf("at the end: %+v", s)
	}
	c.inSession(token, http.MethodGet, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "has ended")
	c.step("", "username", "mary", "password", next)
}

func TestAPasswordIsChangedByItsOwner(t *testing.T) {
	c := start(t)
	token := c.activated()
	const next = "Anotherone2#"
	change := func(token, password, next string) response {
		return c.inSession(token, http.MethodPost, "/password", object("password", password, "newPassword", next))
	}
	change(token, "wrong", next).refuses(http.StatusForbidden, "not-signed-in", "password", "wrong")
	change(token, chosenWord, chosenWord).refuses(http.StatusForbidden, "not-signed-in", "newPassword", "present password")
	change(token, chosenWord, "weak").refuses(http.StatusBadRequest, "bad-field", "newPassword", "shorter")
	var s control.Session
	change(token, chosenWord, next).answers(http.StatusOK, &s)
	c.inSession(s.Token, http.MethodGet, "", "").answers(http.StatusOK, &s)
	c.inSession(token, http.MethodGet, "", "").refuses(http.StatusForbidden, "not-signed-in", "", "has ended")
	change(s.Token, next, chosenWord).refuses(http.StatusForbidden, "not-signed-in", "newPassword", "last 3")
	var o control.Operator
	c.do(http.MethodPost, shop+"/operators/mary/password", object("password", "Byowner1!")).answers(http.StatusOK, &o)
	c.do(http.MethodPost, shop+"/operators/mary/password", object("password", "nocapitals1!")).refuses(http.StatusBadRequest, "bad-field", "password", "capital")
}
