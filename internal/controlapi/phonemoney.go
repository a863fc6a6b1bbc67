package controlapi

import (
	"context"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/store"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// What a customer does with the phone's menu and at an agent. Where no PIN is given, the owner enters the right one. A payment that
// a rule forbids is no refusal here: it has failed, and its result and reason say why.

const maxAccount = 20 // characters of an account number (DarajaTutorial, C2B API)

// pay has a customer pay a pay bill or a till.
func (s *server) pay(r *request[onPhone, control.Pay]) (*control.Payment, error) {
	b := &r.Body
	business, _ := mpesa.ParseShortcode(b.Shortcode)
	c := &mpesa.PayBusiness{Type: mpesa.CustomerBuyGoodsOnline, Phone: r.Query.MSISDN, Business: business, Reference: b.Account, Amount: money.Amount(b.Amount),
		PIN: s.entered(r.Query.MSISDN, b.PIN)}
	if b.Account != "" {
		c.Type = mpesa.CustomerPayBillOnline
	}
	err := s.fits(r.Context(), c)
	if err == nil && c.PIN == nil {
		c.PIN, err = s.ownPIN(r.Context(), c.Phone)
	}
	if err != nil {
		return nil, err
	}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// fits reports whether the right item of the menu was chosen for the business: pay bill with an account number, or buy goods without.
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
	x, err := store.Get(ctx, s.Store, mpesa.Subscribers, n)
	if err != nil || x == nil {
		return nil, err
	}
	return &x.PIN, nil
}

// sendMoney has a customer send money to another.
func (s *server) sendMoney(r *request[onPhone, control.Send]) (*control.Payment, error) {
	to, _ := msisdn.ParseLoose(r.Body.To)
	c := &mpesa.SendToCustomer{Phone: r.Query.MSISDN, To: to, Pochi: r.Body.Pochi, Amount: money.Amount(r.Body.Amount), PIN: s.entered(r.Query.MSISDN, r.Body.PIN)}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// withdrawCash has a customer take cash out at an agent.
func (s *server) withdrawCash(r *request[onPhone, control.Cash]) (*control.Payment, error) {
	c := &mpesa.WithdrawCash{Phone: r.Query.MSISDN, Amount: money.Amount(r.Body.Amount), PIN: s.entered(r.Query.MSISDN, r.Body.PIN)}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// depositCash has a customer pay cash in at an agent.
func (s *server) depositCash(r *request[onPhone, control.CashDeposit]) (*control.Payment, error) {
	c := &mpesa.DepositCash{Phone: r.Query.MSISDN, Amount: money.Amount(r.Body.Amount)}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}

// emptyPochi has a customer move money from their business wallet into their own one.
func (s *server) emptyPochi(r *request[onPhone, control.Cash]) (*control.Payment, error) {
	c := &mpesa.EmptyPochi{Phone: r.Query.MSISDN, Amount: money.Amount(r.Body.Amount), PIN: s.entered(r.Query.MSISDN, r.Body.PIN)}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownPhone(c.Phone))
}
