package browsertest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/kivukotest"
)

// figure gives an account's current balance as the page of the accounts shows it.
func figure(p *browsertest.Page, account string) string {
	return p.WaitFor("#accounts section[aria-labelledby=account-" + account + "] .figure b")
}

func TestAMoveToUtilityWaitsForASecondPerson(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := portal(t, k, maker)
	p.Go("/organisation/accounts")
	p.Screens("accounts")
	before := figure(p, "utility")
	p.Click("Initiate transaction")
	p.Screens("initiate")
	p.Click("Move Funds from MMF Account to Utility Account")
	p.Fill("amount", "999999999")
	p.Fill("remarks", "<script>alert(1)</script>")
	p.Click("Submit")
	p.WaitText("is more than the")
	if p.Value("amount") != "999999999" || p.Value("remarks") != "<script>alert(1)</script>" {
		t.Error("what was typed is gone")
	}
	p.Screens("initiate-refused")
	p.Fill("amount", "150.50")
	p.Eval("(() => { const b = document.querySelector('main form button.primary'); b.click(); b.click() })()") // a double click
	p.WaitText("another operator has to decide on it")
	p.WaitText("<script>alert(1)</script>")
	p.WaitText("Ksh 150.50 in Working Account")
	p.WaitNoText("Approve")
	path := p.Eval("location.pathname")
	tasks, err := control.New(k.URL()).Tasks(t.Context(), portalShop, control.TaskQuery{})
	if err != nil || len(tasks.Items) != 1 {
		t.Fatalf("what waits is %+v: %v", tasks, err)
	}

	c := portal(t, k, checker)
	c.Go("/organisation/tasks")
	c.WaitText("waits for an approval")
	c.Screens("tasks")
	c.Click("Move Funds from MMF Account to Utility Account")
	c.Screens("task")
	c.Click("Approve")
	for _, page := range []*browsertest.Page{c, p} { // by itself on the maker's
		page.WaitText("completed")
		page.WaitText("Approved by")
	}
	if after := figureOf(p, path); after == before {
		t.Errorf("Utility still holds %s", after)
	}
	c.Go("/organisation/tasks?list=decided")
	c.WaitText("Move Funds from MMF Account to Utility Account")
	c.Screens("tasks-decided")
}

// figureOf looks at Utility on the page of the accounts, from another page.
func figureOf(p *browsertest.Page, from string) string {
	p.Go("/organisation/accounts")
	got := figure(p, "utility")
	p.Go(from)
	return got
}

func TestAnAuditorSeesAndDoesNothing(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := portal(t, k, "auditor")
	p.Go("/organisation/accounts")
	p.WaitFor("#accounts")
	p.WaitNoText("Initiate transaction")
	p.Go("/organisation/initiate/move")
	p.Fill("amount", "1")
	p.In("main").Click("Submit")
	p.WaitText(`don't give the right "initiate"`)
	p.Go("/organisation/audit")
	p.WaitText("initiate move")
}

func TestASettlementClearsTheChargesAndItsEntriesAreFound(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	api := control.New(k.URL())
	paid, err := api.Pay(t.Context(), "254708374149", control.Pay{Shortcode: portalShop, Amount: 150_000, Account: "INV-7"})
	if err != nil || paid.State != "completed" {
		t.Fatalf("%+v: %v", paid, err)
	}
	p := portal(t, k, maker)
	p.Go("/organisation/initiate/settle")
	p.WaitText("Clears of Charges Paid")
	p.Screens("settle")
	p.In("main").Click("Settle")
	p.WaitText("another operator has to decide on it")
	path := p.Eval("location.pathname")
	c := portal(t, k, checker)
	c.Go(path)
	c.Click("Approve")
	c.WaitText("completed")
	c.Go("/organisation/accounts")
	for _, account := range []string{"charges", "utility", "settlement"} {
		if got := figure(c, account); got != "0.00" {
			t.Errorf("%s holds %s", account, got)
		}
	}

	c.Go("/organisation/statement?account=utility")
	c.WaitText("Pay Bill")
	c.WaitText("INV-7")
	c.Screens("statement")
	for _, search := range []string{strings.ToLower(paid.Receipt), "0708 374 149", "1,500"} {
		c.Fill("search", search)
		c.Click("Show")
		c.WaitURL("search=" + url.QueryEscape(search))
		c.In("#entries").WaitText(paid.Receipt)
	}
	c.Fill("search", "nothing")
	c.Click("Show")
	c.WaitText("receipt, a phone number or an amount")
	c.Screens("statement-refused")
	c.Go("/organisation/statement?account=utility")
	c.Eval("void fetch(document.querySelector('a[download]').href).then(r => r.text()).then(t => document.querySelector('main').dataset.csv = t)")
	c.WaitFor("main[data-csv]")
	if csv := c.Eval("document.querySelector('main').dataset.csv"); !strings.HasPrefix(csv, "Entry,Completed,Receipt,") || !strings.Contains(csv, paid.Receipt) {
		t.Errorf("the table is %.300s", csv)
	}
	c.Go("/organisation/tariffs")
	c.WaitText("Payments by customers")
	c.Screens("tariffs")
}

func TestAnAdministratorSetsWhoApproves(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := portal(t, k, "admin")
	p.Go("/organisation/approval")
	p.Fill("free", "1000")
	p.Fill("second", "10")
	p.Click("Save")
	p.WaitText("may not be below")
	p.Screens("approval")
	p.Fill("second", "100000")
	p.Click("Save")
	p.WaitText("Saved.")
	p.Expect(403)
	p.Go("/organisation/accounts")
	p.WaitText("view transactions")
}
