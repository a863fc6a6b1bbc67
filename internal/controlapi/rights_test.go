package controlapi_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// actions lists what an operator can ask for below their organisation's path, and the right that it takes. A body that is no good is good
// enough: whether somebody may is asked before. {task} is the number of one that waits.
var actions = []struct {
	right              portal.Right
	method, path, body string
}{
	{portal.ViewOperators, http.MethodGet, "/operators", ""},
	{portal.ViewOperators, http.MethodGet, "/operators/api", ""},
	{portal.ManageOperators, http.MethodPut, "/operators/api", `{"name":"Payouts"}`},
	{portal.ManageOperators, http.MethodPut, "/operators/new", `{}`},
	{portal.ManageOperators, http.MethodPost, "/operators/api/unlock", ""},
	{portal.ManageOperators, http.MethodPost, "/operators/api/suspend", ""},
	{portal.ManageOperators, http.MethodPost, "/operators/api/resume", ""},
	{portal.ManageOperators, http.MethodPost, "/operators/api/reset", ""},
	{portal.ManageOperators, http.MethodDelete, "/operators/api", ""},
	{portal.SetAPIPassword, http.MethodPost, "/operators/api/password", `{"password":"Safaricom999!*!"}`},
	{portal.ViewAudit, http.MethodGet, "/audit", ""},
	{portal.ViewMoney, http.MethodGet, "", ""},
	{portal.ViewMoney, http.MethodGet, "/accounts", ""},
	{portal.ViewMoney, http.MethodGet, "/statement?account=utility", ""},
	{portal.ViewMoney, http.MethodGet, "/statement.csv?account=utility", ""},
	{portal.ViewMoney, http.MethodGet, "/tariffs", ""},
	{portal.ViewMoney, http.MethodGet, "/tasks", ""},
	{portal.ViewMoney, http.MethodGet, "/tasks/kinds", ""},
	{portal.ViewMoney, http.MethodGet, "/tasks/{task}", ""},
	{portal.ViewBulk, http.MethodGet, "/bulk", ""},
	{portal.ViewBulk, http.MethodGet, "/bulk/1", ""},
	{portal.ViewBulk, http.MethodGet, "/bulk/1/rows", ""},
	{portal.ViewBulk, http.MethodGet, "/bulk/1/results.csv", ""},
	{portal.ViewMoney, http.MethodGet, "/urls", ""},
	{portal.ApproveTasks, http.MethodPost, "/tasks/{task}/approve", ""},
	{portal.ApproveTasks, http.MethodPost, "/tasks/{task}/reject", `{"reason":"no"}`},
	{portal.SetApproval, http.MethodGet, "/approval", ""},
	{portal.SetApproval, http.MethodPut, "/approval", `{"free":"1","second":"100000"}`},
	{portal.InitiateTasks, http.MethodPost, "/tasks", `{"task":"move","from":"working","to":"utility","amount":"5"}`},
	{portal.InitiateTasks, http.MethodPost, "/tasks", `{"task":"BusinessPayment","to":"254708374149","amount":"50"}`},
	{portal.InitiateTasks, http.MethodPost, "/move", `{"from":"working","to":"utility","amount":"5"}`},
	{portal.InitiateTasks, http.MethodPost, "/settle", ""},
	{portal.InitiateBank, http.MethodPost, "/withdraw", `{"amount":"10"}`},
	{portal.InitiateBank, http.MethodPost, "/tasks", `{"task":"withdraw","amount":"10"}`},
	{portal.InitiateBulk, http.MethodPost, "/bulk/check", `{"csv":"0708374149,100"}`},
	{portal.InitiateBulk, http.MethodPost, "/bulk", `{"csv":"0708374149,100"}`},
	{portal.RunKivuko, http.MethodGet, "?secrets=1", ""},
	{portal.RunKivuko, http.MethodPut, "", `{"name":"Mine"}`},
	{portal.RunKivuko, http.MethodPut, "/urls", `{"responseType":"Completed","confirmation":"http://127.0.0.1:9/c","validation":"http://127.0.0.1:9/v"}`},
	{portal.RunKivuko, http.MethodDelete, "/urls", ""},
	{portal.RunKivuko, http.MethodPost, "/deposit", `{"amount":"100"}`},
}

