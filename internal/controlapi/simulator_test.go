package controlapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

const simulator = "/kivuko/v1/simulator"

// gateway asks the gateway itself.
func (c caller) gateway(method, path, authorization, body string) response {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.Gateway(w, r)
	return response{c.t, w.Code, w.Result().Header, w.Body.Bytes()}
}

func (c caller) token() string {
	c.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.SetBasicAuth(controltest.AppKey, controltest.AppSecret)
	var token struct {
		Value string `json:"access_token"`
	}
	c.gateway(http.MethodGet, "/oauth/v1/generate?grant_type=client_credentials", r.Header.Get("Authorization"), "").answers(http.StatusOK, &token)
	return token.Value
}

func (c caller) draft(path string) (d control.Draft) {
	c.t.Helper()
	c.get(simulator+"?app="+controltest.AppKey+"&path="+url.QueryEscape(path)).answers(http.StatusOK, &d)
	return d
}

func (c caller) simulate(x control.Simulate) (got control.Simulated) {
	c.t.Helper()
	body, err := json.Marshal(x)
	if err != nil {
		c.t.Fatal(err)
	}
	c.do(http.MethodPost, simulator, string(body)).answers(http.StatusOK, &got)
	return got
}

func TestADraftIsAcceptedAsItIs(t *testing.T) {
	c := start(t)
	const push = "/mpesa/stkpush/v1/processrequest"
	d := c.draft(push)
	if len(d.Notes) != 0 || !strings.HasPrefix(d.Callbacks, "http://127.0.0.1:7070"+collector.Root) || d.API.Title != "M-Pesa Express" {
		t.Errorf("the draft is %+v", d)
	}
	for _, secret := range []string{controltest.Passkey, controltest.AppSecret} {
		if strings.Contains(string(d.Body), secret) {
			t.Errorf("it shows a secret: %s", d.Body)
		}
	}
	got := c.simulate(control.Simulate{App: controltest.AppKey, Path: push, Body: d.Body})
	if got.Entry.Status != http.StatusOK || got.Entry.App != controltest.AppKey || got.Entry.Payment == 0 || got.Entry.ID != 2 {
		t.Fatalf("got %+v: %s", got.Entry, got.Answer)
	}
	if sent := string(got.Entry.Request); !strings.Contains(sent, `"20261120120000"`) || strings.Contains(sent, "{{") || !strings.Contains(sent, `"***"`) {
		t.Errorf("it was sent as %s", sent)
	}
	var shown control.Payment
	c.get("/kivuko/v1/payments/"+strconv.FormatInt(got.Entry.Payment, 10)).answers(http.StatusOK, &shown)
	if shown.CallBackURL != d.Callbacks || shown.State != "prompting" {
		t.Errorf("the payment is %+v", shown)
	}
}

func TestADraftSpeaksOfTheLatestPayment(t *testing.T) {
	c := start(t)
	c.do(http.MethodPut, shop+"/operators/payer", `{}`).answers(http.StatusCreated, new(control.Operator))
	d := c.draft("/mpesa/reversal/v1/request")
	if len(d.Notes) != 3 || !strings.Contains(d.Notes[0], "TransactionID is empty") {
		t.Errorf("the notes are %q", d.Notes)
	}
	p := c.Pay(t, controltest.John, 70, "1234")
	var body struct{ TransactionID, Amount, ReceiverParty, CheckoutRequestID string }
	read := func(path string) {
		t.Helper()
		if err := json.Unmarshal(c.draft(path).Body, &body); err != nil {
			t.Fatal(err)
		}
	}
	read("/mpesa/reversal/v1/request")
	read("/mpesa/stkpushquery/v1/query")
	var shown control.Payment
	c.get("/kivuko/v1/payments/"+body.TransactionID).answers(http.StatusOK, &shown)
	if shown.ID != p.ID || body.Amount != "70" || body.ReceiverParty != "174379" || body.CheckoutRequestID != shown.CheckoutRequestID {
		t.Errorf("got %+v of %+v", body, shown)
	}
}

