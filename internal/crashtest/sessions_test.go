package crashtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

const sesame, shop = "bahari-ya-hindi", "600000"

// protected starts a node with a password on a database.
func protected(t *testing.T, db, password string) *proctest.Server {
	t.Helper()
	cmd := serve(db)
	cmd.Env = append(cmd.Environ(), "KIVUKO_PASSWORD="+password)
	return proctest.Start(t, cmd)
}

// console is a browser's requests, with a cookie of its own and none of what a server sets.
type console struct {
	*testing.T
	cookie *http.Cookie
}

func (c console) ask(method, at string, form url.Values) *http.Response {
	c.Helper()
	r, err := http.NewRequestWithContext(c.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.Fatal(err)
	}
	response.Body.Close()
	return response
}

// enter signs in to a node's console.
func enter(t *testing.T, node, password string) console {
	t.Helper()
	answer := console{T: t}.ask(http.MethodPost, node+"/sign-in", url.Values{"password": {password}})
	if len(answer.Cookies()) != 1 {
		t.Fatalf("signing in: %s, %v", answer.Status, answer.Cookies())
	}
	return console{t, answer.Cookies()[0]}
}

func (c console) isIn(node string) bool {
	return c.ask(http.MethodGet, node+"/phones", nil).StatusCode == http.StatusOK
}

// Who has signed out stays out on every node and after a restart, and so does everybody when the password is another one.
func TestASignOutHoldsOnEveryNodeAndAfterARestart(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t).Database(t)
	a, b := protected(t, db, sesame), protected(t, db, sesame)
	leaves, stays := enter(t, a.URL, sesame), enter(t, a.URL, sesame)
	for _, node := range []string{a.URL, b.URL} {
		if !leaves.isIn(node) || !stays.isIn(node) {
			t.Fatal("a session of one node does not hold on the other")
		}
	}
	leaves.ask(http.MethodPost, a.URL+"/sign-out", nil)
	if leaves.isIn(a.URL) {
		t.Error("who has signed out is let in")
	}
	proctest.Soon(t, "the sign-out on the other node", func() bool { return !leaves.isIn(b.URL) })
	a.Stop(t)
	b.Kill()
	a, b = protected(t, db, sesame), protected(t, db, "another-password")
	if leaves.isIn(a.URL) || !stays.isIn(a.URL) {
		t.Error("a restart lets in who has signed out, or ends the session of who hasn't")
	}
	if leaves.isIn(b.URL) || stays.isIn(b.URL) {
		t.Error("where the password is another one, a session of the old one holds")
	}
}

// operator is a session of the organisation portal.
type operator struct {
	*testing.T
	token string
}

// signIn signs an operator in to the portal.
func signIn(t *testing.T, c *control.Client, username, password string) operator {
	t.Helper()
	begun, err := c.SignIn(t.Context(), shop, username, password)
	if err != nil {
		t.Fatal(err)
	}
	known, err := c.Operator(t.Context(), shop, username)
	if err != nil {
		t.Fatal(err)
	}
	sms, err := c.Messages(t.Context(), known.Phone, 1)
	if err != nil || len(sms) != 1 {
		t.Fatalf("the phone has %v, %v", sms, err)
	}
	done, err := c.EnterOTP(t.Context(), shop, begun.Ticket, regexp.MustCompile(`\b\d{6}\b`).FindString(sms[0].Text))
	if err != nil || done.Session == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	return operator{t, done.Session.Token}
}

func (o operator) isIn(c *control.Client) bool {
	_, err := c.Session(o.Context(), shop, o.token)
	return err == nil
}

// What ends a session of the portal ends it on all nodes at once, and it stays ended.
func TestASessionOfThePortalEndsOnEveryNodeAndAfterARestart(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t).Database(t)
	a, b := twoNodes(t, db)
	known, err := a.control.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	password := known.Portal.Password
	ended := map[string]operator{}
	for i, end := range []struct {
		what, username string
		by             func(o operator, c *control.Client) error
	}{
		{"a sign-out", "clerk", func(o operator, c *control.Client) error { return c.SignOut(t.Context(), shop, o.token) }},
		{"another password", "checker", func(o operator, c *control.Client) error {
			_, err := c.ChangePassword(t.Context(), shop, o.token, password, "Another2026#x")
			return err
		}},
		{"a suspension", "auditor", func(_ operator, c *control.Client) error {
			_, err := c.SuspendOperator(t.Context(), shop, "auditor")
			return err
		}},
		{"a reset", "manager", func(_ operator, c *control.Client) error {
			_, err := c.ResetOperator(t.Context(), shop, "manager")
			return err
		}},
	} {
		nodes := []*control.Client{a.control, b.control}
		here, there := nodes[i%2], nodes[(i+1)%2]
		o := signIn(t, here, end.username, password)
		if !o.isIn(here) || !o.isIn(there) {
			t.Fatalf("%s is not in on both nodes", end.username)
		}
		if err := end.by(o, here); err != nil {
			t.Fatalf("%s: %v", end.what, err)
		}
		if o.isIn(here) {
			t.Errorf("after %s of %s the session holds", end.what, end.username)
		}
		if o.isIn(there) {
			t.Errorf("after %s of %s the session holds on the other node", end.what, end.username)
		}
		ended[end.what] = o
	}
	idle := signIn(t, a.control, "admin", password)
	if _, err := b.control.Advance(t.Context(), 16*time.Minute); err != nil {
		t.Fatal(err)
	}
	ended["sixteen minutes"] = idle
	a.Stop(t)
	b.Stop(t)
	again := control.New(proctest.Start(t, serve(db)).URL)
	for what, o := range ended {
		if o.isIn(again) {
			t.Errorf("a session that %s ended holds after a restart", what)
		}
	}
	if o := signIn(t, again, "clerk", password); !o.isIn(again) {
		t.Error("who has signed out can't sign in again")
	}
}
