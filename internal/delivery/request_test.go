package delivery_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// ask has the organisation 600000's initiator ask for something, whose result is to come to a collector.
func (b *bench) ask(t testing.TB, c *kivukotest.Collector, kind mpesa.Kind, command string, payee mpesa.Party, change ...func(*mpesa.Payment)) mpesa.Payment {
	t.Helper()
	p := mpesa.Payment{Header: mpesa.Header{Kind: kind, Payer: 600_000, Payee: payee, Business: 600_000, Amount: money.Shillings(1000)}, Details: mpesa.Details{
		TransactionType: command, Initiator: "testapi", CallBackURL: c.URL + "/result", TimeoutURL: c.URL + "/timeout", Reference: "353353", Description: "OK"}}
	for _, change := range change {
		change(&p)
	}
	if kind == mpesa.StatusQuery || kind == mpesa.BalanceQuery {
		query := &mpesa.AcceptQuery{Request: mpesatest.QueryOf(p)}
		b.Do(t, query)
		return mpesatest.PaymentOf(&query.Query)
	}
	accept := &mpesa.AcceptRequest{Request: p}
	b.Do(t, accept)
	if accept.Refused != nil {
		t.Fatal(accept.Refused)
	}
	return accept.Payment
}

// about makes a request one about another payment.
func about(original mpesa.Payment) func(*mpesa.Payment) {
	return func(p *mpesa.Payment) { p.Details.Original, p.Amount = original.ID, original.Amount }
}

// due lets happen what a payment waits for.
func (b *bench) due(t testing.TB, p mpesa.Payment) mpesa.Payment {
	t.Helper()
	b.Do(t, portal.WhenDue(p.Kind, p.State, mpesa.Due{Payment: p.ID, Payer: p.Payer}))
	return b.Payment(t, func(x mpesa.Payment) bool { return x.ID == p.ID && x.State.Final() })
}

func TestEveryRequestHasItsResult(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	paid := b.pay(t, 600_000, money.Shillings(1000))
	for name, test := range map[string]struct {
		kind    mpesa.Kind
		command string
		payee   mpesa.Party
		change  func(*mpesa.Payment)
		says    map[string]string // parameters
	}{
		"salary":    {mpesa.B2C, mpesa.SalaryPayment, johnDoe, nil, map[string]string{"ReceiverPartyPublicName": "254708374149 - John Doe", "TransactionAmount": "1000", "B2CRecipientIsRegisteredCustomer": "Y", "TransactionCompletedDateTime": "20.11.2026 12:00:00"}},
		"pochi":     {mpesa.B2Pochi, mpesa.BusinessPayToPochi, johnDoe, nil, map[string]string{"ReceiverPartyPublicName": "254708374149 - John Doe", "TransactionAmount": "1000"}},
		"pay bill":  {mpesa.B2B, mpesa.BusinessPayBill, 600_001, nil, map[string]string{"ReceiverPartyPublicName": "600001 - Sandbox Organisation 600001", "Amount": "1000", "Currency": "KES", "TransCompletedTime": "20261120120000"}},
		"buy goods": {mpesa.B2B, "BusinessBuyGoods", 765_432, nil, map[string]string{"ReceiverPartyPublicName": "765432 - Kivuko Till"}},
		"tax":       {mpesa.Tax, mpesa.PayTaxToKRA, mpesa.Party(mpesa.KRA), func(p *mpesa.Payment) { p.Details.Reference = "PRN1234XN" }, map[string]string{"ReceiverPartyPublicName": "572572 - Kenya Revenue Authority"}},
		"reversal":  {mpesa.Reversal, mpesa.TransactionReversal, 0, about(paid), map[string]string{"OriginalTransactionID": b.Mint.Receipt(paid.ID, testworld.Noon), "CreditPartyPublicName": "254708374149 - John Doe", "DebitPartyPublicName": "600000 - Sandbox Organisation 600000", "Amount": "1000.00", "Charge": "0.00"}},
		"status":    {mpesa.StatusQuery, mpesa.TransactionStatusQuery, 0, about(paid), map[string]string{"ReceiptNo": b.Mint.Receipt(paid.ID, testworld.Noon), "TransactionStatus": "Completed", "ReasonType": "Pay Bill"}},
		"balance":   {mpesa.BalanceQuery, mpesa.AccountBalance, 0, nil, map[string]string{"ActionType": "AccountBalance", "BOCompletedTime": "20261120120000"}},
	} {
		t.Run(name, func(t *testing.T) {
			change := func(p *mpesa.Payment) { p.Details.Originator = "600997_Test_" + name }
			if test.change == nil {
				test.change = func(*mpesa.Payment) {}
			}
			p := b.due(t, b.ask(t, c, test.kind, test.command, test.payee, test.change, change))
			r := c.At(t, "/result")
			result := r.Result(t)
			if p.Result != codes.Success || result.ResultCode != "0" || result.ResultType != "0" || result.ConversationID != b.Mint.Conversation(p.ID, testworld.Noon) || result.OriginatorConversationID != b.Mint.Originator(p.ID, p.Details.Originator) {
				t.Fatalf("%s: the result is %s", r.Body, p.Reason)
			}
			if id, ok := b.Mint.ParseReceipt(result.TransactionID); test.kind.MovesMoney() != (ok && id == p.ID) {
				t.Errorf("its receipt is %s", result.TransactionID)
			}
			for key, want := range test.says {
				if got := result.Parameter(key); string(got) != want {
					t.Errorf("%s is %q; want %q", key, got, want)
				}
			}
			if len(r.Header) != 3 || r.Header.Get("Kivuko-Courier") == "" || r.Header.Get("Content-Type") != "application/json;charset=UTF-8" {
				t.Errorf("its headers are %v", r.Header)
			}
			again(t, r.Body)
			want(t, b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Result)}), mpesa.Delivered, answered(200))
			body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(mpesa.Result), Kind: mpesa.Result})
			if err != nil || string(body) != string(r.Body) {
				t.Errorf("it is shown as %s, %v", body, err)
			}
		})
	}
	b.nothingMore(t, c)
	b.Books(t)
}