// A new path of the portal is added here with the right that it takes.
func TestEachPathOfAnOrganisationTakesARight(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	checked := map[string]bool{}
	for _, x := range actions {
		_, path := d.paths.Handler(httptest.NewRequest(x.method, shop+strings.ReplaceAll(x.path, "{task}", "1"), nil))
		checked[x.method+" "+path] = true
	}
	for path, methods := range controlapi.Served() {
		rest, below := strings.CutPrefix(path, "/kivuko/v1/organisations/{shortcode}")
		if !below || strings.HasPrefix(rest, "/sign-in") || strings.HasPrefix(rest, "/session") || rest == "/bulk/template.csv" {
			continue // who has signed in, and as whom, is what these find out; the template is everybody's
		}
		for _, method := range methods {
			if !checked[method+" "+path] {
				t.Errorf("%s %s is not among the actions", method, path)
			}
		}
	}
}

// hire gives the shop a web operator with some roles, past the first sign-in.
func (c caller) hire(username string, roles ...mpesa.Role) {
	c.t.Helper()
	x := &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: username}, Action: "add operator", Change: func(o *mpesa.Operator, _ bool) error {
		o.Channel, o.Roles, o.Password, o.Person = mpesa.ChannelWeb, roles, "a hash", mpesa.Person{Name: username, Phone: controltest.John}
		return nil
	}}
	c.Do(c.t, x)
}

// as sends a request on behalf of an operator.
func (c caller) as(username, method, path, body string) response {
	c.t.Helper()
	return c.with(http.Header{control.OperatorHeader: {username}}, method, path, body)
}

func TestRolesGiveWhatTheTableSays(t *testing.T) {
	c := openShop(t)
	usernames := map[mpesa.Role]string{}
	for _, role := range portal.WebRoles() {
		usernames[role.Role] = strings.ReplaceAll(strings.ToLower(string(role.Role)), " ", "-")
		c.hire(usernames[role.Role], role.Role)
	}
	task := c.initiates("njeri", `{"task":"move","from":"working","to":"utility","amount":"5"}`)
	for _, x := range actions {
		x.path = strings.ReplaceAll(x.path, "{task}", strconv.FormatInt(task.ID, 10))
		for _, role := range portal.WebRoles() {
			c.do(http.MethodPut, shop+"/operators/api", `{"roles":[]}`)
			username, may := usernames[role.Role], slices.Contains(role.Rights, x.right)
			got := c.as(username, x.method, shop+x.path, x.body)
			if may && got.status == http.StatusForbidden || !may && got.status != http.StatusForbidden {
				t.Errorf("%s, %s %q: HTTP %d, and may %v: %s", role.Role, x.method, x.path, got.status, may, got.body)
				continue
			}
			if !may {
				got.refuses(http.StatusForbidden, "forbidden", "", string(x.right))
			}
			if changed := got.status < 300 && x.method != http.MethodGet && x.path != "/bulk/check"; changed || !may {
				var log control.Page[control.AuditEntry]
				c.get(shop+"/audit?limit=1").answers(http.StatusOK, &log)
				if e := log.Items[0]; e.Username != username || may != (e.Refused == "") || e.From != "127.0.0.1" || e.Via != "control API" || e.Action == "" || !e.At.Equal(controltest.Start) {
					t.Errorf("%s, %s %q: the audit says %+v", role.Role, x.method, x.path, e)
				}
			}
		}
		if got := c.do(x.method, shop+x.path, x.body); got.status == http.StatusForbidden {
			t.Errorf("Kivuko's administrator may not %s %q: %s", x.method, x.path, got.body)
		}
	}
}

func TestWhoeverIsNoActiveOperatorMayDoNothing(t *testing.T) {
	c := start(t)
	for _, username := range []string{"suspended", "locked", "new", "removed"} {
		c.hire(username, mpesa.RoleAdministrator, mpesa.RoleManager, mpesa.RoleSetPassword)
	}
	change := func(username string, change func(*mpesa.Operator)) {
		c.Do(t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: username}, Action: "change operator",
			Change: func(o *mpesa.Operator, _ bool) error { change(o); return nil }})
	}
	change("suspended", func(o *mpesa.Operator) { o.Suspended = true })
	change("locked", func(o *mpesa.Operator) { o.Wrong = mpesa.LockAfter })
	change("new", func(o *mpesa.Operator) { o.First = true })
	c.do(http.MethodDelete, shop+"/operators/removed", "")
	c.do(http.MethodPut, shop+"/operators/api", `{"roles":["ORG B2C API initiator"],"password":"Safaricom999!*!"}`)
	for _, username := range []string{"suspended", "locked", "new", "removed", "api"} {
		for _, x := range actions {
			if strings.Contains(x.path, "{task}") {
				continue
			}
			c.as(username, x.method, shop+x.path, x.body).refuses(http.StatusForbidden, "forbidden", "", username)
		}
	}
	c.as("suspended", http.MethodGet, shop+"/operators/suspended", "").refuses(http.StatusForbidden, "forbidden", "", "is suspended")
	c.hire("nobody") // without a role
	c.as("nobody", http.MethodGet, shop+"/operators/nobody", "").answers(http.StatusOK, new(control.Operator))
	c.as("nobody", http.MethodGet, shop+"/operators/locked", "").refuses(http.StatusForbidden, "forbidden", "", "nobody")
	c.as("a b", http.MethodGet, shop+"/operators", "").refuses(http.StatusBadRequest, "bad-parameter", control.OperatorHeader, "1 to 50")
	c.hire("admin", mpesa.RoleAdministrator)
	c.as("admin", http.MethodGet, "/kivuko/v1/organisations/300584/operators", "").refuses(http.StatusForbidden, "forbidden", "", "300584 has no operator")
}