func TestTheGatewaysAnswerComesWhateverItIs(t *testing.T) {
	c := start(t)
	const query = "/mpesa/stkpushquery/v1/query"
	got := c.simulate(control.Simulate{App: controltest.AppKey, Path: query, Body: json.RawMessage(`"{not JSON"`)})
	if got.Entry.Status != http.StatusBadRequest || string(got.Entry.Request) != `"{not JSON"` || !strings.Contains(got.Entry.Explanation, "not a JSON object") {
		t.Errorf("got %+v", got.Entry)
	}
	got = c.simulate(control.Simulate{App: controltest.AppKey, Path: query, Body: json.RawMessage(
		`{"BusinessShortCode":"600123","Password":"{{password}}","Timestamp":"{{timestamp}}","CheckoutRequestID":"x"}`)})
	if got.Entry.Code != "500.001.1001" {
		t.Errorf("got %+v", got.Entry)
	}
	got = c.simulate(control.Simulate{App: controltest.AppKey, Path: "/oauth/v1/generate?grant_type=client_credentials"})
	if got.Entry.Status != http.StatusOK || !strings.Contains(string(got.Answer), `"access_token":`) || strings.Contains(string(got.Answer), "***") {
		t.Errorf("got %+v: %s", got.Entry, got.Answer)
	}
	for _, x := range []struct{ body, field, says string }{
		{`{"path":"` + query + `"}`, "app", "missing"},
		{`{"app":"` + controltest.AppKey + `"}`, "path", "missing"},
		{`{"app":"nobody","path":"` + query + `"}`, "app", "no app"},
		{`{"app":"x","path":"/mpesa"}`, "path", "no API"},
	} {
		c.do(http.MethodPost, simulator, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	c.get(simulator+"?app=x").refuses(http.StatusBadRequest, "bad-parameter", "path", "missing")
	c.get(simulator+"?path="+query).refuses(http.StatusBadRequest, "bad-parameter", "app", "missing")
	c.get(simulator+"?app=x&path=/mpesa").refuses(http.StatusBadRequest, "bad-parameter", "path", "no API")
}

func TestCallbacksAreCollected(t *testing.T) {
	c := start(t)
	list := simulator + "/callbacks?app=" + controltest.AppKey
	var got control.Collected
	c.get(list).answers(http.StatusOK, &got)
	if len(got.Callbacks) != 0 || got.URL != c.draft("/mpesa/stkpush/v1/processrequest").Callbacks {
		t.Errorf("got %+v", got)
	}
	r := httptest.NewRequest(http.MethodPost, got.URL, strings.NewReader(`{"Body":{}}`))
	c.Collector.ServeHTTP(httptest.NewRecorder(), r)
	c.get(list).answers(http.StatusOK, &got)
	if len(got.Callbacks) != 1 || !json.Valid(got.Callbacks[0].Body) || !got.Callbacks[0].At.Equal(controltest.Start) {
		t.Errorf("got %+v", got)
	}
	c.get(simulator+"/callbacks").refuses(http.StatusBadRequest, "bad-parameter", "app", "whose callbacks")
}

func TestWhereCallbacksMayNotComeTheDraftSaysSo(t *testing.T) {
	c := start(t, func(o *controlapi.Options) { o.CallbackBase = "" })
	c.do(http.MethodPut, shop+"/operators/payer", `{}`).answers(http.StatusCreated, new(control.Operator))
	d := c.draft("/mpesa/b2c/v3/paymentrequest")
	if d.Callbacks != "" || len(d.Notes) != 2 || !strings.Contains(d.Notes[0], "public https URLs") {
		t.Errorf("got %+v", d)
	}
}

func TestEveryAPIHasADraft(t *testing.T) {
	c := start(t)
	for _, a := range apis.Paths() {
		d := c.draft(a.Path)
		if d.API.Title == "" || (d.Body == nil) != (len(a.Fields) == 0) {
			t.Errorf("%s: %+v", a.Path, d)
		}
	}
}
