package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// A developer watches the log: what is refused says what was expected and how to fix it, as it happens.
func TestTheLogSaysWhyAndHowToFixIt(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	callbacks := kivukotest.Collect(t)
	m := testworld.NewMerchant(k.URL(), callbacks.URL)
	m.Token(t)
	p := browsertest.Open(t, k.URL()+"/developer/log")
	p.WaitText("oauth")
	p.WaitText("Live")
	start := time.Now()
	m.Push(t, testworld.Fields{"PhoneNumber": "07"})
	p.In("#requests").WaitText("To fix it: correct the field that the message names")
	if took, most := time.Since(start), time.Second+50*p.Pace(); took > most {
		t.Errorf("it took %s to show, and %s is the most that it may here", took, most)
	}
	p.In("#requests").WaitText(`PhoneNumber is "07"`)
	p.Screens("log")
	p.Shot("log")

	p.Click("Pause")
	p.WaitText("Follow")
	m.Push(t, testworld.Fields{"Amount": "0"})
	p.Fill("code", "400.002.02")
	p.Fill("text", "not a Safaricom")
	p.Click("Filter")
	p.WaitURL("text=not+a+Safaricom")
	p.In("#requests").WaitText("M-Pesa Express")
	p.In("#requests").WaitNoText("Amount")
	p.ClickOn("#requests tbody a")
	p.In("#refused").WaitText("What was found")
	p.Screens("request")

	p.Go("/developer/log?number=x")
	p.WaitText("a shortcode of five to seven digits")
}

// A request's whole story is on one page, up to what the callback was answered; a callback is sent again.
func TestAPaymentTellsItsStory(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	callbacks := kivukotest.Collect(t)
	m := testworld.NewMerchant(k.URL(), callbacks.URL)
	const markup = `<script>alert("x")</script><b>Shoes`
	pushed := m.Push(t, testworld.Fields{"TransactionDesc": markup})
	callbacks.For(t, pushed.CheckoutRequestID())
	p := browsertest.Open(t, k.URL()+"/developer/payments/"+pushed.CheckoutRequestID())
	p.WaitText(markup)
	p.WaitText("Prompt sent")
	p.WaitText("Result 0")
	p.WaitText("HTTP 200 in")
	p.Screens("payment")
	p.ClickOn("#callbacks form .button")
	p.WaitText("The callback is being sent again.")
	callbacks.For(t, pushed.CheckoutRequestID())
	p.Go("/developer/payments")
	p.Fill("result", "0")
	p.Fill("kind", "stkpush")
	p.Click("Filter")
	p.In("#list").WaitText("completed")
	p.Screens("payments")
	p.Click("Callbacks")
	p.In("#list").WaitText("delivered")
	p.Screens("callbacks")
}

// The button beside a code makes it happen, and shows the request's story.
func TestACodeIsMadeToHappen(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL()+"/developer/codes")
	p.WaitText("Wrong credentials")
	p.Fill("q", "insufficient for")
	p.Click("Find")
	p.WaitNoText("Wrong credentials")
	p.WaitText("The balance is insufficient")
	p.Screens("codes")
	p.Fill("result", "1/0/0")
	p.Click("Make 1 happen")
	p.In("#story").WaitText("Result 1")
	p.In("#story").WaitText("To fix it: pay less")

	p.Go("/developer/codes?q=Wrong+credentials")
	p.Click("Make 500.001.1001 Wrong credentials happen")
	p.In("#refused").WaitText("make Password anew for each request")
}

func TestRegisteredURLsAreChangedAndDeleted(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	const business = "600001"
	_, err := k.Control().PutURLs(t.Context(), business, control.URLs{Version: 2, ResponseType: "Completed", Confirmation: "http://127.0.0.1:9/old", Validation: "http://127.0.0.1:9/v"})
	if err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t, k.URL()+"/developer/urls")
	p.WaitText("http://127.0.0.1:9/old")
	p.Screens("urls")
	p.Click("Change the URLs of " + business)
	p.Fill("confirmation", "nonsense")
	p.Click("Register")
	p.WaitText("has to be a URL such as")
	if got := p.Value("confirmation"); got != "nonsense" {
		t.Errorf("the field has %q", got)
	}
	p.Screens("urls-of")
	p.Fill("confirmation", "http://127.0.0.1:9/new")
	p.Fill("responseType", "Cancelled")
	p.Click("Register")
	p.WaitText("The URLs of 600001 are registered.")
	p.WaitText("http://127.0.0.1:9/new")
	p.Click("Delete the URLs of " + business)
	p.Click("Delete")
	p.WaitText("The URLs of 600001 are deleted.")
	if _, err := k.Control().URLs(t.Context(), business); err == nil {
		t.Error("it still has some")
	}
}

func TestACallbackURLIsTestedAndUsageIsShown(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	merchant := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<b>hello") }))
	defer merchant.Close()
	p := browsertest.Open(t, k.URL()+"/developer/callback-test")
	p.Fill("url", merchant.URL+"/mpesa")
	p.Click("Test")
	p.WaitText("a private address; the strict profile takes hosts on the internet only")
	p.WaitText(`it contains "mpesa"`)
	p.WaitText("signed by itself")
	p.WaitText("<b>hello")
	p.Screens("callback-test")
	p.Fill("url", "")
	p.Click("Test")
	p.WaitText("has to be a URL such as")

	m := testworld.NewMerchant(k.URL(), merchant.URL)
	m.Push(t, nil)
	m.Push(t, testworld.Fields{"PhoneNumber": "07"})
	p.Go("/developer/usage")
	p.In("#usage").WaitText("400.002.02")
	p.In("#usage").WaitText("Over time")
	p.Screens("usage")
}

// What was done to the installation is on a page of its own.
func TestTheInstallationsAudit(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	if _, err := k.Control().Advance(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t, k.URL()+"/developer/usage")
	p.Click("Audit")
	p.WaitText("Kivuko's administrator")
	p.WaitText("127.0.0.1")
	p.Screens("installation-audit")
}
