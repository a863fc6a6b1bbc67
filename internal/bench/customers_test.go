package bench

import (
	"fmt"
	"testing"
	"time"
)

func TestShillingsOfALapAreAllDifferent(t *testing.T) {
	seen := map[int64]int{}
	free, charged, shared := 0, 0, 0
	for turn := range lap {
		amount := shillings(turn)
		if before, again := seen[amount]; again {
			t.Fatalf("turns %d and %d are both of %d shillings", before, turn, amount)
		}
		seen[amount] = turn
		switch {
		case amount >= 1 && amount <= 100:
			free++
		case amount > 100 && amount <= 500:
			charged++
		case amount > 1000 && amount <= 1500:
			shared++
		}
		if shillings(turn+lap) != amount {
			t.Fatalf("turn %d is of another amount in the next lap", turn)
		}
	}
	if free != lap/2 || charged != lap*4/10 || shared != lap/10 {
		t.Errorf("%d free, %d charged, %d with a shared charge", free, charged, shared)
	}
}

func TestCustomersNeverBreakTheRules(t *testing.T) {
	c := newCustomers(FirstCustomer, 3, paying)
	paid := map[string]time.Duration{}
	spent := map[int]int64{}
	now := time.Duration(0)
	taken := 0
	for !c.exhausted() {
		i, amount, ok := c.take(now)
		if !ok { // they rest
			now += time.Second
			continue
		}
		taken++
		key := fmt.Sprint(i, amount)
		if last, before := paid[key]; before && now-last <= 2*time.Minute {
			t.Fatalf("customer %d paid %d shillings at %s and at %s", i, amount, last, now)
		}
		paid[key] = now
		if spent[i] += amount + dearest; spent[i] > openingBalance {
			t.Fatalf("customer %d has spent %d", i, spent[i])
		}
		now += time.Millisecond
		c.put(i)
	}
	if taken < 3*400 {
		t.Errorf("only %d payments", taken)
	}
}

func TestCustomersWhoArePaidNeverHaveMoreThanTheyMay(t *testing.T) {
	c := newCustomers(FirstCustomer, 2, paid)
	got := map[int]int64{}
	for !c.exhausted() {
		i, amount, ok := c.take(0) // nothing keeps them from being paid at once
		if !ok {
			break
		}
		if amount < 10 { // the least that a business may pay (wire.md §19)
			t.Fatalf("a payment of %d", amount)
		}
		got[i] += amount
		c.put(i)
	}
	for i := range 2 {
		if got[i] > room || got[i] < room-150 {
			t.Errorf("customer %d got %d", i, got[i])
		}
	}
}

func TestReferences(t *testing.T) {
	c := newCustomers(FirstCustomer, 100, unlimited)
	for _, want := range []struct {
		i int
		p payment
	}{{0, 1}, {99, 12345}, {50, 1<<64 - 1}} {
		text := appendReference(nil, want.i, want.p)
		if i, p, ok := c.referred(text); !ok || i != want.i || p != want.p {
			t.Errorf("%s is of %d, %d, %t; want %v", text, i, p, ok, want)
		}
	}
	for _, text := range []string{"", "-", "1", "1-", "-1", "2s-1", "a-b-c", "1-!", "1-zzzzzzzzzzzzzzzzzzzz"} {
		if i, p, ok := c.referred([]byte(text)); ok {
			t.Errorf("%q is of %d, %d", text, i, p)
		}
	}
	if most := appendReference(nil, lastCustomer-FirstCustomer, 1_000_000); len(most) > 13 { // of an AccountReference of B2B
		t.Errorf("%s has %d characters", most, len(most))
	}
}

func TestCustomersTakeTurns(t *testing.T) {
	c := newCustomers(FirstCustomer, 3, paying)
	var order []int
	take := func(now time.Duration) {
		i, _, ok := c.take(now)
		if !ok {
			i = -1
		}
		order = append(order, i)
	}
	take(0)
	take(0)
	c.put(1)
	c.rest(0, time.Second)
	take(0)           // 2: never taken
	take(0)           // 1: given back first
	take(0)           // nobody: 0 rests
	take(time.Second) // 0
	if got := fmt.Sprint(order); got != "[0 1 2 1 -1 0]" {
		t.Error(got)
	}
	if c.fresh != 0 {
		t.Errorf("%d were never taken", c.fresh)
	}
}

func TestFind(t *testing.T) {
	c := newCustomers(FirstCustomer+10, 5, paying)
	for id, want := range map[string]int{
		"ws_CO_201120261200001710000010":   0,
		"ws_CO_20112026120000123710000014": 4,
		"ws_CO_20112026120000123710000015": -1,
		"ws_CO_20112026120000123710000009": -1,
		"ws_CO_20112026120000123abcdefghi": -1,
		"10":                               -1,
		"":                                 -1,
	} {
		i, ok := c.find([]byte(id))
		if ok != (want >= 0) || ok && i != want {
			t.Errorf("%s is of customer %d, %t; want %d", id, i, ok, want)
		}
	}
	if c.msisdn(4) != FirstCustomer+14 {
		t.Error(c.msisdn(4))
	}
}
