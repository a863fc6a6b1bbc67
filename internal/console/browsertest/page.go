package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	_ "embed"
)

//go:embed page.js
var script string

// Page is a page in a browser that has nothing else open. What goes wrong in it fails the test.
type Page struct {
	t     testing.TB
	ctx   context.Context
	scope string // selector of the part that is looked at; "" is all

	faults *faults
}

// faults gathers what goes wrong, from the goroutine that reads the browser's events.
type faults struct {
	mu        sync.Mutex
	list      []string
	expected  map[int64]bool // statuses that are no fault
	answered  map[int64]int  // how often they came
	unplugged bool           // the network was taken away
}

func (f *faults) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.unplugged {
		f.list = append(f.list, fmt.Sprintf(format, args...))
	}
}

// Open opens a URL in a page of its own, with no cookies. It is closed when the test ends.
func Open(t testing.TB, url string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(start(t), chromedp.WithNewBrowserContext())
	return open(t, ctx, cancel, url)
}

// Beside opens a path of the site in another tab of the same browser, with the same cookies.
func (p *Page) Beside(path string) *Page {
	p.t.Helper()
	origin := p.Eval("location.origin")
	ctx, cancel := chromedp.NewContext(p.ctx)
	return open(p.t, ctx, cancel, origin+path)
}

func open(t testing.TB, ctx context.Context, cancel context.CancelFunc, url string) *Page {
	t.Helper()
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, faults: &faults{expected: map[int64]bool{422: true}, answered: map[int64]int{}}} // a form that is refused
	if err := chromedp.Listen(ctx, p.faults.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.check)
	p.Size(1440, "light")
	p.Go(url)
	return p
}

// Expect says that answers with a status are no fault: of a page that is to be refused.
func (p *Page) Expect(status int64) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.expected[status] = true
}

// Answered counts the answers with a status that is no fault.
func (p *Page) Answered(status int64) int {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	return p.faults.answered[status]
}

// ExpectNoNetwork says that nothing which goes wrong from now on is a fault: the network is to be taken away.
func (p *Page) ExpectNoNetwork() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.unplugged = true
}

// harmless begins what htmx writes to the console and is no fault by itself.
var harmless = []string{
	`"Response Status Error Code`,             // EventResponseReceived tells of it
	`"htmx:sendAbort"`, `"htmx:afterRequest"`, // the page took a request back, since it is being left
}

// hear notes what the browser tells of.
func (f *faults) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		f.add("exception: %s %s", e.ExceptionDetails.Text, description(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var said []string
			for _, a := range e.Args {
				said = append(said, string(a.Value), a.Description)
			}
			if text := strings.Join(said, " "); !slices.ContainsFunc(harmless, func(h string) bool { return strings.HasPrefix(text, h) }) {
				f.add("console: %s", text)
			}
		}
	case *log.EventEntryAdded:
		refused := strings.HasPrefix(e.Entry.Text, "Failed to load resource")
		early := strings.HasPrefix(e.Entry.Text, "Autofocus processing was blocked") // the test was in the field before the browser
		if !refused && !early && e.Entry.Level != log.EntryLevelVerbose {
			f.add("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" { // a page that is left ends its requests
			f.add("request failed: %s %s", e.Type, e.ErrorText)
		}
	case *network.EventResponseReceived:
		f.mu.Lock()
		expected := f.expected[e.Response.Status]
		f.answered[e.Response.Status]++
		f.mu.Unlock()
		if e.Response.Status >= 400 && !expected {
			f.add("HTTP %d: %s", e.Response.Status, e.Response.URL)
		}
	}
}

func description(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}

// check fails the test for what has gone wrong so far.
func (p *Page) check() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, f := range p.faults.list {
		p.t.Error(f)
	}
	p.faults.list = nil
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fatal("%s: %v", what, err)
	}
}

// fatal ends the test, with what went wrong in the browser and a picture where pictures are wanted.
func (p *Page) fatal(format string, args ...any) {
	p.t.Helper()
	p.check()
	if *shots != "" {
		p.picture(filepath.Join(*shots, strings.ReplaceAll(p.t.Name(), "/", "-")+"-failed.png"))
	}
	p.t.Fatalf(format, args...)
}

// Go opens a URL, or a path of the site that is open.
func (p *Page) Go(url string) {
	p.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = p.Eval("location.origin") + url
	}
	p.do("opening "+url, chromedp.Navigate(url))
}

// In is the page with only what is inside an element, by its CSS selector, to be looked at.
func (p *Page) In(selector string) *Page {
	inner := *p
	inner.scope = selector
	return &inner
}

