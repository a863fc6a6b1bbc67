package organisation_test

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/kivukotest"
)

const shop = "600000"

// operator is somebody who is signed in to the shop's portal with a browser.
type operator struct {
	*testing.T
	*http.Client
	url string
}

// visit opens the portal with a browser that nobody has signed in with.
func visit(t *testing.T, k *kivukotest.World) operator {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return operator{t, &http.Client{Jar: jar}, k.URL()}
}

// signIn signs one of the ready-made people in.
func signIn(t *testing.T, k *kivukotest.World, username string) operator {
	t.Helper()
	known, err := k.Control().Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(known.Portal.Operators, func(o control.PortalOperator) bool { return o.Username == username })
	o := visit(t, k)
	o.post("/organisation/sign-in", "shortcode", shop, "username", username, "password", known.Portal.Password).has(http.StatusOK, "One-time PIN")
	sms, err := k.Control().Messages(t.Context(), known.Portal.Operators[i].Phone, 1)
	if err != nil || len(sms) != 1 {
		t.Fatalf("the phone got %v, %v", sms, err)
	}
	o.post("/organisation/sign-in/otp", "otp", regexp.MustCompile(`\b\d{6}\b`).FindString(sms[0].Text)).has(http.StatusOK, "Signed in as "+username)
	return o
}

// shown is a page as it came, after redirects.
type shown struct {
	operator
	*http.Response
	text string
}

