package mpesa_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestRegisterPullOnce(t *testing.T) {
	b := newBench(t)
	first := mpesa.Pull{Nominated: john, CallBackURL: "http://merchant.example/first"}
	register := func(s mpesa.Shortcode, p mpesa.Pull) *mpesa.RegisterPull {
		c := &mpesa.RegisterPull{Shortcode: s, Pull: p}
		b.run(c)
		return c
	}
	if c := register(payBill, first); c.Unknown || c.Already {
		t.Errorf("the first registration got %+v", c)
	}
	if c := register(payBill, mpesa.Pull{Nominated: mary, CallBackURL: "http://merchant.example/second"}); c.Unknown || !c.Already {
		t.Errorf("the second registration got %+v", c)
	}
	if got := b.organisations[payBill].Pull; got != first {
		t.Errorf("registered is %+v, want %+v", got, first)
	}
	if c := register(nobody, first); !c.Unknown || c.Already || b.organisations[nobody] != nil {
		t.Errorf("nobody's registration got %+v", c)
	}
}
