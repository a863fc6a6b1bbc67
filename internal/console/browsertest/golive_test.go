package browsertest_test

import (
	"errors"
	"net/http"
	"regexp"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

const (
	liveCode = "600000"
	express  = "Lipa Na M-Pesa Production"
)

// goesLive is an M-PESA whose merchant goes live.
type goesLive struct {
	*kivukotest.World
	merchant *testworld.Merchant
	t        *testing.T
}

// push asks a phone for money.
func (k goesLive) push(phone string, status int, changes testworld.Fields) {
	k.t.Helper()
	if a := k.merchant.Push(k.t, testworld.From(phone).With(changes)); a.Status != status {
		k.t.Fatalf("%s: HTTP %d %s", phone, a.Status, a.Body)
	}
}

// testCases makes every test case of M-Pesa Express happen.
func (k goesLive) testCases() {
	k.t.Helper()
	for _, phone := range []string{testworld.John, "254700000001", "254700002001", "254700001032", "254700001037"} {
		k.push(phone, http.StatusOK, nil)
	}
	asks := "254722000001"
	if _, _, err := k.Control().PutPhone(k.t.Context(), asks, control.PhoneChange{Answers: new(control.AnswersAsk)}); err != nil {
		k.t.Fatal(err)
	}
	first := k.merchant.Push(k.t, testworld.From(asks))
	k.push(asks, http.StatusInternalServerError, nil)
	k.push(testworld.John, http.StatusInternalServerError, testworld.Fields{"Password": "cGFzc3dvcmQ="})
	k.push(testworld.John, http.StatusBadRequest, testworld.Fields{"Amount": "ten"})
	if a := k.merchant.Query(k.t, first.CheckoutRequestID(), nil); a.Status != http.StatusOK {
		k.t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
}

// administrator changes who speaks for the short code.
func (k goesLive) administrator(change control.OperatorChange) {
	k.t.Helper()
	if _, _, err := k.Control().PutOperator(k.t.Context(), liveCode, "admin", change); err != nil {
		k.t.Fatal(err)
	}
}

// otp is the PIN of Jane's latest message.
func (k goesLive) otp() string {
	k.t.Helper()
	list, err := k.Control().Messages(k.t.Context(), jane, 1)
	if err != nil || len(list) == 0 {
		k.t.Fatalf("the messages are %v, %v", list, err)
	}
	digits := regexp.MustCompile(`is (\d{6})\.`).FindStringSubmatch(list[0].Text)
	if digits == nil {
		k.t.Fatalf("the latest message is %q", list[0].Text)
	}
	return digits[1]
}

func TestAnAppGoesLive(t *testing.T) {
	k := goesLive{kivukotest.Start(t, kivuko.Config{}), nil, t}
	k.merchant = testworld.NewMerchant(k.URL(), kivukotest.Collect(t).URL)
	k.administrator(control.OperatorChange{Phone: new(jane), Email: new("")})
	p := browsertest.Open(t, k.URL()+"/developer/golive")
	p.Screens("golive-apps")
	p.Click("Begin")
	p.Click(express)
	p.WaitText("9 of the chosen APIs' test cases have not succeeded yet")
	p.Click("Go on to the organisation")
	p.WaitText("9 of the test cases have not succeeded here")
	k.testCases()
	p.WaitText("Every test case of the chosen APIs has succeeded.")
	p.Screens("golive-tests")
	p.Click("I accept the terms and conditions")
	p.Click("Go on to the organisation")

	p.Fill("organisation", "Sandbox Organisation")
	p.Fill("shortcode", liveCode)
	p.Fill("username", "admin")
	p.Click("Verify and send the PIN")
	p.WaitText("No Paybill Verification Data Found. The KYC details of admin lack an Email")
	k.administrator(control.OperatorChange{Email: new("amina@duka.example")})
	p.Click("Verify and send the PIN") // what was typed has stayed
	p.WaitText("admin of 600000 has got six digits by SMS on 2547*****645")
	p.Screens("golive-otp")
	p.Fill("otp", "000000")
	p.Click("Confirm")
	p.WaitText("2 more can be tried")
	p.Fill("otp", k.otp())
	p.Click("Confirm")

	p.WaitText("Which APIs does 600000 apply for?")
	p.Screens("golive-products")
	p.Click("Create the production app")
	p.WaitText("The sandbox app is as it was.")
	p.In("#passkey").Click("Show")
	p.WaitFor("#passkey code")
	p.Screens("golive-done")
	k.refusedAsInProduction(p)
}

// refusedAsInProduction has the production app name a callback that production refuses, and looks at what the log says.
func (k goesLive) refusedAsInProduction(p *browsertest.Page) {
	k.t.Helper()
	g, err := k.Control().GoLive(k.t.Context(), testworld.Key)
	if err != nil {
		k.t.Fatal(err)
	}
	live, err := k.Control().AppSecret(k.t.Context(), g.ProductionApp)
	if err != nil {
		k.t.Fatal(err)
	}
	client := daraja.New(k.URL(), live.Key, live.Secret, daraja.WithPasskey(live.Passkey))
	push := daraja.STKPushRequest{BusinessShortCode: liveCode, TransactionType: daraja.CustomerPayBillOnline, Amount: "10", PartyA: testworld.John, PartyB: liveCode,
		PhoneNumber: testworld.John, CallBackURL: "https://shop.example/callback", AccountReference: "INV-7", TransactionDesc: "Shoes"}
	if _, err := client.STKPush(k.t.Context(), push); err != nil {
		k.t.Errorf("with https: %v", err)
	}
	push.CallBackURL = "http://shop.example/callback"
	_, err = client.STKPush(k.t.Context(), push)
	if refused, ok := errors.AsType[*daraja.Error](err); !ok || refused.Code != "400.002.02" {
		k.t.Errorf("with http: %v", err)
	}
	p.Click("Its log")
	p.WaitText(`the production profile takes https only (the app is in production: production's rules hold for it`)
}
