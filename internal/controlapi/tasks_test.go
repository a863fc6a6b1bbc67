package controlapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// newest is the newest entry of a list.
var newest = store.Page{Limit: 1}

// openShop is a world where people work for the shop, which has money in Working and Utility.
func openShop(t testing.TB) caller {
	c := start(t)
	for name, role := range map[string]mpesa.Role{"amina": mpesa.RoleAdministrator, "wanjiru": mpesa.RoleManager, "otieno": mpesa.RoleManager,
		"njeri": mpesa.RoleWebOperator, "kip": mpesa.RoleAuditor} {
		c.Do(t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: name}, Change: func(o *mpesa.Operator, _ bool) error {
			o.Channel, o.Password, o.Roles = mpesa.ChannelWeb, "set", []mpesa.Role{role}
			return nil
		}})
	}
	for _, account := range []mpesa.AccountKind{mpesa.Working, mpesa.Utility} {
		c.Do(t, &portal.DepositFromBank{Business: controltest.PayBill, To: account, Amount: money.Shillings(5000)})
	}
	return c
}

// initiates has an operator initiate a task.
func (c caller) initiates(name, body string) (task control.Task) {
	c.t.Helper()
	if name == "" { // Kivuko's administrator
		c.do(http.MethodPost, shop+"/tasks", body).answers(http.StatusCreated, &task)
		return task
	}
	c.by(name, http.MethodPost, shop+"/tasks", body).answers(http.StatusCreated, &task)
	return task
}

func (c caller) decides(name string, id int64, how, body string) response {
	c.t.Helper()
	return c.by(name, http.MethodPost, fmt.Sprintf("%s/tasks/%d/%s", shop, id, how), body)
}

func TestTaskWaitsForAnotherOperator(t *testing.T) {
	c := openShop(t)
	task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":"100.50","remarks":"for salaries"}`)
	want := control.Task{ID: task.ID, Task: "move", Title: "Move Funds from MMF Account to Utility Account", State: "approving", Amount: 100_50, From: "Working Account", To: "Utility Account",
		Remarks: "for salaries", Initiator: "njeri", Missing: 1}
	if task.Held[0] != (control.Funds{Account: "Working Account", Amount: 100_50}) || len(task.Held) != 1 || task.Expires.Sub(task.Since.Time).Hours() != 7*24 {
		t.Errorf("it waits as %+v", task)
	}
	got := task
	got.Held, got.Approvals, got.Since, got.Expires = nil, nil, control.Time{}, control.Time{}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var accounts control.Accounts
	c.by("kip", http.MethodGet, shop+"/accounts", "").answers(http.StatusOK, &accounts)
	if a := accounts.Accounts[0]; a != (control.Account{Name: "Working Account", Current: 5000_00, Available: 4899_50, Reserved: 100_50}) || len(accounts.Accounts) != 5 {
		t.Errorf("the accounts are %+v", accounts)
	}
	c.decides("njeri", task.ID, "approve", "").refuses(http.StatusForbidden, "forbidden", "", "approve")
	var tasks control.Page[control.Task]
	c.by("wanjiru", http.MethodGet, shop+"/tasks", "").answers(http.StatusOK, &tasks)
	if len(tasks.Items) != 1 || tasks.Items[0].ID != task.ID || tasks.Next != "" {
		t.Errorf("what waits is %+v", tasks)
	}
	c.decides("wanjiru", task.ID, "approve", "").answers(http.StatusOK, &task)
	if task.State != "completed" || task.Receipt == "" || task.Missing != 0 || task.Approvals[0].By != "wanjiru" {
		t.Errorf("it ended as %+v", task)
	}
	c.decides("otieno", task.ID, "reject", `{"reason":"too late"}`).refuses(http.StatusConflict, "conflict", "", "it is completed, approved by wanjiru")
	if got := c.account("Utility Account"); got != 5100_50 {
		t.Errorf("Utility holds %s", got)
	}
	c.by("kip", http.MethodGet, shop+"/tasks?state=decided", "").answers(http.StatusOK, &tasks)
	if len(tasks.Items) != 1 || tasks.Items[0].Receipt != task.Receipt {
		t.Errorf("what was decided is %+v", tasks)
	}
}

