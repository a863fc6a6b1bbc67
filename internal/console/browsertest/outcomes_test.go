package browsertest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/testworld"
)

// typed is what is filled in for each question of a phone's menu.
var typed = map[string]string{"to": jane, "amount": "100", "account": "INV-1", "old": "9999", "new": "4321", "again": "4321"}

// leaves finds the items of the menu that do something, by their paths.
func leaves(t *testing.T, p *browsertest.Page, list string) (paths []string) {
	t.Helper()
	p.Go(list)
	var links []string
	if err := json.Unmarshal([]byte(p.Eval(`JSON.stringify([...document.querySelectorAll(".menu ul a")].map((a) => a.pathname))`)), &links); err != nil {
		t.Fatal(err)
	}
	if len(links) == 0 {
		return []string{list}
	}
	for _, path := range links {
		paths = append(paths, leaves(t, p, path)...)
	}
	return paths
}

// through works through an item of the menu: it answers its questions, and enters a PIN.
func through(p *browsertest.Page, path, amount, pin string) {
	p.Go(path)
	phone := p.In(onPhone)
	for {
		phone.WaitFor(".step [data-focus], .step [data-pin]")
		name := p.Eval(`document.querySelector(".step [data-focus]")?.name ?? ""`)
		switch name {
		case "":
			enter(phone, pin)
			return
		case "old":
			for _, field := range []string{"old", "new", "again"} {
				phone.Fill(field, typed[field])
			}
			phone.Click("OK")
			return
		case "amount":
			phone.Fill(name, amount)
		case "shortcode":
			if strings.HasSuffix(path, "/buygoods") {
				phone.Fill(name, testworld.Till)
			} else {
				phone.Fill(name, portalShop)
			}
		default:
			phone.Fill(name, typed[name])
		}
		phone.Click("Next")
		phone.WaitFor(`.step:not(:has([data-focus][name="` + name + `"]))`)
	}
}

// notDone checks that a phone says that nothing was done.
func notDone(t *testing.T, p *browsertest.Page, what string) {
	t.Helper()
	if said := p.In(onPhone).WaitFor(".outcome"); strings.Contains(said, "Done") || strings.Contains(said, "Receipt") {
		t.Errorf("%s: it says %q", what, said)
	}
	p.WaitFor(".outcome.bad")
}

// Whatever a person does on a phone and M-PESA refuses, the screen does not say that it is done.
func TestAPhoneNeverSaysDoneOfWhatFailed(t *testing.T) {
	k := startPhones(t)
	p := browsertest.Open(t, k.URL()+"/phones/"+testworld.John)
	unlock := func() {
		t.Helper()
		if _, _, err := k.Control().PutPhone(t.Context(), testworld.John, control.PhoneChange{PINLocked: new(false)}); err != nil {
			t.Fatal(err)
		}
	}
	items := leaves(t, p, "/phones/"+testworld.John+"/menu")
	if len(items) < 9 {
		t.Fatalf("the menu has only %q", items)
	}
	before := k.phone(testworld.John).Balance
	for _, path := range items {
		unlock()
		through(p, path, "100", "9999")
		notDone(t, p, path+" with a wrong PIN")
	}
	unlock()
	for what, x := range map[string]struct{ item, amount string }{
		"under the minimum": {"withdraw", "5"}, "more than there is": {"withdraw", "240000"}, "more than may be sent": {"send", "999999"}, "more than a business may get": {"paybill", "999999"},
	} {
		through(p, "/phones/"+testworld.John+"/menu/"+x.item, x.amount, testworld.PIN)
		notDone(t, p, what)
		p.WaitText("was not")
	}
	p.Look("phones-not-done", 360, "light")
	if after := k.phone(testworld.John).Balance; after != before {
		t.Errorf("%s have become %s", before, after)
	}
	through(p, "/phones/"+testworld.John+"/menu/withdraw", "100", testworld.PIN)
	p.WaitFor(".outcome.good")
	p.WaitText("Ksh100.00 withdrawn. Receipt ")
}

// What was approved and could not be carried out is told so, to who approved it and to who initiated it.
func TestThePortalNeverSaysDoneOfWhatFailed(t *testing.T) {
	k := startPhones(t)
	p, c := portal(t, k.World, maker), portal(t, k.World, checker)
	p.Go("/organisation/initiate/BusinessPayment")
	p.Fill("to", jane)
	p.Fill("amount", "100")
	p.Click("Submit")
	p.WaitText("It waits for another operator's approval.")
	task := p.Eval("location.pathname")
	if _, _, err := k.Control().PutPhone(t.Context(), jane, control.PhoneChange{Standing: new(control.StandingInactive)}); err != nil {
		t.Fatal(err)
	}
	c.Go(task)
	c.Click("Approve")
	c.In("#toasts").WaitText("Approved. It could not be carried out.")
	for _, page := range []*browsertest.Page{c, p} {
		page.In("main").WaitText("failed")
		page.In("main").WaitText("Reason")
		page.In("main").WaitNoText("completed")
	}
}
