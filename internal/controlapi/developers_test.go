package controlapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/journal"
)

func TestACallbackURLIsTried(t *testing.T) {
	var asked []string
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "<b>short and stout</b>")
	}))
	defer merchant.Close()
	c := start(t)
	var got control.CallbackTest
	c.do(http.MethodPost, "/kivuko/v1/callbacks/test", `{"url":"`+merchant.URL+`/sql"}`).answers(http.StatusOK, &got)
	if len(asked) != 1 || asked[0] != "POST /sql" || got.Answer == nil || got.Answer.Status != http.StatusTeapot || got.Answer.Text != "<b>short and stout</b>" ||
		len(got.Connections) != 1 || got.Connections[0].Error != "" || len(got.Addresses) != 1 || got.Addresses[0].Public {
		t.Errorf("asked were %v; got %+v", asked, got)
	}
	sandbox, strict := got.Verdicts[0], got.Verdicts[1]
	if !sandbox.Taken || !sandbox.Runs || len(sandbox.Problems) != 1 || !strings.Contains(sandbox.Problems[0], "418") {
		t.Errorf("the sandbox says %+v", sandbox)
	}
	if strict.Taken || strict.Runs || !strings.Contains(strict.Reason, "https only") || len(strict.Problems) != 2 {
		t.Errorf("the strict profile says %+v", strict)
	}
	c.do(http.MethodPost, "/kivuko/v1/callbacks/test", `{"url":"ftp://x"}`).answers(http.StatusOK, &got)
	if got.Verdicts[0].Taken || got.Verdicts[0].Reason == "" {
		t.Errorf("of another scheme it says %+v", got.Verdicts[0])
	}
	c.do(http.MethodPost, "/kivuko/v1/callbacks/test", `{"url":""}`).refuses(http.StatusBadRequest, "bad-field", "url", "https://example.com")
	c.do(http.MethodPost, "/kivuko/v1/callbacks/test", `{}`).refuses(http.StatusBadRequest, "bad-field", "url", "missing")
}

func TestTheStrictProfileTriesNoPrivateAddress(t *testing.T) {
	merchant := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	defer merchant.Close()
	c := start(t, func(o *controlapi.Options) { o.Prober.PublicOnly = true })
	var got control.CallbackTest
	c.do(http.MethodPost, "/kivuko/v1/callbacks/test", `{"url":"`+merchant.URL+`"}`).answers(http.StatusOK, &got)
	if !strings.Contains(got.Error, "private address") || got.Answer != nil {
		t.Errorf("got %+v", got)
	}
	if sandbox := got.Verdicts[0]; !sandbox.Taken || !sandbox.Untried || len(sandbox.Problems) > 0 {
		t.Errorf("of the sandbox, which would connect, it says %+v", sandbox)
	}
	if strict := got.Verdicts[1]; strict.Taken || strict.Untried || len(strict.Problems) != 1 {
		t.Errorf("of the strict profile it says %+v", strict)
	}
}

func TestRegisteredURLsAreListed(t *testing.T) {
	c := start(t)
	var got control.Page[control.Registration]
	c.get("/kivuko/v1/urls").answers(http.StatusOK, &got)
	if len(got.Items) != 0 || got.Next != "" {
		t.Errorf("got %+v", got)
	}
	for _, s := range []string{controltest.Till.String(), controltest.PayBill.String()} {
		c.do(http.MethodPut, "/kivuko/v1/organisations/"+s+"/urls", `{"responseType":"Completed","confirmation":"http://127.0.0.1/c","validation":"http://127.0.0.1/v"}`).answers(http.StatusOK, new(control.URLs))
	}
	c.get("/kivuko/v1/urls?limit=1").answers(http.StatusOK, &got)
	if len(got.Items) != 1 || got.Items[0].Shortcode != "174379" || got.Items[0].Name != "Test Shop" || got.Next == "" {
		t.Fatalf("got %+v", got)
	}
	var second control.Page[control.Registration]
	c.get("/kivuko/v1/urls?after="+got.Next).answers(http.StatusOK, &second)
	if len(second.Items) != 1 || second.Items[0].Shortcode != "300584" || second.Next != "" || second.Items[0].URLs.Confirmation != "http://127.0.0.1/c" {
		t.Errorf("got %+v", second)
	}
}