func TestEveryKindOfTask(t *testing.T) {
	c := openShop(t)
	receipt := func(p mpesa.Payment) string {
		var shown control.Payment
		c.get(fmt.Sprintf("/kivuko/v1/payments/%d", p.ID)).answers(http.StatusOK, &shown)
		return shown.Receipt
	}
	paid := receipt(c.Pay(t, controltest.John, 1500, "1234"))
	payout := c.initiates("", `{"task":"BusinessPayment","to":"0708374149","amount":"50"}`)
	for name, test := range map[string]struct {
		body string
		want control.Task
	}{
		"BusinessPayment":     {`,"to":"0708 374 149","amount":50`, control.Task{Title: "Business Payment to Customer", Amount: 50_00, From: "Utility Account", To: "0708374149 John Doe"}},
		"SalaryPayment":       {`,"to":"254705912645","amount":50`, control.Task{Title: "Salary Payment", Amount: 50_00, From: "Utility Account", To: "0705912645 Jane Roe"}},
		"PromotionPayment":    {`,"to":"254705912645","amount":50`, control.Task{Title: "Promotion Payment", Amount: 50_00, From: "Utility Account", To: "0705912645 Jane Roe"}},
		"BusinessPayToPochi":  {`,"to":"254705912645","amount":50`, control.Task{Title: "Business Pay to Pochi", Amount: 50_00, From: "Utility Account", To: "0705912645 Jane Roe"}},
		"BusinessBuyGoods":    {`,"to":"300584","amount":50`, control.Task{Title: "Business Buy Goods", Amount: 50_00, From: "Working Account", To: "300584 "}},
		"move":                {`,"from":"working","to":"utility","amount":50`, control.Task{Title: "Move Funds from MMF Account to Utility Account", Amount: 50_00, From: "Working Account", To: "Utility Account"}},
		"settle":              {``, control.Task{Title: "Revenue Settlement", From: "Utility Account and Merchant Account", To: "Working Account"}},
		"TransactionReversal": {`,"receipt":"` + strings.ToLower(paid) + `"`, control.Task{Title: "Transaction Reversal", Amount: 1500_00, From: "174379 ", To: "0708374149 John Doe", Original: paid}},
	} {
		task := c.initiates("wanjiru", `{"task":"`+name+`"`+test.body+`}`)
		if task.Task != name || task.Title != test.want.Title || test.want.Amount != 0 && task.Amount != test.want.Amount || task.From != test.want.From && !strings.HasPrefix(task.From, "174379 ") ||
			!strings.HasPrefix(task.To, test.want.To) || task.Original != test.want.Original || task.State != "approving" {
			t.Errorf("%s waits as %+v", name, task)
		}
		c.decides("otieno", task.ID, "reject", `{"reason":"only a test"}`).answers(http.StatusOK, &task)
		if task.State != "failed" || task.Reason != "rejected by otieno: only a test" || task.Result != "1032" {
			t.Errorf("%s ended as %+v", name, task)
		}
	}
	back := c.initiates("wanjiru", `{"task":"TransactionReversal","receipt":"`+payout.Receipt+`"}`)
	if back.From != "0708374149 John Doe" || !strings.HasPrefix(back.To, "174379 ") || back.Amount != 50_00 {
		t.Errorf("a payout is taken back as %+v", back)
	}
	c.do(http.MethodPost, shop+"/settle", "").paid("completed", "0", "")
	out := c.initiates("wanjiru", `{"task":"withdraw","amount":10}`)
	if out.To != "the bank" || out.Title != "Withdrawal of Funds to Bank" {
		t.Errorf("a withdrawal waits as %+v", out)
	}
}

