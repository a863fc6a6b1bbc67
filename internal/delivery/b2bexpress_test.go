package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/testworld"
)

// body is what a delivery of a payment says.
func (b *bench) body(t testing.TB, p mpesa.Payment, kind mpesa.DeliveryKind) string {
	t.Helper()
	body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(kind), Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The callbacks of wire.md §14.2, of payments that John is asked for as the owner of 600000.
func TestCheckoutCallback(t *testing.T) {
	const john msisdn.Number = 254708374149
	const failed = `{"resultCode":"%s","resultDesc":"%s","requestId":"c2a9","amount":"71.0","paymentReference":"MAnd\"bubry"}`
	for name, test := range map[string]struct {
		answer  mpesa.AnswerPrompt
		working money.Amount
		code    string
		text    string
	}{
		"paid":      {mpesa.AnswerPrompt{Phone: john, PIN: testworld.Digest(john, testworld.PIN)}, money.Shillings(100), "0", ""},
		"cancelled": {mpesa.AnswerPrompt{Phone: john, Entered: mpesa.PressedCancel}, money.Shillings(100), string(daraja.B2BExpressCancelled), "User cancelled transaction"},
		"wrong PIN": {mpesa.AnswerPrompt{Phone: john}, money.Shillings(100), "2001", "The initiator information is invalid."},
		"no money":  {mpesa.AnswerPrompt{Phone: john, PIN: testworld.Digest(john, testworld.PIN)}, 0, "1", "The balance is insufficient for the transaction."},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, settings{})
			b.Do(t, &portal.ChangeOrganisation{Shortcode: 174379, Change: func(o *mpesa.Organisation, _ bool) error { o.Owner = john; return nil }})
			if test.working > 0 {
				b.Do(t, deposit{mpesa.Shortcode(174379).Party().Account(mpesa.Working), test.working})
			}
			ask := &mpesa.AcceptCheckout{From: 174379, To: 600001, Amount: money.Shillings(71), CallBackURL: "http://127.0.0.1:1/", Reference: `MAnd"bubry`,
				Partner: "Vendor", RequestID: "c2a9"}
			b.Do(t, ask)
			b.Do(t, &test.answer)
			p := ask.Payment
			want := fmt.Sprintf(failed, test.code, test.text)
			if test.code == "0" {
				at := b.Clock.Now()
				want = fmt.Sprintf(`{"resultCode":"0","resultDesc":"The service request is processed successfully.","amount":"71.0","requestId":"c2a9",`+
					`"resultType":"0","conversationID":"%s","transactionId":"%s","status":"SUCCESS"}`, b.Mint.Conversation(p.ID, at), b.Mint.Receipt(p.ID, at))
			}
			got := b.body(t, p, mpesa.CheckoutResult)
			if got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
			if c, err := daraja.ParseB2BExpressCallback([]byte(got)); err != nil || c.ResultCode != test.code || c.RequestID != "c2a9" {
				t.Errorf("our client reads %+v, %v", c, err)
			}
		})
	}
}

// deposit pays money into an account.
type deposit struct {
	account mpesa.AccountID
	amount  money.Amount
}

func (c deposit) Need(v *mpesa.View) {
	for _, id := range []mpesa.AccountID{mpesa.Provider.Account(mpesa.Trust), c.account} {
		mpesa.Accounts.Need(v, id)
	}
}

func (c deposit) Decide(v *mpesa.View, now time.Time) {
	v.Transfer(mpesa.Deposit, mpesa.Provider, c.account.Party(), "test", []mpesa.Posting{{Debit: mpesa.Provider.Account(mpesa.Trust), Credit: c.account, Amount: c.amount}}, now)
}
