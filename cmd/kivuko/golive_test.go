package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

func TestAnAppGoesLive(t *testing.T) {
	k := startWorld(t)
	const key = controltest.AppKey
	k.Do(t, &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "amina"}, Change: func(o *mpesa.Operator, _ bool) error {
		o.Channel, o.Roles, o.Password = mpesa.ChannelWeb, []mpesa.Role{mpesa.RoleManager}, "hash"
		o.Person = mpesa.Person{Phone: controltest.Jane, Email: "amina@duka.example", IDType: "National ID", IDNumber: "21000001"}
		return nil
	}})
	k.fails("have not succeeded here", "golive", "tests", key, "--product", apis.LiveExpress, "--accept-terms")
	out, err := k.try("golive", "tests", key, "--product", apis.LiveExpress, "--elsewhere", "--accept-terms")
	if err != nil || !strings.Contains(out, "2 of 4, the organisation") || !strings.Contains(out, apis.LiveExpress+"  chosen") {
		t.Fatalf("%v\n%s", err, out)
	}
	k.fails("upper and lower case count", "golive", "verify", key, "174379", "Amina", "--organisation", "Test Shop")
	if out, err = k.try("golive", "verify", key, "174379", "amina", "--organisation", "Test Shop"); err != nil || !strings.Contains(out, "174379, by amina") {
		t.Fatalf("%v\n%s", err, out)
	}
	k.fails("another one can be sent in 30 seconds", "golive", "otp", key, "--resend")
	if err := k.fails("", "golive", "otp", key); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
	list, err := k.Store.Messages(t.Context(), controltest.Jane, store.Page{Limit: 1})
	if err != nil || len(list) == 0 {
		t.Fatalf("the messages are %v, %v", list, err)
	}
	if out, err = k.try("golive", "otp", key, regexp.MustCompile(`is (\d{6})\.`).FindStringSubmatch(list[0].Text)[1]); err != nil || !strings.Contains(out, "4 of 4, the products") {
		t.Fatalf("%v\n%s", err, out)
	}
	var made control.App
	k.json(&made, "golive", "apply", key)
	if !made.Production || made.Shortcode != "174379" || made.Secret == "" || made.Passkey == "" {
		t.Errorf("got %+v", made)
	}
	var g control.GoLive
	if k.json(&g, "golive", "show", key); g.ProductionApp != made.Key {
		t.Errorf("got %+v", g)
	}
	if out, err = k.try("golive", "show", key, "--csv"); err != nil || !strings.HasPrefix(out, "API,Test case,How,Expected result,Actual result,Found,When\r\n") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err = k.try("golive", "show", key); err != nil || !strings.Contains(out, "not seen  The customer cancels") || !strings.Contains(out, "the app is live") {
		t.Errorf("%v\n%s", err, out)
	}
	k.prints(key+" is back at the first step\n", "golive", "abandon", key)
}