func TestTheOldWaysWaitForAnApprovalToo(t *testing.T) {
	c := openShop(t)
	c.by("wanjiru", http.MethodPost, shop+"/settle", "").paid("approving", "", "")
	c.by("wanjiru", http.MethodPost, shop+"/move", `{"from":"working","to":"utility","amount":10}`).paid("approving", "", "")
	c.by("wanjiru", http.MethodPost, shop+"/withdraw", `{"amount":10}`).paid("approving", "", "")
	c.by("njeri", http.MethodPost, shop+"/withdraw", `{"amount":10}`).refuses(http.StatusForbidden, "forbidden", "", `the right "withdraw"`)
	c.by("wanjiru", http.MethodPost, shop+"/withdraw", `{"amount":5000}`).refuses(http.StatusConflict, "declined", "amount", "more than the 4980.00")
}

// What forbids a task is told at the field that is to blame.
func TestDeclinedTaskNamesItsField(t *testing.T) {
	c := openShop(t)
	c.Pay(t, controltest.John, 1500, "1234")
	var reversed control.Payment
	c.get(fmt.Sprintf("/kivuko/v1/payments/%d", c.Pay(t, controltest.Jane, 700, "1234").ID)).answers(http.StatusOK, &reversed)
	c.initiates("", `{"task":"TransactionReversal","receipt":"`+reversed.Receipt+`"}`)
	for body, want := range map[string][2]string{
		`{"task":"BusinessPayment","to":"254708374149","amount":9}`:                             {"amount", "minimum of 10.00 (result 2)"},
		`{"task":"BusinessPayment","to":"254708374149","amount":9000}`:                          {"amount", "(result 1)"},
		`{"task":"BusinessPayment","to":"254799999999","amount":90}`:                            {"to", "(result SFC_IC0003)"},
		`{"task":"BusinessPayBill","to":"600123","amount":90,"account":"7"}`:                    {"to", "nobody's shortcode"},
		`{"task":"BusinessPayBill","to":"300584","amount":90,"account":"7"}`:                    {"to", "(result 2028)"},
		`{"task":"move","from":"working","to":"utility","amount":"5000.01"}`:                    {"amount", "5000.01 is more than the 5000.00"},
		`{"task":"withdraw","amount":1}`:                                                        {"", "owes"},
		`{"task":"TransactionReversal","receipt":"` + reversed.Receipt + `","remarks":"again"}`: {"receipt", "was reversed by"},
	} {
		c.by("wanjiru", http.MethodPost, shop+"/tasks", body).refuses(http.StatusConflict, "declined", want[0], want[1])
	}
	c.Do(t, &portal.ChangeOrganisation{Shortcode: controltest.PayBill, Change: func(o *mpesa.Organisation, _ bool) error {
		o.Standing = mpesa.Suspended
		return nil
	}})
	c.by("wanjiru", http.MethodPost, shop+"/tasks", `{"task":"BusinessPayment","to":"254708374149","amount":50}`).refuses(http.StatusConflict, "declined", "", "suspended (result 11)")
	var waiting control.Page[control.Task]
	if c.get(shop+"/tasks").answers(http.StatusOK, &waiting); len(waiting.Items) != 0 {
		t.Errorf("what was declined waits: %+v", waiting)
	}
}

