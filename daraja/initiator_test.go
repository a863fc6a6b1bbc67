package daraja_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// acknowledged is the answer of BusinessToPochi, response body.
const acknowledged = `{"ConversationID":"AG_20240706_20106e9209f64bebd05b","OriginatorConversationID":"600997_Test_32et3241ed8yu",` +
	`"ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}`

// The requests of the samples; their bodies are those of the seeds, or of wire.md where those have none.
var (
	sampleB2C = daraja.B2CRequest{
		OriginatorConversationID: "feb5e3f2-fbbc-4745-844c-ee37b546f627", InitiatorName: "testapi",
		SecurityCredential: "EsJocK7+NjqZPC3I3EO+TbvS+xVb9TymWwaKABoaZr/Z/n0UysSs..", CommandID: daraja.BusinessPayment,
		Amount: "10", PartyA: "600996", PartyB: "254728762287", Remarks: "here are my remarks",
		QueueTimeOutURL: "https://mydomain.com/b2c/queue", ResultURL: "https://mydomain.com/b2c/result", Occasion: "Christmas",
	}
	samplePayBill = daraja.B2BRequest{
		Initiator: "API_Usename", SecurityCredential: "FKXl/KPzT8hFOnozI+unz7mXDgTRbrlrZ+C1Vblxpbz7jliLAFa0E/",
		CommandID: daraja.BusinessPayBill, SenderIdentifierType: "4", ReceiverIdentifierType: "4", Amount: "239",
		PartyA: "123456", PartyB: "000000", AccountReference: "353353", Requester: "254700000000", Remarks: "OK",
		QueueTimeOutURL: "http://0.0.0.0:0000/ResultsListener.php", ResultURL: "http://0.0.0.0:8888/TimeOutListener.php",
	}
)

const (
	sampleB2CBody = `{"OriginatorConversationID":"feb5e3f2-fbbc-4745-844c-ee37b546f627","InitiatorName":"testapi",` +
		`"SecurityCredential":"EsJocK7+NjqZPC3I3EO+TbvS+xVb9TymWwaKABoaZr/Z/n0UysSs..","CommandID":"BusinessPayment",` +
		`"Amount":"10","PartyA":"600996","PartyB":"254728762287","Remarks":"here are my remarks",` +
		`"QueueTimeOutURL":"https://mydomain.com/b2c/queue","ResultURL":"https://mydomain.com/b2c/result","Occassion":"Christmas"}`
	samplePayBillBody = `{"Initiator":"API_Usename",` +
		`"SecurityCredential":"FKXl/KPzT8hFOnozI+unz7mXDgTRbrlrZ+C1Vblxpbz7jliLAFa0E/","CommandID":"BusinessPayBill",` +
		`"SenderIdentifierType":"4","RecieverIdentifierType":"4","Amount":"239","PartyA":"123456","PartyB":"000000",` +
		`"AccountReference":"353353","Requester":"254700000000","Remarks":"OK",` +
		`"QueueTimeOutURL":"http://0.0.0.0:0000/ResultsListener.php","ResultURL":"http://0.0.0.0:8888/TimeOutListener.php"}`
)