// Eval gives the value of an expression as text.
func (p *Page) Eval(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.fatal("%s: %v", expression, err)
	}
	return value
}

// ask calls a function of page.js until it gives something, and returns that.
func (p *Page) ask(what, function string, args ...any) json.RawMessage {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	again := time.NewTicker(looksApart)
	defer again.Stop()
	last := ""
	for n := 0; n < looks && ctx.Err() == nil; n++ {
		found, problem := p.try(ctx, function, args...)
		if found != nil {
			return found
		}
		if problem != "" {
			last = problem
		}
		<-again.C
	}
	p.fatal("%s: %s\nThe page at %s says:\n%s", what, last, p.Eval("location.href"), p.Eval("document.body.innerText"))
	return nil
}

// Pace is how long the browser takes for next to nothing, on this machine as it is now: what should be quick may take longer where that
// does.
func (p *Page) Pace() time.Duration {
	p.t.Helper()
	var took []time.Duration
	for range 9 {
		start := time.Now()
		p.Eval("0")
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// try calls a function of page.js once. While a page is being left there is nothing to find, which is no fault.
func (p *Page) try(ctx context.Context, function string, args ...any) (found json.RawMessage, problem string) {
	given, err := json.Marshal(append([]any{p.scope}, args...))
	if err != nil {
		return nil, err.Error()
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("(() => { %s\nreturn JSON.stringify(%s(...%s)) })()", script, function, given)))
	if err != nil {
		return nil, err.Error()
	}
	var result struct {
		Found   json.RawMessage
		Problem string
	}
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		return nil, err.Error()
	}
	return result.Found, result.Problem
}

// Click clicks on the button, link, tab, label or summary with a text. It has to be visible and nothing may lie over it.
func (p *Page) Click(text string) {
	p.t.Helper()
	p.click("clicking on "+text, "clickable", text)
}

// ClickOn clicks on the element with a CSS selector.
func (p *Page) ClickOn(selector string) {
	p.t.Helper()
	p.click("clicking on "+selector, "selected", selector)
}

func (p *Page) click(what, function string, args ...any) {
	p.t.Helper()
	var at struct{ X, Y float64 }
	if err := json.Unmarshal(p.ask(what, function, args...), &at); err != nil {
		p.fatal("%s: %v", what, err)
	}
	p.do(what, chromedp.MouseClickXY(at.X, at.Y))
}

// Fill types a text into the field with a name or a label, in place of what is there. A choice is made by its value or its label.
func (p *Page) Fill(field, text string) {
	p.t.Helper()
	what := "filling in " + field
	if string(p.ask(what, "focus", field, text)) == `"chosen"` {
		return
	}
	p.do(what, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Upload chooses a file for the file field with a name.
func (p *Page) Upload(field, name string, content []byte) {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do("choosing a file", chromedp.SetUploadFiles(chromedp.CSS(`input[name="`+field+`"]`), []string{path}))
}

// Press presses a key: "Enter", "Tab", "Escape".
func (p *Page) Press(key string) {
	p.t.Helper()
	codes := map[string]string{"Enter": "\r", "Tab": "\t", "Escape": "\u001b", "Space": " "}
	p.do("pressing "+key, chromedp.KeyEvent(codes[key]))
}

// WaitText waits until the page shows a text.
func (p *Page) WaitText(text string) {
	p.t.Helper()
	p.ask("waiting for "+text, "showsText", text)
}

// WaitURL waits until the page's address has a part.
func (p *Page) WaitURL(part string) {
	p.t.Helper()
	p.ask("waiting for an address with "+part, "address", part)
}

// WaitNoText waits until the page doesn't show a text.
func (p *Page) WaitNoText(text string) {
	p.t.Helper()
	p.ask("waiting for "+text+" to go", "hidesText", text)
}

// WaitFor waits until there is a visible element with a CSS selector, and gives its text.
func (p *Page) WaitFor(selector string) string {
	p.t.Helper()
	var text string
	if err := json.Unmarshal(p.ask("waiting for "+selector, "textOf", selector), &text); err != nil {
		p.fatal("%s: %v", selector, err)
	}
	return text
}

// Value gives what stands in the field with a name or a label.
func (p *Page) Value(field string) string {
	p.t.Helper()
	var text string
	if err := json.Unmarshal(p.ask("looking at "+field, "valueOf", field), &text); err != nil {
		p.fatal("%s: %v", field, err)
	}
	return text
}
