package browsertest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/kivukotest"
)

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
	k := kivukotest.Start(t, kivuko.Config{})
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

	p.Go("/organisation/bulk/new")
	p.Upload("file", "all.csv", make([]byte, 50<<20))
	p.Expect(http.StatusRequestEntityTooLarge)
	p.Click("Check the file")
	p.WaitText("At most 8 MB are taken.")
}
