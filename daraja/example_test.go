package daraja_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// Ask a customer to pay one shilling.
func Example() {
	host := exampleHost()
	defer host.Close()

	client := daraja.New(host.URL, "consumer-key", "consumer-secret", daraja.WithPasskey("passkey")) // or daraja.Sandbox
	push, err := client.STKPush(context.Background(), daraja.STKPushRequest{
		BusinessShortCode: "174379",
		TransactionType:   daraja.CustomerPayBillOnline,
		Amount:            "1",
		PartyA:            "254708374149",
		PartyB:            "174379",
		PhoneNumber:       "254708374149",
		CallBackURL:       "https://example.com/paid",
		AccountReference:  "INV-42",
		TransactionDesc:   "Two mandazi",
	})
	if refusal, ok := errors.AsType[*daraja.Error](err); ok {
		log.Fatalf("refused with %s: %s", refusal.Code, refusal.Message)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(push.CustomerMessage)
	fmt.Println(push.CheckoutRequestID)
	// Output:
	// Success. Request accepted for processing
	// ws_CO_1007202409152617172396192
}

func ExampleParseSTKCallback() {
	callback, err := daraja.ParseSTKCallback([]byte(paid)) // the body of a POST to the CallBackURL
	if err != nil {
		log.Fatal(err)
	}
	if !callback.ResultCode.Success() {
		log.Fatalf("not paid: %s", callback.ResultDesc)
	}
	cents, _ := callback.Amount()
	at, _ := callback.TransactionDate()
	fmt.Println(callback.Receipt(), cents, callback.PhoneNumber(), at.Format(time.DateTime))
	// Output: NLJ7RT61SV 100 254708374149 2019-12-19 10:21:15
}

// Pay a customer ten shillings. The id of the payment is the caller's own, so that to send it again after a broken
// connection does not pay twice.
func ExampleClient_B2C() {
	host := exampleHost()
	defer host.Close()

	certificate := exampleCertificate() // the host's; from a file, usually
	client := daraja.New(host.URL, "consumer-key", "consumer-secret",
		daraja.WithInitiator("testapi", "Safaricom999!*!", certificate))
	ack, err := client.B2C(context.Background(), daraja.B2CRequest{
		OriginatorConversationID: "refund-42",
		CommandID:                daraja.BusinessPayment,
		Amount:                   "10",
		PartyA:                   "600996",
		PartyB:                   "254708374149",
		Remarks:                  "Refund of order 42",
		QueueTimeOutURL:          "https://example.com/payouts",
		ResultURL:                "https://example.com/payouts",
	})
	if refusal, ok := errors.AsType[*daraja.Error](err); ok {
		log.Fatalf("refused with %s: %s", refusal.Code, refusal.Message)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ack.ResponseDescription)
	// Output: Accept the service request successfully.
}

func ExampleParseResult() {
	body, err := os.ReadFile("testdata/results/b2c-paid.json") // the body of a POST to the ResultURL
	if err != nil {
		log.Fatal(err)
	}
	result, err := daraja.ParseResult(body)
	if err != nil {
		log.Fatal(err)
	}
	if !result.ResultCode.Success() {
		log.Fatalf("not paid: %s", result.ResultDesc)
	}
	cents, _ := result.Parameter(daraja.ParamTransactionAmount).Cents()
	at, _ := result.Parameter(daraja.ParamTransactionCompletedDateTime).Time()
	fmt.Println(result.TransactionID, cents, at.Format(time.DateTime))
	fmt.Println(result.Parameter(daraja.ParamReceiverPartyPublicName))
	// Output:
	// NLJ41HAY6Q 1000 2019-12-19 11:45:50
	// 254708374149 - John Doe
}

func ExampleParseAccounts() {
	accounts, err := daraja.ParseAccounts("Working Account|KES|346568.83|6186.83|340382.00|0.00&Utility Account|KES|50.00|50.00|0.00|0.00")
	if err != nil {
		log.Fatal(err)
	}
	for _, account := range accounts {
		fmt.Println(account.Name, account.Available)
	}
	// Output:
	// Working Account 618683
	// Utility Account 5000
}

func ExamplePassword() {
	_, timestamp := daraja.Password("174379", "passkey", time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC))
	fmt.Println(timestamp)
	// Output: 20261121013000
}

// exampleHost stands for Safaricom's host, or Kivuko.
func exampleHost() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/oauth/") {
			answer{200, `{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}`}.write(w)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/mpesa/b2c/") {
			answer{200, acknowledged}.write(w)
			return
		}
		answer{200, pushAccepted}.write(w)
	}))
}

// exampleCertificate stands for the host's certificate.
func exampleCertificate() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
