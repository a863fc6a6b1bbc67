package controlapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/golive/cases"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

const goLive = "/kivuko/v1/apps/" + controltest.AppKey + "/golive"

// administrator gives the pay bill a Business Administrator with Jane's phone.
func (c caller) administrator() {
	c.t.Helper()
	x := &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: controltest.PayBill, Username: "amina"}, Change: func(o *mpesa.Operator, _ bool) error {
		o.Channel, o.Roles = mpesa.ChannelWeb, []mpesa.Role{mpesa.RoleAdministrator}
		o.Password = "hash"
		o.Person = mpesa.Person{Name: "Amina", Phone: controltest.Jane, Email: "amina@duka.example", IDType: "National ID", IDNumber: "21000001"}
		return nil
	}}
	if c.Do(c.t, x); x.Refused != nil {
		c.t.Fatal(x.Refused)
	}
}

// otp is the PIN of the latest message to Jane.
func (c caller) otp() string {
	c.t.Helper()
	list, err := c.Store.Messages(c.t.Context(), controltest.Jane, store.Page{Limit: 1})
	if err != nil || len(list) == 0 {
		c.t.Fatalf("Jane has got %v, %v", list, err)
	}
	return regexp.MustCompile(`\b\d{6}\b`).FindString(strings.Replace(list[0].Text, "174379", "", 1))
}

// passed notes a success of each test case of a product, but for one.
func (c caller) passed(product, but string) {
	var seen []mpesa.TestSeen
	for _, x := range cases.Of([]string{product}) {
		if x.Name != but {
			seen = append(seen, mpesa.TestSeen{Case: x.Name, OK: true, At: c.Clock.Now().UnixMilli()})
		}
	}
	c.Do(c.t, &golive.NoteTests{GoingLive: golive.GoingLive{App: controltest.AppKey}, Seen: seen})
}

const verify = `{"type":"Short Code","organisation":"Test Shop","shortcode":"174379","username":"amina"}`

func TestAnAppGoesLive(t *testing.T) {
	c := start(t)
	c.administrator()
	c.passed(apis.LiveExpress, "express-invalid")
	var g control.GoLive
	c.get(goLive).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveTests || g.Owner != nil || g.OTP != nil || len(g.Products) != len(apis.LiveProducts()) || len(g.Tests) != len(cases.Cases()) {
		t.Fatalf("got %+v", g)
	}
	tests := `{"products":["Lipa Na M-Pesa Production"],"terms":true}`
	c.do(http.MethodPost, goLive+"/tests", tests).refuses(http.StatusBadRequest, "bad-field", "elsewhere", "A parameter is missing")
	wrong := codes.InvalidField("Amount")
	c.Journal.Add(journal.Entry{At: c.Clock.Now(), App: controltest.AppKey, API: codes.APIExpress, Status: wrong.Status, Code: wrong.Code, Cause: apis.Refused(wrong).State})
	c.do(http.MethodPost, goLive+"/tests", tests).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveVerification || len(g.Missing) != 0 || g.Terms.IsZero() {
		t.Errorf("got %+v", g)
	}
	c.do(http.MethodPost, goLive+"/verification", verify).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveOTP || g.OTP.Phone != "2547*****645" || g.OTP.ExpiresAt.Sub(g.OTP.SentAt.Time) != mpesa.OTPLife || g.Owner.Username != "amina" {
		t.Errorf("got %+v", g)
	}
	otp := c.otp()
	c.do(http.MethodPost, goLive+"/otp", `{"otp":"abcdef"}`).refuses(http.StatusBadRequest, "bad-field", "otp", "2 more can be tried")
	c.do(http.MethodPost, goLive+"/otp/resend", "").refuses(http.StatusBadRequest, "bad-field", "otp", "30 seconds")
	c.do(http.MethodPost, goLive+"/otp", `{"otp":"`+otp+`"}`).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveProducts || g.OTP != nil || g.Owner.Confirmed.IsZero() {
		t.Errorf("got %+v", g)
	}
	c.do(http.MethodPost, goLive+"/products", `{"products":["Lipa Na M-Pesa Production"]}`).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveDone || g.ProductionApp == "" || g.Live.IsZero() {
		t.Fatalf("got %+v", g)
	}
	c.liveApp(g.ProductionApp)
	audit, err := c.Store.Audit(t.Context(), controltest.PayBill, store.Page{Limit: 1})
	if err != nil || audit[0].Action != "go live" || audit[0].Username != "amina" || audit[0].From != "127.0.0.1" || !strings.Contains(audit[0].Subject, g.ProductionApp) {
		t.Errorf("the audit begins with %+v, %v", audit, err)
	}
}

