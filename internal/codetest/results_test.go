package codetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// queueTime is more than a request may wait.
const queueTime = 61 * time.Second

// wanted is a code that an API gives.
type wanted struct {
	code codes.Result
	api  string
}

// TestEveryResultArrives makes the state for each code of each API and sees the code arrive with its text.
func TestEveryResultArrives(t *testing.T) {
	s := open(t, kivuko.Config{ResultAfter: -1})
	slow := open(t, kivuko.Config{ResultAfter: -1})
	slow.advances = true
	covered := map[wanted]bool{}
	arrives := func(w wanted, by string, s *shop, ask func(*testing.T, *shop) outcome) {
		covered[w] = true
		t.Run(fmt.Sprintf("%s/%s/%s", w.code, w.api, by), func(t *testing.T) {
			t.Parallel()
			if got, want := ask(t, s), (outcome{daraja.ResultCode(w.code), w.code.Desc(w.api)}); got != want {
				t.Errorf("the result is %s %q; want %s %q", got.code, got.text, want.code, want.text)
			}
		})
	}
	for _, n := range numbers(t) {
		n.request.customer, n.request.api = n.customer, n.api
		at := s
		if n.code == codes.QueueTimedOut {
			at = slow
		}
		arrives(n.wanted, n.name, at, func(t *testing.T, s *shop) outcome { return s.ask(t, n.request) })
	}
	for _, c := range cases() {
		arrives(wanted{c.code, c.api}, c.by, s, c.ask)
	}
	for _, entry := range append(codes.Results(), codes.OtherResults()...) {
		for _, api := range append(codes.APIs(), codes.APIQuery) {
			given := apis.Newest(api).Ends(entry.Code) != nil
			if w := (wanted{entry.Code, api}); given != covered[w] {
				t.Errorf("result %s of %s: the catalogue says %v, a test says %v", w.code, w.api, given, covered[w])
			}
		}
	}
}

// number is a number of the world in its state, asked for over an API.
type number struct {
	wanted
	name     string
	customer string
	request  request
}

// numbers are the cases that the world's numbers make without preparation.
func numbers(t *testing.T) (list []number) {
	t.Helper()
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	add := func(name string, s seedworld.State, fill func(part seedworld.Part, n *number)) {
		for part, apis := range s.In {
			for _, api := range apis {
				n := number{wanted: wanted{s.Gives, api}, name: fmt.Sprintf("%s as %s", name, part)}
				fill(part, &n)
				list = append(list, n)
			}
		}
	}
	for _, x := range w.Customers {
		add(x.MSISDN.String(), x.State, func(_ seedworld.Part, n *number) { n.customer = x.MSISDN.String() })
	}
	for _, x := range w.Organisations {
		add(x.Shortcode.String(), x.State, func(part seedworld.Part, n *number) {
			if part == seedworld.Payer {
				n.request.payer = x.Shortcode.String()
			} else {
				n.request.payee = x.Shortcode.String()
			}
		})
	}
	for _, x := range w.Operators {
		add(x.Username, x.State, func(_ seedworld.Part, n *number) { n.request.initiator = x.Username })
	}
	return list
}

// special is a case that takes preparation.
type special struct {
	code codes.Result
	api  string
	by   string
	ask  func(*testing.T, *shop) outcome
}