func TestAnAdministratorsLimits(t *testing.T) {
	c := start(t)
	c.hire("admin", mpesa.RoleAdministrator)
	c.hire("manager", mpesa.RoleManager, mpesa.RoleSetPassword)
	const operators = shop + "/operators/"
	c.as("admin", http.MethodPut, operators+"payer", `{"password":"Safaricom999!*!"}`).refuses(http.StatusForbidden, "forbidden", "", "doesn't give another one a password")
	c.as("admin", http.MethodDelete, operators+"admin", "").refuses(http.StatusForbidden, "forbidden", "", "can't")
	c.as("admin", http.MethodPut, operators+"admin", `{"roles":["Business Administrator","Business Manager"]}`).refuses(http.StatusForbidden, "forbidden", "", "can't")
	c.as("admin", http.MethodPost, operators+"admin/suspend", "").refuses(http.StatusForbidden, "forbidden", "", "can't")
	c.as("manager", http.MethodPost, operators+"admin/password", `{"password":"Safaricom999!*!"}`).refuses(http.StatusForbidden, "forbidden", "", "web operator")
	for _, x := range []struct{ body, field, says string }{
		{`{"channel":"web"}`, "name", "missing"},
		{`{"channel":"web","name":"Mary"}`, "phone", "one-time PINs"},
		{`{"channel":"fax"}`, "channel", "web"},
		{`{"roles":["Business Manager"]}`, "roles", "not a role of operators with this channel"},
		{`{"channel":"web","name":"Mary","phone":"0711000009","roles":["ORG B2C API initiators"]}`, "roles", "ORG B2C API initiator"},
		{`{"phone":"12"}`, "phone", "Safaricom number"},
		{`{"email":"mary"}`, "email", "address"},
		{`{"idType":"Library card"}`, "idType", "National ID"},
	} {
		c.as("admin", http.MethodPut, operators+"mary", x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	c.get(operators+"mary").refuses(http.StatusNotFound, "not-found", "", "no operator")
	var got control.Operator
	// "Operations or transactions via API given the right roles" (DarajaTutorial, B2C API).
	c.as("admin", http.MethodPut, operators+"mary", `{"channel":"web","name":"Mary","phone":"0711000009","roles":["ORG B2C API initiator"]}`).answers(http.StatusCreated, &got)
	if !slices.Equal(got.Roles, []string{"ORG B2C API initiator"}) {
		t.Errorf("it is %+v", got)
	}
	c.as("admin", http.MethodPut, operators+"payer", `{"roles":["ORG B2C API initiator"]}`).answers(http.StatusCreated, &got)
	if got.State != control.OperatorPending {
		t.Errorf("it is %+v", got)
	}
	c.as("manager", http.MethodPost, operators+"payer/password", `{"password":"Safaricom999!*!"}`).answers(http.StatusOK, &got)
	if got.State != control.OperatorActive {
		t.Errorf("it is %+v", got)
	}
	c.as("admin", http.MethodPut, operators+"payer", `{"channel":"web"}`).refuses(http.StatusBadRequest, "bad-field", "channel", "keeps it")
	for range mpesa.LockAfter {
		c.request("payer", "wrong")
	}
	if c.as("manager", http.MethodPost, operators+"payer/password", `{"password":"Safaricom999!*!"}`).answers(http.StatusOK, &got); got.State != control.OperatorLocked {
		t.Errorf("a manager has unlocked it: %+v", got)
	}
	if c.as("admin", http.MethodPost, operators+"payer/unlock", "").answers(http.StatusOK, &got); got.State != control.OperatorActive {
		t.Errorf("it is %+v", got)
	}
	if c.as("admin", http.MethodPost, operators+"payer/reset", "").answers(http.StatusOK, &got); got.State != control.OperatorPending {
		t.Errorf("it is %+v", got)
	}
}

func TestRolesAreShownAsTheRulesHaveThem(t *testing.T) {
	var got control.Roles
	start(t).get("/kivuko/v1/roles").answers(http.StatusOK, &got)
	for i, role := range portal.WebRoles() {
		if x := got.Web[i]; x.Role != string(role.Role) || x.About != role.About || len(x.Rights) != len(role.Rights) {
			t.Errorf("%s is shown as %+v", role.Role, x)
		}
	}
	for i, role := range mpesa.AllRoles() {
		x := got.API[i]
		for _, op := range mpesa.Operations() {
			if x.Role != string(role) || slices.Contains(x.Commands, op.Command) != (op.Role == role) {
				t.Errorf("%s is shown as %+v", role, x)
			}
		}
	}
	if !slices.Equal(got.Questions, portal.SecurityQuestions()) || !slices.Equal(got.IDTypes, portal.IDTypes()) || len(got.Passwords) == 0 {
		t.Errorf("got %+v", got)
	}
}

func TestAuditIsFilteredAndComesInPages(t *testing.T) {
	c := start(t)
	c.hire("admin", mpesa.RoleAdministrator)
	c.hire("clerk", mpesa.RoleWebOperator)
	for range 3 {
		c.as("admin", http.MethodPost, shop+"/operators/clerk/suspend", "")
		c.as("clerk", http.MethodGet, shop+"/audit", "")
		c.as("admin", http.MethodPost, shop+"/operators/clerk/resume", "")
	}
	all := func(query string) (list []control.AuditEntry) {
		for next := ""; ; {
			var p control.Page[control.AuditEntry]
			c.get(shop+"/audit?limit=2"+query+next).answers(http.StatusOK, &p)
			list = append(list, p.Items...)
			if p.Next == "" {
				return list
			}
			next = "&after=" + p.Next
		}
	}
	if list := all(""); len(list) != 11 || list[0].Action != "resume operator" || list[0].Subject != "clerk" || list[10].Action != "add operator" || list[10].Username != "" {
		t.Errorf("%d entries: %+v", len(list), list)
	}
	for query, want := range map[string]int{"&username=clerk": 3, "&action=suspend+operator": 3, "&refused=true": 3, "&username=admin&refused=true": 0} {
		if list := all(query); len(list) != want {
			t.Errorf("%s: %d entries, want %d", query, len(list), want)
		}
	}
	c.get(shop+"/audit?refused=maybe").refuses(http.StatusBadRequest, "bad-parameter", "refused", "true or false")
	c.get("/kivuko/v1/organisations/600123/audit").refuses(http.StatusNotFound, "not-found", "", "nobody's shortcode")
}

func TestWhatWhoeverRunsKivukoDoesToAnOrganisationIsInItsAudit(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ method, path, body string }{
		{http.MethodPut, "", `{"name":"Shop"}`},
		{http.MethodPut, "/urls", `{"responseType":"Completed","confirmation":"http://127.0.0.1:9/c","validation":"http://127.0.0.1:9/v"}`},
		{http.MethodDelete, "/urls", ""},
		{http.MethodPost, "/deposit", `{"amount":500}`},
		{http.MethodPost, "/move", `{"from":"working","to":"utility","amount":100}`},
		{http.MethodPost, "/withdraw", `{"amount":1000000}`},
		{http.MethodPost, "/settle", ""},
	} {
		c.with(http.Header{"Kivuko-From": {"192.0.2.7"}}, x.method, shop+x.path, x.body) // which anybody could write
	}
	var got control.Page[control.AuditEntry]
	c.get(shop+"/audit").answers(http.StatusOK, &got)
	slices.Reverse(got.Items)
	want := [][2]string{{"change organisation", ""}, {"register URLs", ""}, {"delete URLs", ""}, {"initiate deposit", ""}, {"initiate move", ""},
		{"initiate withdrawal", "more than"}, {"initiate settlement", ""}}
	for i, e := range got.Items {
		if i >= len(want) || e.Action != want[i][0] || !strings.Contains(e.Refused, want[i][1]) || e.Username != "" || e.From != "127.0.0.1" || e.Via != "" {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if len(got.Items) != len(want) {
		t.Errorf("%d entries, want %d", len(got.Items), len(want))
	}
}
