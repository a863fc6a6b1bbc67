package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// PutPhone creates a customer or changes what is given.
type PutPhone struct {
	Phone     msisdn.Number
	Name      *string
	PIN       *PINDigest // also unlocks it
	Balance   *money.Amount
	Answers   *Answers
	AfterMS   *int64
	Unblock   bool // forgets unfinished prompts
	Limits    *string
	Standing  *Standing
	WrongPINs *int64
	SwapSIM   bool // the number gets another SIM

	Created bool
	Refused string     // why nothing was changed, for people
	After   PhoneState // as it is then, unless that was refused
}

// PhoneState is a customer with their accounts, as a command left them.
type PhoneState struct {
	Subscriber    Subscriber
	Wallet, Pochi Account
}

func (v *View) needPhoneState(phone msisdn.Number) {
	v.needCustomer(phone)
	Accounts.Need(v, CustomerParty(phone).Account(Pochi))
}

func (v *View) phoneState(phone msisdn.Number) PhoneState {
	s, _ := Subscribers.Get(v, phone)
	return PhoneState{s, v.Account(s.Party().Account(Wallet)), v.Account(s.Party().Account(Pochi))}
}

// Need names the customer with their accounts, the open prompt and the provider's trust account.
func (c *PutPhone) Need(v *View) {
	v.needPhoneState(c.Phone)
	if c.Balance != nil {
		Accounts.Need(v, Provider.Account(Trust))
	}
	v.needPrompt(c.Phone)
}

// Decide changes the customer. A balance is set by a deposit or a withdrawal: money comes from somewhere.
func (c *PutPhone) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	c.Created, c.Refused = false, ""
	wallet := v.Account(CustomerParty(c.Phone).Account(Wallet))
	if c.Balance != nil && *c.Balance < wallet.Held {
		c.Refused = fmt.Sprintf("the balance can't be less than the %s that is reserved", wallet.Held)
		return
	}
	if c.Created = !known; c.Created {
		opening := v.Policy.OpeningBalance
		if c.Balance != nil {
			opening = *c.Balance
		}
		s = v.register(c.Phone, "", v.Policy.OpeningPIN(c.Phone), opening, now)
	} else if c.Balance != nil {
		v.setBalance(s.Party(), *c.Balance, now)
	}
	set(&s.Name, c.Name)
	set(&s.Answers, c.Answers)
	set(&s.AfterMS, c.AfterMS)
	set(&s.Limits, c.Limits)
	set(&s.Standing, c.Standing)
	if c.PIN != nil {
		s.PIN, s.WrongPINs = *c.PIN, 0
	}
	set(&s.WrongPINs, c.WrongPINs)
	if c.SwapSIM {
		s.SwappedAt = now.UnixMilli()
	}
	if c.Unblock {
		s.BlockedUntil, s.Unfinished = 0, 0
	}
	Subscribers.Put(v, c.Phone, s)
	if c.Answers != nil || c.AfterMS != nil {
		v.putOff(s, now)
	}
	c.After = v.phoneState(c.Phone)
}

// putOff makes an open prompt due as the phone's new way of answering has it.
func (v *View) putOff(s Subscriber, now time.Time) {
	x := v.shown(s)
	if x == nil {
		return
	}
	h := x.Head()
	end := h.AcceptedAt + v.Policy.PromptLife.Milliseconds()
	h.DueAt = min(v.promptDue(&s, h)-h.AcceptedAt+now.UnixMilli(), end)
	x.put(v)
}

func (v *View) setBalance(owner Party, want money.Amount, now time.Time) {
	account, trust := owner.Account(Wallet), Provider.Account(Trust)
	switch have := v.Account(account).Balance; {
	case want > have:
		v.Transfer(Deposit, Provider, owner, "balance set", []ledger.Move{Principal.Move(trust, account, want-have)}, now)
	case want < have:
		v.Transfer(Withdrawal, owner, Provider, "balance set", []ledger.Move{Principal.Move(account, trust, have-want)}, now)
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// IssueToken gives an app an access token.
type IssueToken struct {
	Token Token
}

// Need names the app whose only token it is to be: two nodes that issue such tokens at once take turns.
func (c *IssueToken) Need(v *View) {
	if c.Token.Sole {
		Apps.Need(v, c.Token.App)
	}
}

// Decide adds the token.
func (c *IssueToken) Decide(v *View, _ time.Time) { Tokens.Add(v, c.Token) }
