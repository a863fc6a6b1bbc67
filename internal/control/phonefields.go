package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"unicode"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

const (
	maxName    = 100                                // characters
	maxBalance = money.Amount(1e9) * money.Shilling // so that the trust account can't overflow before 90 million phones have it
)

// phoneFields are what a phone can be told.
func (s *server) phoneFields(c *mpesa.PutPhone) fields {
	return fields{
		"name": func(raw json.RawMessage) error {
			name, err := line(raw, 1, maxName)
			c.Name = &name
			return err
		},
		"pin": func(raw json.RawMessage) error {
			pin, err := s.pin(c.Phone, raw)
			c.PIN = &pin
			return err
		},
		"balance": func(raw json.RawMessage) (err error) {
			c.Balance, err = balance(raw)
			return err
		},
		"answers": func(raw json.RawMessage) (err error) {
			c.Answers, err = oneOf(raw, append(mpesa.AllAnswers(), mpesa.AnswersByDefault))
			return err
		},
		"afterMs": func(raw json.RawMessage) error {
			var after api.Delay
			err := after.UnmarshalJSON(raw)
			c.AfterMS = new(int64(after))
			return err
		},
		"limits": func(raw json.RawMessage) (err error) {
			c.Limits, err = oneOf(raw, append(slices.Clone(s.Limits), ""))
			return err
		},
		"standing": func(raw json.RawMessage) (err error) {
			c.Standing, err = oneOf(raw, mpesa.AllStandings())
			return err
		},
		"blocked": func(raw json.RawMessage) error {
			if string(raw) != "false" {
				return errors.New("it has to be false: five prompts in a row without a payment block a phone, and this lets prompts through again")
			}
			c.Unblock = true
			return nil
		},
		"pinLocked": func(raw json.RawMessage) error {
			if string(raw) != "false" {
				return errors.New("it has to be false: wrong PINs in a row lock a PIN, and this forgets them")
			}
			c.WrongPINs = new(int64)
			return nil
		},
	}
}

// readAnswer reads what is to be done with a prompt: {"pin":"1234"} or {"cancel":true}, and of which payment it has to be.
func (s *server) readAnswer(r *http.Request, c *mpesa.AnswerPrompt) error {
	given := 0
	err := readBody(r, fields{
		"pin": func(raw json.RawMessage) (err error) {
			given++
			c.Entered = mpesa.EnteredPIN
			c.PIN, err = s.pin(c.Phone, raw)
			return err
		},
		"cancel": func(raw json.RawMessage) error {
			given++
			c.Entered = mpesa.PressedCancel
			if string(raw) != "true" {
				return errors.New("it has to be true, or left out for a pin")
			}
			return nil
		},
		"payment": func(raw json.RawMessage) error { return number(&c.Asked, 1, noBound)(string(raw)) },
	})
	if err == nil && given != 1 {
		return badBody.problem(`it has to be {"pin":"1234"} with four digits, or {"cancel":true}`)
	}
	return err
}

// pin reads a phone's PIN and keeps its digest only.
func (s *server) pin(phone msisdn.Number, raw json.RawMessage) (mpesa.PINDigest, error) {
	pin, err := text(raw)
	if err != nil || len(pin) != 4 || !digits(pin) {
		return mpesa.PINDigest{}, errors.New(`it has to be text of four digits, such as "1234"`)
	}
	return s.PIN(phone, pin), nil
}

// balance reads shillings: text such as "100" or "100.50", or a whole number.
func balance(raw json.RawMessage) (*money.Amount, error) {
	written := string(raw)
	if raw[0] == '"' {
		written, _ = text(raw) // it is valid JSON
	} else if !digits(written) {
		written = "" // no floats
	}
	amount, err := money.Parse(written)
	if err != nil || amount < 0 || amount > maxBalance {
		return nil, fmt.Errorf(`it has to be shillings from 0 to %s as text with at most two decimals, such as "100.50", or as a whole number`, maxBalance)
	}
	return &amount, nil
}

func digits(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

func printable(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return !unicode.IsPrint(r) })
}