func TestUsageOfAnApp(t *testing.T) {
	c := start(t)
	c.Journal.Add(journal.Entry{At: controltest.Start, App: controltest.AppKey, API: "stkpush", Status: 200, Took: time.Millisecond})
	c.Journal.Add(journal.Entry{At: controltest.Start, App: controltest.AppKey, API: "stkpush", Status: 400, Code: "400.002.02"})
	var got control.Usage
	c.get("/kivuko/v1/apps/"+controltest.AppKey+"/usage").answers(http.StatusOK, &got)
	if got.Total.Requests != 2 || got.Total.Refused != 1 || got.Total.Errors["400.002.02"] != 1 || len(got.Points) != 60 || len(got.APIs) != 1 || got.APIs[0].API != "stkpush" {
		t.Errorf("got %+v", got)
	}
	c.get("/kivuko/v1/apps/"+controltest.AppKey+"/usage?minutes=360").answers(http.StatusOK, &got)
	if len(got.Points) != 60 || got.StepMinutes != 6 {
		t.Errorf("six hours have %d points of %d minutes", len(got.Points), got.StepMinutes)
	}
	c.get("/kivuko/v1/apps/nobody/usage").refuses(http.StatusNotFound, "not-found", "", "nobody")
	c.get("/kivuko/v1/apps/"+controltest.AppKey+"/usage?minutes=361").refuses(http.StatusBadRequest, "bad-parameter", "minutes", "360")
}

func TestARequestOfTheCatalogueIsSent(t *testing.T) {
	c := start(t)
	try := func(body string) response {
		return c.do(http.MethodPost, "/kivuko/v1/catalogue/try", `{"app":"`+controltest.AppKey+`","try":`+body+`}`)
	}
	var got control.Simulated
	try(`{"api":"stkpush","path":"/mpesa/stkpush/v1/processrequest","fields":{"PhoneNumber":"07"}}`).answers(http.StatusOK, &got)
	if got.Entry.Code != "400.002.02" || !strings.Contains(got.Entry.Explanation, "PhoneNumber") || got.Entry.Fix == "" || got.Entry.Cause == "" || got.Entry.API != "stkpush" {
		t.Errorf("got %+v", got.Entry)
	}
	try(`{"api":"oauth","path":"/oauth/v1/generate"}`).answers(http.StatusOK, &got)
	if got.Entry.Code != "400.008.02" {
		t.Errorf("got %+v", got.Entry)
	}
	try(`{"api":"stkpush","path":"/mpesa/stkpush/v1/processrequest","fields":{"Nothing":"1"}}`).refuses(http.StatusBadRequest, "bad-field", "try", "no field")
	try(`{"api":"stkpush","path":"nowhere"}`).refuses(http.StatusBadRequest, "bad-field", "try", "path")
	try(`{"api":"stkpush","path":"/x","times":11}`).refuses(http.StatusBadRequest, "bad-field", "try", "at most 10")
	try(`{"api":"x","path":"/%zz"}`).refuses(http.StatusBadRequest, "bad-field", "try", "no such request")
	try(`{"api":"x","path":"/x","method":"a b"}`).refuses(http.StatusBadRequest, "bad-field", "try", "no such request")
	try(`{"other":1}`).refuses(http.StatusBadRequest, "bad-field", "try", "other")
	c.do(http.MethodPost, "/kivuko/v1/catalogue/try", `{"app":"nobody","try":{"api":"x","path":"/x"}}`).refuses(http.StatusBadRequest, "bad-field", "app", "nobody")
}
