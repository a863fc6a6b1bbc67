package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/testworld"
)

// The callbacks of wire.md §14.4. That of an order that was agreed to says the same after it has come to its end.
func TestOrderCallback(t *testing.T) {
	const john msisdn.Number = 254708374149
	const (
		agreed = `{"responseHeader":{"responseRefID":"%[1]s","requestRefID":"%[1]s","responseCode":"0","responseDescription":"The service request is processed successfully."},` +
			`"responseBody":{"responseData":[{"name":"TransactionID","value":"%[2]s"},{"name":"responseCode","value":"0"},{"name":"Status","value":"OKAY"},{"name":"Msisdn","value":"254******149"}]}}`
		failed = `{"ResponseHeader":{"responseRefID":"%[1]s","requestRefID":"%[1]s","responseCode":"%[2]s","responseDescription":"%[3]s"},` +
			`"ResponseBody":{"ResponseData":[{"Name":"TransactionID","Value":"0000000000"},{"Name":"responseCode","Value":"%[2]s"},{"Name":"Status","Value":"ERROR"},{"Name":"Msisdn","Value":"254******149"}]}}`
	)
	today := time.Date(2026, time.November, 20, 0, 0, 0, 0, clock.EAT).UnixMilli()
	for name, test := range map[string]struct {
		answer   mpesa.AnswerPrompt
		id       string
		code     string
		text     string
		finished bool
	}{
		"agreed":    {answer: mpesa.AnswerPrompt{PIN: testworld.Digest(john, testworld.PIN)}, code: "0"},
		"over":      {answer: mpesa.AnswerPrompt{PIN: testworld.Digest(john, testworld.PIN)}, code: "0", finished: true},
		"own id":    {answer: mpesa.AnswerPrompt{PIN: testworld.Digest(john, testworld.PIN)}, code: "0", id: "bae4ef32"},
		"cancelled": {answer: mpesa.AnswerPrompt{Entered: mpesa.PressedCancel}, code: "1032", text: "Request cancelled by user"},
		"wrong PIN": {answer: mpesa.AnswerPrompt{}, code: "2001", text: "The initiator information is invalid."},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, settings{})
			ask := &mpesa.AcceptOrder{Business: 174379, Phone: john, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(50), RequestID: test.id,
				Schedule: mpesa.Schedule{Name: "Rent", Frequency: 1, First: today, Last: today}, CallBackURL: "http://127.0.0.1:1/", Reference: "House 7"}
			b.Do(t, ask)
			test.answer.Phone = john
			b.Do(t, &test.answer)
			p, at := ask.Order, b.Clock.Now()
			if test.finished {
				b.Clock.Advance(48 * time.Hour)
				b.Do(t, &mpesa.OrderDue{Order: p.ID, Payer: p.Payer})
			}
			id := b.Mint.Originator(p.ID, test.id)
			want := fmt.Sprintf(failed, id, test.code, test.text)
			if test.code == "0" {
				want = fmt.Sprintf(agreed, id, b.Mint.Receipt(p.ID, at))
			}
			got := b.body(t, mpesatest.PaymentOf(&p), mpesa.OrderResult)
			if got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
			if c, err := daraja.ParseStandingOrderCallback([]byte(got)); err != nil || c.ResponseCode != test.code || c.RequestRefID != id || c.Value("Msisdn") != "254******149" {
				t.Errorf("our client reads %+v, %v", c, err)
			}
		})
	}
}
