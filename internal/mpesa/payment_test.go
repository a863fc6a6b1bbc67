package mpesa_test

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestReceiptIsDatedByWhenTheMoneyMovedOrWasHeldOrTheOrderWasAgreedTo(t *testing.T) {
	for name, test := range map[string]struct {
		x    mpesa.Subject
		want int64
	}{
		"paid":   {&mpesa.Payment{Header: mpesa.Header{AcceptedAt: 1, FinishedAt: 9}}, 9},
		"held":   {&mpesa.Payment{Header: mpesa.Header{AcceptedAt: 1, FinishedAt: 9}, Details: mpesa.Details{ValidatedAt: 5}}, 5},
		"asked":  {&mpesa.Payment{Header: mpesa.Header{AcceptedAt: 1}, Details: mpesa.Details{ValidatedAt: 5}}, 5},
		"agreed": {&mpesa.Order{Header: mpesa.Header{AcceptedAt: 1, FinishedAt: 9}, Agreed: 3}, 3},
	} {
		if got := test.x.ReceiptAt(); got != test.want {
			t.Errorf("%s: %d; want %d", name, got, test.want)
		}
	}
}

func TestNamesOfWhatIsStored(t *testing.T) {
	names := map[string]bool{}
	for kind := mpesa.Express; kind <= mpesa.StandingOrder; kind++ {
		if name := kind.String(); name == "" || names[name] {
			t.Errorf("kind %d is called %q", kind, name)
		} else {
			names[name] = true
		}
	}
	for state := mpesa.Prompting; state <= mpesa.Validating; state++ {
		if name := state.String(); name == "" || names[name] || state.Final() != (state == mpesa.Completed || state == mpesa.Failed) {
			t.Errorf("state %d is called %q, and is final: %v", state, name, state.Final())
		} else {
			names[name] = true
		}
	}
	for kind := mpesa.Principal; kind <= mpesa.BusinessCharge; kind++ {
		if name := kind.String(); name == "" || names[name] {
			t.Errorf("transfer kind %d is called %q", kind, name)
		} else {
			names[name] = true
		}
	}
	for state, want := range map[mpesa.DeliveryState]string{mpesa.Pending: "pending", mpesa.Delivered: "delivered", mpesa.GivenUp: "failed"} {
		if state.String() != want {
			t.Errorf("delivery state %d is called %q", state, state)
		}
	}
}

func TestDeliveriesOfAPaymentHaveNumbersOfTheirOwn(t *testing.T) {
	numbers := map[int64]mpesa.DeliveryKind{}
	for _, kind := range mpesa.DeliveryKinds() {
		id := (&mpesa.Payment{Header: mpesa.Header{ID: 9}}).DeliveryID(kind)
		if id>>4 != 9 || kind.String() == "" {
			t.Errorf("the %q of payment 9 has number %d", kind, id)
		}
		// Who asked is told in one way only, so that what tells them may share a number.
		told := []mpesa.DeliveryKind{mpesa.ExpressResult, mpesa.Result, mpesa.QueueTimeout, mpesa.CheckoutResult, mpesa.OrderResult}
		if other, taken := numbers[id]; taken && !(slices.Contains(told, kind) && slices.Contains(told, other)) {
			t.Errorf("%s and %s have one number", kind, other)
		}
		numbers[id] = kind
	}
}
