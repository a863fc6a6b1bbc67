package browsertest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/testworld"
)

// The organisation of these tests, and who of its people pays and who approves.
const (
	bulkShop = "600000"
	maker    = "manager"
	checker  = "checker"
)

// bulkPhones are those that get the one-time PINs.
var bulkPhones = map[string]string{"admin": "254711000001", maker: "254711000002", checker: "254711000003", "auditor": "254711000005"}

// portal opens the organisation portal as one of its people.
func portal(t *testing.T, k *kivuko.Kivuko, username string) *browsertest.Page {
	t.Helper()
	p := browsertest.Open(t, k.URL()+"/organisation/sign-in")
	p.Fill("shortcode", bulkShop)
	p.Fill("username", username)
	p.Fill("password", "Safaricom999!*!")
	p.In("main").Click("Sign in")
	p.WaitFor(`input[name="otp"]`)
	sms, err := control.New(k.URL()).Messages(t.Context(), bulkPhones[username], 1)
	if err != nil || len(sms) != 1 {
		t.Fatalf("the phone of %s got %v, %v", username, sms, err)
	}
	p.Fill("otp", regexp.MustCompile(`\b[0-9]{6}\b`).FindString(sms[0].Text))
	p.Click("Go on")
	p.WaitText("Signed in as " + username)
	return p
}

// payroll is a file of n rows under a header.
func payroll(n int) string {
	var b strings.Builder
	b.WriteString("phone,amount,remarks\r\n")
	for i := range n {
		fmt.Fprintf(&b, "07220%05d,%d.50,<b>March</b>\r\n", i, 110+i%90)
	}
	return b.String()
}

func TestABulkFileIsMendedApprovedAndPaid(t *testing.T) {
	k := testworld.Start(t, kivuko.Config{})
	p := portal(t, k, maker)
	p.Go("/organisation/bulk")
	p.WaitText("No file has been submitted yet")
	p.Click("New file")

	good := payroll(350)
	bad := strings.NewReplacer("0722000007,", "2.547E+11,", "0722000100,", "0722000101,", "0722000349,189.50", "0722000349,5").Replace(good)
	p.Upload("file", "march.csv", []byte(bad))
	p.Click("Check the file")
	p.WaitText("3 rows would not be paid. Nothing has moved.")
	for _, wrong := range []string{"its last digits are lost", "is in line 102 already", "less than the minimum"} {
		p.WaitText(wrong)
	}
	p.Screens("bulk-bad-rows")
	p.Shot("bulk-bad-rows")

	p.Upload("file", "march.csv", []byte(good))
	p.Click("Check the file")
	p.WaitText("every row is right")
	p.WaitText("Another operator has to approve it.")
	p.Screens("bulk-checked")
	p.Click("Submit 350 payments")
	p.WaitText("waits for approval")
	p.WaitText("<b>March</b>") // as text
	path := p.Eval("location.pathname")

	c := portal(t, k, checker)
	c.Go("/organisation/tasks")
	c.WaitText("Bulk payments")
	c.Go(strings.Replace(path, "bulk", "tasks", 1))
	c.WaitText("many customers of the file")
	c.Go(path)
	c.Click("Approve 350 payments")
	for _, page := range []*browsertest.Page{c, p} { // by itself on the maker's
		page.WaitText("100 %")
		page.In("#progress").WaitText("paid")
		if got := page.Eval("document.querySelector('progress').position"); got != "1" {
			t.Errorf("the bar is at %s", got)
		}
	}
	p.In("#rows").WaitText("completed")
	p.Screens("bulk-paid")

	p.Eval("void fetch(document.querySelector('a[download]').href).then(r => r.text()).then(t => document.querySelector('main').dataset.results = t)")
	p.WaitFor("main[data-results]")
	if results := p.Eval("document.querySelector('main').dataset.results"); strings.Count(results, ",completed,") != 350 || !strings.HasPrefix(results, "line,phone,amount,") {
		t.Errorf("the results are %.300s", results)
	}

	p.Go("/organisation/bulk/new")
	p.Fill("csv", good)
	p.Click("Check the file")
	p.WaitText("The same rows were submitted before")
	p.Click("Submit 350 payments")
	p.WaitText("say that it is meant again")
	p.Screens("bulk-again")
	p.Click("Pay them all once more")
	p.Click("Submit 350 payments")
	p.WaitText("waits for approval")
	p.Go("/organisation/bulk")
	p.WaitText("paid")
	p.Screens("bulk-list")
}