// The production profile echoes production's QueueTimeoutURL (wire.md §7.2).
func TestResultOfTheStrictProfile(t *testing.T) {
	b := newBench(t, settings{options: strict})
	p := mpesa.Payment{Header: mpesa.Header{ID: firstPlaced, Kind: mpesa.B2C, State: mpesa.Failed, Result: codes.InvalidInitiator, Payer: 600_000, Payee: johnDoe}}
	b.Do(t, &place{payments: []mpesa.Payment{p}})
	body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(mpesa.Result), Kind: mpesa.Result})
	if err != nil {
		t.Fatal(err)
	}
	if url := (kivukotest.Request{Body: body}).Result(t).Reference(daraja.ReferenceQueueTimeoutURL); url != "https://internalapi.safaricom.co.ke/mpesa/b2cresults/v1/submit" {
		t.Errorf("it echoes %s", url)
	}
}

// TestStatusTellsOfAPaymentAsItStood asks about payments in every state, and for the answer again when they have gone on.
func TestStatusTellsOfAPaymentAsItStood(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_001, c, validated(mpesa.ResponseCompleted))
	c.AnswerAt("/validation", c.Hang)
	push := func(pin string) mpesa.Payment {
		d := b.owe(t, c.URL+"/stk", pin, func(p *mpesa.AcceptPush) { p.Business, p.Receiver = 600_000, 600_000 })
		p, err := store.Get(t.Context(), b.Store, mpesa.Payments, d.Payment())
		if err != nil {
			t.Fatal(err)
		}
		return *p
	}
	open := &mpesa.AcceptPush{Business: 600_000, Receiver: 600_000, Phone: 254_705_912_645, PartyA: 254_705_912_645, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(1500), CallBackURL: c.URL + "/stk"}
	b.Do(t, open)
	held := &mpesa.PayBusiness{Phone: 254_708_374_149, Business: 600_001, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(1500), Reference: "a"}
	b.Do(t, held)
	late := b.ask(t, c, mpesa.B2C, mpesa.SalaryPayment, johnDoe, func(p *mpesa.Payment) { p.Details.TimeoutURL = c.URL + "/timeout" })
	payout := b.due(t, b.ask(t, c, mpesa.B2C, mpesa.SalaryPayment, johnDoe))
	task := mpesa.Payment{Header: mpesa.Header{ID: firstPlaced, Kind: mpesa.B2C, State: mpesa.Approving, Payer: 600_000, Payee: johnDoe, Business: 600_000, Amount: money.Shillings(1500),
		AcceptedAt: testworld.Noon.UnixMilli(), DueAt: testworld.Noon.Add(time.Hour).UnixMilli()}, Details: mpesa.Details{TransactionType: mpesa.SalaryPayment, Initiator: "clerk"}}
	b.Do(t, &place{payments: []mpesa.Payment{task}})
	poor := b.due(t, b.ask(t, c, mpesa.B2B, mpesa.BusinessPayBill, 600_001, func(p *mpesa.Payment) { p.Amount = money.Shillings(900_000_000) }))
	shop := func(p *mpesa.Payment) { p.Payer, p.Business = 600_001, 600_001 }
	self := func(*mpesa.Payment) {}
	waits := map[string]string{"FinalisedTime": "", "ReceiptNo": ""}
	ended := map[string]string{"FinalisedTime": "20261120120000"}
	for name, test := range map[string]struct {
		original mpesa.Payment
		asks     func(*mpesa.Payment)
		status   string
		says     []map[string]string
	}{
		"pushed":     {push("1234"), self, "Completed", []map[string]string{ended, {"DebitAccountType": "MMF Account For Customer", "ReasonType": "Pay Bill Online", "CreditPartyName": "600000 - Sandbox Organisation 600000", "CreditPartyCharges": ""}}},
		"charged":    {b.pay(t, 600_000, money.Shillings(1500)), self, "Completed", []map[string]string{ended, {"ReasonType": "Pay Bill", "CreditPartyCharges": "Pay Bill Charge|KES|5.00", "Amount": "1500", "DebitPartyName": "254708374149 - John Doe"}}},
		"paid out":   {payout, self, "Completed", []map[string]string{ended, {"DebitAccountType": "Utility Account", "ReasonType": "Salary Payment via API", "DebitPartyCharges": "Fee For B2C Payment|KES|5.00", "DebitPartyName": "600000 - Sandbox Organisation 600000", "CreditPartyName": "254708374149 - John Doe", "TransactionReason": "OK"}}},
		"prompting":  {open.Payment, self, "Initiated", []map[string]string{waits}},
		"validating": {held.Payment, shop, "Pending Authorized", []map[string]string{waits, {"CreditPartyCharges": "", "DebitAccountType": "MMF Account For Customer"}}},
		"approving":  {task, self, "Pending Authorized", []map[string]string{waits, {"DebitAccountType": "Utility Account", "DebitPartyCharges": "", "ReasonType": "Salary Payment"}}},
		"queued":     {late, self, "Authorized", []map[string]string{waits, {"DebitAccountType": "Utility Account", "DebitPartyCharges": ""}}},
		"cancelled":  {push("cancel"), self, "Cancelled", []map[string]string{ended}},
		"declined":   {poor, self, "Declined", []map[string]string{ended, {"DebitAccountType": "Working Account", "DebitPartyCharges": ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.due(t, b.ask(t, c, mpesa.StatusQuery, mpesa.TransactionStatusQuery, 0, about(test.original), test.asks))
			r := c.About(t, b.Mint.Conversation(p.ID, testworld.Noon))
			result := r.Result(t)
			if p.Result != codes.Success || string(result.Parameter("TransactionStatus")) != test.status {
				t.Errorf("%s: %s", r.Body, p.Reason)
			}
			for _, says := range test.says {
				for key, want := range says {
					if got := result.Parameter(key); string(got) != want {
						t.Errorf("%s is %q; want %q", key, got, want)
					}
				}
			}
			again(t, r.Body)
			switch test.original.State { // it goes on
			case mpesa.Prompting:
				b.Do(t, &mpesa.AnswerPrompt{Phone: 254_705_912_645, PIN: testworld.Digest(254_705_912_645, "1234")})
			case mpesa.Validating:
				b.Do(t, &mpesa.Attempted{Delivery: held.Payment.DeliveryID(mpesa.Validation), Verdict: &mpesa.Verdict{Answered: true, Code: "0"}})
			case mpesa.Queued:
				b.due(t, test.original)
			}
			body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(mpesa.Result), Kind: mpesa.Result})
			if diff := cmp.Diff(string(r.Body), string(body)); diff != "" || err != nil {
				t.Errorf("later it would say %s, %v", diff, err)
			}
		})
	}
	b.Books(t)
}

