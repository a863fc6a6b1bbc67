package codetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

const (
	password = "Safaricom999!*!"
	operator = "testapi"
)

// shop is a running Kivuko and a merchant who knows it by its public APIs only.
type shop struct {
	*kivukotest.Collector
	base       string // URL of the Kivuko
	client     *daraja.Client
	api        *control.Client
	credential string
	count      *atomic.Int64
	phones     *sync.Map // a *sync.Mutex by number: one prompt at a time on a phone
	advances   bool      // time is moved past the queue's before a result is waited for
}

// open starts a Kivuko, whose books have to balance when the test ends.
func open(t *testing.T, config kivuko.Config) *shop {
	t.Helper()
	k := kivukotest.Start(t, config)
	s := &shop{Collector: kivukotest.Collect(t), base: k.URL(), client: daraja.New(k.URL(), testworld.Key, testworld.Secret, daraja.WithPasskey(testworld.Passkey)), api: k.Control(), count: new(atomic.Int64), phones: new(sync.Map)}
	t.Cleanup(func() { // whatever was asked
		if books, err := s.api.Books(context.Background()); err != nil || !books.Balanced() {
			t.Errorf("the books are %+v, %v", books, err)
		}
	})
	certificate, err := s.api.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.credential, err = daraja.EncryptCredential(password, certificate); err != nil {
		t.Fatal(err)
	}
	return s
}

// outcome is what became of a request.
type outcome struct {
	code daraja.ResultCode
	text string
}

// request says what is special about a request; the rest is usual.
type request struct {
	api       string
	customer  string // "": one of its own
	payer     string // organisation that asks; "": 600001
	payee     string // organisation that is paid; "": 600002
	initiator string // "": testapi
	command   string // "": the API's first
	amount    string // "": 10
	receipt   string // of a reversal or status query
	original  string // OriginalConversationID of a status query
}

func (s *shop) complete(r request) request {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	n := s.count.Add(1)
	fill(&r.customer, fmt.Sprint(254_711_000_000+n))
	if r.api == codes.APICheckout {
		fill(&r.payer, fmt.Sprint(600_500+n%400)) // it gets an owner
	}
	fill(&r.payer, "600001")
	fill(&r.payee, "600002")
	fill(&r.initiator, operator)
	fill(&r.amount, "10")
	return r
}

// ask makes a request and waits for its result.
func (s *shop) ask(t *testing.T, r request) outcome {
	t.Helper()
	r = s.complete(r)
	turn, _ := s.phones.LoadOrStore(r.customer, new(sync.Mutex))
	turn.(*sync.Mutex).Lock()
	defer turn.(*sync.Mutex).Unlock()
	switch r.api {
	case codes.APIExpress:
		callback := s.push(t, r)
		return outcome{callback.ResultCode, callback.ResultDesc}
	case codes.APIC2B:
		return s.pay(t, r.customer, control.Pay{Shortcode: r.payee, Account: "INV-7", Amount: 1000})
	case codes.APICheckout:
		return s.checkOut(t, r)
	case codes.APIStandingOrder:
		return s.order(t, r, fmt.Sprintf("Order %d", s.count.Add(1)))
	}
	result := s.result(t, r)
	return outcome{result.ResultCode, result.ResultDesc}
}

// push prompts the customer and gives the callback.
func (s *shop) push(t *testing.T, r request) *daraja.STKCallback {
	t.Helper()
	r = s.complete(r)
	response, err := s.client.STKPush(t.Context(), daraja.STKPushRequest{BusinessShortCode: r.payee, TransactionType: daraja.CustomerPayBillOnline,
		Amount: r.amount, PartyA: r.customer, PartyB: r.payee, PhoneNumber: r.customer, CallBackURL: s.URL, AccountReference: "INV-7", TransactionDesc: "Shoes"})
	if err != nil {
		t.Fatal(err)
	}
	return s.For(t, response.CheckoutRequestID)
}

// pay has the customer pay from the phone's menu. Nobody is told of what fails: the control API shows it.
func (s *shop) pay(t *testing.T, customer string, pay control.Pay) outcome {
	t.Helper()
	p, err := s.api.Pay(t.Context(), customer, pay)
	if err != nil {
		t.Fatal(err)
	}
	return s.final(t, fmt.Sprint(p.ID))
}

