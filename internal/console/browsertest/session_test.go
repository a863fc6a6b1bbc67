package browsertest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// toSignIn is what the page says where one signs in to the console.
const toSignIn = "The one that Kivuko was started with."

func TestSigningIn(t *testing.T) {
	_, url := openKit(t, "bahari")
	p := browsertest.Open(t, url+"/kit")
	p.Screens("sign-in")
	p.Fill("Password", "wrong")
	p.Click("Sign in")
	p.WaitText("the password is wrong")
	p.Fill("Password", "bahari")
	p.Press("Enter")
	p.WaitText("Only the tests see this page.")
	p.Click("Sign out")
	p.WaitText("The one that Kivuko was started with.")
	p.Go("/kit")
	p.WaitText("The one that Kivuko was started with.")
}

// openSignedIn opens the kit's page with a session, and waits until its stream is open.
func openSignedIn(t *testing.T, url string) *browsertest.Page {
	t.Helper()
	p := browsertest.Open(t, url+"/kit")
	p.Fill("Password", "bahari")
	p.Press("Enter")
	p.WaitFor(`#line[data-state="live"]`)
	return p
}

// A page that is left for the sign-out asks for nothing more, whatever is new: not even while the answer is on its way.
func TestNothingIsAskedForOnceOneHasSignedOut(t *testing.T) {
	k, url := openKit(t, "bahari")
	line := slow(t, url)
	p := openSignedIn(t, line.URL)
	line.Hold(func(r *http.Request) bool { return r.URL.Path == "/sign-out" })
	p.Click("Sign out")
	line.Held(t)
	proctest.Soon(t, "the page has no stream any more", func() bool { return k.streams.Load() == 0 })
	k.happens(2)
	line.LetGo()
	p.WaitText(toSignIn)
}

// A page whose session ends elsewhere leads to the sign-in, and from there back. It asks once: it has two parts and a stream.
func TestAPageWhoseSessionIsOverLeadsToTheSignIn(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *kit, *browsertest.Page){
		"signed out in another tab": func(_ *testing.T, k *kit, p *browsertest.Page) {
			other := p.Beside("/kit")
			other.Click("Sign out")
			other.WaitText(toSignIn)
			k.happens(2)
		},
		"Kivuko was started again, with another key": func(t *testing.T, k *kit, p *browsertest.Page) {
			p.ExpectNoNetwork()
			k.start(t, "bahari", "another")
		},
	} {
		t.Run(name, func(t *testing.T) {
			k, url := openKit(t, "bahari")
			p := openSignedIn(t, url)
			p.Expect(http.StatusUnauthorized)
			end(t, k, p)
			p.WaitText(toSignIn)
			p.WaitURL("/sign-in?to=%2Fkit")
			if n := p.Answered(http.StatusUnauthorized); n == 0 || n > 3 {
				t.Errorf("%d requests were refused", n)
			}
			p.Fill("Password", "bahari")
			p.Press("Enter")
			p.WaitFor(`#line[data-state="live"]`)
		})
	}
}

// A session outlives a Kivuko that is started again as it was.
func TestAPageOutlivesARestart(t *testing.T) {
	k, url := openKit(t, "bahari")
	p := openSignedIn(t, url)
	p.ExpectNoNetwork()
	k.start(t, "bahari", "key")
	p.WaitFor(`#line[data-state="lost"]`)
	p.WaitFor(`#line[data-state="live"]`)
	k.happens(2)
	p.In("#count").WaitText("It was done 2 times.")
}

// Each room has pages that ask by themselves.
func TestEveryRoomLeadsToTheSignInWhenTheSessionIsOver(t *testing.T) {
	const password = "bahari-kuu-yetu"
	k := kivukotest.Start(t, kivuko.Config{Password: password})
	news := func(amount string) {
		t.Helper()
		err := k.Control().Call(t.Context(), "POST", "phones/"+testworld.John+"/pay", map[string]string{"shortcode": portalShop, "account": "INV-1", "amount": amount}, new(control.Payment))
		if err != nil {
			t.Fatal(err)
		}
	}
	again := func(p *browsertest.Page) {
		p.WaitText(toSignIn)
		p.Fill("Password", password)
		p.Press("Enter")
	}
	p := browsertest.Open(t, k.URL()+"/organisation/sign-in")
	p.Expect(http.StatusUnauthorized)
	again(p)
	enterPortal(t, k, p, maker)
	for i, path := range []string{"/", "/phones?on=" + testworld.John, "/developer/log", "/organisation/accounts"} {
		p.Go(path)
		p.WaitFor(`#line[data-state="live"]`)
		other := p.Beside("/developer/apps")
		other.Click("Sign out")
		other.WaitText(toSignIn)
		news("1" + strings.Repeat("0", i))
		again(p)
		p.WaitFor(`#line[data-state="live"]`) // it is the same page again
	}

	// The portal's own session, with the console's still there.
	other := p.Beside("/organisation/sign-out")
	other.In("main").Click("Sign out")
	other.WaitText("You are signed out.")
	news("7")
	p.WaitURL("/organisation/sign-in")
}
