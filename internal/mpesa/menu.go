package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// My account: what a customer asks the phone's menu about their own account. It costs nothing and moves nothing, and it takes the PIN as a
// payment does: wrong ones in a row lock it.

// OpenAccount shows a customer the balance or the statement.
type OpenAccount struct {
	Phone msisdn.Number
	PIN   *PINDigest // nil: the right one

	Known  bool         // the number is a customer's
	Result codes.Result // Success: the customer may see the account
	Reason string       // why not, for people
	Wallet Account      // as it stands, on success
	Pochi  Account      // the business wallet, the same
}

// Need names the customer with both wallets.
func (c *OpenAccount) Need(v *View) {
	Subscribers.Need(v, c.Phone)
	Accounts.Need(v, CustomerParty(c.Phone).Account(Wallet))
	Accounts.Need(v, CustomerParty(c.Phone).Account(Pochi))
}

// Decide checks the PIN and opens the account.
func (c *OpenAccount) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	c.Known, c.Result, c.Reason, c.Wallet, c.Pochi = known, "", "", Account{}, Account{}
	if !known {
		return
	}
	if c.Result, c.Reason = v.identified(&s, c.PIN, now); c.Result == codes.Success {
		c.Wallet, c.Pochi = v.Account(s.Party().Account(Wallet)), v.Account(s.Party().Account(Pochi))
	}
}

// ChangePIN is a customer choosing another PIN.
type ChangePIN struct {
	Phone msisdn.Number
	Old   *PINDigest // nil: the right one
	New   PINDigest

	Known  bool         // the number is a customer's
	Same   bool         // nothing was changed: the new PIN is the old one
	Result codes.Result // Success unless the old PIN is wrong or locked, or the customer barred
	Reason string       // of any other, for people
}

// Need names the customer.
func (c *ChangePIN) Need(v *View) { Subscribers.Need(v, c.Phone) }

// Decide checks the old PIN and sets the new one.
func (c *ChangePIN) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	c.Known, c.Same, c.Result, c.Reason = known, false, "", ""
	if !known {
		return
	}
	if c.Result, c.Reason = v.identified(&s, c.Old, now); c.Result != codes.Success {
		return
	}
	if c.Same = c.New == s.PIN; !c.Same {
		s.PIN = c.New
		Subscribers.Put(v, s.MSISDN, s)
	}
}

// identified reports whether a customer in good standing, who knows the PIN, uses the menu.
func (v *View) identified(s *Subscriber, pin *PINDigest, now time.Time) (codes.Result, string) {
	if result, reason := s.barred(); result != codes.Success {
		return result, reason
	}
	return v.checkPIN(s, pin == nil || *pin == s.PIN, now)
}
