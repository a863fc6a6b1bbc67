package mpesa_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// transfer moves money without a rule that looks at it first.
type transfer struct{ debit, credit mpesa.AccountID }

func (c transfer) Need(v *mpesa.View) {
	for _, id := range []mpesa.AccountID{c.debit, c.credit} {
		mpesa.Accounts.Need(v, id)
	}
}

func (c transfer) Decide(v *mpesa.View, now time.Time) {
	v.Transfer(mpesa.Deposit, c.debit.Party(), c.credit.Party(), "test", []mpesa.Posting{{Debit: c.debit, Credit: c.credit, Amount: money.Shilling}}, now)
}

func TestPostingThatWouldOverdrawPanics(t *testing.T) {
	wallet := mpesa.CustomerParty(alien).Account(mpesa.Wallet)
	for name, test := range map[string]struct {
		transfer
		panics bool
	}{
		"empty wallet":          {transfer{wallet, payBill.Party().Account(mpesa.Utility)}, true},
		"empty utility account": {transfer{payBill.Party().Account(mpesa.Utility), wallet}, true},
		"empty fees account":    {transfer{mpesa.Provider.Account(mpesa.Fees), wallet}, true},
		"to itself":             {transfer{mpesa.Provider.Account(mpesa.Trust), mpesa.Provider.Account(mpesa.Trust)}, true},
		"charges paid":          {transfer{payBill.Party().Account(mpesa.ChargesPaid), wallet}, false},
		"trust":                 {transfer{mpesa.Provider.Account(mpesa.Trust), wallet}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			defer func() {
				if p := recover(); (p != nil) != test.panics {
					t.Errorf("it panicked with %v; wanted a panic: %v", p, test.panics)
				}
			}()
			b.run(test.transfer)
		})
	}
}

// What is held for something else is not there for a posting either, to the cent.
func TestPostingOutOfWhatIsHeldPanics(t *testing.T) {
	for held, panics := range map[money.Amount]bool{money.Shillings(9): false, money.Shillings(9) + 1: true, money.Shillings(10): true} {
		b := newBench(t)
		from := account(payBill, mpesa.Utility)
		b.accounts[from] = mpesa.Account{ID: from, Balance: money.Shillings(10), Held: held}
		b.accounts[mpesa.Provider.Account(mpesa.Trust)] = mpesa.Account{ID: mpesa.Provider.Account(mpesa.Trust), Balance: -money.Shillings(10)}
		v := mpesa.NewView(b.policy, func() int64 { return 1 })
		for id, a := range b.accounts {
			mpesa.Accounts.Load(v, id, a)
		}
		mpesa.Accounts.Missing(v, wallet(alien))
		func() {
			defer func() {
				if p := recover(); (p != nil) != panics {
					t.Errorf("a shilling out of 10.00, of which %s are held: %v; wanted a panic: %v", held, p, panics)
				}
			}()
			transfer{from, wallet(alien)}.Decide(v, b.now)
		}()
	}
}
