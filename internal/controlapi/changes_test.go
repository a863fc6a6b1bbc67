package controlapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

// inNoAudit are the operations that are no GET and leave no entry in the installation's audit, with the reason.
var inNoAudit = map[string]string{
	"POST phones/{msisdn}/hold":           "who holds a phone is a matter of seconds",
	"POST phones/{msisdn}/balance":        "a customer asks; it is an SMS",
	"POST phones/{msisdn}/statement":      "a customer asks; it is an SMS",
	"POST phones/{msisdn}/pin":            "a customer does it, who knows the old PIN; it is an SMS",
	"POST phones/{msisdn}/answer":         "a customer does it; it is in the books",
	"POST phones/{msisdn}/pay":            "a customer does it; it is in the books",
	"POST phones/{msisdn}/send":           "a customer does it; it is in the books",
	"POST phones/{msisdn}/withdraw":       "a customer does it; it is in the books",
	"POST phones/{msisdn}/deposit":        "a customer does it; it is in the books",
	"POST phones/{msisdn}/pochi":          "a customer does it; it is in the books",
	"POST credentials/encrypt":            "it changes nothing",
	"POST credentials/check":              "it changes nothing",
	"POST simulator":                      "the journal has it",
	"POST catalogue/try":                  "the journal has it",
	"POST callbacks/test":                 "it changes nothing",
	"POST apps/{key}/golive/verification": "an operator does it; it is in the organisation's audit",
	"POST apps/{key}/golive/otp":          "an operator does it; it is in the organisation's audit",
	"POST apps/{key}/golive/otp/resend":   "an operator does it; it is an SMS",
	"POST apps/{key}/golive/products":     "an operator does it; it is in the organisation's audit",
}

func TestEveryChangeIsAudited(t *testing.T) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var described struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &described); err != nil {
		t.Fatal(err)
	}
	for path, methods := range described.Paths {
		for method := range methods {
			method = strings.ToUpper(method)
			operation := method + " " + strings.TrimPrefix(path, control.Root)
			if !slices.Contains([]string{"POST", "PUT", "DELETE"}, method) || strings.Contains(operation, "organisations/{shortcode}") { // whose audit has it: see the rules' tests
				continue
			}
			if noted, reason := controlapi.Noted(operation), inNoAudit[operation]; noted == (reason != "") {
				t.Errorf("%s: in the audit: %t; the reason for not being there: %q", operation, noted, reason)
			}
		}
	}
}

func TestTheInstallationsAudit(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	c.do(http.MethodPut, "/kivuko/v1/apps/mine", `{"name":"Mine","consumerSecret":"s3cret"}`)
	c.do(http.MethodPut, "/kivuko/v1/apps/mine", `{"consumerSecret":"!"}`) // is refused
	c.do(http.MethodPost, "/kivuko/v1/apps/mine/rotate", "")
	c.do(http.MethodPost, "/kivuko/v1/apps/nobodys/rotate", "")
	c.get("/kivuko/v1/apps/mine")
	c.get("/kivuko/v1/apps/mine?secrets=1")
	c.do(http.MethodPut, johns, `{"balance":5}`)
	c.do(http.MethodPost, fmt.Sprintf("/kivuko/v1/callbacks/%d/resend", p.ID*16), "")
	c.do(http.MethodPost, "/kivuko/v1/clock/advance", `{"by":"1s"}`)
	c.do(http.MethodDelete, "/kivuko/v1/apps/mine", "")
	c.do(http.MethodDelete, "/kivuko/v1/apps/mine", "")
	var list control.Page[control.AuditEntry]
	c.get("/kivuko/v1/audit").answers(http.StatusOK, &list)
	var got []string
	for _, e := range list.Items {
		got = append(got, strings.TrimSpace(e.Action+" "+e.Subject))
		if e.From == "" || e.Username != "" || e.Refused != "" || e.At.IsZero() {
			t.Errorf("the entry is %+v", e)
		}
	}
	slices.Reverse(got)
	want := []string{"change app mine (name, consumerSecret)", "rotate secret mine", "show secret mine", "change phone 254708374149 (balance)",
		fmt.Sprintf("resend callback %d", p.ID*16), "advance clock (by)", "delete app mine"}
	if !slices.Equal(got, want) {
		t.Errorf("the audit has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c.get("/kivuko/v1/audit?action=rotate%20secret").answers(http.StatusOK, &list)
	if len(list.Items) != 1 {
		t.Errorf("one secret was rotated, but %+v", list.Items)
	}
}
