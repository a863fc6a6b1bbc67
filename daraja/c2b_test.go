package daraja_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// C2B payments as they were delivered: DarajaTutorial's validation, and wire.md §6.3.
const (
	validation = `{"TransactionType":"","TransID":"LHG31AA5TX","TransTime":"20170816190243","TransAmount":"200.00",` +
		`"BusinessShortCode":"600996","BillRefNumber":"account","InvoiceNumber":"","OrgAccountBalance":"","ThirdPartyTransID":"",` +
		`"MSISDN":"254708374149","FirstName":"John","MiddleName":"","LastName":"Doe"}`
	confirmation = `{"TransactionType":"Pay Bill","TransID":"RKL51ZDR4F","TransTime":"20231121121325","TransAmount":"5.00",` +
		`"BusinessShortCode":"600966","BillRefNumber":"Sample Transaction","InvoiceNumber":"","OrgAccountBalance":"25.00",` +
		`"ThirdPartyTransID":"","MSISDN":"2547 ***** 126","FirstName":"NICHOLAS","MiddleName":"","LastName":""}`
)

func TestC2BPayment(t *testing.T) {
	tests := []struct {
		name, body     string
		cents, balance int64
		at             string
		confirmed      bool
	}{
		{"validation", validation, 20000, 0, "2017-08-16T19:02:43+03:00", false},
		{"confirmation", confirmation, 500, 2500, "2023-11-21T12:13:25+03:00", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := daraja.ParseC2BPayment([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if cents, ok := p.Amount(); cents != test.cents || !ok {
				t.Errorf("Amount is %d, %v", cents, ok)
			}
			if cents, ok := p.Balance(); cents != test.balance || ok != test.confirmed {
				t.Errorf("Balance is %d, %v", cents, ok)
			}
			if at, ok := p.Time(); !ok || at.Format(time.RFC3339) != test.at {
				t.Errorf("Time is %v, %v", at, ok)
			}
			if got := written(t, p); got != test.body {
				t.Errorf("written again it is %s\nwant %s", got, test.body)
			}
		})
	}
}

func TestAC2BPaymentOfNumbersIsRead(t *testing.T) {
	p, err := daraja.ParseC2BPayment([]byte(`{"TransID":"RKL51ZDR4F","TransTime":20231121121325,"TransAmount":5.00,
		"BusinessShortCode":600966,"BillRefNumber":null,"MSISDN":254708374149,"Unknown":{"a":1}}`))
	want := daraja.C2BPayment{
		TransID: "RKL51ZDR4F", TransTime: "20231121121325", TransAmount: "5.00", BusinessShortCode: "600966", MSISDN: "254708374149",
	}
	if err != nil || *p != want {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestWhatIsNotAC2BPaymentIsRefused(t *testing.T) {
	for body, isJSON := range map[string]bool{
		``: false, `<html>`: false, `[]`: false, `null`: true, `{}`: true, paid: true,
		`{"TransID":"RKL51ZDR4F"}`: true, `{"BusinessShortCode":"600966"}`: true,
	} {
		_, err := daraja.ParseC2BPayment([]byte(body))
		if err == nil || errors.Is(err, daraja.ErrNotC2BPayment) != isJSON {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestPhoneNumbersAreShownAsMPESADoes(t *testing.T) {
	// The number and hash of a real payload (wire.md §6.3).
	if got := daraja.HashMSISDN("254705912645"); got != "94c392c311d522da950619227b3361752a42042db7e1e699b26e628305c68a88" {
		t.Errorf("the hash is %s", got)
	}
	for msisdn, want := range map[string]string{"254712345126": "2547 ***** 126", "1234567": "1234 ***** 567", "123456": "*****", "": "*****"} {
		if got := daraja.MaskMSISDN(msisdn); got != want {
			t.Errorf("%q is masked as %q, want %q", msisdn, got, want)
		}
	}
}

func TestValidationReply(t *testing.T) {
	tests := []struct {
		reply daraja.ValidationReply
		want  string
	}{
		{daraja.AcceptC2B(""), `{"ResultCode":0,"ResultDesc":"Accepted"}`},
		{daraja.AcceptC2B("1234567890"), `{"ResultCode":0,"ResultDesc":"Accepted","ThirdPartyTransID":"1234567890"}`},
		{daraja.RejectC2B("1"), `{"ResultCode":1,"ResultDesc":"Rejected"}`},
		{daraja.RejectC2B(daraja.C2BInvalidMSISDN), `{"ResultCode":"C2B00011","ResultDesc":"Rejected"}`},
		{daraja.RejectC2B(daraja.C2BOtherError), `{"ResultCode":"C2B00016","ResultDesc":"Rejected"}`},
	}
	for _, test := range tests {
		if got := written(t, test.reply); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		var back daraja.ValidationReply
		if err := json.Unmarshal([]byte(test.want), &back); back != test.reply || err != nil {
			t.Errorf("%s is read as %+v, %v", test.want, back, err)
		}
	}
	var reply daraja.ValidationReply
	if err := json.Unmarshal([]byte(`{"ResultCode":"0","ResultDesc":"Accepted"}`), &reply); !reply.ResultCode.Success() || err != nil {
		t.Errorf("a code in quotes: got %+v, %v", reply, err)
	}
}

func TestC2BRequestsAreTheSamples(t *testing.T) {
	urls := daraja.RegisterURLRequest{
		ShortCode: "600996", ResponseType: daraja.ResponseCancelled,
		ConfirmationURL: "https://mydomain.com/confirmation", ValidationURL: "https://mydomain.com/validation",
	}
	const urlsBody = `{"ShortCode":"600996","ResponseType":"Cancelled","ConfirmationURL":"https://mydomain.com/confirmation",` +
		`"ValidationURL":"https://mydomain.com/validation"}`
	bill := daraja.C2BSimulateRequest{
		ShortCode: "600996", CommandID: daraja.CustomerPayBillOnline, Amount: "100", Msisdn: "254708374149", BillRefNumber: "account",
	}
	till := daraja.C2BSimulateRequest{ShortCode: "600996", CommandID: daraja.CustomerBuyGoodsOnline, Amount: "100", Msisdn: "254708374149"}
	const tillBody = `{"ShortCode":"600996","CommandID":"CustomerBuyGoodsOnline","Amount":"100","Msisdn":"254708374149"}`
	tests := []struct {
		name       string
		send       func(context.Context, *daraja.Client) (*daraja.C2BResponse, error)
		path, body string
	}{
		{"register", func(ctx context.Context, c *daraja.Client) (*daraja.C2BResponse, error) {
			return c.RegisterURL(ctx, urls)
		},
			"/mpesa/c2b/v2/registerurl", urlsBody},
		{"register v1", func(ctx context.Context, c *daraja.Client) (*daraja.C2BResponse, error) {
			return c.RegisterURLV1(ctx, urls)
		},
			"/mpesa/c2b/v1/registerurl", urlsBody},
		{"till", func(ctx context.Context, c *daraja.Client) (*daraja.C2BResponse, error) {
			return c.SimulateC2B(ctx, till)
		},
			"/mpesa/c2b/v2/simulate", tillBody},
		{"bill v1", func(ctx context.Context, c *daraja.Client) (*daraja.C2BResponse, error) {
			return c.SimulateC2BV1(ctx, bill)
		},
			"/mpesa/c2b/v1/simulate", swap(tillBody, "CustomerBuyGoodsOnline", "CustomerPayBillOnline", `149"}`, `149","BillRefNumber":"account"}`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, `{"OriginatorCoversationID":"1","ResponseCode":"0","ResponseDescription":"Success"}`}
			if _, err := test.send(t.Context(), g.client()); err != nil {
				t.Fatal(err)
			}
			if want, got := (call{test.path, "application/json", test.body}), g.last(t); got != want {
				t.Errorf("sent %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestC2BResponse(t *testing.T) {
	tests := []struct {
		name, body string
		refused    bool
	}{
		{"version 2", `{"OriginatorCoversationID":"6e86-45dd-91ac-fd5d4178ab523408729","ResponseCode":"0","ResponseDescription":"Success"}`, false},
		{"zeros", `{"OriginatorCoversationID":"6e86-45dd","ResponseCode":"00000000","ResponseDescription":"Success"}`, false},
		{"tutorial's registration", `{"ConversationID":"","OriginatorCoversationID":"","ResponseDescription":"success"}`, false},
		{"tutorial's simulation", `{"ConversationID":"AG_20180324_000066530b914eee3f85","OriginatorCoversationID":"25344-885903-1",` +
			`"ResponseDescription":"Accept the service request successfully."}`, false},
		{"registered already", `{"ConversationID":"","OriginatorCoversationID":"",` +
			`"ResponseDescription":"Validation and Confirmation URLs are already registered"}`, true},
		{"a code", `{"OriginatorCoversationID":"1","ResponseCode":"1","ResponseDescription":"Success"}`, true},
		{"nothing", `{}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, test.body}
			resp, err := g.client().RegisterURL(t.Context(), daraja.RegisterURLRequest{})
			if _, ok := errors.AsType[*daraja.Error](err); ok != test.refused {
				t.Fatalf("got %v", err)
			}
			if test.refused {
				return
			}
			if got := written(t, resp); got != test.body {
				t.Errorf("got %s\nwant %s", got, test.body)
			}
		})
	}
}
