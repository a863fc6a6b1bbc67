package codetest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/testworld"
)

// Choices of docs/divergences.md that no other package's test sees.

func TestReasonPhraseIsTheStandards(t *testing.T) {
	s := open(t, kivuko.Config{})
	response, err := http.Post(s.base+testworld.PushPath, "application/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.Status != "404 Not Found" {
		t.Errorf("the status line says %q", response.Status)
	}
}

// BusinessPayBill, response body, and BusinessToCustomer's.
func TestAcknowledgementsBeginAsPrinted(t *testing.T) {
	s := open(t, kivuko.Config{})
	for path, want := range map[string]string{
		testworld.B2BPath: `{"OriginatorConversationID":`, testworld.TaxPath: `{"OriginatorConversationID":`, testworld.B2CPath: `{"ConversationID":`,
		testworld.PochiPath: `{"ConversationID":`, testworld.ReversalPath: `{"ConversationID":`, testworld.StatusPath: `{"ConversationID":`, testworld.BalancePath: `{"ConversationID":`,
	} {
		m := testworld.NewMerchant(s.base, s.URL)
		m.Credential = s.credential
		m.Token(t)
		body, err := json.Marshal(m.Requests()[path])
		if err != nil {
			t.Fatal(err)
		}
		if a := m.Post(t, path, body); !strings.HasPrefix(string(a.Body), want) {
			t.Errorf("%s answers HTTP %d %s; want %s first", path, a.Status, a.Body, want)
		}
	}
}

// The control API stands for people who register URLs by hand.
func TestControlAPIRegistersWhatTheStrictProfileRefuses(t *testing.T) {
	s := open(t, kivuko.Config{Profile: kivuko.Strict})
	const business = "600001"
	for range 2 { // and as often as it is asked to
		want := control.URLs{Version: 2, ResponseType: daraja.ResponseCompleted, Confirmation: s.URL + "/mpesa", Validation: s.URL + "/mpesa"}
		if got, err := s.api.PutURLs(t.Context(), business, want); err != nil || *got != want {
			t.Errorf("registered is %+v, %v", got, err)
		}
	}
	_, err := s.client.RegisterURL(t.Context(), daraja.RegisterURLRequest{ShortCode: "600002", ResponseType: daraja.ResponseCompleted, ConfirmationURL: s.URL + "/mpesa", ValidationURL: s.URL + "/mpesa"})
	if err == nil {
		t.Error("the API registered them too")
	}
}

func TestStandingOrderHasTheNameThatItWasGiven(t *testing.T) {
	s := open(t, kivuko.Config{})
	r := s.complete(request{api: codes.APIStandingOrder})
	tomorrow := time.Now().In(clock.EAT).AddDate(0, 0, 1).Format("20060102")
	response, err := s.client.CreateStandingOrder(t.Context(), daraja.StandingOrderRequest{StandingOrderName: "Rent", StartDate: tomorrow, EndDate: tomorrow, BusinessShortCode: r.payee,
		TransactionType: daraja.StandingOrderPayBill, ReceiverPartyIdentifierType: daraja.IdentifierShortcode, Amount: r.amount, PartyA: r.customer, CallBackURL: s.URL + "/named",
		AccountReference: "INV-7", Frequency: daraja.FrequencyOnce, CustomStandingOrderID: "mine-7"})
	if err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseStandingOrderCallback(s.At(t, "/named").Body)
	if err != nil || response.ResponseHeader.ResponseRefID != "mine-7" || callback.ResponseRefID != "mine-7" {
		t.Errorf("got %+v, then %+v, %v", response, callback, err)
	}
}

// The words of wire.md §10 for the states of a payment.
func TestStatusHasAWordForEachState(t *testing.T) {
	s := open(t, kivuko.Config{ResultAfter: -1})
	const business = "600001"
	for _, test := range []struct {
		word string
		make func(*testing.T) request // the query
	}{
		{daraja.StatusCompleted, s.ended("")},
		{daraja.StatusDeclined, s.ended("254700000001")},
		{daraja.StatusCancelled, s.ended("254700001032")},
		{daraja.StatusExpired, s.ended("254700001019")},
		{daraja.StatusExpired, s.ended("254700001036")},
		{daraja.StatusExpired, s.ended("254700001037")},
		{daraja.StatusInitiated, func(t *testing.T) request {
			const phone = "254715000001"
			if _, _, err := s.api.PutPhone(t.Context(), phone, control.PhoneChange{Answers: new(control.AnswersAsk)}); err != nil {
				t.Fatal(err)
			}
			return request{original: s.prompt(t, phone, business).MerchantRequestID}
		}},
		{daraja.StatusAuthorized, func(t *testing.T) request {
			ack, err := s.submit(t, s.complete(request{api: codes.APIB2B, payer: "508026", payee: business}), s.URL+"/r", s.URL+"/t", "")
			if err != nil {
				t.Fatal(err)
			}
			return request{original: ack.OriginatorConversationID}
		}},
		{daraja.StatusPendingAuthorized, func(t *testing.T) request {
			const validating = "600907"
			s.AnswerAt("/validation", s.Hang)
			if _, err := s.api.PutURLs(t.Context(), validating, control.URLs{Version: 2, ResponseType: daraja.ResponseCancelled, Confirmation: s.URL + "/confirmation", Validation: s.URL + "/validation"}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.api.PutOrganisation(t.Context(), validating, control.OrganisationChange{Validates: new(true)}); err != nil {
				t.Fatal(err)
			}
			pushed := s.prompt(t, "254715000002", validating)
			s.At(t, "/validation") // the phone has approved
			return request{payer: validating, original: pushed.MerchantRequestID}
		}},
	} {
		t.Run(test.word, func(t *testing.T) {
			t.Parallel()
			query := test.make(t)
			query.api = codes.APIStatus
			if query.payer == "" {
				query.payer = business
			}
			if result := s.result(t, query); string(result.Parameter(daraja.ParamTransactionStatus)) != test.word {
				t.Errorf("the result says %+v; want %s", result, test.word)
			}
		})
	}
}

// ended asks about a push that has ended, by its MerchantRequestID.
func (s *shop) ended(customer string) func(*testing.T) request {
	return func(t *testing.T) request {
		return request{original: s.push(t, request{customer: customer, payee: "600001"}).MerchantRequestID}
	}
}

// prompt opens a prompt on a phone.
func (s *shop) prompt(t *testing.T, phone, business string) *daraja.STKPushResponse {
	t.Helper()
	response, err := s.client.STKPush(t.Context(), daraja.STKPushRequest{BusinessShortCode: business, TransactionType: daraja.CustomerPayBillOnline, Amount: "10",
		PartyA: phone, PartyB: business, PhoneNumber: phone, CallBackURL: s.URL, AccountReference: "INV-7"})
	if err != nil {
		t.Fatal(err)
	}
	return response
}
