package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What a customer asks the phone's menu about his own account. Where no PIN is given, the owner enters the right one. A wrong PIN is no
// refusal here: the result says so, and three in a row lock it.

// askBalance has a customer ask for his balance.
func (s *server) askBalance(r *http.Request) (answer, error) {
	c, err := s.openAccount(r)
	shown := api.CustomerBalance{MenuResult: menuResult(c.Result, c.Reason), Accounts: []api.Account{}}
	if c.Result == codes.Success {
		shown.Accounts = []api.Account{customerAccount(c.Wallet, mpesa.Wallet), customerAccount(c.Pochi, mpesa.Pochi)}
	}
	return ok(shown), err
}

// askStatement has a customer ask for his latest movements.
func (s *server) askStatement(r *http.Request) (answer, error) {
	c, err := s.openAccount(r)
	if err != nil {
		return answer{}, err
	}
	shown := api.CustomerStatement{MenuResult: menuResult(c.Result, c.Reason), Movements: []api.Movement{}}
	if c.Result == codes.Success {
		shown.Movements, err = s.movements(r.Context(), c.Wallet)
	}
	return ok(shown), err
}

// openAccount reads a PIN and opens the account with it.
func (s *server) openAccount(r *http.Request) (c mpesa.OpenAccount, err error) {
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return c, err
	}
	if err := readBody(r, fields{"pin": s.enteredPIN(c.Phone, &c.PIN)}); err != nil {
		return c, err
	}
	if err := s.keep(r.Context(), &c); err != nil {
		return c, err
	}
	if !c.Known {
		return c, unknownPhone(c.Phone)
	}
	return c, nil
}

// changePIN has a customer choose another PIN.
func (s *server) changePIN(r *http.Request) (answer, error) {
	var c mpesa.ChangePIN
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	err := readFields(r, fields{
		"old": s.enteredPIN(c.Phone, &c.Old),
		"new": func(raw json.RawMessage) (err error) {
			c.New, err = s.pin(c.Phone, raw)
			return err
		},
	}, "new")
	if err != nil {
		return answer{}, err
	}
	if err := s.keep(r.Context(), &c); err != nil {
		return answer{}, err
	}
	switch {
	case !c.Known:
		return answer{}, unknownPhone(c.Phone)
	case c.Same:
		return answer{}, badField.of("new", "it has to be another PIN than the one that %s has", c.Phone)
	}
	return ok(menuResult(c.Result, c.Reason)), nil
}

// hold notes that somebody holds a phone, or has put it down.
func (s *server) hold(r *http.Request) (answer, error) {
	var c mpesa.HoldPhone
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	most := int(mpesa.MaxHold / time.Second)
	err := readFields(r, fields{
		"seconds": func(raw json.RawMessage) error {
			n, err := strconv.Atoi(string(raw))
			if err != nil || n < 0 || n > most {
				return fmt.Errorf("it has to be a whole number from 0, which puts the phone down, to %d", most)
			}
			c.For = time.Duration(n) * time.Second
			return nil
		},
		"holder": func(raw json.RawMessage) (err error) {
			if c.By, err = text(raw); err != nil {
				return err
			}
			return mpesa.CheckHolder(c.By)
		},
	}, "seconds")
	if err != nil {
		return answer{}, err
	}
	if err := s.keep(r.Context(), &c); err != nil {
		return answer{}, err
	}
	if !c.Known {
		return answer{}, unknownPhone(c.Phone)
	}
	return s.changedPhone(r, &c.After), nil
}

func menuResult(result codes.Result, reason string) api.MenuResult {
	return api.MenuResult{Result: string(result), ResultDesc: result.Desc(mpesa.C2B.String()), Reason: reason}
}

func customerAccount(a mpesa.Account, kind mpesa.AccountKind) api.Account {
	return api.Account{Name: kind.String(), Current: api.Amount(a.Balance), Available: api.Amount(a.Available()), Reserved: api.Amount(a.Held)}
}