// A request that isn't processed in its time goes to QueueTimeOutURL, and to no other.
func TestRequestThatWaitedTooLong(t *testing.T) {
	printed, err := os.ReadFile("testdata/timeout-modelled.json")
	if err != nil {
		t.Fatal(err)
	}
	b, c := newBench(t, settings{clock: time.Date(2026, time.December, 6, 10, 0, 0, 0, clock.EAT)}), kivukotest.Collect(t)
	b.Do(t, &portal.ChangeOrganisation{Shortcode: 600_000, Change: func(o *mpesa.Organisation, _ bool) error {
		o.Fault = mpesa.QueueStopped
		return nil
	}})
	p := b.ask(t, c, mpesa.B2C, mpesa.SalaryPayment, johnDoe, func(p *mpesa.Payment) { p.Details.Originator = "600997_Test_32et3241ed8yu" })
	before, err := b.Store.Accounts(t.Context(), 600_000)
	if err != nil {
		t.Fatal(err)
	}
	b.Clock.Advance(time.Minute - time.Millisecond)
	b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}}) // not yet
	b.Clock.Advance(time.Millisecond)
	p = b.due(t, p)
	r := c.At(t, "/timeout")
	if p.Result != codes.QueueTimedOut || !p.Details.TimedOut || len(r.Header) != 3 {
		t.Errorf("the result is %s: %s", p.Result, p.Reason)
	}
	if diff := cmp.Diff(form(t, printed), form(t, r.Body)); diff != "" {
		t.Errorf("%s differs (- modelled, + ours):\n%s", r.Body, diff)
	}
	d := b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.QueueTimeout)})
	if want(t, d, mpesa.Delivered, answered(200)); d.Kind != mpesa.QueueTimeout || d.URL != c.URL+"/timeout" {
		t.Errorf("it is %+v", d)
	}
	if after, err := b.Store.Accounts(t.Context(), 600_000); err != nil || cmp.Diff(before, after) != "" {
		t.Errorf("its accounts were %+v and are %+v, %v", before, after, err)
	}
	b.nothingMore(t, c)
	b.Books(t)
}

