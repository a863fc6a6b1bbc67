package controlapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

var noAccounts = cmpopts.IgnoreFields(control.Organisation{}, "Accounts")

func TestOrganisationsAreListedInPages(t *testing.T) {
	c := start(t)
	var first, second control.Page[control.Organisation]
	c.get("/kivuko/v1/organisations?limit=2").answers(http.StatusOK, &first)
	if len(first.Items) != 2 || first.Items[0].Shortcode != "174379" || first.Next == "" || first.Next != "300584" {
		t.Fatalf("got %+v", first)
	}
	c.get("/kivuko/v1/organisations?limit=2&after="+first.Next).answers(http.StatusOK, &second)
	if len(second.Items) != 1 || second.Items[0].Shortcode != "300585" || second.Next != "" {
		t.Errorf("got %+v", second)
	}
	c.get("/kivuko/v1/organisations?after=12").refuses(http.StatusBadRequest, "bad-parameter", "after", "five to seven digits")
}

func TestPutCreatesAnOrganisation(t *testing.T) {
	c := start(t)
	const new = "/kivuko/v1/organisations/888880"
	var got control.Organisation
	c.do(http.MethodPut, new, `{"name":"Duka","kind":"till","store":"300585","tariff":"buy-goods","payoutTariff":"b2c","moveTariff":"b2b-2017","maxBalance":"1000.50",
		"products":["C2B","B2C"],"standing":"frozen","fault":"queue","owner":"0708374149","validates":true,"passkey":"secret"}`).answers(http.StatusCreated, &got)
	want := control.Organisation{Shortcode: "888880", Name: "Duka", Kind: "till", Store: "300585", Tariff: "buy-goods", PayoutTariff: "b2c", MoveTariff: "b2b-2017",
		MaxBalance: 1000_50, Products: []string{"C2B", "B2C"}, Standing: "frozen", Fault: "queue", Owner: "254708374149", Validates: true}
	if diff := cmp.Diff(want, got, noAccounts); diff != "" {
		t.Error(diff)
	}
	if len(got.Accounts) != 5 {
		t.Errorf("its accounts are %+v", got.Accounts)
	}
	if body := string(c.get(new + "?secrets=1").body); !strings.Contains(body, `"passkey": "secret"`) {
		t.Errorf("got %s", body)
	}
	c.do(http.MethodPut, new, `{"store":"","tariff":"","payoutTariff":"","moveTariff":"","maxBalance":0,"products":[],"standing":"","fault":"","owner":"","validates":false,"passkey":""}`).
		answers(http.StatusOK, &got)
	got = control.Organisation{}
	c.get(new+"?secrets=1").answers(http.StatusOK, &got)
	if diff := cmp.Diff(control.Organisation{Shortcode: "888880", Name: "Duka", Kind: "till"}, got, noAccounts); diff != "" {
		t.Error(diff)
	}
	p := c.do(http.MethodPost, johns+"/pay", `{"shortcode":"888880","amount":10}`).paid("completed", "0", "")
	if p.Payee != "888880" {
		t.Errorf("got %+v", p)
	}
}

