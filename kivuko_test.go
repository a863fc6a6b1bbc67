package kivuko_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/kivukotest"
)

const passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

func push(url string) daraja.STKPushRequest {
	return daraja.STKPushRequest{BusinessShortCode: "174379", TransactionType: daraja.CustomerPayBillOnline, Amount: "50", PartyA: "254712345678",
		PartyB: "174379", PhoneNumber: "254712345678", CallBackURL: url, AccountReference: "INV-1"}
}

func TestTwoRunInOneProcess(t *testing.T) {
	t.Parallel()
	collector := kivukotest.Collect(t)
	poor, rich := kivukotest.Start(t, kivuko.Config{}), kivukotest.Start(t, kivuko.Config{})
	zero := control.Amount(0)
	if _, _, err := poor.Control().PutPhone(t.Context(), "0712345678", control.PhoneChange{Balance: &zero}); err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]*kivukotest.World{"1": poor, "0": rich} {
		client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret", daraja.WithPasskey(passkey))
		ack, err := client.STKPush(t.Context(), push(collector.URL+"/callback"))
		if err != nil {
			t.Fatal(err)
		}
		if got := collector.For(t, ack.CheckoutRequestID); string(got.ResultCode) != want {
			t.Errorf("result %s; want %s", got.ResultCode, want)
		}
		if p, err := k.Control().Payment(t.Context(), ack.CheckoutRequestID); err != nil || p.Result != want {
			t.Errorf("the payment is %+v, %v; want result %s", p, err, want)
		}
	}
}

func TestTheCustomerGetsAMessage(t *testing.T) {
	t.Parallel()
	collector := kivukotest.Collect(t)
	k := kivukotest.Start(t, kivuko.Config{})
	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret", daraja.WithPasskey(passkey))
	ack, err := client.STKPush(t.Context(), push(collector.URL+"/callback"))
	if err != nil {
		t.Fatal(err)
	}
	callback := collector.For(t, ack.CheckoutRequestID)
	messages, err := k.Control().Messages(t.Context(), "0712345678", 0)
	if err != nil || len(messages) != 1 {
		t.Fatalf("messages: %v, %v", messages, err)
	}
	for _, part := range []string{callback.Receipt() + " Confirmed. Ksh50.00 sent to Daraja Sandbox for account INV-1 on ", "New M-PESA balance is Ksh99,950.00. Transaction cost, Ksh0.00."} {
		if !strings.Contains(messages[0].Text, part) {
			t.Errorf("the message is %q; want %q in it", messages[0].Text, part)
		}
	}
	cancel := control.AnswersCancel
	if _, _, err := k.Control().PutPhone(t.Context(), "0712345678", control.PhoneChange{Answers: &cancel}); err != nil {
		t.Fatal(err)
	}
	if ack, err = client.STKPush(t.Context(), push(collector.URL+"/callback")); err != nil {
		t.Fatal(err)
	}
	collector.For(t, ack.CheckoutRequestID)
	if again, err := k.Control().Messages(t.Context(), "0712345678", 0); err != nil || len(again) != 1 {
		t.Errorf("who cancels is told nothing; messages: %v, %v", again, err)
	}
}

// A test of one's own program starts a Kivuko, tells the customer's phone what to do and looks at what came of it.
func Example() {
	ctx := context.Background()
	k, err := kivuko.Start(ctx, kivuko.Config{Phones: "ask"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer k.Close()
	callbacks := httptest.NewServer(nil) // your program's
	defer callbacks.Close()

	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret", daraja.WithPasskey(passkey))
	if _, err := client.STKPush(ctx, push(callbacks.URL+"/callback")); err != nil {
		fmt.Println(err)
		return
	}
	payment, err := k.Control().Answer(ctx, "0712345678", "1234")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(payment.State, payment.Amount, payment.ResultDesc)
	// Output: completed 50.00 The service request is processed successfully.
}

func ExampleCallbacks() {
	fmt.Println(kivuko.Callbacks())
	// Output: [stkpush result timeout confirmation b2bexpress ratiba]
}