// A body that can't be written, because what it tells of can't be read, is no attempt. It is sent when it can be.
func TestBodyThatCanNotBeWrittenYet(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	query := mpesa.Query{Header: mpesa.Header{ID: firstPlaced, Kind: mpesa.StatusQuery, State: mpesa.Completed, Result: codes.Success, Payer: 600_000, Business: 600_000},
		Command: mpesa.TransactionStatusQuery, Original: firstPlaced + 1, Found: mpesa.Completed}
	d := mpesa.Delivery{ID: query.DeliveryID(mpesa.Result), Kind: mpesa.Result, Owner: 600_000, URL: c.URL, DueAt: b.Clock.Now().Add(time.Minute).UnixMilli()}
	b.Do(t, &place{queries: []mpesa.Query{query}, deliveries: []mpesa.Delivery{d}})
	for b.sender.Retries().Len() == 0 { // until it has been tried
		runtime.Gosched()
	}
	b.Do(t, &place{payments: []mpesa.Payment{{Header: mpesa.Header{ID: firstPlaced + 1, Kind: mpesa.C2B, State: mpesa.Completed, Result: codes.Success, Payer: johnDoe, Payee: 600_000}}}})
	b.Clock.Advance(time.Second)
	b.settle()
	want(t, b.over(t, d), mpesa.Delivered, answered(200))
	c.Next(t)
	b.nothingMore(t, c)
}
