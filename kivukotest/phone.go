package kivukotest

import (
	"testing"

	"github.com/kivuko/kivuko/control"
)

// Phone is a customer's phone.
type Phone struct {
	Number  string
	control *control.Client
	t       testing.TB
}

// Phone returns the phone with a number, which need not be there yet; see Set.
func (w *World) Phone(number string) *Phone { return &Phone{number, w.Control(), w.t} }

func (p *Phone) check(doing string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s on the phone %s: %v", doing, p.Number, err)
	}
}

// Set changes what is given of the phone. A phone that is not there is created.
func (p *Phone) Set(change control.PhoneChange) *control.Phone {
	p.t.Helper()
	phone, _, err := p.control.PutPhone(p.t.Context(), p.Number, change)
	p.check("changing what is set", err)
	return phone
}

// Enter answers the prompt on the phone with a PIN.
func (p *Phone) Enter(pin string) *control.Payment {
	p.t.Helper()
	payment, err := p.control.Answer(p.t.Context(), p.Number, pin)
	p.check("entering the PIN", err)
	return payment
}

// Cancel answers the prompt on the phone by pressing cancel.
func (p *Phone) Cancel() *control.Payment {
	p.t.Helper()
	payment, err := p.control.Cancel(p.t.Context(), p.Number)
	p.check("pressing cancel", err)
	return payment
}

// Pay pays a business from the phone's menu.
func (p *Phone) Pay(pay control.Pay) *control.Payment {
	p.t.Helper()
	payment, err := p.control.Pay(p.t.Context(), p.Number, pay)
	p.check("paying", err)
	return payment
}

// Messages lists the SMS on the phone, newest first.
func (p *Phone) Messages() []control.Message {
	p.t.Helper()
	list, err := p.control.Messages(p.t.Context(), p.Number, 0)
	p.check("reading messages", err)
	return list
}