func TestBadTasks(t *testing.T) {
	c := openShop(t)
	for body, want := range map[string][2]string{
		`{}`:               {"task", "missing"},
		`{"task":7}`:       {"task", `"BusinessPayment"`},
		`{"task":"bribe"}`: {"task", `"settle" "withdraw"`},
		`{"task":"move","from":"working","to":"utility"}`:                                 {"amount", "move needs [from to amount]"},
		`{"task":"move","from":"merchant","to":"utility","amount":1}`:                     {"to", "no money moves from merchant to utility"},
		`{"task":"move","from":"charges","to":"utility","amount":1}`:                      {"from", "one of"},
		`{"task":"withdraw","amount":0}`:                                                  {"amount", "more than 0"},
		`{"task":"withdraw","amount":"1,000"}`:                                            {"amount", "shillings"},
		`{"task":"withdraw","amount":1,"to":"me"}`:                                        {"to", "withdraw has no such field; it has [amount remarks]"},
		`{"task":"withdraw","amount":1,"remarks":"x"}`:                                    {"remarks", "2 to 100 characters"},
		`{"task":"withdraw","amount":1,"remarks":"a\nb"}`:                                 {"remarks", "on one line"},
		`{"task":"withdraw","amount":1,"pin":"1234"}`:                                     {"pin", "no such field"},
		`{"task":"BusinessPayment","to":"12","amount":10}`:                                {"to", "Safaricom number"},
		`{"task":"BusinessPayment","to":254708374149,"amount":10}`:                        {"to", "text"},
		`{"task":"BusinessPayBill","to":"12","amount":10,"account":"7"}`:                  {"to", "five to seven digits"},
		`{"task":"BusinessPayBill","to":"300584","amount":10}`:                            {"account", "missing"},
		`{"task":"BusinessPayBill","to":"300584","amount":10,"account":"12345678901234"}`: {"account", "1 to 13"},
		`{"task":"PayTaxToKRA","amount":10}`:                                              {"account", "missing"},
		`{"task":"TransactionReversal","receipt":"NOSUCHONE1"}`:                           {"receipt", `no payment has the receipt "NOSUCHONE1"`},
		`{"task":"TransactionReversal"}`:                                                  {"receipt", "missing"},
	} {
		c.by("wanjiru", http.MethodPost, shop+"/tasks", body).refuses(http.StatusBadRequest, "bad-field", want[0], want[1])
	}
	for path, says := range map[string]string{"?state=all": "waiting or decided", "?limit=0": "from 1", "?after=x": "whole number", "?initiator=a b": "letters", "?offset=1": "no such parameter"} {
		name := strings.Trim(path[:strings.Index(path, "=")], "?")
		c.get(shop+"/tasks"+strings.ReplaceAll(path, " ", "%20")).refuses(http.StatusBadRequest, "bad-parameter", name, says)
	}
	c.get("/kivuko/v1/organisations/600123/tasks").refuses(http.StatusNotFound, "not-found", "", "nobody's")
	c.get(shop+"/tasks/7").refuses(http.StatusNotFound, "not-found", "", "174379 has no task 7")
	c.get(shop+"/tasks/x").refuses(http.StatusBadRequest, "bad-parameter", "id", "whole number")
	c.decides("wanjiru", 7, "approve", "").refuses(http.StatusNotFound, "not-found", "", "no task 7")
	c.decides("wanjiru", 7, "reject", `{}`).refuses(http.StatusBadRequest, "bad-field", "reason", "missing")
	c.decides("wanjiru", 7, "reject", `{"reason":"x"}`).refuses(http.StatusBadRequest, "bad-field", "reason", "2 to 100")
	c.decides("wanjiru", c.Pay(t, controltest.John, 10, "1234").ID, "approve", "").refuses(http.StatusNotFound, "not-found", "", "has no task")
}

