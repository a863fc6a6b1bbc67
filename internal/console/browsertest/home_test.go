package browsertest_test

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/kivukotest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

func TestTheFirstPageLeadsToTheRooms(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL())
	p.Screens("home")
	p.Shot("home")
	for room, path := range map[string]string{"Phones": "/phones", "Developer": "/developer", "Organisation": "/organisation"} {
		p.In("header").Click(room)
		p.WaitFor(`header a[href="` + path + `"][aria-current="true"]`)
	}
}

func TestTheFirstPageShowsWhatHappens(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL())
	p.WaitFor(`#line[data-state="live"]`)
	name := "<b>Mallory</b> & Co"
	if _, _, err := k.Control().PutPhone(t.Context(), "0708374149", control.PhoneChange{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if err := k.Control().Call(t.Context(), "POST", "phones/254708374149/send", map[string]string{"to": "254705912645", "amount": "1234.50"}, new(control.Payment)); err != nil {
		t.Fatal(err)
	}
	p.In("#payments-list").WaitText("1,234.50")
	if _, err := k.Control().Books(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Click("Add up the books")
	p.WaitText("The books balance.")
}

func TestASecretIsShownWhenItIsAskedFor(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL())
	if source := p.Eval("document.documentElement.outerHTML"); strings.Contains(source, "kivuko-secret") {
		t.Error("the page has the secret before it was asked for")
	}
	p.In("#app-secret").Click("Show")
	p.In("#app-secret").WaitText("kivuko-secret")
	p.In("#app-secret").Click("Hide")
	p.In("#app-secret").WaitNoText("kivuko-secret")
	p.In("#app-secret").Click("Show") // what was put back works
	p.In("#app-secret").WaitText("kivuko-secret")
}

func TestTheSchemeOfColoursCanBeChosen(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL())
	p.ClickOn("[data-theme-switch]")
	p.WaitFor(`html[data-theme="dark"] h1`)
	p.Go("/phones")
	p.WaitFor(`html[data-theme="dark"] h1`)
}

func TestALostConnectionShowsAndMends(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	line := plugIn(t, k.URL())
	p := browsertest.Open(t, line.URL())
	p.ExpectNoNetwork()
	p.WaitFor(`#line[data-state="live"]`)
	line.Cut()
	p.WaitText("Connection lost")
	if err := k.Control().Call(t.Context(), "POST", "phones/254708374149/send", map[string]string{"to": "254705912645", "amount": "777"}, new(control.Payment)); err != nil {
		t.Fatal(err)
	}
	line.Restore()
	p.WaitFor(`#line[data-state="live"]`)
	p.In("#payments-list").WaitText("777.00") // what happened meanwhile
}

func TestTheKeyboardReachesTheContentFirst(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL())
	p.Press("Tab")
	if got := p.Eval("document.activeElement.textContent"); got != "Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	p.Press("Enter")
	if got := p.Eval("document.activeElement.id"); got != "main" {
		t.Errorf("it leads to %q", got)
	}
}