// final waits for the end of a payment that the control API shows.
func (s *shop) final(t *testing.T, id string) outcome {
	t.Helper()
	var p *control.Payment
	proctest.Soon(t, "the end of payment "+id, func() bool {
		var err error
		if p, err = s.api.Payment(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return p.Result != ""
	})
	return outcome{daraja.ResultCode(p.Result), p.ResultDesc}
}

// result asks in an initiator's name and gives what the ResultURL, or in a shop that advances the QueueTimeOutURL, was told.
func (s *shop) result(t *testing.T, r request) *daraja.Result {
	t.Helper()
	r = s.complete(r)
	n := s.count.Add(1)
	result, timeout := fmt.Sprintf("/result/%d", n), fmt.Sprintf("/timeout/%d", n)
	at := result
	ack, err := s.submit(t, r, s.URL+result, s.URL+timeout, fmt.Sprintf("codetest-%d", n))
	if err != nil {
		t.Fatal(err)
	}
	if s.advances {
		at = timeout
		if _, err := s.api.Advance(t.Context(), queueTime); err != nil {
			t.Fatal(err)
		}
	}
	got, err := daraja.ParseResult(s.At(t, at).Body)
	if err != nil {
		t.Fatal(err)
	}
	if got.ConversationID != ack.ConversationID || got.OriginatorConversationID != ack.OriginatorConversationID {
		t.Errorf("the result is of %s, %s; acknowledged were %s, %s", got.ConversationID, got.OriginatorConversationID, ack.ConversationID, ack.OriginatorConversationID)
	}
	return got
}

// submit sends a request of an API to which the answer comes later.
func (s *shop) submit(t *testing.T, r request, result, timeout, originator string) (*daraja.Acknowledgement, error) {
	t.Helper()
	const remarks = "codetest"
	switch r.api {
	case codes.APIB2C, codes.APIPochi:
		req := daraja.B2CRequest{OriginatorConversationID: originator, InitiatorName: r.initiator, SecurityCredential: s.credential, CommandID: r.command,
			Amount: r.amount, PartyA: r.payer, PartyB: r.customer, Remarks: remarks, QueueTimeOutURL: timeout, ResultURL: result}
		if r.api == codes.APIPochi {
			return s.client.B2Pochi(t.Context(), req)
		}
		if req.CommandID == "" {
			req.CommandID = daraja.BusinessPayment
		}
		return s.client.B2C(t.Context(), req)
	case codes.APIB2B, codes.APITax:
		req := daraja.B2BRequest{Initiator: r.initiator, SecurityCredential: s.credential, CommandID: r.command, SenderIdentifierType: daraja.IdentifierShortcode,
			ReceiverIdentifierType: daraja.IdentifierShortcode, Amount: r.amount, PartyA: r.payer, PartyB: r.payee, AccountReference: "INV-7", Remarks: remarks,
			QueueTimeOutURL: timeout, ResultURL: result}
		if r.api == codes.APITax {
			req.PartyB = daraja.KRA
			return s.client.RemitTax(t.Context(), req)
		}
		if req.CommandID == "" {
			req.CommandID = daraja.BusinessPayBill
		}
		return s.client.B2B(t.Context(), req)
	case codes.APIReversal:
		return s.client.Reverse(t.Context(), daraja.ReversalRequest{Initiator: r.initiator, SecurityCredential: s.credential, TransactionID: orUnknown(r.receipt), Amount: r.amount,
			ReceiverParty: r.payer, ReceiverIdentifierType: daraja.IdentifierReversal, ResultURL: result, QueueTimeOutURL: timeout, Remarks: remarks})
	case codes.APIStatus:
		if r.original == "" {
			r.receipt = orUnknown(r.receipt)
		}
		return s.client.TransactionStatus(t.Context(), daraja.TransactionStatusRequest{Initiator: r.initiator, SecurityCredential: s.credential, TransactionID: r.receipt,
			OriginalConversationID: r.original, PartyA: r.payer, IdentifierType: daraja.IdentifierShortcode, ResultURL: result, QueueTimeOutURL: timeout, Remarks: remarks})
	case codes.APIBalance:
		return s.client.AccountBalance(t.Context(), daraja.AccountBalanceRequest{Initiator: r.initiator, SecurityCredential: s.credential, PartyA: r.payer,
			IdentifierType: daraja.IdentifierShortcode, Remarks: remarks, QueueTimeOutURL: timeout, ResultURL: result})
	}
	t.Fatalf("there is no request for the API %q", r.api)
	return nil, nil
}

// checkOut has the owner of the organisation that pays asked for a payment.
func (s *shop) checkOut(t *testing.T, r request) outcome {
	t.Helper()
	if _, _, err := s.api.PutOrganisation(t.Context(), r.payer, control.OrganisationChange{Owner: &r.customer}); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/checkout/%d", s.count.Add(1))
	_, err := s.client.B2BExpress(t.Context(), daraja.B2BExpressRequest{PrimaryShortCode: r.payer, ReceiverShortCode: r.payee, Amount: r.amount, PaymentRef: "INV-7",
		CallbackURL: s.URL + path, PartnerName: "Vendor", RequestRefID: path})
	if err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseB2BExpressCallback(s.At(t, path).Body)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{daraja.ResultCode(callback.ResultCode), callback.ResultDesc}
}

// order asks a customer to agree to a standing order.
func (s *shop) order(t *testing.T, r request, name string) outcome {
	t.Helper()
	path := fmt.Sprintf("/order/%d", s.count.Add(1))
	_, err := s.createOrder(t, r, name, s.URL+path)
	if err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseStandingOrderCallback(s.At(t, path).Body)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{daraja.ResultCode(callback.ResponseCode), callback.ResponseDescription}
}

func (s *shop) createOrder(t *testing.T, r request, name, url string) (*daraja.StandingOrderResponse, error) {
	t.Helper()
	tomorrow := time.Now().In(clock.EAT).AddDate(0, 0, 1)
	return s.client.CreateStandingOrder(t.Context(), daraja.StandingOrderRequest{StandingOrderName: name, StartDate: tomorrow.Format("20060102"),
		EndDate: tomorrow.AddDate(0, 1, 0).Format("20060102"), BusinessShortCode: r.payee, TransactionType: daraja.StandingOrderPayBill,
		ReceiverPartyIdentifierType: daraja.IdentifierShortcode, Amount: r.amount, PartyA: r.customer, CallBackURL: url, AccountReference: "INV-7",
		TransactionDesc: "Shoes", Frequency: daraja.FrequencyWeekly})
}

// orUnknown is a receipt, or one that no payment has.
func orUnknown(receipt string) string {
	if receipt == "" {
		return "OEI2AK4Q16"
	}
	return receipt
}
