package mpesa_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The pay bill tariffs of wire.md §19: up to an amount, the total and how Mgao splits it.
var payBillBands = []struct{ upTo, total, customer, business int64 }{
	{100, 0, 0, 0}, {500, 5, 5, 0}, {1_000, 10, 10, 0}, {1_500, 15, 10, 5}, {2_500, 20, 13, 7}, {3_500, 25, 16, 9}, {5_000, 34, 16, 18},
	{7_500, 42, 17, 25}, {10_000, 48, 18, 30}, {15_000, 57, 18, 39}, {20_000, 62, 19, 43}, {25_000, 67, 20, 47}, {30_000, 72, 20, 52},
	{35_000, 83, 21, 62}, {40_000, 99, 23, 76}, {45_000, 103, 23, 80}, {50_000, 108, 24, 84}, {250_000, 108, 24, 84},
}

func TestPayBillTariffsAtTheEdgesOfTheirBands(t *testing.T) {
	b := newBench(t)
	from := money.Amount(1)
	for _, band := range payBillBands {
		upTo := money.Shillings(band.upTo)
		for _, paid := range []money.Amount{from, upTo} {
			b.wantCharges("mgao", paid, money.Shillings(band.customer), money.Shillings(band.business))
			b.wantCharges("business-bouquet", paid, money.Shillings(band.total), 0)
			b.wantCharges("customer-bouquet", paid, 0, money.Shillings(band.total))
		}
		from = upTo + 1
	}
	b.wantCharges("mgao", money.Shillings(999_999_999), money.Shillings(24), money.Shillings(84))
}

// Buy goods: 0.55 % with two decimals, at most KES 200, nothing up to KES 200 (wire.md §19).
func TestBuyGoodsTariff(t *testing.T) {
	b := newBench(t)
	for paid, want := range map[money.Amount]money.Amount{
		1: 0, 200_00: 0, 200_01: 1_10, 201_00: 1_11, 202_00: 1_11, 203_00: 1_12, 1000_00: 5_50, 36_363_00: 200_00, 36_362_00: 199_99, 36_364_00: 200_00, 250_000_00: 200_00,
		999_999_999_00: 200_00,
	} {
		b.wantCharges("buy-goods", paid, 0, want)
	}
}

func (b *bench) wantCharges(tariff string, paid, customer, business money.Amount) {
	b.t.Helper()
	c, o, err := b.policy.Rules.Charges(tariff, paid, b.now)
	if err != nil || c != customer || o != business {
		b.t.Errorf("%s, %s: the customer pays %s and the business %s, %v; want %s and %s", tariff, paid, c, o, err, customer, business)
	}
}

func TestUnknownTariffIsAnError(t *testing.T) {
	if _, _, err := newBench(t).policy.Rules.Charges("none", 1, noon); err == nil {
		t.Error("a tariff that isn't there has charges")
	}
}

func TestRulesHoldFromMidnightOfTheirDayInNairobi(t *testing.T) {
	rules := newBench(t).policy.Rules
	change := time.Date(2023, time.August, 15, 0, 0, 0, 0, clock.EAT) // 150,000 became 250,000
	for at, want := range map[time.Time]int64{
		change.Add(-time.Millisecond): 150_000, change: 250_000, noon: 250_000, noon.AddDate(50, 0, 0): 250_000,
		time.Date(2020, time.March, 16, 0, 0, 0, 0, clock.EAT): 150_000,
		time.Date(2007, time.March, 6, 0, 0, 0, 0, clock.EAT):  150_000, // before the first: the first holds
	} {
		if got := rules.Limits("", at).Maximum; got != money.Shillings(want) {
			t.Errorf("on %s one may pay %s; want %d", at, got, want)
		}
	}
	if _, business, err := rules.Charges("mgao", money.Shillings(1001), time.Date(2007, time.March, 6, 0, 0, 0, 0, clock.EAT)); err != nil || business != money.Shillings(5) {
		t.Errorf("before the first tariff the business pays %s, %v", business, err)
	}
}

// MpesaExpressSimulate, FAQ 5 and result codes; wire.md §19; DarajaTutorial on blocked numbers.
func TestStandardLimits(t *testing.T) {
	rules := newBench(t).policy.Rules
	got := rules.Limits("", noon)
	got.From = 0
	want := mpesa.Limits{Minimum: money.Shillings(1), PayoutMinimum: money.Shillings(10), WithdrawalMinimum: money.Shillings(50), Maximum: money.Shillings(250_000), Daily: money.Shillings(500_000), MaxBalance: money.Shillings(500_000),
		ReceiverBalance: money.Shillings(1_000_000_000), SameAmount: 1, PINTries: 3, Unfinished: 5, PromptChars: 182}
	if got != want {
		t.Errorf("the standard limits are %+v; want %+v", got, want)
	}
	if other := rules.Limits("no such limits", noon); other != rules.Limits("standard", noon) {
		t.Errorf("limits that don't exist are %+v", other)
	}
	if rules.Limits("test-minimum", noon) == rules.Limits("", noon) {
		t.Error("limits with a name are the standard ones")
	}
}
