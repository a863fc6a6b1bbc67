package browsertest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

const (
	jane    = "254705912645"
	onPhone = "#phone-" + testworld.John // the handset of John
)

// phones is an M-PESA whose phones approve by themselves, and a merchant who asks for money.
type phones struct {
	*kivukotest.World
	merchant  *testworld.Merchant
	callbacks *kivukotest.Collector
	t         *testing.T
}

func startPhones(t *testing.T) phones {
	t.Helper()
	k, c := kivukotest.Start(t, kivuko.Config{}), kivukotest.Collect(t)
	m := testworld.NewMerchant(k.URL(), c.URL)
	m.Token(t)
	return phones{k, m, c, t}
}

// held waits until a handset says that it is held, which the page does once it is there.
func held(p *browsertest.Page, number string) { p.In("#phone-" + number).WaitText("By hand") }

func (k phones) phone(number string) *control.Phone {
	k.t.Helper()
	p, err := k.Control().Phone(k.t.Context(), number)
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// putDown waits until nobody holds a phone.
func (k phones) putDown(number string) {
	k.t.Helper()
	proctest.Soon(k.t, "nobody holds "+number, func() bool { return k.phone(number).HeldUntil.IsZero() })
}

func (k phones) push(amount int) {
	k.t.Helper()
	if a := k.merchant.Push(k.t, testworld.Fields{"Amount": amount}); a.Status != http.StatusOK {
		k.t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
}

// result waits for the next callback, and fails the test unless it has a result.
func (k phones) result(want daraja.ResultCode) {
	k.t.Helper()
	if got := k.callbacks.Next(k.t).Callback(k.t); got.ResultCode != want {
		k.t.Errorf("the callback has %s %s, want %s", got.ResultCode, got.ResultDesc, want)
	}
}

// enter presses the keys of the PIN pad.
func enter(p *browsertest.Page, pin string) {
	for _, digit := range pin {
		p.ClickOn(`[data-key="` + string(digit) + `"]`)
	}
	p.Click("OK")
}

// watch has the page note when a prompt comes up on John's phone, by the clock of the machine.
func watch(p *browsertest.Page) {
	p.Eval(`(() => { const box = document.querySelector("#prompt-` + testworld.John + `");
		new MutationObserver(() => { if (box.querySelector(".prompt")) window.prompted ||= Date.now(); else window.prompted = 0; })
			.observe(box, {childList: true, subtree: true}); })()`)
}

// sincePush is how long after a push was sent its prompt came up.
func sincePush(t *testing.T, p *browsertest.Page, sent time.Time) time.Duration {
	t.Helper()
	shown, err := strconv.ParseInt(p.Eval("window.prompted"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(shown).Sub(sent)
}

// A push is on the phone within a quarter of a second after it was sent, and what is done there answers it.
func TestAPushIsAnsweredOnAnOpenPhone(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John+","+jane)
	held(p, testworld.John)
	watch(p)
	john := p.In(onPhone)
	var took []time.Duration
	push := func(amount int, text string) {
		t.Helper()
		sent := time.Now()
		k.push(amount)
		john.WaitText(text)
		took = append(took, sincePush(t, p, sent))
	}

	push(1500, "Do you want to pay Ksh1,500.00 to Daraja Sandbox Account no.")
	p.Screens("phones-prompt")
	p.Shot("phone-prompt")
	enter(john, testworld.PIN)
	k.result("0")
	john.WaitText("Receipt")
	john.WaitText("Ksh 98,490.00")
	john.Click("Messages")
	john.In(onPhone + " .inbox").WaitText("Confirmed. Ksh1,500.00 sent to Daraja Sandbox for account")
	p.Screens("phones-messages")
	john.Click("M-PESA")
	john.Click("OK")
	john.WaitText("Lipa na M-PESA")

	push(10, "pay Ksh10.00")
	john.Click("Cancel")
	k.result("1032")
	john.WaitText("Cancelled")

	push(20, "pay Ksh20.00")
	enter(john, "9999")
	k.result("2001")
	john.WaitText("wrong PIN, number 1 in a row")

	slices.Sort(took) // of three, so that one that the machine was busy at is no fault
	t.Logf("prompts were on the phone %v after their pushes were sent", took)
	if most := 250*time.Millisecond + 20*p.Pace(); took[1] > most {
		t.Errorf("prompts took %v, and %v is the most that they may here", took, most)
	}
}

// A phone that no page shows answers as it was told to; one that is open does so too when it was told how.
func TestAPhoneIsPutDownWithItsPage(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones/"+testworld.John)
	held(p, testworld.John)
	k.push(100)
	p.WaitText("pay Ksh100.00")
	p.Go("/phones?on=" + jane)
	held(p, jane)
	k.putDown(testworld.John)
	if open := k.phone(testworld.John); open.Prompt == nil {
		t.Errorf("after its page has gone the phone is %+v", open)
	}
	p.Go("/phones/" + testworld.John)
	p.WaitText("pay Ksh100.00")
	held(p, testworld.John)
	for _, digit := range testworld.PIN {
		p.ClickOn(`[data-key="` + string(digit) + `"]`)
	}
	p.ClickOn(".prompt [data-pin]")
	p.Press("Enter")
	k.result("0")
	p.Go("/phones?on=" + jane)
	held(p, jane)
	k.putDown(testworld.John)
	k.push(200)
	k.result("0")
}

// The menu is worked through step by step, as on the phone.
func TestAPhonesMenu(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	p.Screens("phones-menu")
	next := func(field, text string) {
		t.Helper()
		john.Fill(field, text)
		john.Click("Next")
	}
	john.Click("Lipa na M-PESA")
	john.Click("Pay bill")
	next("shortcode", "12")
	john.WaitText("It has five to seven digits.")
	if typed := john.Value("shortcode"); typed != "12" {
		t.Errorf("what was typed has become %q", typed)
	}
	next("shortcode", testworld.PayBill)
	next("account", "<b>INV-7</b>")
	next("amount", "a lot")
	john.WaitText("That is no amount")
	next("amount", "250.50")
	john.WaitText("Do you want to pay Ksh250.50 to Daraja Sandbox Account no. <b>INV-7</b>? Enter M-PESA PIN:")
	p.Screens("phones-confirm")
	john.Click("Back")
	if typed := john.Value("amount"); typed != "250.50" {
		t.Errorf("one step back is %q", typed)
	}
	next("amount", "250.50")
	enter(john, testworld.PIN)
	john.WaitText("Ksh250.50 sent.")
	john.Click("Messages")
	john.WaitText("for account <b>INV-7</b> on")
	john.Click("M-PESA")
	john.Click("OK")

	john.Click("Send money")
	next("to", "0705912645")
	next("amount", "100")
	john.WaitText("Send Ksh100.00 to Nicholas Songok 0705912645?")
	enter(john, testworld.PIN)
	john.WaitText("Ksh100.00 sent.")
	if got := k.phone(jane).Balance; got.String() != "100100.00" {
		t.Errorf("the phone now has %s", got)
	}
	john.Click("OK")

	john.Click("My account")
	john.Click("Mini statement")
	enter(john, testworld.PIN)
	john.WaitText("Customer Transfer of Funds to 0705912645 Nicholas Songok")
	john.WaitText("Pay Bill to 174379 Daraja Sandbox Acc. <b>INV-7</b>")
	john.Click("OK")
	john.Click("My account")
	john.Click("Change PIN")
	for field, pin := range map[string]string{"old": testworld.PIN, "new": "4321", "again": "4321"} {
		john.Fill(field, pin)
	}
	john.Click("OK")
	john.WaitText("has been changed")
	john.Click("OK")
	john.Click("My account")
	john.Click("Balance")
	enter(john, "4321")
	john.WaitText("MMF Account For Customer")
}

// A payment from the phone's menu is asked about at the merchant's server, which refuses one and takes another, and is told of that.
func TestAPaymentFromTheMenuIsValidatedAndConfirmed(t *testing.T) {
	const business = "600000"
	k := startPhones(t)
	if _, err := k.Control().PutURLs(t.Context(), business, control.URLs{Version: 2, ResponseType: "Cancelled",
		Confirmation: k.callbacks.URL + "/confirmation", Validation: k.callbacks.URL + "/validation"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Control().PutOrganisation(t.Context(), business, control.OrganisationChange{Validates: new(true)}); err != nil {
		t.Fatal(err)
	}
	k.callbacks.AnswerAt("/validation", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ BillRefNumber string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.BillRefNumber != "INV-7" {
			io.WriteString(w, `{"ResultCode":"C2B00012","ResultDesc":"Rejected"}`)
			return
		}
		io.WriteString(w, `{"ResultCode":"0","ResultDesc":"Accepted"}`)
	})
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	pay := func(account string) {
		t.Helper()
		john.Click("Lipa na M-PESA")
		john.Click("Pay bill")
		for _, x := range [][2]string{{"shortcode", business}, {"account", account}, {"amount", "250"}} {
			john.Fill(x[0], x[1])
			john.Click("Next")
		}
		enter(john, testworld.PIN)
	}
	pay("INV-8")
	k.callbacks.At(t, "/validation")
	john.Click("Messages")
	john.In(onPhone + " .inbox").WaitText("Transaction failed")
	john.Click("M-PESA")
	john.Click("OK")

	pay("INV-7")
	k.callbacks.At(t, "/validation")
	told := k.callbacks.At(t, "/confirmation").C2BPayment(t)
	john.Click("Messages")
	john.In(onPhone + " .inbox").WaitText(told.TransID + " Confirmed.")
	if told.BillRefNumber != "INV-7" || told.TransAmount != "250.00" {
		t.Errorf("the confirmation is %+v", told)
	}
	john.WaitText("Ksh 99,7")
}

// Three wrong PINs lock it, which shows and can be lifted.
func TestAPhonesSwitches(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	held(p, testworld.John)
	for range 3 {
		if _, err := k.Control().AskBalance(t.Context(), testworld.John, "9999"); err != nil {
			t.Fatal(err)
		}
	}
	john.WaitText("PIN locked")
	john.Click("Unlock")
	john.WaitNoText("PIN locked")
	if k.phone(testworld.John).PINLocked {
		t.Error("the PIN is still locked")
	}
	john.Click("How it answers")
	john.ClickOn(`[name="answers"][value="off"]`)
	john.Fill("seconds", "0.1")
	john.Click("Set")
	john.WaitText("Switched off")
	p.Screens("phones-off")
	k.push(10)
	k.result("1037")
	john.Click("Switch on")
	john.WaitNoText("Switched off")
	john.ClickOn(`[name="answers"][value="cancel"]`)
	john.Click("Set")
	john.WaitText("presses cancel after")
	k.push(11)
	k.result("1032")
	john.Fill("seconds", "-1")
	john.Click("Set")
	john.WaitText("It has to be seconds from 0 to 600")
	john.Fill("amount", "500")
	john.Click("Pay in")
	john.WaitText("Ksh 100,500.00")
	john.Click("Swap the SIM")
	john.WaitText("Its SIM was swapped on")
}

// Any number can be put on the wall, and new customers are made there. Markup in a name is text.
func TestTheWallOfPhones(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones")
	p.WaitText("John Doe")
	p.Fill("number", "12")
	p.Click("Add")
	p.WaitText("it has to be a Safaricom number")
	p.Fill("number", "0799999999")
	p.Click("Put it on the wall")
	p.WaitText("no customer's number yet")
	p.Screens("phones-add")
	const name = `<script>alert(1)</script> & "Co"`
	p.Fill("name", name)
	p.Fill("pin", "12")
	p.Click("Make the customer")
	p.WaitText("text of four digits")
	if typed := p.Value("name"); typed != name {
		t.Errorf("the name has become %q", typed)
	}
	p.Fill("pin", "4321")
	p.Fill("balance", "77.50")
	p.Click("Make the customer")
	p.In("#phone-254799999999").WaitText(name)
	p.In("#phone-254799999999").WaitText("Ksh 77.50")
	p.Go("/phones") // remembered
	p.WaitText(name)
	p.In("#phone-254799999999").ClickOn(".owner a")
	p.WaitNoText(name)
	if wall := p.Eval("location.search"); strings.Contains(wall, "254799999999") {
		t.Errorf("the wall is %s", wall)
	}
	p.Screens("phones-wall")
}

// Without scripts a phone is a page whose forms are posted.
func TestAPhoneWorksWithoutScripts(t *testing.T) {
	k := startPhones(t)
	post := func(path string, form url.Values, want string) {
		t.Helper()
		resp, err := http.PostForm(k.URL()+"/phones/"+testworld.John+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if page, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(page), want) || !strings.Contains(string(page), "</html>") {
			t.Errorf("%s %v: HTTP %d, %v, without %q: %s", path, form, resp.StatusCode, err, want, page)
		}
	}
	post("/menu/withdraw", url.Values{"asked": {"amount"}, "amount": {"x"}}, "That is no amount")
	post("/menu/withdraw", url.Values{"asked": {"amount"}, "amount": {"100"}}, "Withdraw Ksh100.00 from M-PESA Agent? Enter M-PESA PIN:")
	post("/menu/withdraw", url.Values{"amount": {"100"}, "confirmed": {"yes"}, "pin": {testworld.PIN}}, "Ksh100.00 withdrawn.")
	post("/way", url.Values{"answers": {"ask"}}, "It answers so from now on.")
	k.push(50)
	prompt := k.phone(testworld.John).Prompt
	if prompt == nil {
		t.Fatal("there is no prompt")
	}
	post("/answer", url.Values{"payment": {strconv.FormatInt(prompt.Payment, 10)}, "pin": {testworld.PIN}}, "Ksh50.00 sent.")
	k.result("0")
}

// An answer that comes late, from before a push, does not take its prompt away.
func TestALateAnswerDoesNotHideAPrompt(t *testing.T) {
	k := startPhones(t)
	line := slow(t, k.URL())
	p := browsertest.Open(t, line.URL+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	held(p, testworld.John)
	line.Hold(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/menu/lipa") })
	john.Click("Lipa na M-PESA")
	line.Held(t)
	k.push(100)
	john.WaitText("pay Ksh100.00")
	line.LetGo()
	john.In(onPhone + " .app:has(.crumb)").WaitText("") // it is there
	john.WaitText("pay Ksh100.00")
}

// A page that the browser brings back holds its phones at once, and not only when it would have said so again.
func TestAPageThatIsBroughtBackHoldsItsPhones(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	held(p, testworld.John)
	p.Eval(`dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}))`)
	k.putDown(testworld.John)
	p.Eval(`dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`)
	proctest.Soon(t, "the phone is held again", func() bool { return !k.phone(testworld.John).HeldUntil.IsZero() })
}

// What was set is said until something else is done; the news of it do not take it away.
func TestANoteOutlivesItsNews(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	held(p, testworld.John)
	john.Click("How it answers")
	john.ClickOn(`[name="answers"][value="cancel"]`)
	john.Click("Set")
	john.WaitText("It answers so from now on.")
	john.In(onPhone + " .strip").WaitText("presses cancel") // the news
	john.In(onPhone + " .panel").WaitText("It answers so from now on.")
}

// A PIN that is entered with two clicks pays once.
func TestADoubleClickOnAPhonePaysOnce(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones?on="+testworld.John)
	john := p.In(onPhone)
	john.Click("Withdraw cash")
	john.Fill("amount", "100")
	john.Click("Next")
	john.WaitText("Withdraw Ksh100.00")
	for _, digit := range testworld.PIN {
		john.ClickOn(`[data-key="` + string(digit) + `"]`)
	}
	p.Eval(`(() => { const b = document.querySelector(".step .button.primary"); b.click(); b.click(); })()`)
	john.WaitText("Ksh100.00 withdrawn")
	if got := k.phone(testworld.John); got.SpentToday.String() != "100.00" {
		t.Errorf("spent are %s", got.SpentToday)
	}
}