func TestInitiatorRequestsAreTheSamples(t *testing.T) {
	tutorialB2C := daraja.B2CRequest{
		InitiatorName: "testapi", SecurityCredential: "secret", CommandID: daraja.SalaryPayment, Amount: "1000",
		PartyA: "600996", PartyB: "254708374149", QueueTimeOutURL: "https://mydomain.com/path", ResultURL: "https://mydomain.com/path",
	}
	pochi := sampleB2C
	pochi.CommandID = ""
	tax := samplePayBill
	tax.CommandID, tax.PartyB, tax.AccountReference, tax.Requester, tax.Occasion = "", daraja.KRA, "PRN1234XN", "", "June"
	reversal := daraja.ReversalRequest{
		Initiator: "testapi", SecurityCredential: "secret", TransactionID: "LGR019G3J2", Amount: "10", ReceiverParty: "600996",
		ReceiverIdentifierType: daraja.IdentifierReversal, ResultURL: "https://mydomain.com/path",
		QueueTimeOutURL: "https://mydomain.com/path", Remarks: "please", Occasion: "work",
	}
	status := daraja.TransactionStatusRequest{
		Initiator: "testapi", SecurityCredential: "secret", OriginalConversationID: "12363-1328499-6", PartyA: "600996",
		IdentifierType: daraja.IdentifierShortcode, ResultURL: "https://mydomain.com/path",
		QueueTimeOutURL: "https://mydomain.com/path", Remarks: "OK",
	}
	balance := daraja.AccountBalanceRequest{
		Initiator: "testapi", SecurityCredential: "secret", PartyA: "600996", IdentifierType: daraja.IdentifierShortcode,
		Remarks: "OK", QueueTimeOutURL: "https://mydomain.com/path", ResultURL: "https://mydomain.com/path",
	}
	tests := []struct {
		name       string
		send       func(context.Context, *daraja.Client) (*daraja.Acknowledgement, error)
		path, body string
	}{
		{"B2C", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.B2C(ctx, sampleB2C)
		},
			"/mpesa/b2c/v3/paymentrequest", sampleB2CBody},
		{"B2C v1", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.B2CV1(ctx, tutorialB2C)
		},
			"/mpesa/b2c/v1/paymentrequest", `{"InitiatorName":"testapi","SecurityCredential":"secret","CommandID":"SalaryPayment",` +
				`"Amount":"1000","PartyA":"600996","PartyB":"254708374149","Remarks":"","QueueTimeOutURL":"https://mydomain.com/path",` +
				`"ResultURL":"https://mydomain.com/path","Occassion":""}`},
		{"B2Pochi", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.B2Pochi(ctx, pochi)
		},
			"/mpesa/b2pochi/v1/paymentrequest", swap(sampleB2CBody, "BusinessPayment", "BusinessPayToPochi")},
		{"B2B", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.B2B(ctx, samplePayBill)
		},
			"/mpesa/b2b/v1/paymentrequest", samplePayBillBody},
		{"tax", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.RemitTax(ctx, tax)
		},
			"/mpesa/b2b/v1/remittax", swap(samplePayBillBody, "BusinessPayBill", "PayTaxToKRA", `"000000"`, `"572572"`,
				"353353", "PRN1234XN", `"Requester":"254700000000",`, "", `.php"}`, `.php","Occassion":"June"}`)},
		{"reversal", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.Reverse(ctx, reversal)
		},
			"/mpesa/reversal/v1/request", `{"Initiator":"testapi","SecurityCredential":"secret","CommandID":"TransactionReversal",` +
				`"TransactionID":"LGR019G3J2","Amount":"10","ReceiverParty":"600996","RecieverIdentifierType":"11",` +
				`"ResultURL":"https://mydomain.com/path","QueueTimeOutURL":"https://mydomain.com/path","Remarks":"please","Occasion":"work"}`},
		{"status", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.TransactionStatus(ctx, status)
		},
			"/mpesa/transactionstatus/v1/query", `{"Initiator":"testapi","SecurityCredential":"secret","CommandID":"TransactionStatusQuery",` +
				`"OriginalConversationID":"12363-1328499-6","PartyA":"600996","IdentifierType":"4",` +
				`"ResultURL":"https://mydomain.com/path","QueueTimeOutURL":"https://mydomain.com/path","Remarks":"OK"}`},
		{"balance", func(ctx context.Context, c *daraja.Client) (*daraja.Acknowledgement, error) {
			return c.AccountBalance(ctx, balance)
		},
			"/mpesa/accountbalance/v1/query", `{"Initiator":"testapi","SecurityCredential":"secret","CommandID":"AccountBalance",` +
				`"PartyA":"600996","IdentifierType":"4","Remarks":"OK","QueueTimeOutURL":"https://mydomain.com/path",` +
				`"ResultURL":"https://mydomain.com/path"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, acknowledged}
			ack, err := test.send(t.Context(), g.client())
			if err != nil {
				t.Fatal(err)
			}
			if want, got := (call{test.path, "application/json", test.body}), g.last(t); got != want {
				t.Errorf("sent %+v\nwant %+v", got, want)
			}
			if got := written(t, ack); got != acknowledged {
				t.Errorf("got %s\nwant %s", got, acknowledged)
			}
			g.api = answer{500, `{"requestId":"1","errorCode":"500.002.1001","errorMessage":"Duplicate OriginatorConversationID."}`}
			_, err = test.send(t.Context(), g.client())
			if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "500.002.1001" {
				t.Errorf("got %v, want the refusal", err)
			}
		})
	}
}

func TestAnAcknowledgementOfNumbersIsNoError(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, `{"OriginatorConversationID":5118,"ConversationID":"AG_1","ResponseCode":0,"ResponseDescription":"OK"}`}
	ack, err := g.client().B2C(t.Context(), sampleB2C)
	if err != nil || ack.ResponseCode != "0" || ack.OriginatorConversationID != "5118" {
		t.Errorf("got %+v, %v", ack, err)
	}
}

func TestAnAcknowledgementThatRefusesIsAnError(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, `{"ResponseCode":"1","ResponseDescription":"Rejected"}`}
	_, err := g.client().B2B(t.Context(), samplePayBill)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "1" || e.Message != "Rejected" {
		t.Errorf("got %v, want the refusal", err)
	}
}

func TestAnInitiatorIsFilledInWhereThereIsNone(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t)
	g.api = answer{200, acknowledged}
	c := g.client(daraja.WithInitiator("testapi", "Safaricom999!*!", certificate(t, key)))
	sent := func(name, credential string) (string, string) {
		t.Helper()
		if _, err := c.B2C(t.Context(), daraja.B2CRequest{InitiatorName: name, SecurityCredential: credential}); err != nil {
			t.Fatal(err)
		}
		var body struct{ InitiatorName, SecurityCredential string }
		if err := json.Unmarshal([]byte(g.last(t).body), &body); err != nil {
			t.Fatal(err)
		}
		return body.InitiatorName, body.SecurityCredential
	}
	_, credential := sent("", "")
	encrypted, err := base64.StdEncoding.DecodeString(credential)
	if err != nil {
		t.Fatal(err)
	}
	password, err := key.Decrypt(nil, encrypted, &rsa.PKCS1v15DecryptOptions{}) //lint:ignore SA1019 the wire's padding
	if string(password) != "Safaricom999!*!" || err != nil {
		t.Errorf("the credential decrypts to %q, %v", password, err)
	}
	tests := []struct{ name, credential, wantName, wantCredential string }{
		{"", "", "testapi", credential},
		{"testapi", "", "testapi", credential},
		{"", "mine", "testapi", "mine"},
		{"other", "", "other", ""},
		{"other", "mine", "other", "mine"},
	}
	for _, test := range tests {
		if name, credential := sent(test.name, test.credential); name != test.wantName || credential != test.wantCredential {
			t.Errorf("%q, %q: sent %q, %q, want %q, %q",
				test.name, test.credential, name, credential, test.wantName, test.wantCredential)
		}
	}
}

func TestACertificateThatCannotBeUsedShowsInTheRequestThatNeedsIt(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, acknowledged}
	c := g.client(daraja.WithInitiator("testapi", "secret", []byte("not a certificate")))
	if _, err := c.B2C(t.Context(), daraja.B2CRequest{}); err == nil {
		t.Error("no error")
	}
	if got := g.served(); got != 0 {
		t.Errorf("%d requests were sent", got)
	}
	if _, err := c.B2C(t.Context(), daraja.B2CRequest{SecurityCredential: "mine"}); err != nil {
		t.Errorf("with a credential of its own: %v", err)
	}
}