// liveApp wants an app to be a production app of the pay bill, with secrets that are shown only when they are asked for.
func (c caller) liveApp(key string) {
	c.t.Helper()
	path := "/kivuko/v1/apps/" + key
	var shown, secrets, sandbox control.App
	c.get(path).answers(http.StatusOK, &shown)
	c.get(path+"?secrets=1").answers(http.StatusOK, &secrets)
	if !shown.Production || shown.Shortcode != "174379" || shown.Secret != "" || shown.Passkey != "" || !slices.Equal(shown.Products, []string{apis.LiveExpress}) {
		c.t.Errorf("got %+v", shown)
	}
	if len(secrets.Secret) != 64 || len(secrets.Passkey) != 64 || secrets.Passkey == controltest.Passkey {
		c.t.Errorf("got %+v", secrets)
	}
	if c.get("/kivuko/v1/apps/"+controltest.AppKey).answers(http.StatusOK, &sandbox); sandbox.Production || sandbox.GoLive != "live" {
		c.t.Errorf("the sandbox's is %+v", sandbox)
	}
	if got := c.simulate(control.Simulate{App: key, Path: "/mpesa/stkpush/v1/processrequest"}); got.Entry.App != key {
		c.t.Errorf("the simulator sends as %q", got.Entry.App)
	}
	c.get(path+"/golive").refuses(http.StatusConflict, "conflict", "", "in production")
	c.do(http.MethodPut, path, `{"products":["M-Pesa Sandbox"]}`).refuses(http.StatusBadRequest, "bad-field", "products", "went live with")
	c.do(http.MethodPut, path, `{"name":"Duka"}`).answers(http.StatusOK, &shown)
}

func TestGoingLiveIsAbandonedAndResumed(t *testing.T) {
	c := start(t)
	c.administrator()
	c.passed(apis.LiveQR, "")
	c.do(http.MethodPost, goLive+"/otp", `{"otp":"123456"}`).refuses(http.StatusConflict, "conflict", "", "the next one is the test cases")
	var g control.GoLive
	c.do(http.MethodPost, goLive+"/tests", `{"products":["Dynamic QR Production","C2B Production"],"elsewhere":true,"terms":true}`).answers(http.StatusOK, &g)
	if !g.Elsewhere || !slices.Contains(g.Missing, "c2b-paid") || slices.Contains(g.Missing, "qr-made") {
		t.Errorf("got %+v", g)
	}
	c.do(http.MethodPost, goLive+"/verification", verify).answers(http.StatusOK, &g)
	c.Clock.Advance(mpesa.OTPPause)
	c.do(http.MethodPost, goLive+"/otp/resend", "").answers(http.StatusOK, &g)
	if got := c.do(http.MethodDelete, goLive, ""); got.status != http.StatusNoContent {
		t.Errorf("HTTP %d %s", got.status, got.body)
	}
	c.get(goLive).answers(http.StatusOK, &g)
	if g.Step != control.GoLiveTests || g.Owner != nil || !slices.ContainsFunc(g.Tests, func(t control.GoLiveTest) bool { return t.Name == "qr-made" && t.Outcome == control.TestPassed }) {
		t.Errorf("got %+v", g)
	}
}