// The whole of it by role: what one may not see or do is refused by the core, and is in the audit.
func TestRolesByWhatTheyMayAskFor(t *testing.T) {
	c := openShop(t)
	task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":1}`)
	asks := map[string]func(name string) response{
		"accounts":  func(name string) response { return c.by(name, http.MethodGet, shop+"/accounts", "") },
		"statement": func(name string) response { return c.by(name, http.MethodGet, shop+"/statement", "") },
		"csv":       func(name string) response { return c.by(name, http.MethodGet, shop+"/statement.csv", "") },
		"tasks":     func(name string) response { return c.by(name, http.MethodGet, shop+"/tasks", "") },
		"task": func(name string) response {
			return c.by(name, http.MethodGet, fmt.Sprintf("%s/tasks/%d", shop, task.ID), "")
		},
		"kinds":   func(name string) response { return c.by(name, http.MethodGet, shop+"/tasks/kinds", "") },
		"tariffs": func(name string) response { return c.by(name, http.MethodGet, shop+"/tariffs", "") },
		"initiate": func(name string) response {
			return c.by(name, http.MethodPost, shop+"/tasks", `{"task":"move","from":"working","to":"utility","amount":1}`)
		},
		"withdraw": func(name string) response {
			return c.by(name, http.MethodPost, shop+"/tasks", `{"task":"withdraw","amount":1}`)
		},
		"policy": func(name string) response { return c.by(name, http.MethodPut, shop+"/approval", `{"free":0}`) },
		"approve": func(name string) response {
			return c.decides(name, c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":1}`).ID, "approve", "")
		},
	}
	see := []string{"accounts", "statement", "csv", "tasks", "task", "kinds", "tariffs"}
	may := map[string][]string{
		"amina": {"policy"}, "wanjiru": append([]string{"initiate", "withdraw", "approve"}, see...), "njeri": append([]string{"initiate"}, see...), "kip": see, "ghost": {},
	}
	for name, allowed := range may {
		for what, ask := range asks {
			got, permitted := ask(name), false
			for _, a := range allowed {
				permitted = permitted || a == what
			}
			if permitted != (got.status < 300) || !permitted && got.status != http.StatusForbidden {
				t.Errorf("%s asks for %s and gets HTTP %d: %s", name, what, got.status, got.body)
			}
			if permitted {
				continue
			}
			audit, err := c.Store.Audit(t.Context(), controltest.PayBill, newest)
			if err != nil || len(audit) != 1 || audit[0].Username != name || audit[0].Refused == "" {
				t.Errorf("%s asked for %s; the audit says %+v: %v", name, what, audit, err)
			}
		}
	}
}

func TestTwoWhoDecideAtTheSameMoment(t *testing.T) {
	c := openShop(t)
	for range 20 {
		task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":1}`)
		answers := make([]int, 2)
		var both sync.WaitGroup
		for i, name := range []string{"wanjiru", "otieno"} {
			both.Go(func() {
				r := httptest.NewRequest(http.MethodPost, fmt.Sprintf("http://127.0.0.1:7070%s/tasks/%d/approve", shop, task.ID), nil)
				r.RemoteAddr = "127.0.0.1:50000"
				r.Header.Set(control.OperatorHeader, name)
				w := httptest.NewRecorder()
				c.Handler.ServeHTTP(w, r)
				answers[i] = w.Code
			})
		}
		both.Wait()
		if answers[0]+answers[1] != http.StatusOK+http.StatusConflict {
			t.Fatalf("they were answered %v", answers)
		}
	}
}

func TestApprovalPolicy(t *testing.T) {
	c := openShop(t)
	var p control.ApprovalPolicy
	c.by("amina", http.MethodPut, shop+"/approval", `{"free":"10","second":1000}`).answers(http.StatusOK, &p)
	c.get(shop+"/approval").answers(http.StatusOK, &p)
	if p != (control.ApprovalPolicy{Free: 10_00, Second: 1000_00}) {
		t.Errorf("got %+v", p)
	}
	if task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":10}`); task.State != "completed" {
		t.Errorf("a small one is %s", task.State)
	}
	if task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":1001}`); task.Missing != 2 {
		t.Errorf("a large one waits for %d", task.Missing)
	}
	c.by("amina", http.MethodPut, shop+"/approval", `{"second":5}`).refuses(http.StatusBadRequest, "bad-field", "second", "may not be below")
	c.by("amina", http.MethodPut, shop+"/approval", `{"free":-1}`).refuses(http.StatusBadRequest, "bad-field", "free", "shillings")
	c.by("amina", http.MethodPut, shop+"/approval", `{"free":"all"}`).refuses(http.StatusBadRequest, "bad-field", "free", "shillings")
	c.by("amina", http.MethodPut, "/kivuko/v1/organisations/600123/approval", `{}`).refuses(http.StatusNotFound, "not-found", "", "nobody's")
}

