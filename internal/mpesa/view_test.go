package mpesa_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// transfer moves money without a rule that looks at it first.
type transfer struct{ debit, credit mpesa.AccountID }

func (c transfer) Need(v *mpesa.View, n *mpesa.Needs) {
	for _, id := range []mpesa.AccountID{c.debit, c.credit} {
		if !v.Accounts.Loaded(id) {
			n.Accounts = append(n.Accounts, id)
		}
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
			v.Accounts.Load(id, a)
		}
		v.Accounts.Missing(wallet(alien))
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

func TestRowsThatNobodyNeededAreADefect(t *testing.T) {
	v := mpesa.NewView(mpesa.Policy{}, nil)
	for name, use := range map[string]func(){
		"read":                func() { v.Payments.Get(1) },
		"written":             func() { v.Payments.Put(1, mpesa.Payment{}) },
		"created once more":   func() { v.Payments.Create(2, mpesa.Payment{}) },
		"created where it is": func() { v.Payments.Create(3, mpesa.Payment{}) },
	} {
		v.Reset()
		v.Payments.Create(2, mpesa.Payment{})
		v.Payments.Load(3, mpesa.Payment{})
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a row that was not loaded can be %s", name)
				}
			}()
			use()
		}()
	}
}

func TestResetViewIsLikeANewOne(t *testing.T) {
	v := mpesa.NewView(mpesa.Policy{}, nil)
	if !v.Empty() {
		t.Error("a new view has changes")
	}
	v.Payments.Load(1, mpesa.Payment{ID: 1, Amount: 5})
	v.Payments.Put(1, mpesa.Payment{ID: 1, Amount: 6})
	v.Deliveries.Create(2, mpesa.Delivery{ID: 2})
	v.Open[7] = 1
	if v.Empty() || v.Payments.Changes() != 1 {
		t.Error("changes don't count")
	}
	v.Reset()
	if !v.Empty() || v.Payments.Loaded(1) || v.Deliveries.Loaded(2) || len(v.Open) != 0 {
		t.Error("a reset view remembers")
	}
	v.Payments.Missing(1) // takes the memory of the old row
	if p, there := v.Payments.Get(1); there || !reflect.DeepEqual(p, mpesa.Payment{}) {
		t.Errorf("the missing row is %+v", p)
	}
}

func TestChangedRowsComeInTheOrderOfTheirFirstChange(t *testing.T) {
	v := mpesa.NewView(mpesa.Policy{}, nil)
	v.Payments.Load(1, mpesa.Payment{ID: 1})
	v.Payments.Load(2, mpesa.Payment{ID: 2})
	v.Payments.Put(2, mpesa.Payment{ID: 2})
	v.Payments.Create(3, mpesa.Payment{ID: 3})
	v.Payments.Put(1, mpesa.Payment{ID: 1})
	v.Payments.Put(2, mpesa.Payment{ID: 2, Amount: 9})
	var order []int64
	for p, isNew := range v.Payments.Changed {
		if isNew != (p.ID == 3) || p.ID == 2 && p.Amount != 9 {
			t.Errorf("payment %d: new %v, %s", p.ID, isNew, p.Amount)
		}
		if order = append(order, p.ID); len(order) == 3 {
			break
		}
	}
	if len(order) != 3 || order[0] != 2 || order[1] != 3 || order[2] != 1 {
		t.Errorf("the order is %v", order)
	}
}
