package main

import (
	"testing"

	"github.com/kivuko/kivuko/control"
)

func TestPhonesAreListed(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		254708374149, John Doe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		  held until   2026-11-20 12:00:20
		`, "phone", "hold", "0708374149", "20s")
	k.prints(`
		NUMBER        NAME      ANSWERS  STATE
		254705912645  Jane Roe  default  
		(there are more: --after 254705912645)
		`, "phone", "list", "--limit", "1")
	k.prints(`
		NUMBER        NAME      ANSWERS  STATE
		254708374149  John Doe  default  held until 2026-11-20 12:00:20
		`, "phone", "list", "--after", "254705912645")
	k.prints(`
		no phones
		`, "phone", "list", "--after", "0799999999")
	for _, time := range []string{"11m", "1500ms"} {
		if err := k.fails("whole seconds, such as 30s, and at most 10m", "phone", "hold", "0708374149", time); !isUsage(err) {
			t.Errorf("%v is no usage error", err)
		}
	}
}

func TestThePhonesMenu(t *testing.T) {
	k := startWorld(t)
	k.moved("phone", "pay", "0708374149", "174379", "1500", "--account", "INV-7")
	k.prints(`
		MMF Account For Customer    KES 98,490.00
		Pochi Account For Customer  KES 0.00
		`, "phone", "balance", "0708374149", "--pin", "1234")
	var s control.CustomerStatement
	if k.json(&s, "phone", "statement", "0708374149"); len(s.Movements) != 1 || s.Movements[0].Withdrawn != 1500_00 {
		t.Errorf("got %+v", s)
	}
	k.prints(`
		TIME                 RECEIPT     PAID IN  WITHDRAWN  CHARGE  BALANCE    DETAILS
		2026-11-20 12:00:00  `+s.Movements[0].Receipt+`  0.00     1,500.00   10.00   98,490.00  Pay Bill to 174379 Test Shop Acc. INV-7
		`, "phone", "statement", "0708374149")
	k.prints(`
		no movements
		`, "phone", "statement", "0705912645")
	k.prints(`
		the PIN was changed
		`, "phone", "pin", "0708374149", "4321", "--old", "1234")
	k.fails("new: it has to be another PIN", "phone", "pin", "0708374149", "4321")
	for range 3 {
		k.failsShowing(errNotShown, "failed with 2001", "phone", "balance", "0708374149", "--pin", "1234")
	}
	k.failsShowing(errNotShown, "failed with 8006", "phone", "statement", "0708374149")
	k.prints(`
		254708374149, John Doe
		  balance      KES 98,490.00
		  spent today  KES 1,500.00
		  answers      default
		  PIN          not locked
		`, "phone", "0708374149", "--unlock")
}