func TestOrganisationsAreHeldToTheirFields(t *testing.T) {
	c := start(t)
	before := c.get(shop + "?secrets=1").body
	for _, x := range []struct{ path, body, field, says string }{
		{shop, `{"name":""}`, "name", "1 to 100 characters"},
		{shop, `{"kind":"shop"}`, "kind", `"paybill" "till" "store"`},
		{shop, `{"store":"300585"}`, "store", "174379 is a paybill, and only a till has a store"},
		{shop, `{"kind":"till","store":"600123"}`, "store", "600123 is nobody's shortcode"},
		{shop, `{"kind":"till","store":"174379"}`, "store", "its own store"},
		{shop, `{"store":12}`, "store", `or "" for none`},
		{shop, `{"tariff":"free"}`, "tariff", `"mgao"`},
		{shop, `{"payoutTariff":"free"}`, "payoutTariff", `"b2c"`},
		{shop, `{"moveTariff":null}`, "moveTariff", `"b2b"`},
		{shop, `{"maxBalance":"-1"}`, "maxBalance", "from 0"},
		{shop, `{"products":"C2B"}`, "products", `list of some of ["C2B" "B2C"`},
		{shop, `{"products":["C2B","C2B"]}`, "products", "each once"},
		{shop, `{"products":["b2c"]}`, "products", `"B2Pochi"`},
		{shop, `{"products":null}`, "products", "a list"},
		{shop, `{"standing":"bad"}`, "standing", `"suspended" "frozen"`},
		{shop, `{"fault":"all"}`, "fault", `"queue" "internal"`},
		{shop, `{"owner":"174379"}`, "owner", "0708374149"},
		{shop, `{"validates":"true"}`, "validates", "true or false"},
		{shop, `{"passkey":"` + strings.Repeat("x", 129) + `"}`, "passkey", "128"},
		{shop, `{"urls":{}}`, "urls", "there is no such field"},
		{shop, `{"shortcode":"174380"}`, "shortcode", "there is no such field"},
		{"/kivuko/v1/organisations/888880", `{"kind":"till"}`, "name", "a new organisation needs a name"},
		{"/kivuko/v1/organisations/888880", `{"name":"Duka"}`, "kind", "a paybill, a till or a store"},
	} {
		c.do(http.MethodPut, x.path, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	if after := c.get(shop + "?secrets=1").body; string(after) != string(before) {
		t.Errorf("it is now %s", after)
	}
	c.get("/kivuko/v1/organisations/888880").refuses(http.StatusNotFound, "not-found", "", "nobody's shortcode")
}

func TestURLsAreRegisteredAndForgotten(t *testing.T) {
	c := start(t)
	c.get(shop+"/urls").refuses(http.StatusNotFound, "not-found", "", "174379 has registered no URLs")
	c.do(http.MethodDelete, shop+"/urls", "").refuses(http.StatusNotFound, "not-found", "", "174379 has registered no URLs")
	want := control.URLs{Version: 1, ResponseType: "Cancelled", Confirmation: "http://127.0.0.1:8080/c?a=1", Validation: "https://shop.example/v"}
	body, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var put, got control.URLs
	c.do(http.MethodPut, shop+"/urls", string(body)).answers(http.StatusOK, &put)
	c.get(shop+"/urls").answers(http.StatusOK, &got)
	var o control.Organisation
	c.get(shop).answers(http.StatusOK, &o)
	if put != want || got != want || o.URLs == nil || *o.URLs != want {
		t.Errorf("got %+v, %+v and %+v", put, got, o.URLs)
	}
	for _, x := range []struct{ body, field, says string }{
		{`{"confirmation":"http://a","validation":"http://a"}`, "responseType", "missing"},
		{`{"responseType":"Completed","validation":"http://a"}`, "confirmation", "missing"},
		{`{"responseType":"Completed","confirmation":"http://a"}`, "validation", "missing"},
		{`{"responseType":"completed"}`, "responseType", `"Completed" "Cancelled"`},
		{`{"confirmation":"shop.example"}`, "confirmation", "a URL such as http://127.0.0.1:8080/confirmation"},
		{`{"confirmation":"ftp://a"}`, "confirmation", "a URL"},
		{`{"validation":"http://"}`, "validation", "a URL"},
		{`{"validation":"http://a/` + strings.Repeat("x", 2048) + `"}`, "validation", "2048 are the most"},
		{`{"validation":"http://user:pw@127.0.0.1:7277/"}`, "validation", "a user name"},
		{`{"confirmation":"http://127.0.0.1:7277/?a b HTTP/1.1 x"}`, "confirmation", "a space"},
		{`{"confirmation":"http://127.0.0.1:70000/"}`, "confirmation", "no port"},
		{`{"validation":"http://a\nb"}`, "validation", "a URL"},
		{`{"version":3}`, "version", "1 or 2"},
	} {
		c.do(http.MethodPut, shop+"/urls", x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	if c.get(shop+"/urls").answers(http.StatusOK, &got); got != want {
		t.Errorf("a refused request made it %+v", got)
	}
	if r := c.do(http.MethodDelete, shop+"/urls", ""); r.status != http.StatusNoContent || len(r.body) != 0 {
		t.Errorf("HTTP %d: %s", r.status, r.body)
	}
	c.get(shop+"/urls").refuses(http.StatusNotFound, "not-found", "", "no URLs")
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		c.do(method, "/kivuko/v1/organisations/600123/urls", string(body)).refuses(http.StatusNotFound, "not-found", "", "600123 is nobody's shortcode")
	}
}

func TestOperators(t *testing.T) {
	c := start(t)
	const clerk = shop + "/operators/clerk"
	c.get(clerk).refuses(http.StatusNotFound, "not-found", "", `174379 has no operator "clerk"`)
	var got control.Operator
	c.do(http.MethodPut, clerk, `{}`).answers(http.StatusCreated, &got)
	want := control.Operator{Shortcode: "174379", Username: "clerk", Channel: "api", State: "pending", Roles: []string{}, Rights: []control.Right{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.do(http.MethodPut, clerk, `{"roles":["ORG B2C API initiator"],"password":"Safaricom999!*!"}`).answers(http.StatusOK, &got)
	want.State, want.Roles = "active", []string{"ORG B2C API initiator"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	kept, err := store.Get(t.Context(), c.Store, mpesa.Operators, mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "clerk"})
	if err != nil {
		t.Fatal(err)
	}
	if right, err := credential.Verify("Safaricom999!*!", kept.Password); err != nil || !right {
		t.Errorf("the password is not what was set: %v", err)
	}
	var list control.Operators
	c.get(shop+"/operators").answers(http.StatusOK, &list)
	if diff := cmp.Diff(control.Operators{Operators: []control.Operator{want}}, list); diff != "" {
		t.Error(diff)
	}
	for range mpesa.LockAfter {
		c.request("clerk", "wrong")
	}
	if c.get(clerk).answers(http.StatusOK, &got); got.State != "locked" || got.Wrong != mpesa.LockAfter {
		t.Errorf("got %+v", got)
	}
	if c.do(http.MethodPost, clerk+"/unlock", "").answers(http.StatusOK, &got); got.State != "active" || got.Wrong != 0 {
		t.Errorf("got %+v", got)
	}
	for range mpesa.LockAfter {
		c.request("clerk", "wrong")
	}
	if c.do(http.MethodPut, clerk, `{"password":"Safaricom123!!"}`).answers(http.StatusOK, &got); got.State != "active" || got.Wrong != 0 {
		t.Errorf("with a new password it is %+v", got)
	}
	if r := c.do(http.MethodDelete, clerk, ""); r.status != http.StatusNoContent {
		t.Errorf("HTTP %d: %s", r.status, r.body)
	}
	c.get(clerk).refuses(http.StatusNotFound, "not-found", "", "no operator")
	c.do(http.MethodDelete, clerk, "").refuses(http.StatusNotFound, "not-found", "", "no operator")
	c.do(http.MethodPost, clerk+"/unlock", "").refuses(http.StatusNotFound, "not-found", "", "no operator")
	c.do(http.MethodPut, clerk, `{}`).answers(http.StatusCreated, &got)
}

// request has the operator ask for a payout; bad says what is wrong with the credential.
func (c caller) request(username, bad string) mpesa.Payment {
	c.t.Helper()
	x := &mpesa.AcceptRequest{Request: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payer: controltest.PayBill.Party(), Payee: mpesa.CustomerParty(controltest.John),
		Business: controltest.PayBill, Amount: 100_00}, Details: mpesa.Details{TransactionType: "BusinessPayment", CallBackURL: "http://127.0.0.1:9/r",
		TimeoutURL: "http://127.0.0.1:9/t", Initiator: username, BadCredential: bad, Occasion: "Easter", Description: "wages"}}}
	c.Do(c.t, x)
	c.Do(c.t, &portal.FallDue{Due: mpesa.Due{Payment: x.Payment.ID, Payer: x.Payment.Payer}})
	return x.Payment
}

func TestOperatorsAreHeldToTheirFields(t *testing.T) {
	c := start(t)
	const clerk = shop + "/operators/clerk"
	for _, x := range []struct{ body, field, says string }{
		{`{"roles":"all"}`, "roles", "Org Reversals Initiator"},
		{`{"roles":["manager"]}`, "roles", "Tax Remittance to KRA API"},
		{`{"password":"short"}`, "password", "shorter than 8 characters"},
		{`{"password":"with (parentheses)"}`, "password", "letters, digits and"},
		{`{"password":"` + strings.Repeat("x", 246) + `"}`, "password", "longer than 245"},
		{`{"password":12345678}`, "password", "text"},
		{`{"wrongPasswords":0}`, "wrongPasswords", "name, password, phone, roles"},
	} {
		c.do(http.MethodPut, clerk, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	c.get(clerk).refuses(http.StatusNotFound, "not-found", "", "no operator")
	for _, name := range []string{"-clerk", "a%20b", "%00", strings.Repeat("a", 51), "ä"} {
		c.do(http.MethodPut, shop+"/operators/"+name, `{}`).refuses(http.StatusBadRequest, "bad-parameter", "username", "1 to 50 letters")
	}
	for _, x := range []struct{ method, path, body string }{
		{http.MethodGet, "operators", ""}, {http.MethodPut, "operators/clerk", "{}"},
	} {
		c.do(x.method, "/kivuko/v1/organisations/600123/"+x.path, x.body).refuses(http.StatusNotFound, "not-found", "", "600123 is nobody's shortcode")
	}
	c.get("/kivuko/v1/organisations/600123/operators/clerk").refuses(http.StatusNotFound, "not-found", "", "600123 has no operator")
}

func TestApps(t *testing.T) {
	c := start(t)
	const mine = "/kivuko/v1/apps/my-key"
	c.get(mine).refuses(http.StatusNotFound, "not-found", "", `no app has the consumer key "my-key"`)
	c.do(http.MethodPut, mine, `{"name":"Duka"}`).refuses(http.StatusBadRequest, "bad-field", "consumerSecret", "a new one needs a secret")
	var got control.App
	c.do(http.MethodPut, mine, `{"consumerSecret":"s3cret","products":["M-Pesa Sandbox"]}`).answers(http.StatusCreated, &got)
	want := control.App{Key: "my-key", Name: "my-key", Products: []string{"M-Pesa Sandbox"}, Created: control.Time{Time: controltest.Start}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.do(http.MethodPut, mine, `{"name":"Duka","spikeArrest":5,"quota":-1,"products":[]}`).answers(http.StatusOK, &got)
	got = control.App{}
	c.get(mine+"?secrets=1").answers(http.StatusOK, &got)
	if diff := cmp.Diff(control.App{Key: "my-key", Name: "Duka", Products: []string{}, SpikeArrest: 5, Quota: -1, Secret: "s3cret",
		Created: control.Time{Time: controltest.Start}}, got); diff != "" {
		t.Error(diff)
	}
	for _, x := range []struct{ body, field, says string }{
		{`{"name":""}`, "name", "1 to 100"},
		{`{"consumerSecret":"a b"}`, "consumerSecret", "letters, digits"},
		{`{"products":["Lipa"]}`, "products", "Lipa Na M-Pesa Sandbox"},
		{`{"spikeArrest":-2}`, "spikeArrest", "requests a second"},
		{`{"quota":"5"}`, "quota", "requests a day"},
	} {
		c.do(http.MethodPut, mine, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	c.get("/kivuko/v1/apps/a%20b").refuses(http.StatusBadRequest, "bad-parameter", "key", "letters, digits")
}

func TestARequestIsFoundByTheOriginatorConversationIDOfTheClient(t *testing.T) {
	c := start(t)
	var made []mpesa.Payment
	for _, s := range []mpesa.Shortcode{controltest.PayBill, controltest.Till} {
		x := &mpesa.AcceptRequest{Request: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payer: s.Party(), Payee: mpesa.CustomerParty(controltest.John), Business: s,
			Amount: 100_00}, Details: mpesa.Details{TransactionType: "BusinessPayment", CallBackURL: "http://127.0.0.1:9/r", TimeoutURL: "http://127.0.0.1:9/t",
			Initiator: "clerk", Originator: "wages-7", Occasion: "Easter", Requester: controltest.Jane}}}
		c.Do(t, x)
		made = append(made, x.Payment)
	}
	ours := c.request("clerk", "")
	for path, want := range map[string]mpesa.Payment{
		"wages-7": made[0], "wages-7?shortcode=174379": made[0], "wages-7?shortcode=300584": made[1],
		c.Mint.Originator(ours.ID, ""): ours, fmt.Sprint(made[1].ID): made[1],
	} {
		var got control.Payment
		if c.get("/kivuko/v1/payments/"+path).answers(http.StatusOK, &got); got.ID != want.ID {
			t.Errorf("%s finds %+v, want %d", path, got, want.ID)
		}
	}
	c.get("/kivuko/v1/payments/wages-7?shortcode=300585").refuses(http.StatusNotFound, "not-found", "", "OriginatorConversationID")
	c.get("/kivuko/v1/payments/wages-7?shortcode=3").refuses(http.StatusBadRequest, "bad-parameter", "shortcode", "five to seven digits")
	var got control.Payment
	c.get("/kivuko/v1/payments/wages-7").answers(http.StatusOK, &got)
	if got.State != "queued" || got.OriginatorID != "wages-7" || got.Initiator != "clerk" || got.Occasion != "Easter" || got.Requester != "254705912645" ||
		got.TimeoutURL != "http://127.0.0.1:9/t" || got.DueAt.IsZero() {
		t.Errorf("got %+v", got)
	}
	c.Clock.Advance(2 * 60 * 1e9)
	c.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: made[0].ID, Payer: made[0].Payer}})
	c.get("/kivuko/v1/payments/wages-7").answers(http.StatusOK, &got)
	if got.State != "failed" || !got.TimedOut || len(got.Callbacks) != 1 || got.Callbacks[0].Kind != "timeout" {
		t.Errorf("got %+v", got)
	}
}
