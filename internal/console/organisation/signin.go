package organisation

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

const signInPath = "/organisation/sign-in"

func signInRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/sign-in":            signIn,
		"POST /organisation/sign-in":           signIn,
		"GET /organisation/sign-in/otp":        enterOTP,
		"POST /organisation/sign-in/otp":       enterOTP,
		"POST /organisation/sign-in/resend":    resendOTP,
		"GET /organisation/sign-in/first":      activate,
		"POST /organisation/sign-in/first":     activate,
		"GET /organisation/sign-in/forgotten":  forgotten,
		"POST /organisation/sign-in/forgotten": forgotten,
		"GET /organisation/sign-in/recover":    recoverPassword,
		"POST /organisation/sign-in/recover":   recoverPassword,
		"GET /organisation/sign-out":           signedIn(signOut),
		"POST /organisation/sign-out":          signedIn(signOut),
	}
}

// people are the operators that a new Kivuko has.
func people(q *page.Request) (*control.CataloguePortal, error) {
	c, err := q.API().Catalogue(q.HTTP.Context())
	if err != nil {
		return nil, err
	}
	return &c.Portal, nil
}

// signIn takes short code, username and password.
func signIn(q *page.Request) error {
	known, err := people(q)
	if err != nil {
		return err
	}
	f := q.Form()
	if !f.Posted() {
		return q.Show("signin", known)
	}
	step, err := q.API().SignIn(q.HTTP.Context(), f.Get("shortcode"), f.Get("username"), f.Get("password"))
	if err != nil {
		return q.Refused("signin", known, err)
	}
	return follow(q, f.Get("shortcode"), f.Get("username"), step)
}

// stage is how far a sign-in has got, for the page that asks for what comes next.
type stage struct {
	Shortcode, Username string
	Phone               string // that gets the one-time PIN, partly
	Messages            string // path of the page that shows it; "": the page doesn't know which phone it is
	Questions           []string
	Roles               *control.Roles
	ticket              string
}

// Choices are the security questions, for a select.
func (s *stage) Choices() (list []page.Option) {
	for _, q := range s.Roles.Questions {
		list = append(list, page.Option{Value: q, Label: q})
	}
	return list
}

// follow goes on with a sign-in: to the page for what has to be given next, or into the portal.
func follow(q *page.Request, shortcode, username string, s *control.SignIn) error {
	if s.Step == control.StepDone {
		dropCookie(q, ticketCookie)
		remember(q, shortcode, s.Session)
		return q.Redirect("/organisation")
	}
	writeCookie(q, ticketCookie, url.Values{"shortcode": {shortcode}, "username": {username}, "phone": {s.Phone}, "ticket": {s.Ticket}, "question": s.Questions})
	return q.Redirect(string(signInPath + "/" + s.Step))
}

// stageOf reads how far the sign-in has got; nil when there is none.
func stageOf(q *page.Request) (*stage, error) {
	c := readCookie(q, ticketCookie)
	s := &stage{Shortcode: c.Get("shortcode"), Username: c.Get("username"), Phone: c.Get("phone"), ticket: c.Get("ticket"), Questions: c["question"]}
	if s.ticket == "" {
		return nil, q.Redirect(signInPath)
	}
	known, err := people(q)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(known.Operators, func(o control.PortalOperator) bool { return o.Username == s.Username })
	if i >= 0 && slices.Contains(known.Organisations, s.Shortcode) {
		s.Messages = "/phones/" + known.Operators[i].Phone
	}
	s.Roles, err = q.API().Roles(q.HTTP.Context())
	return s, err
}

// enterOTP takes the one-time PIN.
func enterOTP(q *page.Request) error {
	s, err := stageOf(q)
	if s == nil || err != nil {
		return err
	}
	if !q.Form().Posted() {
		return q.Show("otp", s)
	}
	step, err := q.API().EnterOTP(q.HTTP.Context(), s.Shortcode, s.ticket, q.Form().Get("otp"))
	if err != nil {
		return q.Refused("otp", s, err)
	}
	return follow(q, s.Shortcode, s.Username, step)
}

// resendOTP has another one-time PIN sent.
func resendOTP(q *page.Request) error {
	s, err := stageOf(q)
	if s == nil || err != nil {
		return err
	}
	step, err := q.API().ResendOTP(q.HTTP.Context(), s.Shortcode, s.ticket)
	if err != nil {
		return q.Refused("otp", s, err)
	}
	q.Flash("Another one-time PIN is on its way.")
	return follow(q, s.Shortcode, s.Username, step)
}

// activate ends the first sign-in.
func activate(q *page.Request) error {
	s, err := stageOf(q)
	if s == nil || err != nil {
		return err
	}
	f := q.Form()
	if !f.Posted() {
		f.Set("question2", s.Roles.Questions[1]) // another one than the first
		return q.Show("first", s)
	}
	if err := repeated(f, "newPassword"); err != nil {
		return q.Refused("first", s, err)
	}
	step, err := q.API().ActivateOperator(q.HTTP.Context(), s.Shortcode, s.ticket, f.Get("password"), f.Get("newPassword"), [2]control.SecurityAnswer{
		{Question: f.Get("question1"), Answer: f.Get("answer1")}, {Question: f.Get("question2"), Answer: f.Get("answer2")}})
	if err != nil {
		return q.Refused("first", s, err)
	}
	q.Flash("Your operator is active. From now on you sign in with your own password.")
	return follow(q, s.Shortcode, s.Username, step)
}

// repeated sees that somebody has typed the same new password twice: in the field with a name, and in "again".
func repeated(f *page.Form, name string) error {
	if f.Get(name) != f.Get("again") {
		return &control.Problem{Status: http.StatusUnprocessableEntity, Field: "again", Detail: "it is not the same password"}
	}
	return nil
}

// forgotten begins to replace a forgotten password.
func forgotten(q *page.Request) error {
	f := q.Form()
	if !f.Posted() {
		return q.Show("forgotten", nil)
	}
	step, err := q.API().ForgottenPassword(q.HTTP.Context(), f.Get("shortcode"), f.Get("username"))
	if err != nil {
		return q.Refused("forgotten", nil, err)
	}
	return follow(q, f.Get("shortcode"), f.Get("username"), step)
}

// recoverPassword replaces it.
func recoverPassword(q *page.Request) error {
	s, err := stageOf(q)
	if s == nil || err != nil {
		return err
	}
	f := q.Form()
	if !f.Posted() {
		return q.Show("recover", s)
	}
	if err := repeated(f, "newPassword"); err != nil {
		return q.Refused("recover", s, err)
	}
	step, err := q.API().RecoverPassword(q.HTTP.Context(), s.Shortcode, s.ticket, f.Get("newPassword"), f.Get("answer1"), f.Get("answer2"))
	if err != nil {
		return q.Refused("recover", s, err)
	}
	q.Flash("Your password is changed.")
	return follow(q, s.Shortcode, s.Username, step)
}

// signOut ends the operator's sessions.
func signOut(q *page.Request, p *portal) error {
	if !q.Form().Posted() {
		return q.Show("signout", p)
	}
	if err := q.API().SignOut(q.HTTP.Context(), p.Shortcode, p.Token); err != nil {
		return err
	}
	dropCookie(q, sessionCookie)
	q.Flash("You are signed out.")
	return q.Redirect(signInPath)
}
