package main

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestPhoneShows(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		254708374149, John Doe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		`, "phone", "0708374149")
	k.Push(t, controltest.John, 1500)
	k.prints(`
		254708374149, John Doe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		  prompt       Do you want to pay Ksh1,500.00 to Test Shop Account no. INV-7? Enter M-PESA PIN:
		               payment 100003, since 2026-11-20 12:00:00, due 2026-11-20 12:01:30
		`, "phone", "0708374149")
	k.fails("254799999999 is no customer's number", "phone", "0799999999")
	k.fails("msisdn: it has to be a Safaricom number such as", "phone", "12")
}

func TestPhoneShowsWhatIsUnusual(t *testing.T) {
	k := startWorld(t)
	for range 3 {
		k.Pay(t, controltest.John, 10, "9999")
	}
	for range 5 {
		k.Ignore(t, controltest.Jane)
	}
	k.prints(`
		254708374149, John Doe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      off
		  PIN          wrong 3 times in a row
		  unfinished   3 prompts in a row
		  limits       test-patient
		  standing     no-products
		`, "phone", "0708374149", "--standing", "no-products", "--limits", "test-patient", "--answers", "off")
	k.prints(`
		254708374149, John Doe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      off
		  PIN          locked after 3 wrong ones; --unlock forgets them, --pin sets a new one
		  unfinished   3 prompts in a row
		  standing     no-products
		`, "phone", "0708374149", "--limits", "standard")
	k.prints(`
		254705912645, Jane Roe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		  blocked      until 2026-11-21 12:07:30: too many prompts in a row came to no payment; --unblock lets them through
		`, "phone", "0705912645")
	k.prints(`
		254705912645, Jane Roe
		  balance      KES 100,000.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		`, "phone", "0705912645", "--unblock")
}

func TestPhoneChanges(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		254799999999, Jane (new)
		  balance      KES 50.00
		  spent today  KES 0.00
		  answers      cancel after 2s
		  PIN          not locked
		`, "phone", "0799999999", "--answers", "cancel", "--after", "2s", "--balance", "50", "--pin", "4321", "--name", "Jane")
	k.prints(`
		254799999999, Jane
		  balance      KES 50.00
		  spent today  KES 0.00
		  answers      default
		  PIN          not locked
		`, "phone", "0799999999", "--answers", "default", "--after", "default", "--standing", "good")
	var got control.Phone
	k.json(&got, "phone", "0799999999", "--balance", "12.5")
	want := control.Phone{MSISDN: "254799999999", Name: "Jane", Balance: 1250, Available: 1250, AfterMS: control.DefaultDelay}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPhoneRefuses(t *testing.T) {
	k := startWorld(t)
	for _, x := range []struct {
		says  string
		usage bool
		args  []string
	}{
		{"--balance 1.005: not an amount in shillings", true, []string{"--balance", "1.005"}},
		{"--after soon: it has to be a time such as 2s, at most 10m0s, or default", true, []string{"--after", "soon"}},
		{"--after 11m", true, []string{"--after", "11m"}},
		{"answers: it has to be one of", false, []string{"--answers", "maybe"}},
		{"pin: it has to be text of four digits", false, []string{"--pin", "12"}},
		{"name: it has to be text of 1 to 100 characters", false, []string{"--name", ""}},
		{"balance: it has to be shillings from 0", false, []string{"--balance=-1"}},
	} {
		if err := k.fails(x.says, append([]string{"phone", "0708374149"}, x.args...)...); isUsage(err) != x.usage {
			t.Errorf("%v: %v", x.args, err)
		}
	}
}

func TestPhoneMessages(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		2026-11-20 12:01:00  MPESA  UKK3H1Z08B Confirmed.
		2026-11-20 12:00:00  MPESA  Welcome 254708374149
		`, "phone", "0708374149", "--messages")
	var got control.Messages
	k.json(&got, "phone", "0708374149", "--messages")
	if len(got.Messages) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestASIMIsSwapped(t *testing.T) {
	k := startWorld(t)
	if out, err := k.try("phone", "0708374149", "--swap-sim"); err != nil || !strings.Contains(out, "SIM swapped") {
		t.Errorf("%v\n%s", err, out)
	}
}
