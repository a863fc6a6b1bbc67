package mpesa_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// What is told after a payment has a name, and a number among the deliveries of the payment, that nothing else has.
func TestWhatIsToldIsToldApart(t *testing.T) {
	names, h := map[string]bool{}, mpesa.Header{ID: 7}
	for _, kind := range mpesa.DeliveryKinds() {
		if kind.String() == "" || names[kind.String()] {
			t.Errorf("the name of %d is %q", int64(kind), kind)
		}
		names[kind.String()] = true
		if d := (mpesa.Delivery{ID: h.DeliveryID(kind)}); d.Payment() != h.ID {
			t.Errorf("the delivery %s is of payment %d", kind, d.Payment())
		}
	}
	taken := map[int64]mpesa.DeliveryKind{h.DeliveryID(mpesa.Result): mpesa.Result, h.DeliveryID(mpesa.Validation): mpesa.Validation}
	for _, hook := range mpesa.AfterPayment() {
		id := h.DeliveryID(hook.Tells)
		if other, twice := taken[id]; twice {
			t.Errorf("%s and %s have one number", hook.Tells, other)
		}
		taken[id] = hook.Tells
	}
}

func TestTheLatestRegistrationOfAKindStands(t *testing.T) {
	const some mpesa.DeliveryKind = 100
	o := mpesa.Organisation{URLs: mpesa.C2BURLs{Confirmation: "http://shop.test/c2b"}}
	before := o
	o.Register(some, "http://shop.test/1")
	once := o
	o.Register(some+1, "http://shop.test/other")
	o.Register(some, "http://shop.test/2")
	for kind, want := range map[mpesa.DeliveryKind]string{mpesa.Confirmation: "http://shop.test/c2b", some: "http://shop.test/2", some + 1: "http://shop.test/other", some + 2: ""} {
		if got := o.Registered(kind); got != want {
			t.Errorf("%d is told at %q; want %q", int64(kind), got, want)
		}
	}
	if before.Registered(some) != "" || once.Registered(some) != "http://shop.test/1" {
		t.Error("what was registered later stands in an older row")
	}
}
