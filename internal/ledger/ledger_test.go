package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

var (
	noon    = time.UnixMilli(1_800_000_000_000)
	trust   = ledger.Provider.Account(ledger.Trust)
	utility = ledger.Shortcode(600_000).Party().Account(ledger.Utility)
	working = ledger.Shortcode(600_000).Party().Account(ledger.Working)
)

// books are a view with accounts that nothing was posted to.
func books() *unit.View {
	v := new(unit.View)
	for _, id := range []ledger.AccountID{trust, utility, working} {
		ledger.Accounts.Missing(v, id)
	}
	return v
}

// panics returns what do panics with; "" when it doesn't.
func panics(do func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	do()
	return ""
}

// What the rules should have checked before panics, and so abandons the unit of work.
func TestWhatTheRulesShouldHaveCheckedPanics(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(v *unit.View)
		want string
	}{
		"more than there is": {func(v *unit.View) { ledger.Post(v, 7, noon, ledger.Principal.Move(utility, working, 101)) }, "would leave"},
		"what is held": {func(v *unit.View) {
			ledger.Reserve(v, 6, ledger.Reservation{Account: utility, Amount: 60})
			ledger.Post(v, 7, noon, ledger.Principal.Move(utility, working, 41))
		}, "would leave"},
		"less than nothing": {func(v *unit.View) { ledger.Post(v, 7, noon, ledger.Principal.Move(utility, working, -1)) }, "transfer 0 of payment 7"},
		"to itself":         {func(v *unit.View) { ledger.Post(v, 7, noon, ledger.Principal.Move(utility, utility, 1)) }, "transfer 0 of payment 7"},
		"too often": {func(v *unit.View) {
			ledger.Post(v, 7, noon, slices.Repeat([]ledger.Move{ledger.Principal.Move(utility, working, 1)}, 17)...)
		}, "transfer 16 of payment 7"},
		"to hold more than is": {func(v *unit.View) { ledger.Reserve(v, 7, ledger.Reservation{Account: utility, Amount: 101}) }, "would hold"},
		"to hold nothing":      {func(v *unit.View) { ledger.Reserve(v, 7, ledger.Reservation{Account: utility}) }, "would hold"},
		"to hold twice": {func(v *unit.View) {
			ledger.Reserve(v, 7, ledger.Reservation{Account: utility, Amount: 1})
			ledger.Reserve(v, 7, ledger.Reservation{Account: utility, Amount: 1})
		}, "would hold"},
		"to hold of many accounts": {func(v *unit.View) { ledger.Reserve(v, 7, make([]ledger.Reservation, ledger.MostHolds+1)...) }, "would hold"},
		"to give back too much": {func(v *unit.View) {
			ledger.Reserve(v, 7, ledger.Reservation{Account: utility, Amount: 1})
			ledger.Reduce(v, 7, 2)
		}, "would give back"},
		"to release unseen": {func(v *unit.View) { ledger.Release(v, 7) }, "not loaded"},
	} {
		v := books()
		ledger.Post(v, 1, noon, ledger.Principal.Move(trust, utility, 100))
		if got := panics(func() { c.do(v) }); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}

// Of nothing there is no transfer, and those that there are have consecutive numbers.
func TestOfNothingThereIsNoTransfer(t *testing.T) {
	v := books()
	ledger.Post(v, 7, noon, ledger.Move{Debit: trust, Credit: utility, Amount: 100}, ledger.CustomerCharge.Move(utility, trust, 0), ledger.BusinessCharge.Move(utility, working, 5))
	list := ledger.Transfers.Added(v)
	if len(list) != 2 || list[0].ID != 7<<4 || list[1].ID != 7<<4+1 || list[0].Kind != ledger.Principal || list[1].Kind != ledger.BusinessCharge {
		t.Errorf("the transfers are %+v", list)
	}
}

// Whatever is held, reduced, given back and posted, what is held of an account is the sum of its holds, what is in it the sum of its
// transfers, and it never has less than is held.
func TestWhatIsHeldIsTheSumOfTheHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, number := books(), int64(1)
		ledger.Post(v, number, noon, ledger.Principal.Move(trust, utility, 1000), ledger.Principal.Move(trust, working, 1000))
		holding := map[int64][]ledger.Reservation{}
		some := func(t *rapid.T) int64 {
			if len(holding) == 0 {
				t.Skip("nothing is held")
			}
			return rapid.SampledFrom(slices.Sorted(maps.Keys(holding))).Draw(t, "number")
		}
		t.Repeat(map[string]func(*rapid.T){
			"hold": func(t *rapid.T) {
				var list []ledger.Reservation
				for _, id := range rapid.SampledFrom([][]ledger.AccountID{{utility}, {working}, {utility, working}}).Draw(t, "accounts") {
					if left := ledger.Of(v, id).Available(); left > 0 {
						list = append(list, ledger.Reservation{Account: id, Amount: money.Amount(rapid.Int64Range(1, int64(left)).Draw(t, "amount"))})
					}
				}
				number++
				if ledger.Reserve(v, number, list...); len(list) > 0 {
					holding[number] = list
				}
			},
			"reduce": func(t *rapid.T) {
				n := some(t)
				by := money.Amount(rapid.Int64Range(1, int64(holding[n][0].Amount)).Draw(t, "by"))
				ledger.Reduce(v, n, by)
				if holding[n][0].Amount -= by; holding[n][0].Amount == 0 {
					ledger.Release(v, n)
					delete(holding, n)
				}
			},
			"give back": func(t *rapid.T) {
				n := some(t)
				if got := ledger.Release(v, n); !slices.Equal(got, holding[n]) {
					t.Fatalf("%d gave back %v; want %v", n, got, holding[n])
				}
				delete(holding, n)
			},
			"post what was held": func(t *rapid.T) {
				n := some(t)
				for _, r := range ledger.Release(v, n) {
					number++
					ledger.Post(v, number, noon, ledger.Principal.Move(r.Account, trust, r.Amount))
				}
				delete(holding, n)
			},
			"": func(t *rapid.T) { checkHeld(t, v, holding) },
		})
	})
}

func checkHeld(t *rapid.T, v *unit.View, holding map[int64][]ledger.Reservation) {
	held, balance := map[ledger.AccountID]money.Amount{}, map[ledger.AccountID]money.Amount{}
	for n, list := range holding {
		if got := ledger.Held(v, n); !slices.Equal(got, list) {
			t.Fatalf("%d holds %v; want %v", n, got, list)
		}
		for _, r := range list {
			held[r.Account] += r.Amount
		}
	}
	for _, x := range ledger.Transfers.Added(v) {
		balance[x.Debit] -= x.Amount
		balance[x.Credit] += x.Amount
	}
	for _, id := range []ledger.AccountID{trust, utility, working} {
		a := ledger.Of(v, id)
		if a.Held != held[id] || a.Balance != balance[id] || a.Available() < 0 && id != trust {
			t.Fatalf("%s has %s, of which %s is held; want %s and %s", id, a.Balance, a.Held, balance[id], held[id])
		}
	}
}
