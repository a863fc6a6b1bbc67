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
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/access/accesstest"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/news"
)

// kit is a console whose one page has every part.
type kit struct {
	hub     news.Hub
	done    atomic.Int64
	streams atomic.Int64                 // that are open
	console atomic.Pointer[http.Handler] // as it was started last
	server  *httptest.Server
}

// start starts the console, or starts it again, with a password and a key for its sessions.
func (k *kit) start(t *testing.T, password, key string) {
	t.Helper()
	console := k.serve(page.Options{Hub: &k.hub, Log: slog.New(slog.DiscardHandler), Now: time.Now, API: http.NotFoundHandler(),
		Door: &access.Door{Password: access.NewPassword(password)}, Sessions: access.NewSessions([]byte(key), &accesstest.Ledger{}, slog.New(slog.DiscardHandler))})
	if k.console.Store(&console); k.server != nil {
		k.server.CloseClientConnections()
	}
}

// ServeHTTP implements http.Handler.
func (k *kit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/events" {
		k.streams.Add(1)
		defer k.streams.Add(-1)
	}
	(*k.console.Load()).ServeHTTP(w, r)
}

func (k *kit) show(q *page.Request) error {
	q.Form().Set("to", "<script>alert(1)</script>")
	return q.Show("parts", map[string]any{"At": time.Now(), "Amount": control.Shillings(1234567), "JSON": `{"a":{"b":[1,2]}}`, "Done": k.done.Load()})
}

func (k *kit) act(q *page.Request) error {
	if q.Form().Get("amount") == "0" {
		return q.Refused("parts", map[string]any{"At": time.Now(), "Amount": control.Amount(0), "JSON": "{}", "Done": k.done.Load()},
			&control.Problem{Status: http.StatusBadRequest, Field: "amount", Detail: "it has to be more than 0"})
	}
	k.done.Add(1)
	k.hub.Publish("kit:count")
	q.Flash("It is done.")
	return q.Redirect("/kit")
}

func (k *kit) serve(o page.Options) http.Handler {
	return page.New(o, page.Room{Name: "kit", Title: "Kit", Files: os.DirFS("testdata/kit"), Nav: func(*page.Request) []page.Link {
		return []page.Link{{Path: "/kit", Title: "Parts"}, {Title: "More"}, {Path: "/kit/a", Title: "Accounts"}, {Path: "/kit/b", Title: "Statements"}, {Path: "/kit/c", Title: "Operators"}, {Path: "/kit/d", Title: "Approvals"}}
	}, Routes: map[string]page.Handler{
		"GET /{$}": func(q *page.Request) error { return q.Redirect("/kit") },
		"GET /kit": k.show, "POST /kit/pay": k.act, "POST /kit/delete": k.act,
		"GET /kit/secret": func(q *page.Request) error { return q.Secret("word", "word", "kivuko") },
		"POST /kit/add": func(q *page.Request) error {
			k.done.Add(1)
			return q.Fragment("parts", "added", nil)
		},
		"GET /kit/broken": func(*page.Request) error {
			return &control.Problem{Status: http.StatusConflict, Title: "No", Detail: "It is broken."}
		},
	}})
}

func openKit(t *testing.T, password string) (*kit, string) {
	t.Helper()
	k := &kit{}
	k.start(t, password, "key")
	k.server = httptest.NewServer(k)
	t.Cleanup(k.server.Close)
	t.Cleanup(func() { lifecycletest.Stop(t, &k.hub) })
	return k, k.server.URL
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

// A form that stays on the page is sent once, too: what is pressed while its answer is on its way does nothing.
func TestADoubleClickBesideAPartActsOnce(t *testing.T) {
	k, url := openKit(t, "")
	p := browsertest.Open(t, url+"/kit")
	p.WaitFor(`#line[data-state="live"]`)
	p.Eval(`(() => { const b = document.querySelector("[hx-post='/kit/add'] button"); b.click(); b.click(); })()`)
	p.In("#answer").WaitText("It was added.")
	p.Expect(http.StatusConflict)
	p.Click("Break it") // whatever was to be sent after it has been
	p.In("#toasts").WaitText("It is broken.")
	if n := k.done.Load(); n != 1 {
		t.Errorf("it was done %d times", n)
	}
	p.Click("Add") // once more, later
	p.WaitFor("body:not(:has(form.htmx-request))")
	if n := k.done.Load(); n != 2 {
		t.Errorf("it was done %d times", n)
	}
}

// openSlow is openKit with a line that can hold answers back. The page is open, and has asked for what was new before the line was live.
func openSlow(t *testing.T) (*kit, *slowLine, *browsertest.Page) {
	k, url := openKit(t, "")
	line := slow(t, url)
	k.done.Store(1)
	line.Hold(askedBy("count"))
	p := browsertest.Open(t, line.URL+"/kit")
	line.Held(t)
	line.LetGo()
	p.WaitFor("body:not(:has(.htmx-request))")
	return k, line, p
}

// askedBy tells requests for a part.
func askedBy(id string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Header.Get("Hx-Target") == id }
}