func TestTaskKindsAreThoseOfTheOrganisation(t *testing.T) {
	c := openShop(t)
	c.Pay(t, controltest.John, 1500, "1234")
	var k control.TaskKinds
	c.get(shop+"/tasks/kinds").answers(http.StatusOK, &k)
	if k.Revenue != (control.Revenue{Amount: 6500_00, Clears: 5_00, Working: 6495_00}) {
		t.Errorf("the revenue is %+v", k.Revenue)
	}
	all := len(k.Kinds)
	c.Do(t, &portal.ChangeOrganisation{Shortcode: controltest.PayBill, Change: func(o *mpesa.Organisation, _ bool) error {
		o.Products = []mpesa.Product{mpesa.ProductC2B, mpesa.ProductB2C}
		return nil
	}})
	c.get(shop+"/tasks/kinds").answers(http.StatusOK, &k)
	names := ""
	for _, kind := range k.Kinds {
		names += kind.Name + " "
	}
	if names != "SalaryPayment BusinessPayment PromotionPayment move settle withdraw " || all < 12 {
		t.Errorf("without other products there are %s; with all %d", names, all)
	}
	c.by("wanjiru", http.MethodPost, shop+"/tasks", `{"task":"TransactionReversal","receipt":"X"}`).refuses(http.StatusBadRequest, "bad-field", "task", "one of")
}

func TestDecidedTasksComeInPages(t *testing.T) {
	c := openShop(t)
	var ids []int64
	for i := range 5 {
		name := []string{"wanjiru", "otieno"}[i%2]
		ids = append(ids, c.initiates(name, `{"task":"move","from":"working","to":"utility","amount":1}`).ID)
		c.decides([]string{"otieno", "wanjiru"}[i%2], ids[i], "approve", "")
	}
	c.initiates("wanjiru", `{"task":"settle"}`) // waits
	var got []int64
	for before := ""; ; {
		var page control.Page[control.Task]
		c.get(shop+"/tasks?state=decided&limit=2"+before).answers(http.StatusOK, &page)
		for _, task := range page.Items {
			got = append(got, task.ID)
		}
		if page.Next == "" {
			break
		}
		before = fmt.Sprintf("&after=%s", page.Next)
	}
	if fmt.Sprint(got) != fmt.Sprint([]int64{ids[4], ids[3], ids[2], ids[1], ids[0]}) {
		t.Errorf("got %v of %v", got, ids)
	}
	var own control.Page[control.Task]
	if c.get(shop+"/tasks?state=decided&limit=5").answers(http.StatusOK, &own); len(own.Items) != 5 || own.Next != "" {
		t.Errorf("all five go on at %v", own.Next)
	}
	c.get(shop+"/tasks?state=decided&initiator=otieno").answers(http.StatusOK, &own)
	if len(own.Items) != 2 || own.Items[0].ID != ids[3] {
		t.Errorf("otieno's are %+v", own.Items)
	}
	c.get(shop+"/tasks?initiator=otieno").answers(http.StatusOK, &own)
	if len(own.Items) != 0 {
		t.Errorf("of otieno's wait %+v", own.Items)
	}
}

func TestWaitingTasksComeInPages(t *testing.T) {
	c := openShop(t)
	oldest := c.initiates("otieno", `{"task":"move","from":"working","to":"utility","amount":1}`)
	for range 1000 { // as many as are read at once
		c.Do(t, &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "njeri"}},
			Asked: mpesa.MoveTask(controltest.PayBill, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, money.Shillings(1))})
	}
	var first, second, own control.Page[control.Task]
	c.get(shop+"/tasks?limit=1000").answers(http.StatusOK, &first)
	if len(first.Items) != 1000 || first.Next == "" {
		t.Fatalf("the first page has %d tasks and goes on at %v", len(first.Items), first.Next)
	}
	c.get(fmt.Sprintf("%s/tasks?limit=1000&after=%s", shop, first.Next)).answers(http.StatusOK, &second)
	if len(second.Items) != 1 || second.Items[0].ID != oldest.ID || second.Next != "" {
		t.Errorf("the second page is %+v", second)
	}
	c.get(shop+"/tasks?initiator=otieno").answers(http.StatusOK, &own)
	if len(own.Items) != 1 || own.Items[0].ID != oldest.ID || own.Next != "" {
		t.Errorf("otieno's are %+v", own)
	}
}
