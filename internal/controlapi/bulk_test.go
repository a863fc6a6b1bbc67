package controlapi_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

const bulk = shop + "/bulk"

// payday is a pay bill with KES 1,000 in Utility, two managers, an administrator and an auditor.
func payday(t *testing.T) caller {
	c := start(t)
	c.Deposit(t, controltest.PayBill.Party().Account(mpesa.Utility), 1000_00)
	for name, role := range map[string]mpesa.Role{"wanjiru": mpesa.RoleManager, "otieno": mpesa.RoleManager, "amina": mpesa.RoleAdministrator, "kip": mpesa.RoleAuditor} {
		c.Do(t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: name}, Change: func(o *mpesa.Operator, _ bool) error {
			o.Channel, o.Password, o.Roles = mpesa.ChannelWeb, "set", []mpesa.Role{role}
			return nil
		}})
	}
	return c
}

// by sends a request on behalf of an operator.
func (c caller) by(username, method, path, body string) response {
	c.t.Helper()
	return c.with(http.Header{control.OperatorHeader: {username}}, method, path, body)
}

// file is the body of a request with CSV.
func file(csv, more string) string {
	text, err := json.Marshal(csv)
	if err != nil {
		panic(err) // text can be marshalled
	}
	return fmt.Sprintf(`{"name":"march.csv","csv":%s%s}`, text, more)
}

// pay has a bulk file looked at until it has ended.
func (c caller) pay(b control.Bulk) control.Bulk {
	c.t.Helper()
	for range 10 {
		c.Do(c.t, &portal.FallDue{Due: mpesa.Due{Payment: b.ID, Payer: controltest.PayBill.Party()}})
		if c.get(fmt.Sprintf("%s/%d", bulk, b.ID)).answers(http.StatusOK, &b); b.Ended() {
			return b
		}
	}
	c.t.Fatalf("the file doesn't end: %+v", b)
	return b
}

func TestABulkFileFromItsCheckToItsResults(t *testing.T) {
	c := payday(t)
	const rows = "phone;amount;remarks\r\n0708374149;400,50;March\r\n0705912645;100;=1+1\r\n"
	var check control.BulkCheck
	c.by("wanjiru", http.MethodPost, bulk+"/check", file(rows, "")).answers(http.StatusOK, &check)
	if len(check.Problems) != 1 || check.Problems[0].Line != 2 || check.Problems[0].Column != "amount" || check.Rows != 1 {
		t.Fatalf("the check of a file with a comma in an amount: %+v", check)
	}
	fixed := strings.ReplaceAll(rows, "400,50", "400.50")
	c.by("wanjiru", http.MethodPost, bulk+"/check", file(fixed, "")).answers(http.StatusOK, &check)
	if len(check.Problems) != 0 || check.Rows != 2 || check.Total != 500_50 || check.Charges == 0 || check.Available != 1000_00 || check.Approvals != 1 || check.Refused != "" || check.Earlier != 0 {
		t.Fatalf("the check: %+v", check)
	}
	var b control.Bulk
	c.by("wanjiru", http.MethodPost, bulk, file(fixed, "")).answers(http.StatusCreated, &b)
	if b.State != "approving" || b.Held != 500_50 || b.Missing != 1 || b.Initiator != "wanjiru" || b.Charges != check.Charges || b.Name != "march.csv" {
		t.Fatalf("submitted, it is %+v", b)
	}
	c.by("otieno", http.MethodPost, bulk, file(fixed, "")).refuses(http.StatusConflict, "conflict", "again", fmt.Sprintf("bulk file %d has the same rows", b.ID))
	c.by("otieno", http.MethodPost, fmt.Sprintf("%s/tasks/%d/approve", shop, b.ID), "")
	c.Do(t, &mpesa.PutPhone{Phone: controltest.Jane, Standing: new(mpesa.Inactive)})
	if b = c.pay(b); b.State != "completed" || b.Paid != 1 || b.Failed != 1 || b.PaidAmount != 400_50 || b.Held != 0 || len(b.Approvals) != 1 || b.Approvals[0].By != "otieno" {
		t.Fatalf("paid, it is %+v", b)
	}
	var failed control.Page[control.BulkRow]
	c.get(fmt.Sprintf("%s/%d/rows?failed=true", bulk, b.ID)).answers(http.StatusOK, &failed)
	if len(failed.Items) != 1 || failed.Items[0].Line != 3 || failed.Items[0].Result != "2006" || failed.Items[0].Reason == "" || failed.Next != "" {
		t.Errorf("the failed rows: %+v", failed)
	}
	results, err := csv.NewReader(strings.NewReader(string(c.by("kip", http.MethodGet, fmt.Sprintf("%s/%d/results.csv", bulk, b.ID), "").body))).ReadAll()
	if err != nil || len(results) != 3 || results[1][1] != "254708374149" || results[1][4] != "completed" || len(results[1][5]) != 10 || results[2][3] != "'=1+1" || results[2][6] != "2006" {
		t.Errorf("the results: %q, %v", results, err)
	}
	var paid control.Payment
	c.get("/kivuko/v1/payments/"+results[1][5]).answers(http.StatusOK, &paid)
	if paid.Kind != "b2c" || paid.Amount != 400_50 || paid.Original != b.ID || paid.Initiator != "wanjiru" || paid.Description != "March" {
		t.Errorf("the payment of line 2: %+v", paid)
	}
}