func (k *kit) happens(done int64) {
	k.done.Store(done)
	k.hub.Publish("kit:count")
}

// News that come while the answer with earlier ones is on its way, late, are asked for too.
func TestNewsThatComeWhileAPartIsFetchedAreShown(t *testing.T) {
	k, line, p := openSlow(t)
	line.Hold(askedBy("count"))
	k.happens(2)
	line.Held(t)
	k.happens(3)
	p.In("#beside").WaitText("Beside it says 3.") // so the page has heard of it
	line.LetGo()
	p.In("#count").WaitText("It was done 3 times.")
}

// What replaces a part whose request is on its way hears of what is new.
func TestAPartThatIsReplacedWhileItAsksIsNotDeaf(t *testing.T) {
	k, line, p := openSlow(t)
	line.Hold(askedBy("count"))
	k.happens(2)
	line.Held(t)
	p.Click("Load")
	p.In("#count").WaitText("It was done 2 times.")
	line.LetGo()
	k.happens(3)
	p.In("#count").WaitText("It was done 3 times.")
}

// An answer that was given before something happened and comes after it does not hide it.
func TestALateAnswerDoesNotHideWhatHappenedSince(t *testing.T) {
	k, line, p := openSlow(t)
	line.Hold(askedBy("outer"))
	p.Click("Load")
	line.Held(t)
	k.happens(2)
	p.In("#count").WaitText("It was done 2 times.")
	p.Eval(`document.querySelector("#outer").dataset.old = "yes"`)
	line.LetGo()
	p.WaitFor("#outer:not([data-old])")
	p.In("#count").WaitText("It was done 2 times.")
}

// Somebody who begins to type while an answer is on its way goes on typing.
func TestALateAnswerIsNotSwappedFromUnderOnesHands(t *testing.T) {
	k, line, p := openSlow(t)
	line.Hold(askedBy("count"))
	k.happens(2)
	line.Held(t)
	p.Fill("draft", "half a")
	line.LetGo()
	p.WaitFor("body:not(:has(.htmx-request))")
	if got := p.Value("draft"); got != "half a" {
		t.Errorf("the draft is %q", got)
	}
	p.In("#count").WaitText("It was done 1 times.")
	p.Fill("remarks", "elsewhere")
	p.In("#count").WaitText("It was done 2 times.")
	if got := p.Value("draft"); got != "half a" {
		t.Errorf("afterwards the draft is %q", got)
	}
}

// What was unfolded stays so, and who is in a part with the keyboard stays where they are.
func TestWhatOneDoesWithAPartOutlivesItsNews(t *testing.T) {
	k, _, p := openSlow(t)
	p.Click("Further")
	p.In("#count").WaitText("It is unfolded.")
	p.Eval(`document.querySelector("#count a").focus()`)
	k.happens(2)
	p.In("#count").WaitText("It was done 2 times.")
	p.In("#count").WaitText("It is unfolded.")
	if got := p.Eval("document.activeElement.textContent"); got != "Further on" {
		t.Errorf("the focus is on %q", got)
	}
}

// Why a form in a part was refused stands there until it is sent again: what comes when the line is live does not sweep it away.
func TestARefusalOutlivesTheNews(t *testing.T) {
	k, _, p := openSlow(t)
	p.Fill("amount", "0")
	p.Click("Pay")
	p.In("#count").WaitText("It was refused: it has to be more than 0")
	p.WaitFor(`#line[data-state="live"]`)
	k.happens(5)
	p.In("#beside").WaitText("Beside it says 5.")
	p.In("#count").WaitText("It was refused: it has to be more than 0")
}

// A button that is let go of where the page does not see it, on a menu or outside the window, is not taken for pressed for good.
func TestAMenuOfTheBrowserDoesNotStopTheNews(t *testing.T) {
	k, _, p := openSlow(t)
	p.Eval(`document.body.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true, button: 2, buttons: 2}))`)
	k.happens(2)
	p.Eval(`document.body.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, buttons: 0}))`)
	p.In("#count").WaitText("It was done 2 times.")
}

// A part whose request fails says so, and asks again by itself.
func TestAPartThatCouldNotBeAskedForIsAskedForAgain(t *testing.T) {
	k, line, p := openSlow(t)
	p.Expect(http.StatusServiceUnavailable)
	line.Hold(askedBy("count"))
	k.happens(2)
	line.Held(t)
	line.Fail(http.StatusServiceUnavailable)
	p.WaitText("Not up to date")
	p.In("#count").WaitText("It was done 2 times.")
	p.WaitFor(`#line[data-state="live"]`)
}
