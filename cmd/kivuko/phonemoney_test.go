package main

import (
	"testing"

	"github.com/kivuko/kivuko/control"
)

// moved runs a command that has money moved, and gives the payment.
func (k terminal) moved(args ...string) control.Payment {
	k.t.Helper()
	var p control.Payment
	if k.json(&p, args...); p.State != "completed" || p.Receipt == "" {
		k.t.Errorf("kivuko %q: got %+v", args, p)
	}
	return p
}

// movesNothing fails the test unless the command shows a payment that failed, and fails itself.
func (k terminal) movesNothing(says string, args ...string) {
	k.t.Helper()
	k.failsShowing(errNothingMoved, says, args...)
}

func TestACustomersMoney(t *testing.T) {
	k := startWorld(t)
	p := k.moved("phone", "pay", "0708374149", "174379", "1500", "--account", "INV-7", "--pin", "1234")
	if line := came(&p); line != "payment 100003 of KES 1,500.00 to 174379 completed, receipt "+p.Receipt {
		t.Error(line)
	}
	k.moved("phone", "pay", "0708374149", "300584", "10.50")
	k.moved("phone", "send", "0708374149", "0705912645", "100")
	k.moved("phone", "send", "0708374149", "0705912645", "1000", "--pochi")
	k.moved("phone", "pochi", "0705912645", "500")
	k.moved("phone", "withdraw", "0705912645", "50")
	k.moved("phone", "deposit", "0705912645", "250000")
	k.prints(`
		254705912645, Jane Roe
		  balance          KES 350,539.00
		  business wallet  KES 493.00
		  spent today      KES 50.00
		  answers          default
		  PIN              not locked
		`, "phone", "0705912645")
	k.movesNothing("failed with 2001", "phone", "withdraw", "0708374149", "100", "--pin", "9999")
	k.movesNothing("(49.00 is less than the minimum of 50.00)", "phone", "withdraw", "0708374149", "49")
	k.fails("account: it is missing: 174379 is a pay bill", "phone", "pay", "0708374149", "174379", "10")
	k.fails("254799999999 is no customer's number", "phone", "deposit", "0799999999", "10")
	k.fails("amount: it has to be shillings, more than 0", "phone", "deposit", "0708374149", "0")
	if err := k.fails("1.005: not an amount in shillings", "phone", "deposit", "0708374149", "1.005"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
}