func TestABulkFileWithBadRowsIsRefusedAsAWhole(t *testing.T) {
	c := payday(t)
	body := `{"rows":[{"phone":"0708374149","amount":"10"},{"phone":"0799999999","amount":"10"},{"phone":"2.547E+11","amount":"10"},{"phone":"0708374149","amount":"20"}]}`
	got := c.do(http.MethodPost, bulk, body)
	got.refuses(http.StatusUnprocessableEntity, "bad-rows", "rows", "3 of 4 rows")
	var p control.Problem
	got.answers(http.StatusUnprocessableEntity, &p)
	want := []string{"2  SFC_IC0003", "3 phone ", "4  "}
	for i, row := range p.Rows {
		if fmt.Sprint(row.Line, " ", row.Column, " ", row.Result) != want[i] || row.Detail == "" {
			t.Errorf("row %d: %+v; want %s", i, row, want[i])
		}
	}
	var list control.Page[control.Bulk]
	if c.get(bulk).answers(http.StatusOK, &list); len(list.Items) != 0 {
		t.Errorf("taken was %+v", list)
	}
}

func TestBulkFilesAreHeldToTheirFields(t *testing.T) {
	c := payday(t)
	for _, x := range []struct{ body, field, says string }{
		{`{}`, "csv", "one of them is needed"},
		{`{"csv":7}`, "csv", "text"},
		{`{"csv":""}`, "csv", "no rows"},
		{`{"csv":"phone,amount"}`, "csv", "no rows"},
		{`{"csv":"phone,remarks\n0708374149,x"}`, "csv", "no column amount"},
		{`{"csv":"PK\u0003\u0004"}`, "csv", "workbook"},
		{`{"csv":"0708374149,10","rows":[]}`, "rows", "in csv already"},
		{`{"rows":[]}`, "rows", "no rows"},
		{`{"rows":[{"phone":"0708374149"}],"command":"BusinessPayToPochi"}`, "command", "SalaryPayment"},
		{`{"rows":[{"number":"0708374149"}]}`, "rows", "unknown field"},
		{`{"rows":{"phone":"0708374149"}}`, "rows", "list"},
		{`{"rows":null}`, "rows", "no rows"},
		{`{"csv":"0708374149,10","again":"yes"}`, "again", "true or false"},
		{`{"csv":"0708374149,10","repeats":1}`, "repeats", "true or false"},
		{`{"csv":"0708374149,10","name":"` + strings.Repeat("x", 101) + `"}`, "name", "100"},
		{`{"csv":"0708374149,10","name":"a\nb"}`, "name", "one line"},
		{`{"csv":"0708374149,10","file":"x"}`, "file", "no such field"},
		{file(strings.Repeat("0708374149,10\n", 20_002), ""), "csv", "20001 lines"},
		{file(strings.Repeat("x", 4<<20+1), ""), "csv", "4 MB"},
	} {
		for _, path := range []string{bulk, bulk + "/check"} {
			c.do(http.MethodPost, path, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
		}
	}
	c.do(http.MethodPost, bulk, `{"csv":"`+strings.Repeat("x", 9<<20)+`"}`).refuses(http.StatusRequestEntityTooLarge, "body-too-large", "", "bytes")
	c.do(http.MethodPost, "/kivuko/v1/organisations/999999/bulk", `{"csv":"0708374149,10"}`).refuses(http.StatusNotFound, "not-found", "", "999999")
	c.do(http.MethodPost, bulk, `{"csv":"0708374149,1000.01"}`).refuses(http.StatusConflict, "declined", "", "1000.00")
	var check control.BulkCheck
	if c.do(http.MethodPost, bulk+"/check", `{"csv":"0708374149,1000.01"}`).answers(http.StatusOK, &check); !strings.Contains(check.Refused, "1000.00") {
		t.Errorf("the check of too much: %+v", check)
	}
	for path, says := range map[string]string{"/1": "no bulk file 1", "/1/rows": "no bulk file 1", "/1/results.csv": "no bulk file 1"} {
		c.get(bulk+path).refuses(http.StatusNotFound, "not-found", "", says)
	}
	for path, field := range map[string]string{"/x": "id", "/1/rows?after=-1": "after", "/1/rows?failed=7": "failed", "?after=0": "after", "?state=x": "state"} {
		c.get(bulk+path).refuses(http.StatusBadRequest, "bad-parameter", field, "")
	}
}

func TestWhoMayDoWhatWithBulkFiles(t *testing.T) {
	c := payday(t)
	const one = `{"csv":"0708374149,10"}`
	var b control.Bulk
	c.by("wanjiru", http.MethodPost, bulk, one).answers(http.StatusCreated, &b)
	for _, x := range []struct {
		who, method, path, body string
		may                     bool
	}{
		{"amina", http.MethodPost, bulk + "/check", one, true},
		{"amina", http.MethodPost, fmt.Sprintf("/kivuko/v1/organisations/174379/tasks/%d/approve", b.ID), "", false},
		{"kip", http.MethodPost, bulk, one, false},
		{"kip", http.MethodPost, bulk + "/check", one, false},
		{"nobody", http.MethodPost, bulk + "/check", one, false},
		{"wanjiru", http.MethodPost, bulk + "/check", one, true},
		{"amina", http.MethodGet, bulk, "", true},
		{"kip", http.MethodGet, bulk, "", true},
		{"amina", http.MethodGet, fmt.Sprintf("%s/%d", bulk, b.ID), "", true},
		{"kip", http.MethodGet, fmt.Sprintf("%s/%d", bulk, b.ID), "", true},
		{"amina", http.MethodGet, fmt.Sprintf("%s/%d/rows", bulk, b.ID), "", true},
		{"amina", http.MethodGet, fmt.Sprintf("%s/%d/results.csv", bulk, b.ID), "", true},
	} {
		if got := c.by(x.who, x.method, x.path, x.body); (got.status == http.StatusForbidden) == x.may || x.may && got.status != http.StatusOK {
			t.Errorf("%s, %s %s: HTTP %d: %s", x.who, x.method, x.path, got.status, got.body)
		}
	}
	c.get("/kivuko/v1/organisations/"+controltest.Till.String()+fmt.Sprintf("/bulk/%d", b.ID)).refuses(http.StatusNotFound, "not-found", "", "no bulk file")
}

func TestBulkFilesAndRowsComeInPages(t *testing.T) {
	c := payday(t)
	for i := range 3 {
		c.do(http.MethodPost, bulk, fmt.Sprintf(`{"csv":"phone,amount\n0708374149,1%d\n\n0705912645,10\n"}`, i)).answers(http.StatusCreated, new(control.Bulk))
	}
	var first, second control.Page[control.Bulk]
	c.get(bulk+"?limit=2").answers(http.StatusOK, &first)
	if len(first.Items) != 2 || first.Next == "" || first.Items[0].Total != 22_00 {
		t.Fatalf("the first page: %+v", first)
	}
	c.get(fmt.Sprintf("%s?limit=2&after=%s", bulk, first.Next)).answers(http.StatusOK, &second)
	if len(second.Items) != 1 || second.Next != "" || second.Items[0].Total != 20_00 {
		t.Fatalf("the second page: %+v", second)
	}
	var rows control.Page[control.BulkRow]
	path := fmt.Sprintf("%s/%d/rows?limit=1", bulk, second.Items[0].ID)
	c.get(path).answers(http.StatusOK, &rows)
	if len(rows.Items) != 1 || rows.Items[0].Line != 2 || rows.Items[0].State != "waiting" || rows.Next == "" {
		t.Fatalf("the first rows: %+v", rows)
	}
	c.get(fmt.Sprintf("%s&after=%s", path, rows.Next)).answers(http.StatusOK, &rows)
	if len(rows.Items) != 1 || rows.Items[0].Line != 4 || rows.Next != "" {
		t.Fatalf("the last rows: %+v", rows)
	}
	if got := c.get(bulk + "/template.csv"); !strings.HasPrefix(string(got.body), "phone,amount,remarks,name\r\n") {
		t.Errorf("the template is %q", got.body)
	}
	c.do(http.MethodPost, bulk+"/check", file(string(c.get(bulk+"/template.csv").body), "")).answers(http.StatusOK, new(control.BulkCheck))
}
