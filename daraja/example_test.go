package daraja_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
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
		answer{200, pushAccepted}.write(w)
	}))
}