func cases() []special {
	list := []special{
		{codes.InsufficientFunds, codes.APIReversal, "an account that was emptied", func(t *testing.T, s *shop) outcome {
			const business = "600901"
			receipt := s.paid(t, "", business)
			s.done(t, s.ask(t, request{api: codes.APIB2B, command: daraja.BusinessTransferFromUtilityToMMF, payer: business, payee: business, amount: "1000010"}))
			return s.ask(t, request{api: codes.APIReversal, payer: business, receipt: receipt})
		}},
		{codes.AboveDailyLimit, codes.APIReversal, "a customer who may receive no more today", reverseTo("254712000004", control.PhoneChange{Limits: new("test-daily")})},
		{codes.AboveBalanceLimit, codes.APIReversal, "a customer whose wallet is full", reverseTo("254712000008", control.PhoneChange{Limits: new("test-receiver")})},
		{codes.AccountNotAllowed, codes.APIReversal, "a customer who was suspended", reverseTo("254712002006", control.PhoneChange{Standing: new(control.StandingInactive)})},
		{codes.AlreadyReversed, codes.APIReversal, "a payment that was reversed", func(t *testing.T, s *shop) outcome {
			r := request{api: codes.APIReversal, payer: "600903", receipt: s.paid(t, "", "600903")}
			s.done(t, s.ask(t, r))
			return s.ask(t, r)
		}},
		{codes.NotReversible, codes.APIReversal, "an unknown receipt", asks(request{api: codes.APIReversal})},
		{codes.NotReversible, codes.APIReversal, "somebody else's payment", func(t *testing.T, s *shop) outcome {
			return s.ask(t, request{api: codes.APIReversal, payer: "600903", receipt: s.paid(t, "", "600904")})
		}},
		{codes.NotReversible, codes.APIReversal, "another amount", func(t *testing.T, s *shop) outcome {
			return s.ask(t, request{api: codes.APIReversal, payer: "600903", amount: "9", receipt: s.paid(t, "", "600903")})
		}},
		{codes.NotReversible, codes.APIReversal, "a payout", func(t *testing.T, s *shop) outcome {
			return s.ask(t, request{api: codes.APIReversal, receipt: s.result(t, request{api: codes.APIB2C}).TransactionID})
		}},
		{codes.ReceiptUnknown, codes.APIStatus, "an unknown receipt", asks(request{api: codes.APIStatus})},
		{codes.OriginatorUnknown, codes.APIStatus, "an unknown identifier", asks(request{api: codes.APIStatus, original: "nobody's"})},
		{codes.OperatorNotFound, codes.APIB2B, "nobody's shortcode", asks(request{api: codes.APIB2B, payee: "999999"})},
		{codes.OperatorNotFound, codes.APIExpress, "nobody's shortcode", func(t *testing.T, s *shop) outcome {
			response, err := s.client.STKPush(t.Context(), daraja.STKPushRequest{BusinessShortCode: "600001", TransactionType: daraja.CustomerPayBillOnline, Amount: "10",
				PartyA: "254712000003", PartyB: "999999", PhoneNumber: "254712000003", CallBackURL: s.URL, AccountReference: "INV-7"})
			if err != nil {
				t.Fatal(err)
			}
			callback := s.For(t, response.CheckoutRequestID)
			return outcome{callback.ResultCode, callback.ResultDesc}
		}},
		{codes.InvalidInitiator, codes.APIC2B, "a wrong PIN", func(t *testing.T, s *shop) outcome {
			return s.pay(t, "254712002001", control.Pay{Shortcode: "600001", Account: "INV-7", Amount: 1000, PIN: "4321"})
		}},
		{codes.InvalidInitiator, codes.APIB2C, "an unknown operator", asks(request{api: codes.APIB2C, initiator: "nobody"})},
		{codes.InvalidInitiator, codes.APIB2B, "a wrong credential", func(t *testing.T, s *shop) outcome {
			wrong := *s
			wrong.credential = "d3Jvbmc="
			return wrong.ask(t, request{api: codes.APIB2B, payer: "600905"})
		}},
		{codes.StillProcessing, codes.APIQuery, "a phone that waits for a person", pending},
		{codes.OrderNameTaken, codes.APIStandingOrder, "a name that the customer has used", func(t *testing.T, s *shop) outcome {
			r := s.complete(request{api: codes.APIStandingOrder})
			s.done(t, s.order(t, r, "School"))
			return s.order(t, r, "School")
		}},
		{codes.CheckoutCancelled, codes.APICheckout, "an owner who presses cancel", asks(request{api: codes.APICheckout, customer: "254700001032"})},
		{codes.AboveBalanceLimit, codes.APITax, "a tax account that is full", fullTaxAccount},
	}
	return append(list, successes()...)
}

