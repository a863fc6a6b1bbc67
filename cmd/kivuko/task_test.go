package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// staff gives the pay bill two managers, an auditor and an administrator.
func (k terminal) staff() {
	for name, role := range map[string]mpesa.Role{"wanjiru": mpesa.RoleManager, "otieno": mpesa.RoleManager, "kip": mpesa.RoleAuditor, "amina": mpesa.RoleAdministrator} {
		k.Do(k.t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: name}, Change: func(o *mpesa.Operator, _ bool) error {
			o.Channel, o.Password, o.Roles = mpesa.ChannelWeb, "set", []mpesa.Role{role}
			return nil
		}})
	}
}

// out is what a command prints.
func (k terminal) out(args ...string) string {
	k.t.Helper()
	printed, err := k.try(args...)
	if err != nil {
		k.t.Fatalf("kivuko %s: %v", strings.Join(args, " "), err)
	}
	return printed
}

func TestTasks(t *testing.T) {
	k := startWorld(t)
	k.staff()
	k.out("org", "deposit", "174379", "500")
	k.prints("no tasks\n", "task", "list", "174379")
	var task control.Task
	k.json(&task, "org", "initiate", "174379", "move", "--as", "wanjiru", "--from", "working", "--to", "utility", "--amount", "100.50", "--remarks", "salaries")
	id := strconv.FormatInt(task.ID, 10)
	k.prints(`
		TASK    WHAT                                            AMOUNT      TO               BY       SINCE                STATE
		`+id+`  Move Funds from MMF Account to Utility Account  KES 100.50  Utility Account  wanjiru  2026-11-20 12:00:00  waits for an approval
		`, "task", "list", "174379", "--as", "kip")
	k.fails("nobody decides on their own", "task", "approve", "174379", id, "--as", "wanjiru")
	k.fails(`don't give the right "approve"`, "task", "approve", "174379", id, "--as", "kip")
	k.fails("reason: it has to be 2 to 100 characters", "task", "reject", "174379", id, "x", "--as", "otieno")
	if out := k.out("task", "approve", "174379", id, "--as", "otieno"); !strings.Contains(out, "approved by") || !strings.Contains(out, "receipt") || !strings.Contains(out, "completed") {
		t.Errorf("approving prints\n%s", out)
	}
	k.fails("it is completed, approved by otieno", "task", "reject", "174379", id, "too late", "--as", "otieno")
	k.prints("no tasks\n", "task", "list", "174379", "--initiator", "wanjiru")
	if out := k.out("task", "list", "174379", "--decided", "--initiator", "wanjiru"); !strings.Contains(out, id) {
		t.Errorf("what was decided is\n%s", out)
	}
	k.json(&task, "org", "initiate", "174379", "withdraw", "--as", "wanjiru", "--amount", "1")
	if out := k.out("task", "reject", "174379", strconv.FormatInt(task.ID, 10), "not today", "--as", "otieno"); !strings.Contains(out, "failed: rejected by otieno: not today") {
		t.Errorf("rejecting prints\n%s", out)
	}
	if out := k.out("task", "show", "174379", strconv.FormatInt(task.ID, 10)); !strings.Contains(out, "the bank") {
		t.Errorf("showing prints\n%s", out)
	}
	k.fails("amount: 4000.00 is more than the", "org", "initiate", "174379", "withdraw", "--as", "wanjiru", "--amount", "4000")
	k.fails("task: it has to be one of", "org", "initiate", "174379", "bribe")
	k.prints("needs nobody's approval  at most KES 10.00\nneeds two                above KES 1,000.00\n", "org", "approval", "174379", "--free", "10", "--second", "1000", "--as", "amina")
	k.prints("needs nobody's approval  at most KES 10.00\nneeds two                above KES 1,000.00\n", "org", "approval", "174379")
	k.prints("needs nobody's approval  nothing\n", "org", "approval", "174379", "--free", "0", "--second", "0", "--as", "amina")
	k.fails(`don't give the right "set approval"`, "org", "approval", "174379", "--free", "0", "--as", "otieno")
}