func TestStepsToProductionAreHeldToTheirFields(t *testing.T) {
	c := start(t)
	c.administrator()
	for _, x := range []struct{ step, body, field, says string }{
		{"tests", `{"terms":true}`, "products", "missing"},
		{"tests", `{"products":["Lipa"],"terms":true}`, "products", "C2B Production"},
		{"tests", `{"products":[],"terms":true}`, "products", "at least one"},
		{"tests", `{"products":["C2B Production"],"terms":"yes"}`, "terms", "true or false"},
		{"tests", `{"products":["C2B Production"],"elsewhere":true,"terms":false}`, "terms", "accepted"},
		{"verification", `{"type":"Short Code","organisation":"","shortcode":"174379","username":"amina"}`, "organisation", "1 to 100"},
		{"verification", `{"type":"Short Code","organisation":"Test Shop","shortcode":"x","username":"amina"}`, "shortcode", "five to seven digits"},
		{"verification", `{"type":"Short Code","organisation":"Test Shop","shortcode":"174379","username":"a b"}`, "username", "letters, digits"},
		{"verification", `{"type":"Till","organisation":"Test Shop","shortcode":"174379","username":"amina"}`, "type", "Short Code"},
		{"verification", `{"type":"Short Code","organisation":"Test Shop","shortcode":"174379","username":"juma"}`, "username", "No Paybill Verification Data Found"},
		{"otp", `{"otp":"12345"}`, "otp", "6 digits"},
		{"products", `{"products":["Lipa"]}`, "products", "C2B Production"},
	} {
		if x.step == "verification" {
			c.do(http.MethodPost, goLive+"/tests", `{"products":["C2B Production"],"elsewhere":true,"terms":true}`)
		}
		c.do(http.MethodPost, goLive+"/"+x.step, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	for _, path := range []string{"", "/tests", "/verification", "/otp", "/otp/resend", "/products"} {
		method := http.MethodPost
		if path == "" {
			method = http.MethodGet
		}
		c.do(method, "/kivuko/v1/apps/nobody/golive"+path, "").refuses(http.StatusNotFound, "not-found", "", "no app has the consumer key")
	}
	c.do(http.MethodDelete, "/kivuko/v1/apps/nobody/golive", "").refuses(http.StatusNotFound, "not-found", "", "no app has the consumer key")
}

// An app without a product isn't offered what it can't test; of those that it has, a shortcode has what it is assigned.
func TestTheChoiceIsExplained(t *testing.T) {
	c := start(t)
	c.administrator()
	c.Do(t, &portal.ChangeOrganisation{Shortcode: controltest.PayBill, Change: func(o *mpesa.Organisation, _ bool) error {
		o.Products = []mpesa.Product{mpesa.ProductC2B}
		return nil
	}})
	c.do(http.MethodPut, "/kivuko/v1/apps/"+controltest.AppKey, fmt.Sprintf(`{"products":[%q]}`, apis.ProductMpesa))
	c.do(http.MethodPost, goLive+"/tests", `{"products":["C2B Production","B2C Production"],"elsewhere":true,"terms":true}`)
	c.do(http.MethodPost, goLive+"/verification", verify)
	var g control.GoLive
	c.do(http.MethodPost, goLive+"/otp", `{"otp":"`+c.otp()+`"}`).answers(http.StatusOK, &g)
	for _, p := range g.Products {
		switch p.Name {
		case apis.LiveExpress:
			if p.Offered {
				t.Errorf("got %+v", p)
			}
		case apis.LiveB2C:
			if !p.Offered || !strings.Contains(p.Refused, "does not have permission") || !slices.Contains(p.Apart, apis.LiveC2B) {
				t.Errorf("got %+v", p)
			}
		case apis.LiveC2B:
			if !p.Offered || !p.Chosen || p.Refused != "" {
				t.Errorf("got %+v", p)
			}
		}
	}
	c.do(http.MethodPost, goLive+"/products", `{"products":["C2B Production","B2C Production"]}`).refuses(http.StatusBadRequest, "bad-field", "products", "not a One Account")
}
