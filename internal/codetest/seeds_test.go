package codetest

import (
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
)

// "The amount transacted in that transaction to be reversed, down to the cent" (DarajaTutorial, Reversal API): however a payment with cents is
// written, it can be taken back, and another amount can't.
func TestPaymentsAreReversedToTheCent(t *testing.T) {
	s := open(t, kivuko.Config{})
	pays := map[string]func(*testing.T) (receipt string){
		codes.APIC2B: func(t *testing.T) string {
			p, err := s.api.Pay(t.Context(), "254714000001", control.Pay{Shortcode: "600001", Account: "INV-7", Amount: 10050})
			if err != nil {
				t.Fatal(err)
			}
			return p.Receipt
		},
		codes.APIExpress: func(t *testing.T) string {
			callback := s.push(t, request{payee: "600001", amount: "100.50"})
			return callback.Receipt()
		},
		codes.APIB2B: func(t *testing.T) string {
			return s.result(t, request{api: codes.APIB2B, payer: "600002", payee: "600001", amount: "100.50"}).TransactionID
		},
	}
	for api, pay := range pays {
		for _, amount := range []string{"100.50", "100.5", "100.500"} {
			t.Run(api+" "+amount, func(t *testing.T) {
				receipt := pay(t)
				for _, other := range []string{"100", "101", "100.49"} {
					got := s.ask(t, request{api: codes.APIReversal, payer: "600001", receipt: receipt, amount: other})
					if got.code != "R000002" {
						t.Errorf("%s of it reverse with %+v", other, got)
					}
				}
				s.done(t, s.ask(t, request{api: codes.APIReversal, payer: "600001", receipt: receipt, amount: amount}))
			})
		}
	}
}

// The tutorial's rule is every API's (DarajaTutorial, API errors: Invalid Amount), so payouts have cents too, and results tell of them.
func TestPayoutsHaveCents(t *testing.T) {
	s := open(t, kivuko.Config{})
	for _, api := range []string{codes.APIB2C, codes.APIPochi} {
		result := s.result(t, request{api: api, amount: "10.50"})
		if got := result.Parameter(daraja.ParamTransactionAmount); got != "10.50" {
			t.Errorf("%s: the result tells of %q", api, got)
		}
	}
	s.done(t, s.ask(t, request{api: codes.APITax, amount: "10.50"}))
}

// "Other supported values include" B2C's commands (BusinessToPochi, request parameters: CommandID).
func TestPochiMakesThePaymentsOfB2CToo(t *testing.T) {
	s := open(t, kivuko.Config{})
	for _, command := range []string{daraja.SalaryPayment, daraja.BusinessPayment, daraja.PromotionPayment} {
		s.done(t, s.ask(t, request{api: codes.APIPochi, command: command}))
		s.done(t, s.ask(t, request{api: codes.APIPochi, command: command, customer: "254700102040"})) // who has no business wallet
	}
	if got := s.ask(t, request{api: codes.APIPochi, customer: "254700102040"}); got.code != "2040" {
		t.Errorf("without a business wallet the result is %+v", got)
	}
}

// "You cannot do this payment from a Pay Bill or Buy Goods (Till Number)" (BusinessToCustomer, introduction).
func TestPayBillsAndTillsOfTheWorldPayNoCustomers(t *testing.T) {
	s := open(t, kivuko.Config{})
	for _, payer := range []string{"174379", "654321", "765432", "654322", "765433"} {
		for _, api := range []string{codes.APIB2C, codes.APIPochi} {
			if got := s.ask(t, request{api: api, payer: payer}); got.code != "2028" {
				t.Errorf("%s by %s ends with %+v", api, payer, got)
			}
		}
	}
}
