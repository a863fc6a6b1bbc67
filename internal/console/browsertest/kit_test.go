package browsertest_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/gate"
	"github.com/kivuko/kivuko/internal/live"
	"github.com/kivuko/kivuko/internal/money"
)

// kit is a console whose one page has every part.
type kit struct {
	hub  live.Hub
	done atomic.Int64
}

func (k *kit) show(q *page.Request) error {
	q.Form().Set("to", "<script>alert(1)</script>")
	return q.Show("parts", map[string]any{"At": time.Now(), "Amount": money.Shillings(1234567), "JSON": `{"a":{"b":[1,2]}}`, "Done": k.done.Load()})
}

func (k *kit) act(q *page.Request) error {
	if q.Form().Get("amount") == "0" {
		return q.Refused("parts", map[string]any{"At": time.Now(), "Amount": money.Amount(0), "JSON": "{}", "Done": k.done.Load()},
			&control.Problem{Status: http.StatusBadRequest, Field: "amount", Detail: "it has to be more than 0"})
	}
	k.done.Add(1)
	k.hub.Publish("kit:count")
	q.Flash("It is done.")
	return q.Redirect("/kit")
}

func openKit(t *testing.T, password string) (*kit, string) {
	t.Helper()
	k := &kit{}
	kept, err := gate.NewPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page.New(page.Options{Hub: &k.hub, Log: slog.New(slog.DiscardHandler), Now: time.Now, API: http.NotFoundHandler(),
		Password: kept, Sessions: gate.NewSessions([]byte("key"))},
		page.Room{Name: "kit", Title: "Kit", Files: os.DirFS("testdata/kit"), Nav: func(*page.Request) []page.Link {
			return []page.Link{{Path: "/kit", Title: "Parts"}, {Title: "More"}, {Path: "/kit/a", Title: "Accounts"}, {Path: "/kit/b", Title: "Statements"}, {Path: "/kit/c", Title: "Operators"}, {Path: "/kit/d", Title: "Approvals"}}
		}, Routes: map[string]page.Handler{
			"GET /{$}": func(q *page.Request) error { return q.Redirect("/kit") },
			"GET /kit": k.show, "POST /kit/pay": k.act, "POST /kit/delete": k.act,
			"GET /kit/secret": func(q *page.Request) error { return q.Secret("word", "word", "kivuko") },
			"POST /kit/toast": func(q *page.Request) error {
				q.Toast("<b>Said</b>")
				return q.Fragment("parts", "count", map[string]any{"Done": 7})
			},
			"GET /kit/broken": func(*page.Request) error {
				return &control.Problem{Status: http.StatusConflict, Title: "No", Detail: "It is broken."}
			},
		}}))
	t.Cleanup(server.Close)
	t.Cleanup(k.hub.Close)
	return k, server.URL
}

func TestThePartsOfPages(t *testing.T) {
	k, url := openKit(t, "")
	p := browsertest.Open(t, url+"/kit")
	p.Expect(http.StatusConflict)
	p.Screens("parts")
	if got := p.Value("to"); got != "<script>alert(1)</script>" {
		t.Errorf("the field has %q", got)
	}

	p.Click("Go") // a tab
	p.WaitText("client.STKPush")
	p.WaitNoText("Authorization: Bearer")
	p.Click("About")
	p.WaitText("It is a dialog.")
	p.Press("Escape")
	p.WaitText("Only the tests see this page.")

	p.Click("Say it")
	p.In("#toasts").WaitText("<b>Said</b>")
	p.Click("Break it")
	p.In("#toasts").WaitText("It is broken.")

	p.Click("Delete")
	p.In("#confirm").WaitText("Delete it for good?")
	p.In("#confirm").Click("Cancel")
	if k.done.Load() != 0 {
		t.Fatal("it was deleted")
	}
	p.Click("Delete")
	p.In("#confirm").Click("Delete it")
	p.In("#toasts").WaitText("It is done.")
	p.In("#count").WaitText("It was done 1 times.")

	p.Fill("amount", "0")
	p.Fill("remarks", "<i>keep me</i>")
	p.Click("Pay")
	p.WaitText("it has to be more than 0")
	if got := p.Value("remarks"); got != "<i>keep me</i>" {
		t.Errorf("what was typed is %q", got)
	}
	p.Screens("parts-refused")
}

func TestADoubleClickActsOnce(t *testing.T) {
	k, url := openKit(t, "")
	p := browsertest.Open(t, url+"/kit")
	p.Eval(`(() => { const f = document.querySelector("form[action='/kit/pay']"); f.querySelector("button").click(); f.querySelector("button").click(); f.submit(); })()`)
	p.In("#toasts").WaitText("It is done.")
	if n := k.done.Load(); n != 1 {
		t.Errorf("it was done %d times", n)
	}
}

func TestALivePartIsNotTakenFromUnderOnesHands(t *testing.T) {
	k, url := openKit(t, "")
	p := browsertest.Open(t, url+"/kit")
	p.WaitFor(`#line[data-state="live"]`)
	p.Fill("draft", "half a")
	k.done.Store(41)
	k.hub.Publish("kit:count")
	p.Fill("draft", "half a word") // typing goes on
	if got := p.Value("draft"); got != "half a word" {
		t.Errorf("the draft is %q", got)
	}
	k.done.Store(42)
	k.hub.Publish("kit:count")
	p.Fill("remarks", "elsewhere")
	p.In("#count").WaitText("It was done 42 times.")
}

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