func (o operator) ask(method, path, body string, headers ...string) shown {
	o.Helper()
	r, err := http.NewRequestWithContext(o.Context(), method, o.url+path, strings.NewReader(body))
	if err != nil {
		o.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := o.Do(r)
	if err != nil {
		o.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		o.Fatal(err)
	}
	return shown{o, answer, string(text)}
}

func (o operator) get(path string, headers ...string) shown {
	o.Helper()
	return o.ask(http.MethodGet, path, "", headers...)
}

// post sends a form of pairs.
func (o operator) post(path string, pairs ...string) shown {
	o.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return o.ask(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// has fails the test unless the page has a status and shows all these.
func (s shown) has(status int, texts ...string) shown {
	s.Helper()
	if s.StatusCode != status {
		s.Fatalf("%s: HTTP %d; want %d: %s", s.Request.URL, s.StatusCode, status, s.part(`(?s)(<main.*)</main>`))
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(s.text), text) {
			s.Fatalf("%s doesn't say %q: %s", s.Request.URL, text, s.part(`(?s)(<main.*)</main>`))
		}
	}
	return s
}

func (s shown) hasNot(text string) shown {
	s.Helper()
	if strings.Contains(html.UnescapeString(s.text), text) {
		s.Errorf("%s says %q", s.Request.URL, text)
	}
	return s
}

// part is what a pattern finds in the page, or "".
func (s shown) part(pattern string) string {
	found := regexp.MustCompile(pattern).FindStringSubmatch(s.text)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// What the side of the page lists is what opens, and nothing else does.
func TestWhatEachRoleSees(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	money := "accounts statement tasks bulk tariffs "
	all := strings.Fields(money + "initiate approval operators roles audit")
	for username, pages := range map[string]string{
		"admin": "bulk approval operators roles audit", "manager": money + "initiate operators roles", "checker": money + "initiate", "clerk": money + "initiate", "auditor": money + "operators roles audit",
	} {
		o := signIn(t, k, username)
		side := o.get("/organisation/profile").has(http.StatusOK)
		for _, name := range all {
			path, listed := "/organisation/"+name, strings.Contains(" "+pages+" ", " "+name+" ")
			if got := strings.Contains(side.text, `href="`+path+`"`); got != listed {
				t.Errorf("%s has a link to %s: %v", username, name, got)
			}
			status := http.StatusForbidden
			if listed || name == "roles" || name == "initiate" && strings.Contains(pages, money) { // which show nothing that is to be hidden
				status = http.StatusOK
			}
			if got := o.get(path).StatusCode; got != status {
				t.Errorf("%s gets HTTP %d for %s; want %d", username, got, name, status)
			}
		}
		for path, name := range map[string]string{"statement.csv": "statement", "audit.csv": "audit"} {
			if got := o.get("/organisation/" + path).StatusCode; (got == http.StatusOK) != strings.Contains(pages, name) {
				t.Errorf("%s gets HTTP %d for %s", username, got, path)
			}
		}
	}
}

// A page that is left open asks for its parts again and again. That is nobody at work.
func TestALivePartDoesNotKeepASessionAlive(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	o := signIn(t, k, "manager")
	for range 2 {
		if _, err := k.Control().Advance(t.Context(), 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		o.get("/organisation/accounts").has(http.StatusOK, "Working") // which does
	}
	if _, err := k.Control().Advance(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	o.get("/organisation/accounts", "HX-Request", "true", "HX-Target", "accounts").has(http.StatusOK, "Working").hasNot("Signed in as")
	if _, err := k.Control().Advance(t.Context(), 6*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := o.get("/organisation/accounts", "HX-Request", "true", "HX-Target", "accounts").Header.Get("Hx-Redirect"); got != "/organisation/sign-in" {
		t.Errorf("the page is sent to %q", got)
	}
}

func TestFiveWrongPasswordsLockSomebodyWhomAnAdministratorUnlocks(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	wrong := visit(t, k)
	for range 6 {
		wrong.post("/organisation/sign-in", "shortcode", shop, "username", "clerk", "password", "Wrong2026#").has(http.StatusUnprocessableEntity, "is wrong").hasNot("Wrong2026#").hasNot("is locked")
	}
	wrong.post("/organisation/sign-in", "shortcode", shop, "username", "clerk", "password", "Safaricom999!*!").has(http.StatusUnprocessableEntity, "is locked")
	admin := signIn(t, k, "admin")
	admin.get("/organisation/operators/clerk").has(http.StatusOK, "locked", "5 in a row", "Unlock")
	signIn(t, k, "manager").post("/organisation/operators/clerk/unlock").has(http.StatusUnprocessableEntity, `the right "manage operators"`)
	admin.post("/organisation/operators/clerk/unlock").has(http.StatusOK, "clerk is unlocked.", "0 in a row").hasNot("Unlock")
	signIn(t, k, "clerk")
}

func TestAccountsShowWhatIsReserved(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	o := signIn(t, k, "clerk")
	accounts := func() (list [][]string) {
		page := o.get("/organisation/accounts").has(http.StatusOK)
		for _, found := range regexp.MustCompile(`(?s)<h2 id="account-(\w+)">.*?<b>([\d,.-]+)</b>.*?Available</dt><dd class="num">([\d,.-]+)</dd><dt>Reserved</dt><dd class="num">([\d,.-]+)</dd>`).FindAllStringSubmatch(page.text, -1) {
			list = append(list, found[1:])
		}
		return list
	}
	before := accounts()
	o.post("/organisation/initiate/move", "from", "working", "to", "utility", "amount", "150.50").has(http.StatusOK, "another operator has to decide on it")
	after := accounts()
	if len(before) != 5 || len(after) != 5 || after[0][0] != "working" || after[0][1] != before[0][1] || after[0][2] == before[0][2] || after[0][3] != "150.50" || !slices.Equal(before[1], after[1]) {
		t.Errorf("before %v, after %v", before, after)
	}
}

// Each kind of task has a form with what it needs, and waits for another operator once it is filled in.
func TestEveryKindIsInitiatedOnItsPage(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	paid, err := k.Control().Pay(t.Context(), "254708374149", control.Pay{Shortcode: shop, Account: "INV-7", Amount: control.Shillings(500)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Control().DepositFromBank(t.Context(), shop, control.BankDeposit{Account: "merchant", Amount: control.Shillings(500)}); err != nil {
		t.Fatal(err)
	}
	kinds, err := k.Control().TaskKinds(t.Context(), shop)
	if err != nil || len(kinds.Kinds) < 8 {
		t.Fatalf("%+v, %v", kinds, err)
	}
	filled := map[string]string{"from": "working", "amount": "10", "account": "<b>7</b>", "receipt": paid.Receipt, "remarks": "<i>March</i>"}
	payees := map[string]string{"customer": "0705 912 645", "business": "600999", "BusinessBuyGoods": "765433", "MerchantToMerchantTransfer": "765433", "account": "utility"}
	o := signIn(t, k, "manager")
	list := o.get("/organisation/initiate").has(http.StatusOK)
	for _, kind := range kinds.Kinds {
		path, title := "/organisation/initiate/"+kind.Name, kind.Title
		if kind.Name == "move" { // which has a line for each route
			title = "Move Funds from MMF Account to Utility Account"
		} else {
			list.has(http.StatusOK, `href="`+path+`"`)
		}
		list.has(http.StatusOK, title)
		form := o.get(path).has(http.StatusOK, title)
		var pairs []string
		for _, name := range kind.Fields {
			form.has(http.StatusOK, `name="`+name+`"`)
			value := filled[name]
			if name == "to" {
				value = cmp.Or(payees[kind.Name], payees[kind.Payee])
			}
			pairs = append(pairs, name, value)
		}
		if got := o.post(path, pairs...); got.StatusCode != http.StatusOK {
			t.Errorf("%s with %q: HTTP %d %s", kind.Name, pairs, got.StatusCode, got.part(`role="alert">([^<]+)`))
		} else if got.has(http.StatusOK, "another operator has to decide on it", "<i>March</i>"); strings.Contains(got.text, "<i>March") || strings.Contains(got.text, "<b>7") {
			t.Errorf("%s shows markup", kind.Name)
		}
	}
	o.get("/organisation/initiate/bribe").has(http.StatusNotFound, "bribe can't be initiated")
}

func TestTheSecondToDecideIsTold(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	clerk := k.Control().As("clerk")
	task, err := clerk.Initiate(t.Context(), shop, control.NewTask{Task: "move", From: "working", To: "utility", Amount: "1"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := clerk.SubmitBulk(t.Context(), shop, control.NewBulk{CSV: "0708374149,10\n"})
	if err != nil {
		t.Fatal(err)
	}
	first, second := signIn(t, k, "manager"), signIn(t, k, "checker")
	for path, said := range map[string]string{fmt.Sprintf("/organisation/tasks/%d", task.ID): "it is completed, approved by manager", fmt.Sprintf("/organisation/bulk/%d", file.ID): "approved by manager"} {
		first.get(path).has(http.StatusOK, "Approve")
		second.get(path).has(http.StatusOK, "Approve")
		first.post(path+"/approve").has(http.StatusOK, "Approved.", "manager")
		second.post(path+"/approve").has(http.StatusUnprocessableEntity, "the task doesn't wait any more", said)
		second.post(path+"/reject", "reason", "too late").has(http.StatusUnprocessableEntity, "the task doesn't wait any more").hasNot("too late")
	}
	first.post("/organisation/bulk/1/approve").has(http.StatusNotFound, "600000 has no bulk file 1")
	first.post("/organisation/tasks/x/approve").has(http.StatusNotFound, "A task has a number.")
}

func TestWhoHasApprovedIsNotAskedAgain(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	if _, err := k.Control().PutApproval(t.Context(), shop, control.ApprovalPolicy{Second: control.Shillings(5)}); err != nil {
		t.Fatal(err)
	}
	file, err := k.Control().As("clerk").SubmitBulk(t.Context(), shop, control.NewBulk{CSV: "0708374149,10\n"})
	if err != nil {
		t.Fatal(err)
	}
	o := signIn(t, k, "manager")
	bulk, task := fmt.Sprintf("/organisation/bulk/%d", file.ID), fmt.Sprintf("/organisation/tasks/%d", file.ID)
	o.get(bulk).has(http.StatusOK, "It waits for you")
	o.get(task).has(http.StatusOK, "The money moves at once")
	o.post(bulk+"/approve").has(http.StatusOK, "It waits for another operator's approval.", "by manager", "another operator, until").hasNot("It waits for you")
	o.get(task).has(http.StatusOK).hasNot("The money moves at once")
}

// entries are the lines of a statement's page: paid in, withdrawn, balance.
var entries = regexp.MustCompile(`<td class="num">([\d,.-]*)</td><td class="num">([\d,.-]*)</td><td class="num">([\d,.-]*)</td></tr>`)

func TestTheBalanceRunsThroughThePagesOfAStatement(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	for i := range 120 {
		if _, err := k.Control().Pay(t.Context(), "254708374149", control.Pay{Shortcode: shop, Account: "=1+1", Amount: control.Shillings(int64(10 + i))}); err != nil {
			t.Fatal(err)
		}
	}
	o := signIn(t, k, "auditor")
	var lines [][]string // without the commas
	path := "/organisation/statement?account=utility"
	for pages := 0; path != ""; pages++ {
		if pages > 9 {
			t.Fatal("the pages don't end")
		}
		page := o.get(path).has(http.StatusOK)
		for _, found := range entries.FindAllStringSubmatch(page.text, -1) {
			for i := range found {
				if found[i] = strings.ReplaceAll(found[i], ",", ""); found[i] == "" {
					found[i] = "0"
				}
			}
			lines = append(lines, found[1:])
		}
		path = page.part(`href="([^"]+)" rel="next"`)
	}
	table, err := csv.NewReader(strings.NewReader(o.get("/organisation/statement.csv?account=utility").has(http.StatusOK).text)).ReadAll()
	if err != nil || len(table) != len(lines)+1 || len(lines) < 120 {
		t.Fatalf("the pages have %d lines, the table %d, %v", len(lines), len(table), err)
	}
	before := control.Amount(0)
	for i := len(lines) - 1; i >= 0; i-- {
		var in, out, balance control.Amount
		for j, into := range []*control.Amount{&in, &out, &balance} {
			if *into, err = control.ParseAmount(lines[i][j]); err != nil {
				t.Fatal(err)
			}
			if same, err := control.ParseAmount(table[i+1][7+j]); err != nil || same != *into {
				t.Errorf("line %d of the pages is %v, of the table %v", i, lines[i], table[i+1])
			}
		}
		if before += in - out; balance != before {
			t.Fatalf("line %d is %v after %s", i, lines[i], before)
		}
	}
	if got := table[1][5]; got != "'=1+1" {
		t.Errorf("the reference is %q in the table", got)
	}
	o.get("/organisation/statement?account=utility&search=0").has(http.StatusUnprocessableEntity, "it has to be shillings, more than 0")
	o.get("/organisation/statement?account=utility&search=11").has(http.StatusOK, "11.00", "1 entry on this page").hasNot(`rel="next"`)
}

func TestTheAuditAsATable(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	auditor := k.Control().As("auditor")
	if _, err := auditor.SubmitBulk(t.Context(), shop, control.NewBulk{Name: "=cmd|' /C calc'!A0", CSV: "0708374149,10\n"}); err == nil {
		t.Fatal("an auditor has submitted a file")
	}
	o := signIn(t, k, "auditor")
	got := o.get("/organisation/audit.csv").has(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(got.text)).ReadAll()
	if err != nil || len(rows) < 3 || rows[0][1] != "Operator" || rows[1][4] != "sign in" || rows[1][2] != "" {
		t.Fatalf("%v: %q", err, rows)
	}
	refused, err := csv.NewReader(strings.NewReader(o.get("/organisation/audit.csv?refused=on").text)).ReadAll()
	if err != nil || len(refused) != 2 || refused[1][1] != "auditor" || refused[1][2] != "control API" || refused[1][4] != "initiate bulk" || refused[1][5] != "'=cmd|' /C calc'!A0" || !strings.Contains(refused[1][6], `"initiate bulk files"`) {
		t.Errorf("%v: %q", err, refused)
	}
	if bare := regexp.MustCompile("(?m)(^|,)[\"]?[=+@]").FindString(got.text); bare != "" {
		t.Errorf("a cell begins with %q", bare)
	}
	// The sign-in was the operator's own: a program named them only for the refused request.
	o.get("/organisation/audit?refused=on").has(http.StatusOK, "by the control API")
	o.get("/organisation/audit?action=sign+in").has(http.StatusOK, "sign in").hasNot("by the control API")
	o.get("/organisation/audit?username=nobody").has(http.StatusOK, "Nothing like that was done.")
}

// A page looks through so many entries, and goes on from there; a table has all.
func TestWhatWasDoneLongAgoIsFound(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	task, err := k.Control().As("clerk").Initiate(t.Context(), shop, control.NewTask{Task: "move", From: "working", To: "utility", Amount: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Control().As("manager").Approve(t.Context(), shop, task.ID); err != nil {
		t.Fatal(err)
	}
	const refusals = 5100
	var all sync.WaitGroup
	for range 17 {
		all.Go(func() {
			for range refusals / 17 {
				if _, err := k.Control().As("clerk").Audit(t.Context(), shop, control.AuditFilter{Limit: 1}); err == nil {
					t.Error("a clerk sees the audit")
				}
			}
		})
	}
	all.Wait()
	o := signIn(t, k, "auditor")
	for path, found := range map[string]string{"tasks?list=decided": "Move Funds", "audit?action=approve": "manager"} {
		o.get("/organisation/"+path).has(http.StatusOK, found).hasNot(`rel="next"`)
	}
	for filter, lines := range map[string]int{"": refusals + 4, "?action=approve": 2} { // with the head, what was initiated and approved, and the sign-in
		rows, err := csv.NewReader(strings.NewReader(o.get("/organisation/audit.csv" + filter).has(http.StatusOK).text)).ReadAll()
		if err != nil || len(rows) != lines {
			t.Errorf("%q: %d lines, %v", filter, len(rows), err)
		}
	}
}

func TestFilesAsTheyAreUploaded(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	o := signIn(t, k, "manager")
	check := func(text, says string) {
		t.Helper()
		o.post("/organisation/bulk/new", "csv", text).has(http.StatusOK, says)
	}
	refused := func(text, says string) {
		t.Helper()
		o.post("/organisation/bulk/new", "csv", text).has(http.StatusUnprocessableEntity, says)
	}
	check("\ufeffphone;amount;remarks\r\n\r\n0722000000;100;<i>rent</i>\r\n+254722000001;50;\r\n", "every row is right")
	check("0708374149,100,caf\xe9\n", "isn't UTF-8")
	check("0708374149,\"1,000\"\n", "has a comma")
	refused("\xff\xfep\x00h\x00", "UTF-16")
	refused("0708374149,1\x00\n", "line 1 has a NUL")
	refused("", "it is missing")
}

// "Select "Move Funds from MMF Account to Utility Account"" (BusinessToPochi, FAQ 8).
func TestEachRouteBetweenOwnAccountsHasItsName(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	kinds, err := k.Control().TaskKinds(t.Context(), shop)
	if err != nil || len(kinds.Routes) < 3 {
		t.Fatalf("%+v, %v", kinds, err)
	}
	o := signIn(t, k, "manager")
	menu := o.get("/organisation/initiate").has(http.StatusOK)
	for _, r := range kinds.Routes {
		path := menu.part(`href="([^"]+)">` + r.Title + `</a>`)
		o.get(path).has(http.StatusOK, "<h1>"+r.Title+"</h1>", `name="from" value="`+string(r.From)+`"`, `name="to" value="`+string(r.To)+`"`)
		o.post("/organisation/initiate/move", "from", string(r.From), "to", string(r.To), "amount", "999999999").has(http.StatusUnprocessableEntity, "<h1>"+r.Title+"</h1>")
	}
	o.get("/organisation/initiate/move?from=utility&to=working").has(http.StatusOK, `<select id="from"`)
	o.post("/organisation/initiate/move", "from", "working", "to", "utility", "amount", "1").has(http.StatusOK, "Move Funds from MMF Account to Utility Account")
}

// "The Business Administrator … can perform bulk operations for their organization" (DarajaTutorial, B2C API), and is "not able to view
// transactions" (BusinessToPochi, various roles under the portal).
func TestAnAdministratorSubmitsABulkFile(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	o := signIn(t, k, "admin")
	o.get("/organisation/bulk").has(http.StatusOK, "New file")
	o.post("/organisation/bulk/new", "csv", "0708374149,10\n").has(http.StatusOK, "every row is right")
	o.post("/organisation/bulk", "csv", "0708374149,10\n").has(http.StatusOK, "Waits for").hasNot("It waits for you")
	o.get("/organisation/tasks").has(http.StatusForbidden)
	signIn(t, k, "auditor").get("/organisation/bulk").has(http.StatusOK).hasNot("New file")
}