// successes are the cases that nothing is wrong with.
func successes() (list []special) {
	for _, api := range codes.APIs() {
		r := request{api: api}
		ask := asks(r)
		switch api {
		case codes.APIReversal, codes.APIStatus:
			ask = func(t *testing.T, s *shop) outcome {
				const business = "600906"
				return s.ask(t, request{api: api, payer: business, receipt: s.paid(t, "", business)})
			}
		}
		list = append(list, special{codes.Success, api, "nothing wrong", ask})
	}
	simulated := func(t *testing.T, s *shop) outcome {
		response, err := s.client.SimulateC2B(t.Context(), daraja.C2BSimulateRequest{ShortCode: "600001", CommandID: daraja.CustomerPayBillOnline, Amount: "10",
			Msisdn: "254712000000", BillRefNumber: "INV-7"})
		if err != nil {
			t.Fatal(err)
		}
		return s.final(t, response.OriginatorConversationID)
	}
	salary := asks(request{api: codes.APIB2C, command: daraja.SalaryPayment, customer: "254700002040"})
	return append(list,
		special{codes.Success, codes.APIC2B, "the simulator", simulated},
		special{codes.Success, codes.APIB2C, "a salary to somebody who is not registered", salary})
}

func asks(r request) func(*testing.T, *shop) outcome {
	return func(t *testing.T, s *shop) outcome { return s.ask(t, r) }
}

// paid has a customer pay a business, and gives the receipt.
func (s *shop) paid(t *testing.T, customer, business string) (receipt string) {
	t.Helper()
	callback := s.push(t, request{customer: customer, payee: business})
	s.done(t, outcome{callback.ResultCode, callback.ResultDesc})
	return callback.Receipt()
}

func (s *shop) done(t *testing.T, got outcome) {
	t.Helper()
	if got.code != daraja.ResultCode(codes.Success) {
		t.Fatalf("the preparation ended with %s %q", got.code, got.text)
	}
}

// reverseTo reverses the payment of a customer who has changed since.
func reverseTo(customer string, change control.PhoneChange) func(*testing.T, *shop) outcome {
	return func(t *testing.T, s *shop) outcome {
		const business = "600902"
		receipt := s.paid(t, customer, business)
		if _, _, err := s.api.PutPhone(t.Context(), customer, change); err != nil {
			t.Fatal(err)
		}
		return s.ask(t, request{api: codes.APIReversal, payer: business, receipt: receipt})
	}
}

// pending asks the query about a prompt that nobody has answered.
func pending(t *testing.T, s *shop) outcome {
	const phone, business = "254712004999", "600001"
	if _, _, err := s.api.PutPhone(t.Context(), phone, control.PhoneChange{Answers: new(control.AnswersAsk)}); err != nil {
		t.Fatal(err)
	}
	response := s.prompt(t, phone, business)
	answer, err := s.client.STKQuery(t.Context(), daraja.STKQueryRequest{BusinessShortCode: business, CheckoutRequestID: response.CheckoutRequestID})
	if err != nil {
		t.Fatal(err)
	}
	return outcome{daraja.ResultCode(answer.ResultCode), answer.ResultDesc}
}

// fullTaxAccount is in a world of its own: everybody pays taxes to the same account.
func fullTaxAccount(t *testing.T, _ *shop) outcome {
	s := open(t, kivuko.Config{ResultAfter: -1})
	if _, _, err := s.api.PutOrganisation(t.Context(), daraja.KRA, control.OrganisationChange{MaxBalance: new(control.Amount(1))}); err != nil {
		t.Fatal(err)
	}
	return s.ask(t, request{api: codes.APITax})
}

// TestEveryRejectionRejects has a validation URL answer with each of the codes that reject.
func TestEveryRejectionRejects(t *testing.T) {
	s := open(t, kivuko.Config{})
	catalogue, err := s.api.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range catalogue.Rejections {
		t.Run(x.Code, func(t *testing.T) {
			t.Parallel()
			business, path := fmt.Sprint(600_100+i), "/validation/"+x.Code
			s.AnswerAt(path, func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(daraja.RejectC2B(daraja.ResultCode(x.Code)))
			})
			_, err := s.client.RegisterURL(t.Context(), daraja.RegisterURLRequest{ShortCode: business, ResponseType: daraja.ResponseCompleted,
				ConfirmationURL: s.URL + "/confirmation", ValidationURL: s.URL + path})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.api.PutOrganisation(t.Context(), business, control.OrganisationChange{Validates: new(true)}); err != nil {
				t.Fatal(err)
			}
			want := outcome{daraja.ResultCode(codes.ValidationFailed), codes.ValidationFailed.Callback()}
			if got := s.ask(t, request{api: codes.APIExpress, payee: business}); got != want {
				t.Errorf("the result is %+v; want %+v", got, want)
			}
		})
	}
}
