// Package browsertest looks at the console with a real browser: Debian's Chromium, without a window. Its tests walk through the pages
// as people do; what a page writes to the console, a request that fails, or a rule of the Content-Security-Policy that is broken fails
// the test that caused it.
//
// Each flow is a test of this package, in a file of its own:
//
//	func TestACustomerSendsMoney(t *testing.T) {
//		k := kivukotest.Start(t, kivuko.Config{})
//		p := browsertest.Open(t, k.URL()+"/phones/254708374149")
//		p.Click("Send money")
//		p.Fill("to", "0722000000")
//		p.Fill("amount", "100")
//		p.Click("Send")
//		p.WaitText("Confirmed.")
//		p.Screens("phone")
//	}
//
// With -shots=DIR, Screens leaves pictures of every size there; with -update, Shot writes those that the documents show.
package browsertest

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var (
	update = flag.Bool("update", false, "write the documents' pictures, docs/screens/*.png")
	shots  = flag.String("shots", "", "directory for pictures of every page at every size")
)

// What should come at once is looked for again and again, as often as this: for 5 seconds on a machine at rest. Looks are counted, and
// not seconds, because on a busy machine each takes longer, as do the page and Kivuko, which share the processors with the test. So a
// broken rule fails a test soon, and a slow browser does not.
const (
	looks      = 250
	looksApart = 20 * time.Millisecond
)

// patience is how long the browser may take for a thing that is its own: to load a page, to click, to paint. It is no rule's.
const patience = time.Minute

// browser is shared by all tests: to start one takes longer than most of them. Each page has cookies of its own.
var browser struct {
	start sync.Once
	ctx   context.Context
	stop  func()
	err   error
}

// Main runs a package's tests and then ends the browser.
func Main(m *testing.M) {
	code := m.Run()
	if browser.stop != nil {
		browser.stop()
	}
	os.Exit(code)
}

// program is where Chromium is.
func program() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

// start gives the browser. Without a Chromium the test is skipped, unless KIVUKO_REQUIRE_CHROMIUM is 1.
func start(t testing.TB) context.Context {
	t.Helper()
	path, err := program()
	if err != nil && os.Getenv("KIVUKO_REQUIRE_CHROMIUM") != "1" {
		t.Skip("there is no Chromium; on Debian: apt-get install chromium")
	}
	if err != nil {
		t.Fatalf("there is no Chromium: %v", err)
	}
	browser.start.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
			chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-gpu", true),
			chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"))
		allocator, freeAllocator := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, free := chromedp.NewContext(allocator)
		browser.ctx, browser.stop = ctx, func() { free(); freeAllocator() }
		browser.err = chromedp.Do(ctx) // starts it
	})
	if browser.err != nil {
		t.Fatalf("Chromium does not start: %v", browser.err)
	}
	return browser.ctx
}
