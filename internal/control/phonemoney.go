package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// What a customer does with the phone's menu and at an agent. Where no PIN is given, the owner enters the right one. A payment that
// a rule forbids is no refusal here: it has failed, and its result and reason say why.

const maxAccount = 20 // characters of an account number (DarajaTutorial, C2B API)

// pay has a customer pay a pay bill or a till.
func (s *server) pay(r *http.Request) (answer, error) {
	c := &mpesa.PayBusiness{Type: mpesa.CustomerBuyGoodsOnline}
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	err := readFields(r, fields{
		"shortcode": textual(shortcode(&c.Business)),
		"account": func(raw json.RawMessage) (err error) {
			c.Type = mpesa.CustomerPayBillOnline
			c.Reference, err = line(raw, 1, maxAccount)
			return err
		},
		"amount": shillings(&c.Amount),
		"pin":    s.enteredPIN(c.Phone, &c.PIN),
	}, "shortcode", "amount")
	if err == nil {
		err = s.fits(r.Context(), c)
	}
	if err == nil && c.PIN == nil {
		c.PIN, err = s.ownPIN(r.Context(), c.Phone)
	}
	if err != nil {
		return answer{}, err
	}
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// fits tells whether the right item of the menu was chosen for the business: pay bill with an account number, or buy goods without.
// Who nobody is shows in the payment's result, as on a phone.
func (s *server) fits(ctx context.Context, c *mpesa.PayBusiness) error {
	o, err := s.Engine.Directory().Organisation(ctx, c.Business)
	switch {
	case err != nil || o == nil:
		return err
	case o.Kind == mpesa.PayBill && c.Type != mpesa.CustomerPayBillOnline:
		return badField.of("account", "it is missing: %s is a pay bill, which takes an account number of 1 to %d characters", c.Business, maxAccount)
	case o.Kind != mpesa.PayBill && c.Type == mpesa.CustomerPayBillOnline:
		return badField.of("account", "%s is a %s, which takes no account number", c.Business, o.Kind)
	}
	return nil
}

// ownPIN is the digest of the PIN that a phone has; nil when it is nobody's.
func (s *server) ownPIN(ctx context.Context, n msisdn.Number) (*mpesa.PINDigest, error) {
	x, err := s.Store.Subscriber(ctx, n)
	if err != nil || x == nil {
		return nil, err
	}
	return &x.PIN, nil
}

// sendMoney has a customer send money to another.
func (s *server) sendMoney(r *http.Request) (answer, error) {
	c := new(mpesa.SendToCustomer)
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	err := readFields(r, fields{
		"to": textual(phone(&c.To)), "pochi": boolean(&c.Pochi), "amount": shillings(&c.Amount), "pin": s.enteredPIN(c.Phone, &c.PIN),
	}, "to", "amount")
	if err != nil {
		return answer{}, err
	}
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// withdrawCash has a customer take cash out at an agent.
func (s *server) withdrawCash(r *http.Request) (answer, error) {
	c := new(mpesa.WithdrawCash)
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	if err := readFields(r, fields{"amount": shillings(&c.Amount), "pin": s.enteredPIN(c.Phone, &c.PIN)}, "amount"); err != nil {
		return answer{}, err
	}
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// depositCash has a customer pay cash in at an agent.
func (s *server) depositCash(r *http.Request) (answer, error) {
	c := new(mpesa.DepositCash)
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	if err := readFields(r, fields{"amount": shillings(&c.Amount)}, "amount"); err != nil {
		return answer{}, err
	}
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// emptyPochi has a customer move money from his business wallet into his own one.
func (s *server) emptyPochi(r *http.Request) (answer, error) {
	c := new(mpesa.EmptyPochi)
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	if err := readFields(r, fields{"amount": shillings(&c.Amount), "pin": s.enteredPIN(c.Phone, &c.PIN)}, "amount"); err != nil {
		return answer{}, err
	}
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// enteredPIN takes the PIN that somebody enters on a phone.
func (s *server) enteredPIN(n msisdn.Number, into **mpesa.PINDigest) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		pin, err := s.pin(n, raw)
		*into = &pin
		return err
	}
}

// textual takes JSON text for a taker of text.
func textual(take func(string) error) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		s, err := text(raw)
		if err != nil {
			return err
		}
		return take(s)
	}
}

// boolean takes true or false.
func boolean(into *bool) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		*into = string(raw) == "true"
		if !*into && string(raw) != "false" {
			return errors.New("it has to be true or false")
		}
		return nil
	}
}

// line reads text of some characters in one line.
func line(raw json.RawMessage, least, most int) (string, error) {
	s, err := text(raw)
	if n := utf8.RuneCountInString(s); err != nil || n < least || n > most || !printable(s) {
		return "", fmt.Errorf("it has to be text of %d to %d characters without line breaks", least, most)
	}
	return s, nil
}