// What an operator asks for waits, and the commands say for what; what fails says so, and fails the command.
func TestWhatOperatorsAskForIsWordedAsItStands(t *testing.T) {
	k := startWorld(t)
	k.staff()
	k.out("org", "deposit", "174379", "500")
	k.Deposit(t, controltest.PayBill.Party().Account(mpesa.Utility), 500_00)
	for _, args := range [][]string{{"bulk", "submit"}, {"org", "move"}, {"org", "withdraw"}, {"org", "initiate"}, {"org", "settle"}} { // which takes the rest
		rest := map[string][]string{"move": {"working", "utility", "10"}, "withdraw": {"10"}, "initiate": {"move", "--from", "working", "--to", "utility", "--amount", "10"},
			"submit": {inFile(t, "march.csv", "0708374149,20,March\n")}}[args[1]]
		args = append(append(args, "174379"), rest...)
		if out := k.out(append(args, "--as", "wanjiru")...); !strings.Contains(out, "waits for") || !strings.Contains(out, "approval") || strings.Contains(out, "answer") {
			t.Errorf("%q prints\n%s", args, out)
		}
	}
	k.fails("more than the 470.00 in 174379 Working Account (result 1)", "org", "withdraw", "174379", "100000")
	k.fails("more than the 0.00 in 174379 Float Account (result 1)", "org", "move", "174379", "float", "working", "100000")
}

func TestStatements(t *testing.T) {
	k := startWorld(t)
	p := k.Pay(t, controltest.John, 1500, "1234")
	receipt := k.Mint.Receipt(p.ID, controltest.Start)
	k.prints(`
		Utility Account from 2026-10-21 to 2026-11-20: KES 0.00 at first, KES 1,500.00 at last
		COMPLETED            RECEIPT     DETAILS          OTHER PARTY          PAID IN       WITHDRAWN  BALANCE
		2026-11-20 12:00:00  `+receipt+`  Pay Bill Online  0708374149 John Doe  KES 1,500.00             KES 1,500.00
		`, "org", "statement", "174379", "--account", "utility")
	for _, search := range []string{"--phone=0708374149", "--amount=1500"} {
		if out := k.out("org", "statement", "174379", "--account", "utility", search); !strings.Contains(out, receipt) {
			t.Errorf("%s finds\n%s", search, out)
		}
	}
	if out := k.out("org", "statement", "174379", "--account", "utility", "--csv"); !strings.HasPrefix(out, "Entry,Completed,") || !strings.Contains(out, receipt) {
		t.Errorf("the table is\n%s", out)
	}
	k.prints(`
		ACCOUNT               COMPLETED            DETAILS                 OTHER PARTY          PAID IN       WITHDRAWN  BALANCE
		Utility Account       2026-11-20 12:00:00  Pay Bill Online         0708374149 John Doe  KES 1,500.00             KES 1,500.00
		Charges Paid Account  2026-11-20 12:00:00  Pay Bill Online Charge  M-PESA                             KES 5.00   KES -5.00
		`, "org", "statement", "174379", "--receipt", receipt)
	if err := k.fails("--csv has all of a period", "org", "statement", "174379", "--csv", "--receipt", receipt); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
	if out := k.out("org", "statement", "174379"); !strings.Contains(out, "no entries") {
		t.Errorf("Working's is\n%s", out)
	}
	k.fails("from: it has to be a day", "org", "statement", "174379", "--from", "yesterday")
	k.fails("600123 is nobody's shortcode", "org", "statement", "600123", "--csv")
	if out := k.out("org", "tariffs", "174379"); !strings.Contains(out, "Payments by customers: mgao since") || !strings.Contains(out, "5.00%, at most KES 5.00") {
		t.Errorf("the tariffs are\n%s", out)
	}
}
