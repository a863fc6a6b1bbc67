package controlapi

import (
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What a customer asks the phone's menu about their own account. Where no PIN is given, the owner enters the right one. A wrong PIN is no
// refusal here: the result says so, and three in a row lock it.

// askBalance has a customer ask for their balance.
func (s *server) askBalance(r *request[onPhone, control.MenuPIN]) (*control.CustomerBalance, error) {
	c, err := s.openAccount(r)
	shown := &control.CustomerBalance{MenuResult: *menuResult(c.Result, c.Reason), Accounts: []control.Account{}}
	if c.Result == codes.Success {
		shown.Accounts = []control.Account{customerAccount(c.Wallet, mpesa.Wallet), customerAccount(c.Pochi, mpesa.Pochi)}
	}
	return shown, err
}

// askStatement has a customer ask for their latest movements.
func (s *server) askStatement(r *request[onPhone, control.MenuPIN]) (*control.CustomerStatement, error) {
	c, err := s.openAccount(r)
	if err != nil {
		return nil, err
	}
	shown := &control.CustomerStatement{MenuResult: *menuResult(c.Result, c.Reason), Movements: []control.Movement{}}
	if c.Result == codes.Success {
		shown.Movements, err = s.movements(r.Context(), c.Wallet)
	}
	return shown, err
}

// openAccount opens an account with the PIN that was given.
func (s *server) openAccount(r *request[onPhone, control.MenuPIN]) (c mpesa.OpenAccount, err error) {
	c.Phone, c.PIN = r.Query.MSISDN, s.entered(r.Query.MSISDN, r.Body.PIN)
	if err := s.keep(r.Context(), &c); err != nil {
		return c, err
	}
	if !c.Known {
		return c, unknownPhone(c.Phone)
	}
	return c, nil
}

// changePIN has a customer choose another PIN.
func (s *server) changePIN(r *request[onPhone, control.NewPIN]) (*control.MenuResult, error) {
	n := r.Query.MSISDN
	c := mpesa.ChangePIN{Phone: n, Old: s.entered(n, r.Body.Old), New: s.PIN(n, r.Body.New)}
	if err := s.keep(r.Context(), &c); err != nil {
		return nil, err
	}
	switch {
	case !c.Known:
		return nil, unknownPhone(n)
	case c.Same:
		return nil, badField.of("new", "it has to be another PIN than the one that %s has", n)
	}
	return menuResult(c.Result, c.Reason), nil
}

// hold notes that somebody holds a phone, or has put it down.
func (s *server) hold(r *request[onPhone, control.Hold]) (*control.Phone, error) {
	c := mpesa.HoldPhone{Phone: r.Query.MSISDN, For: time.Duration(r.Body.Seconds) * time.Second, By: r.Body.Holder}
	if err := s.keep(r.Context(), &c); err != nil {
		return nil, err
	}
	if !c.Known {
		return nil, unknownPhone(c.Phone)
	}
	return s.changedPhone(r.Request, &c.After), nil
}

func menuResult(result codes.Result, reason string) *control.MenuResult {
	return &control.MenuResult{Result: string(result), ResultDesc: result.Desc(mpesa.C2B.String()), Reason: reason}
}

func customerAccount(a mpesa.Account, kind mpesa.AccountKind) control.Account {
	return control.Account{Name: kind.String(), Current: control.Amount(a.Balance), Available: control.Amount(a.Available()), Reserved: control.Amount(a.Held)}
}
