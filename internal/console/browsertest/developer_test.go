package browsertest_test

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/kivukotest"
)

func TestANewcomerSimulatesAPush(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{Phones: "ask"})
	p := browsertest.Open(t, k.URL()+"/developer/apps")
	p.Click("Create an app")
	p.Fill("name", "Duka <b>la</b> Mama")
	p.Fill("quota", "many")
	p.Click("Create app")
	p.WaitText("whole number of requests a day")
	if name := p.Value("name"); name != "Duka <b>la</b> Mama" {
		t.Errorf("of what was typed %q is left", name)
	}
	p.Fill("quota", "0")
	p.Click("Create app")
	p.WaitText("is ready: its key and secret are below.")
	key := strings.TrimSpace(p.WaitFor(".copy code"))
	app, err := k.Control().AppSecret(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.Eval("document.documentElement.outerHTML"), app.Secret) {
		t.Error("the secret stands in the page before it is asked for")
	}
	p.Click("Show consumer secret")
	p.WaitText(app.Secret)
	p.Click("Hide Consumer secret")
	p.WaitNoText(app.Secret)
	p.Screens("app")

	p.Click("Simulate a request")
	p.WaitText("M-Pesa Express")
	p.Fill("f.Amount", "25")
	p.In("#sample-curl").WaitText(`"Amount": "25"`)
	if body := p.Value("body"); !strings.Contains(body, `"Amount": "25"`) {
		t.Errorf("the JSON doesn't follow the form: %s", body)
	}
	p.In(".request").Click("Send")
	p.WaitText("HTTP 200")
	p.WaitText("Success. Request accepted for processing")
	p.WaitText("Answer the prompt on 254708374149")
	if _, err := k.Control().Answer(t.Context(), "254708374149", "1234"); err != nil {
		t.Fatal(err)
	}
	p.In("#collected").WaitText("stkCallback")
	p.In("#collected").WaitText("MpesaReceiptNumber")
	p.Screens("simulator")
}

func TestARefusalIsShownAtItsField(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL()+"/developer/simulator/mpesa/stkpush/v1/processrequest")
	p.Fill("f.PhoneNumber", "12345")
	p.In("#sample-curl").WaitText(`"PhoneNumber": "12345"`)
	p.In(".request").Click("Send")
	p.WaitText("HTTP 400")
	p.In("#fields").WaitText("PhoneNumber is \"12345\"")
	p.Fill("body", `{"Amount": 1`)
	p.WaitText("This is no JSON object: it breaks off.")
	p.Click("Send this JSON")
	p.WaitText("the body is not a JSON object")
}

func TestACredentialIsEncryptedAndChecked(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	p := browsertest.Open(t, k.URL()+"/developer/credentials")
	p.Click("Show initiator password")
	p.WaitText("Safaricom999!*!")
	p.Screens("credentials")
	p.Click("Encrypt the password as a SecurityCredential")
	p.Fill("password", "Safaricom999!*!")
	p.Click("Encrypt")
	encrypted := strings.TrimSpace(p.WaitFor("figure.code pre"))
	if len(encrypted) != 344 {
		t.Errorf("it is %q", encrypted)
	}
	p.Fill("securityCredential", encrypted)
	p.Click("Check")
	p.WaitText("It was encrypted for this installation's certificate.")
	p.WaitText("right")
	p.Screens("security-credential")
	checked, err := k.Control().CheckCredential(t.Context(), control.CredentialCheck{SecurityCredential: encrypted, Shortcode: "600999", Username: "testapi"})
	if err != nil || len(checked.Operators) != 1 || !checked.Operators[0].Right {
		t.Errorf("got %+v, %v", checked, err)
	}
}
