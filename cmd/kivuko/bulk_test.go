package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// inFile writes a file and gives its path.
func inFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBulkFiles(t *testing.T) {
	k := startWorld(t)
	k.Deposit(t, controltest.PayBill.Party().Account(mpesa.Utility), 1000_00)
	bad := inFile(t, "bad.csv", "phone,amount,remarks\n0708374149,100,March\n0799999999,100,\n0705912645,1e3,\n")
	const wrong = `
		LINE  COLUMN  RESULT      WHAT IS WRONG
		3             SFC_IC0003  254799999999 is no customer's number, and the strict profile registers nobody on first use
		4     amount              "1e3" is no amount in shillings with at most two decimals, such as 1500 or 1500.50
		`
	got, err := k.try("bulk", "check", "174379", bad)
	if !errors.Is(err, errBadRows) || !strings.HasPrefix(got, "LINE") || !strings.Contains(got, "KES 1,000.00") {
		t.Errorf("the check prints %s and fails with %v", got, err)
	}
	got, err = k.try("bulk", "submit", "174379", bad)
	if want := strings.TrimPrefix(strings.ReplaceAll(wrong, "\n\t\t", "\n"), "\n"); got != want || err == nil || !strings.Contains(err.Error(), "2 of 3 rows") {
		t.Errorf("submitted, it prints\n%s\nand fails with %v", got, err)
	}

	good := inFile(t, "march.csv", "0708374149,200,March\n0705912645,50.50,March\n")
	k.prints(`
		rows                  2
		total                 KES 250.50
		charges               KES 5.00
		available in Utility  KES 1,000.00
		`, "bulk", "check", "174379", good, "--command", "SalaryPayment")
	var b control.Bulk
	k.json(&b, "bulk", "submit", "174379", good, "--command", "SalaryPayment")
	k.fails("has the same rows", "bulk", "submit", "174379", good, "--command", "SalaryPayment")
	if status, _, diag := call(t.Context(), "bulk", "submit", "174379", good, "--command", "SalaryPayment", "--url", k.url); status != 1 || !strings.HasPrefix(diag, "kivuko: --again: bulk file ") {
		t.Errorf("submitted again, it ends with %d and %q", status, diag)
	}
	k.Do(t, &mpesa.PutPhone{Phone: controltest.Jane, Standing: new(mpesa.Inactive)})
	k.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: b.ID, Payer: controltest.PayBill.Party()}})
	k.prints(fmt.Sprintf(`
		file %d, march.csv
		  payments      SalaryPayment
		  state         paid, some failed
		  rows          2, 1 paid, 1 failed
		  amount        KES 250.50, KES 200.00 paid
		  charges       KES 5.00, KES 5.00 paid
		  submitted by  (Kivuko's administrator)
		`, b.ID), "bulk", "show", "--wait", "174379", fmt.Sprint(b.ID))
	k.prints(`
		LINE  PHONE         AMOUNT     REMARKS  RESULT  REASON
		2     254705912645  KES 50.50  March    2006    the account of 254705912645 is suspended
		`, "bulk", "results", "--failed", "174379", fmt.Sprint(b.ID))
	if got, err := k.try("bulk", "results", "174379", fmt.Sprint(b.ID)); err != nil || !strings.HasPrefix(got, "line,phone,amount,remarks,state,receipt,result,reason,time\r\n1,254708374149,200.00,March,completed,") {
		t.Errorf("the results are %s, %v", got, err)
	}
	k.prints(fmt.Sprintf(`
		FILE    NAME       SUBMITTED            BY                        ROWS  TOTAL       PAID  FAILED  STATE
		%d  march.csv  2026-11-20 12:00:00  (Kivuko's administrator)  2     KES 250.50  1     1       paid, some failed
		`, b.ID), "bulk", "list", "174379")
	k.prints("phone,amount,remarks,name\r\n0708374149,1500.00,March salary,John Doe\r\n254705912645,820.50,March salary,Mary Roe\r\n", "bulk", "template", "174379")
	if err := k.fails("no such file", "bulk", "check", "174379", "missing.csv"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
	k.fails("no bulk file 1", "bulk", "show", "174379", "1")
	k.staff()
	k.json(&b, "bulk", "submit", "174379", inFile(t, "april.csv", "0708374149,20,April\n"), "--as", "wanjiru")
	k.out("task", "reject", "174379", fmt.Sprint(b.ID), "not today", "--as", "otieno")
	k.failsShowing(errNothingMoved, "rejected by otieno: not today", "bulk", "show", "--wait", "174379", fmt.Sprint(b.ID))
	k.Do(t, &mpesa.PutPhone{Phone: controltest.Jane, Standing: new(mpesa.GoodStanding)})
	k.json(&b, "bulk", "submit", "174379", inFile(t, "may.csv", "0705912645,20,May\n"))
	k.Do(t, &mpesa.PutPhone{Phone: controltest.Jane, Standing: new(mpesa.Inactive)})
	k.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: b.ID, Payer: controltest.PayBill.Party()}})
	k.failsShowing(errNothingMoved, "not paid", "bulk", "show", "--wait", "174379", fmt.Sprint(b.ID))
	k.input = "0708374149,10\n"
	k.prints(`
		rows                  1
		total                 KES 10.00
		charges               KES 0.00
		available in Utility  KES 800.00
		`, "bulk", "check", "174379", "-")
}
